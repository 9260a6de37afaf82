package istio

import (
	"fmt"
	"regexp"
	"strings"

	route "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	matcher "github.com/envoyproxy/go-control-plane/envoy/type/matcher/v3"
)

// match reports whether a route's conditions hold for a request. A condition it does not know is an error: taking it
// for fulfilled, or for not, would let a test pass on a route that Envoy does not take.
func match(conditions *route.RouteMatch, request Request) (bool, error) {
	if len(conditions.GetQueryParameters()) > 0 || conditions.GetRuntimeFraction() != nil || conditions.GetGrpc() != nil ||
		conditions.GetTlsContext() != nil || len(conditions.GetDynamicMetadata()) > 0 {
		return false, fmt.Errorf("conditions that are not understood: %v", conditions)
	}
	matches, err := matchPath(conditions, request.Path)
	if err != nil || !matches {
		return false, err
	}
	for _, header := range conditions.GetHeaders() {
		matches, err := matchHeader(header, request.Headers)
		if err != nil || !matches {
			return false, err
		}
	}
	return true, nil
}

func matchPath(conditions *route.RouteMatch, path string) (bool, error) {
	fold := func(text string) string { return text }
	if sensitive := conditions.GetCaseSensitive(); sensitive != nil && !sensitive.GetValue() {
		fold = strings.ToLower
	}
	path = fold(path)
	switch specifier := conditions.GetPathSpecifier().(type) {
	case *route.RouteMatch_Prefix:
		return strings.HasPrefix(path, fold(specifier.Prefix)), nil
	case *route.RouteMatch_Path:
		return path == fold(specifier.Path), nil
	case *route.RouteMatch_PathSeparatedPrefix:
		rest, found := strings.CutPrefix(path, fold(specifier.PathSeparatedPrefix))
		return found && (rest == "" || rest[0] == '/'), nil
	case *route.RouteMatch_SafeRegex:
		return matchRegex(specifier.SafeRegex.GetRegex(), path)
	default:
		return false, fmt.Errorf("path condition %T is not understood", specifier)
	}
}

func matchHeader(condition *route.HeaderMatcher, headers map[string]string) (bool, error) {
	value, present := headers[strings.ToLower(condition.GetName())]
	var matches bool
	var err error
	switch specifier := condition.GetHeaderMatchSpecifier().(type) {
	case *route.HeaderMatcher_PresentMatch:
		return (present == specifier.PresentMatch) != condition.GetInvertMatch(), nil
	case *route.HeaderMatcher_StringMatch:
		matches, err = matchText(specifier.StringMatch, value)
	default:
		return false, fmt.Errorf("condition on header %s, %T, is not understood", condition.GetName(), specifier)
	}
	if !present && !condition.GetTreatMissingHeaderAsEmpty() {
		// Also when inverted: Envoy does not compare what is not there.
		return false, err
	}
	return matches != condition.GetInvertMatch(), err
}

func matchText(condition *matcher.StringMatcher, text string) (bool, error) {
	fold := func(text string) string { return text }
	if condition.GetIgnoreCase() {
		fold = strings.ToLower
	}
	text = fold(text)
	switch pattern := condition.GetMatchPattern().(type) {
	case *matcher.StringMatcher_Exact:
		return text == fold(pattern.Exact), nil
	case *matcher.StringMatcher_Prefix:
		return strings.HasPrefix(text, fold(pattern.Prefix)), nil
	case *matcher.StringMatcher_Suffix:
		return strings.HasSuffix(text, fold(pattern.Suffix)), nil
	case *matcher.StringMatcher_Contains:
		return strings.Contains(text, fold(pattern.Contains)), nil
	case *matcher.StringMatcher_SafeRegex:
		return matchRegex(pattern.SafeRegex.GetRegex(), text)
	default:
		return false, fmt.Errorf("text condition %T is not understood", pattern)
	}
}

// matchRegex matches the whole text, as Envoy does, which uses the same regular expressions as Go.
func matchRegex(pattern, text string) (bool, error) {
	expression, err := regexp.Compile("^(?:" + pattern + ")$")
	if err != nil {
		return false, err
	}
	return expression.MatchString(text), nil
}
