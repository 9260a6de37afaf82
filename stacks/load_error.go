package stacks

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Fault is one thing that is wrong in a stack's config.
type Fault struct {
	// Path of the key as `pulumi config set --path` takes it.
	Path string
	// Value as it was found, strings in quotes; empty when there is none, "(secret)" when it is encrypted.
	Value string
	// Problem says what was expected.
	Problem string
}

func (f Fault) String() string {
	if f.Value == "" {
		return f.Path + ": " + f.Problem
	}
	return f.Path + ": " + f.Value + ": " + f.Problem
}

// InvalidConfigError carries every fault of a stack's config, sorted by path.
type InvalidConfigError struct {
	Stack  string
	Faults []Fault
}

func (e *InvalidConfigError) Error() string {
	noun := "faults"
	if len(e.Faults) == 1 {
		noun = "fault"
	}
	var text strings.Builder
	fmt.Fprintf(&text, "Pulumi.%s.yaml: %d %s in the stack config, nothing was changed:", e.Stack, len(e.Faults), noun)
	for _, fault := range e.Faults {
		text.WriteString("\n  " + fault.String())
	}
	return text.String()
}

// keyPath is a path into the config; its first element is the top-level key.
type keyPath []string

func (p keyPath) key(name string) keyPath {
	return append(slices.Clip(p), name)
}

// indexMark begins the path element of a list's index; no key can begin with it, since a key is valid UTF-8.
const indexMark = "\xff"

func (p keyPath) index(i int) keyPath {
	return p.key(indexMark + strconv.Itoa(i))
}

// Pulumi reads everything up to the next "." or "[" as a bare name; what could confuse a shell is quoted as well.
var bareKey = regexp.MustCompile(`^[A-Za-z0-9_$-]+$`)

// String renders the path in the syntax of `pulumi config set --path`.
func (p keyPath) String() string {
	var text strings.Builder
	text.WriteString(Project + ":")
	for i, name := range p {
		index, isIndex := strings.CutPrefix(name, indexMark)
		switch {
		case isIndex:
			text.WriteString("[" + index + "]")
		case !bareKey.MatchString(name):
			text.WriteString(`["` + escapeKey(name) + `"]`)
		case i == 0:
			text.WriteString(name)
		default:
			text.WriteString("." + name)
		}
	}
	return text.String()
}

// escapeKey escapes quotes as Pulumi does, and what would break a fault's line; Pulumi has no notation for that.
func escapeKey(name string) string {
	var text strings.Builder
	for _, r := range name {
		switch {
		case r == '"':
			text.WriteString(`\"`)
		case strconv.IsPrint(r):
			text.WriteRune(r)
		default:
			text.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		}
	}
	return text.String()
}

// faultList collects faults. Values of secret trees never get into it; problems must not quote values.
type faultList struct {
	secret map[string]bool
	found  []Fault
	paths  []keyPath
	// undecoded are the paths whose value could not be read, so that what validation finds there is an artefact.
	undecoded []keyPath
}

// add records a fault. The value is a string, number or boolean of the config, or nil to show none.
func (l *faultList) add(path keyPath, value any, format string, args ...any) {
	covers := func(ancestor keyPath) bool {
		return len(ancestor) <= len(path) && slices.Equal(ancestor, path[:len(ancestor)])
	}
	if slices.ContainsFunc(l.undecoded, covers) {
		return
	}
	shown := showValue(value)
	if shown != "" && l.secret[path[0]] {
		shown = "(secret)"
	}
	l.paths = append(l.paths, path)
	l.found = append(l.found, Fault{Path: path.String(), Value: shown, Problem: fmt.Sprintf(format, args...)})
}

// sealDecoded ends decoding: from now on faults at or below the paths found so far are dropped.
func (l *faultList) sealDecoded() {
	l.undecoded = slices.Clone(l.paths)
}

func (l *faultList) sorted() []Fault {
	return slices.SortedFunc(slices.Values(l.found), func(a, b Fault) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Problem, b.Problem))
	})
}

// longestValue in characters that a fault shows: the longest DNS name, in quotes.
const longestValue = 255

func showValue(value any) string {
	var text string
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		text = strconv.Quote(v)
	case json.Number:
		text = v.String()
	default:
		text = fmt.Sprint(v)
	}
	if characters := []rune(text); len(characters) > longestValue {
		return string(characters[:longestValue]) + "…"
	}
	return text
}
