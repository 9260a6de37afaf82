package kube

import (
	"errors"
	"regexp"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// Refusal is a change that the API server calls impossible. Field is the field it names, like spec.selector (empty: it
// names none). Except holds the fields, relative to Field, that its message exempts.
type Refusal struct {
	Field  string
	Except []string
}

var (
	// immutable matches what API servers (built-in validation and the usual CEL rules of custom resources) say of a value
	// that cannot change any more.
	immutable = regexp.MustCompile(`(?i)\bimmutable\b|\bmay not (be )?change|\bcannot (be )?change|\bcan't be changed|` +
		`\bmust not be changed|updates? to .+ (are|is) forbidden|updates may not change fields`)
	// exempt matches the list of fields that a message of the form "updates to … for fields other than 'a', 'b' are
	// forbidden" or "spec is immutable after creation except a and b" leaves open.
	exempt     = regexp.MustCompile(`(?:other than|except) (.+?)(?: are forbidden| for bound claims|\n|$)`)
	exemptName = regexp.MustCompile("['\"`]?([a-zA-Z][a-zA-Z0-9.\\[\\]*]*)['\"`]?")
)

// Refusals returns the changes that err, the API server's answer to an apply, says cannot be made to the object that
// exists. It returns nothing for any other error.
func Refusals(err error) []Refusal {
	var status apierrors.APIStatus
	if !errors.As(err, &status) || !apierrors.IsInvalid(err) && !apierrors.IsForbidden(err) {
		return nil
	}
	details := status.Status().Details
	if details == nil || len(details.Causes) == 0 {
		if immutable.MatchString(status.Status().Message) {
			return []Refusal{{}}
		}
		return nil
	}
	var refusals []Refusal
	for _, cause := range details.Causes {
		if immutable.MatchString(cause.Message) {
			refusals = append(refusals, Refusal{Field: cause.Field, Except: exemptions(cause.Message)})
		}
	}
	return refusals
}

func exemptions(message string) []string {
	list := exempt.FindStringSubmatch(message)
	if list == nil {
		return nil
	}
	var names []string
	for _, name := range exemptName.FindAllStringSubmatch(list[1], -1) {
		if name[1] != "and" && name[1] != "or" {
			names = append(names, name[1])
		}
	}
	return names
}
