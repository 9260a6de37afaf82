package monitoring

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/federated-risk/federated-risk/internal/rules"
)

// Names of the objects: in the stack's namespace, so they need not be unique in the cluster.
const (
	rulesName            = "federated-risk"
	certificateRulesName = "federated-risk-certificates"
)

// rules are all of the platform's in one object, the groups saying what belongs together, and the ends of the certificates'
// validity in another: they are known once the certificates are made, and the alerts need not wait for that.
func (args *Args) rules() []object {
	var groups []any
	for _, group := range args.Rules.Groups() {
		groups = append(groups, groupSpec(group))
	}
	objects := []object{{resource: "rules", kind: "PrometheusRule", app: rulesName, spec: map[string]any{"groups": groups}}}
	if len(args.CertificateEnds) > 0 {
		objects = append(objects, object{
			resource: "certificate-rules", kind: "PrometheusRule", app: certificateRulesName, spec: args.certificateRules(),
		})
	}
	return objects
}

func (args *Args) certificateRules() pulumi.Output {
	names := slices.Sorted(maps.Keys(args.CertificateEnds))
	ends := pulumi.StringArray{}
	for _, name := range names {
		ends = append(ends, args.CertificateEnds[name])
	}
	return ends.ToStringArrayOutput().ApplyT(func(ends []string) (map[string]any, error) {
		var certificates []rules.Certificate
		for i, end := range ends {
			notAfter, err := time.Parse(time.RFC3339, end)
			if err != nil {
				return nil, fmt.Errorf("end of validity of the certificate %s: %w", names[i], err)
			}
			certificates = append(certificates, rules.Certificate{Name: names[i], NotAfter: notAfter})
		}
		return map[string]any{"groups": []any{groupSpec(rules.CertificateGroup(args.Rules.Namespace, certificates))}}, nil
	})
}

func groupSpec(group rules.Group) map[string]any {
	var list []any
	for _, rule := range group.Rules {
		list = append(list, ruleSpec(rule))
	}
	spec := map[string]any{"name": group.Name, "rules": list}
	if group.Interval != "" {
		spec["interval"] = group.Interval
	}
	return spec
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
