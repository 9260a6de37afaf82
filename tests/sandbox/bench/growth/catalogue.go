// Package growth makes a platform of any number of services out of the program's own few, and tells what each further
// resource of it costs.
package growth

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/printer"
	"go/token"
	"slices"
	"strconv"
)

const (
	// redisDatabases that a Redis has.
	redisDatabases = 16
	// portStep is between the ports of a service and those of its next copy: more than lie between the services' own.
	portStep = 10
)

// Catalogue returns the source of a catalogue with the given number of services, a multiple of those in source: they,
// and copies of them with names, ports and public paths of their own. The copy of a caller calls the copy of its callee.
// Where Redis has no database left, a copy has Postgres instead. All else is copied as it is.
func Catalogue(source []byte, services int) ([]byte, error) {
	list, err := parse(source)
	if err != nil {
		return nil, err
	}
	own := len(list.literal.Elts)
	if own == 0 || services < own || services%own != 0 {
		return nil, fmt.Errorf("a catalogue of %d services: expected a multiple of the program's own %d", services, own)
	}
	end := list.offset(list.literal.Rbrace)
	var grown bytes.Buffer
	grown.Write(source[:end])
	for copied := 1; copied < services/own; copied++ {
		again, err := parse(source)
		if err != nil {
			return nil, err
		}
		for i, element := range again.literal.Elts {
			if err := again.rename(element, copied, copied*own+i); err != nil {
				return nil, fmt.Errorf("copy %d of service %d of the catalogue: %w", copied, i, err)
			}
			if err := printer.Fprint(&grown, again.files, element); err != nil {
				return nil, err
			}
			grown.WriteString(",\n")
		}
	}
	grown.Write(source[end:])
	return format.Source(grown.Bytes())
}

// list is the literal with the services in the source of the catalogue.
type list struct {
	files   *token.FileSet
	literal *ast.CompositeLit
}

func parse(source []byte) (list, error) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "services.go", source, parser.SkipObjectResolution)
	if err != nil {
		return list{}, fmt.Errorf("read the catalogue: %w", err)
	}
	var found *ast.CompositeLit
	ast.Inspect(file, func(node ast.Node) bool {
		literal, ok := node.(*ast.CompositeLit)
		if !ok || found != nil {
			return found == nil
		}
		if slice, ok := literal.Type.(*ast.ArrayType); ok {
			if element, ok := slice.Elt.(*ast.Ident); ok && element.Name == "Service" {
				found = literal
			}
		}
		return true
	})
	if found == nil {
		return list{}, errors.New("read the catalogue: expected a literal of type []Service")
	}
	return list{files, found}, nil
}

func (l list) offset(position token.Pos) int { return l.files.Position(position).Offset }

// rename gives the n-th copy of a service what no two services may share; place is the copy's place in the list.
func (l list) rename(element ast.Expr, n, place int) error {
	service, ok := element.(*ast.CompositeLit)
	if !ok {
		return errors.New("expected a literal of a service")
	}
	name, port := field(service, "Name"), field(service, "Port")
	prefix, err := prefixOf(service)
	if err != nil {
		return err
	}
	if name == nil || port == nil {
		return errors.New("expected a name and a port")
	}
	name.Value = suffixed(name.Value, n)
	if port.Value, err = plus(port.Value, n*portStep); err != nil {
		return err
	}
	if upstreams := field(service, "Upstreams"); upstreams != nil {
		for _, upstream := range elements(upstreams.Value) {
			upstream.Value = suffixed(upstream.Value, n)
		}
	}
	if redis := field(service, "RedisDB"); redis != nil && place < redisDatabases {
		redis.Value = &ast.CallExpr{Fun: ast.NewIdent("database"), Args: []ast.Expr{integer(place)}}
	} else if redis != nil {
		service.Elts = slices.DeleteFunc(service.Elts, func(element ast.Expr) bool { return element == redis })
		if field(service, "Postgres") == nil {
			service.Elts = append(service.Elts, &ast.KeyValueExpr{Key: ast.NewIdent("Postgres"), Value: ast.NewIdent("true")})
		}
	}
	return prefix.move(n)
}

// exposure is the literal of a service's public host and path.
type exposure struct{ host, path *ast.KeyValueExpr }

func prefixOf(service *ast.CompositeLit) (exposure, error) {
	value := field(service, "Exposure")
	if value == nil {
		return exposure{}, errors.New("expected an exposure")
	}
	literal, ok := value.Value.(*ast.CompositeLit)
	if !ok {
		return exposure{}, errors.New("expected the exposure to be a literal")
	}
	found := exposure{field(literal, "Host"), field(literal, "PathPrefix")}
	if found.host == nil || found.path == nil {
		return exposure{}, errors.New("expected the exposure to have a host and a path")
	}
	return found, nil
}

// move gives the copy a path of its own. All of a host is taken by a service at its root: the copies of that one move to
// the host of the APIs.
func (e exposure) move(n int) error {
	literal, ok := e.path.Value.(*ast.BasicLit)
	if !ok {
		return errors.New("expected the public path to be a literal")
	}
	text, err := strconv.Unquote(literal.Value)
	if err != nil {
		return err
	}
	if text == "/" {
		e.host.Value, text = ast.NewIdent("HostAPI"), "/root"
	}
	e.path.Value = &ast.BasicLit{Kind: token.STRING, Value: strconv.Quote(fmt.Sprintf("%s-%d", text, n))}
	return nil
}

func field(of *ast.CompositeLit, name string) *ast.KeyValueExpr {
	for _, element := range elements(of) {
		if key, ok := element.Key.(*ast.Ident); ok && key.Name == name {
			return element
		}
	}
	return nil
}

func elements(of ast.Expr) []*ast.KeyValueExpr {
	literal, ok := of.(*ast.CompositeLit)
	if !ok {
		return nil
	}
	var found []*ast.KeyValueExpr
	for _, element := range literal.Elts {
		if pair, ok := element.(*ast.KeyValueExpr); ok {
			found = append(found, pair)
		}
	}
	return found
}

func suffixed(value ast.Expr, n int) ast.Expr {
	literal := &ast.BasicLit{Kind: token.STRING, Value: strconv.Quote(suffix(n))}
	return &ast.BinaryExpr{X: value, Op: token.ADD, Y: literal}
}

// suffix follows the name of a service in the name of its n-th copy.
func suffix(n int) string { return "-" + strconv.Itoa(n) }

func plus(value ast.Expr, more int) (ast.Expr, error) {
	literal, ok := value.(*ast.BasicLit)
	if !ok {
		return nil, errors.New("expected the port to be a literal")
	}
	number, err := strconv.Atoi(literal.Value)
	if err != nil {
		return nil, err
	}
	return integer(number + more), nil
}

func integer(n int) *ast.BasicLit { return &ast.BasicLit{Kind: token.INT, Value: strconv.Itoa(n)} }
