package stacks_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// isBranch says whether the key only holds others that are documented in a section of their own.
func (k *configKey) isBranch() bool {
	return k.kind() == reflect.Struct || (len(k.children) > 0 && innermost(k.typ).Kind() == reflect.Struct)
}

// configurationDocument is docs/configuration.md: the introduction, and a section for each top-level key.
func configurationDocument(t testing.TB, introduction string) string {
	t.Helper()
	var text strings.Builder
	text.WriteString(strings.TrimRight(introduction, "\n") + "\n")
	table, example := newDefaultTable(t), exampleConfig(t)
	for _, k := range configModel(t).children {
		fmt.Fprintf(&text, "\n## %s\n\n%s\n", k.name(), paragraph(k.doc))
		if !k.isBranch() {
			writeTable(&text, table, []*configKey{k})
		}
		writeSections(&text, table, k, false)
		writeExample(t, &text, example, k)
	}
	return text.String()
}

// writeSections writes a table for a struct, and after it those for the structs in it.
func writeSections(text *strings.Builder, table *defaultTable, k *configKey, titled bool) {
	if !k.isBranch() {
		return
	}
	if k.kind() != reflect.Struct {
		if len(k.rules.names) > 0 {
			fmt.Fprintf(text, "\nA map with the names `%s`.\n", strings.Join(k.rules.names, "`, `"))
		}
		writeSections(text, table, k.children[0], titled)
		return
	}
	if titled {
		fmt.Fprintf(text, "\n### %s\n\n%s\n", markdown(k.dotted()), paragraph(k.doc))
	}
	writeTable(text, table, k.children)
	for _, child := range k.children {
		writeSections(text, table, child, true)
	}
}

func writeTable(text *strings.Builder, table *defaultTable, keys []*configKey) {
	text.WriteString("\n| Key | Type | Default | Meaning |\n|---|---|---|---|\n")
	for _, k := range keys {
		kind := k.typeCell()
		if k.isBranch() {
			kind += ", see below"
		}
		fmt.Fprintf(text, "| `%s` | %s | %s | %s |\n", k.dotted(), kind, table.cell(k), k.meaning())
	}
}

func (k *configKey) typeCell() string {
	switch k.kind() {
	case reflect.Bool:
		return "`true` or `false`"
	case reflect.Int:
		if k.rules.bounded {
			return fmt.Sprintf("whole number, %d to %d", k.rules.least, k.rules.most)
		}
		return "whole number"
	case reflect.String:
		if allowed := k.allowed(); len(allowed) > 0 {
			return "one of `" + strings.Join(allowed, "`, `") + "`"
		}
		return "string"
	case reflect.Slice:
		return "list: " + k.children[0].typeCell()
	case reflect.Map:
		if k.isBranch() {
			return "map"
		}
		return "map: " + k.children[0].typeCell()
	default:
		return "map"
	}
}

// meaning is the comment of the key, and those of its constants.
func (k *configKey) meaning() string {
	parts := []string{cell(k.doc)}
	for _, c := range k.constants {
		if c.doc != "" {
			_, what, found := strings.Cut(c.doc, " ")
			if found {
				parts = append(parts, "`"+c.value+"` "+cell(what))
			}
		}
	}
	return strings.Join(parts, "<br>")
}

// paragraph is a comment as running text.
func paragraph(comment string) string {
	var lines []string
	for _, text := range strings.Split(strings.TrimSpace(comment), "\n\n") {
		lines = append(lines, markdown(strings.Join(strings.Fields(text), " ")))
	}
	return strings.Join(lines, "\n\n")
}

// cell is a comment in a cell of a table, which has one line.
func cell(comment string) string {
	return strings.ReplaceAll(strings.ReplaceAll(paragraph(comment), "\n\n", "<br>"), "|", `\|`)
}

// markdown escapes what would be taken for HTML, outside of code.
func markdown(text string) string {
	parts := strings.Split(text, "`")
	for i := 0; i < len(parts); i += 2 {
		parts[i] = strings.NewReplacer("<", "&lt;", "*", `\*`).Replace(parts[i])
	}
	return strings.Join(parts, "`")
}
