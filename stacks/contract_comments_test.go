package stacks_test

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// comments are the doc comments of the package's source.
type comments struct {
	// types by the type's name.
	types map[string]string
	// fields by type and field name.
	fields map[string]map[string]string
	// constants of each string type, in the order of the source.
	constants map[string][]constant
}

// constant is an exported value of a string type.
type constant struct{ value, doc string }

func readComments(t testing.TB) comments {
	t.Helper()
	sources, err := filepath.Glob("*.go")
	require.NoError(t, err)
	set := token.NewFileSet()
	var files []*ast.File
	for _, source := range sources {
		if strings.HasSuffix(source, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(set, source, nil, parser.ParseComments|parser.SkipObjectResolution)
		require.NoError(t, err)
		files = append(files, file)
	}
	pkg, err := doc.NewFromFiles(set, files, "stacks")
	require.NoError(t, err)
	c := comments{types: map[string]string{}, fields: map[string]map[string]string{}, constants: map[string][]constant{}}
	for _, documented := range pkg.Types {
		c.types[documented.Name] = documented.Doc
		c.readFields(documented)
		for _, group := range documented.Consts {
			c.readConstants(t, documented.Name, group.Decl)
		}
	}
	return c
}

// readFields also gives a field without a comment that of the field above it, where that names both.
func (c comments) readFields(documented *doc.Type) {
	fields := map[string]string{}
	c.fields[documented.Name] = fields
	for _, spec := range documented.Decl.Specs {
		structure, ok := spec.(*ast.TypeSpec).Type.(*ast.StructType)
		if !ok {
			continue
		}
		above := ""
		for _, field := range structure.Fields.List {
			own := field.Doc.Text()
			for _, name := range field.Names {
				if own == "" && regexp.MustCompile(`\b`+name.Name+`\b`).MatchString(above) {
					own = above
				}
				fields[name.Name] = own
			}
			above = own
		}
	}
}

func (c comments) readConstants(t testing.TB, typeName string, declaration *ast.GenDecl) {
	t.Helper()
	for _, spec := range declaration.Specs {
		value := spec.(*ast.ValueSpec)
		for i, name := range value.Names {
			literal, ok := value.Values[i].(*ast.BasicLit)
			if !ok || !name.IsExported() {
				continue
			}
			text, err := strconv.Unquote(literal.Value)
			require.NoError(t, err, name.Name)
			c.constants[typeName] = append(c.constants[typeName], constant{text, value.Doc.Text()})
		}
	}
}

// of returns what is said about a field: at the field, or else at its type.
func (c comments) of(owner reflect.Type, field reflect.StructField) string {
	if own := c.fields[owner.Name()][field.Name]; own != "" {
		return configNames(owner, own)
	}
	return c.types[innermost(field.Type).Name()]
}

// innermost strips pointers, lists and maps of a type.
func innermost(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	return t
}

var goName = regexp.MustCompile(`\b[A-Z][A-Za-z0-9]*\b`)

// configNames replaces the Go names of owner's fields in a comment by their config keys.
func configNames(owner reflect.Type, text string) string {
	return goName.ReplaceAllStringFunc(text, func(word string) string {
		if field, ok := owner.FieldByName(word); ok && !field.Anonymous {
			return "`" + configName(field) + "`"
		}
		return word
	})
}

// configName is a field's key, or "" where its tag has none.
func configName(field reflect.StructField) string {
	name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
	return name
}
