package monitoring

import "github.com/federated-risk/federated-risk/internal/rules"

// rulesName is metadata.name of the rules: in the stack's namespace, so it need not be unique in the cluster.
const rulesName = "federated-risk"

// rules are all of the platform's, in one object: the groups say what belongs together.
func (args *Args) rules() object {
	var groups []any
	for _, group := range args.Rules.Groups() {
		var list []any
		for _, rule := range group.Rules {
			list = append(list, ruleSpec(rule))
		}
		groups = append(groups, map[string]any{"name": group.Name, "rules": list})
	}
	return object{resource: "rules", kind: "PrometheusRule", app: rulesName, spec: map[string]any{"groups": groups}}
}

func ruleSpec(rule rules.Rule) map[string]any {
	spec := map[string]any{"expr": rule.Expr}
	for key, value := range map[string]string{"record": rule.Record, "alert": rule.Alert, "for": rule.For} {
		if value != "" {
			spec[key] = value
		}
	}
	for key, set := range map[string]map[string]string{"labels": rule.Labels, "annotations": rule.Annotations} {
		if len(set) == 0 {
			continue
		}
		values := map[string]any{}
		for name, value := range set {
			values[name] = value
		}
		spec[key] = values
	}
	return spec
}
