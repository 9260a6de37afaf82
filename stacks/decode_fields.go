package stacks

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/agext/levenshtein"
)

// configFields maps a config key to the field of a struct type that holds its value; the fields of an embedded
// struct count as the type's own.
func configFields(t reflect.Type) map[string]reflect.StructField {
	fields := map[string]reflect.StructField{}
	for _, field := range reflect.VisibleFields(t) {
		if field.Anonymous {
			continue
		}
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		fields[name] = field
	}
	return fields
}

// fieldNames lists the config keys of a struct type in alphabetical order.
func fieldNames(t reflect.Type) []string {
	return slices.Sorted(maps.Keys(configFields(t)))
}

func (d *decoder) unknownKey(path keyPath, known []string) {
	d.faults.add(path, nil, "unknown key%s", suggestion(path[len(path)-1], known))
}

// suggestion says what could have been meant instead of a name, and what there is to choose from.
func suggestion(name string, known []string) string {
	choice := " (known: " + strings.Join(known, ", ") + ")"
	if nearest, ok := nearestName(name, known); ok {
		return `: did you mean "` + nearest + `"?` + choice
	}
	return choice
}

// nearestName finds the candidate with the fewest edits to name, the first in case of a tie, unless more than a
// third of the name would have to change: then the two have nothing to do with each other.
func nearestName(name string, candidates []string) (string, bool) {
	// An overlong name is no typing error, and the distance costs the product of the lengths.
	const longestName = 100
	if len(name) > longestName {
		return "", false
	}
	nearest, fewest := "", max(2, len(name)/3)+1
	for _, candidate := range candidates {
		edits := levenshtein.Distance(strings.ToLower(name), strings.ToLower(candidate), nil)
		if edits < fewest && edits < len(candidate) {
			nearest, fewest = candidate, edits
		}
	}
	return nearest, nearest != ""
}
