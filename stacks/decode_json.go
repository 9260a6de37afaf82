package stacks

import (
	"encoding/json"
	"slices"
	"strings"
)

// tree reads a valid JSON text into nil, bool, json.Number, string, []any and map[string]any, as json.Unmarshal
// does, but a key that occurs twice in an object is a fault instead of lost.
func (d *decoder) tree(text string, path keyPath) any {
	tokens := json.NewDecoder(strings.NewReader(text))
	tokens.UseNumber()
	return d.value(tokens, path)
}

// value reads the next value. Errors of Token cannot occur: the caller has checked the syntax of the whole text.
func (d *decoder) value(tokens *json.Decoder, path keyPath) any {
	token, _ := tokens.Token()
	switch token {
	case json.Delim('{'):
		return d.object(tokens, path)
	case json.Delim('['):
		var elements []any
		for tokens.More() {
			elements = append(elements, d.value(tokens, path))
		}
		_, _ = tokens.Token()
		return elements
	default:
		return token
	}
}

func (d *decoder) object(tokens *json.Decoder, path keyPath) map[string]any {
	members := map[string]any{}
	// One element, set anew for each member: deep nesting must not cost a copy of the path at every level.
	path = append(path, "")
	for tokens.More() {
		token, _ := tokens.Token()
		key, _ := token.(string)
		path[len(path)-1] = key
		if _, twice := members[key]; twice {
			d.faults.add(slices.Clone(path), nil, "occurs twice: remove one")
		}
		members[key] = d.value(tokens, path)
	}
	_, _ = tokens.Token()
	return members
}
