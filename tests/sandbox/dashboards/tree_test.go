package dashboards

import (
	"encoding/json"
	"fmt"
)

// node is a part of a query as Prometheus's API returns it (/api/v1/parse_query). Of what it may have, only some is set.
type node struct {
	Type string
	// Of a selector, of an instant or of a range.
	Name     string
	Matchers []matcher
	// Of an aggregation.
	Grouping []string
	// Of a call.
	Func *struct{ Name string }
	Args []node
	// Of operators, parentheses, aggregations.
	Expr, LHS, RHS *node
	// Of an aggregation that has one, such as the 10 of topk.
	Param *node
}

type matcher struct{ Name, Type, Value string }

// selector is a selector and the function that is applied to it, if one is.
type selector struct {
	node
	function string
}

func (n *node) children() []*node {
	children := []*node{n.Expr, n.LHS, n.RHS, n.Param}
	for i := range n.Args {
		children = append(children, &n.Args[i])
	}
	return children
}

func (n *node) selectors(function string) []selector {
	if n == nil {
		return nil
	}
	if n.Type == "vectorSelector" || n.Type == "matrixSelector" {
		return []selector{{*n, function}}
	}
	function = ""
	if n.Func != nil {
		function = n.Func.Name
	}
	var found []selector
	for _, child := range n.children() {
		found = append(found, child.selectors(function)...)
	}
	return found
}

func (n *node) aggregations() []*node {
	if n == nil {
		return nil
	}
	var found []*node
	if n.Type == "aggregation" {
		found = append(found, n)
	}
	for _, child := range n.children() {
		found = append(found, child.aggregations()...)
	}
	return found
}

// UnmarshalJSON refuses what it does not know: a kind of node that is passed over would hide selectors.
func (n *node) UnmarshalJSON(content []byte) error {
	type plain node
	if err := json.Unmarshal(content, (*plain)(n)); err != nil {
		return err
	}
	switch n.Type {
	case "vectorSelector", "matrixSelector", "aggregation", "call", "binaryExpr", "parenExpr", "unaryExpr", "numberLiteral":
		return nil
	}
	return fmt.Errorf("this reader does not know nodes of type %q", n.Type)
}
