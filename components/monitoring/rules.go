package monitoring

import (
	"cmp"
	"encoding/json"
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
func (args *Args) rules() ([]object, error) {
	var groups []any
	for _, group := range args.Rules.Groups() {
		group.Interval = cmp.Or(group.Interval, args.Interval)
		spec, err := groupSpec(group)
		if err != nil {
			return nil, fmt.Errorf("group %s: %w", group.Name, err)
		}
		groups = append(groups, spec)
	}
	objects := []object{{resource: "rules", kind: "PrometheusRule", app: rulesName, spec: map[string]any{"groups": groups}}}
	if len(args.CertificateEnds) > 0 {
		objects = append(objects, object{
			resource: "certificate-rules", kind: "PrometheusRule", app: certificateRulesName, spec: args.certificateRules(),
		})
	}
	return objects, nil
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
		spec, err := groupSpec(rules.CertificateGroup(args.Rules.Namespace, certificates))
		return map[string]any{"groups": []any{spec}}, err
	})
}

// groupSpec is the group as JSON has it.
func groupSpec(group rules.Group) (map[string]any, error) {
	content, err := json.Marshal(group)
	if err != nil {
		return nil, err
	}
	var spec map[string]any
	return spec, json.Unmarshal(content, &spec)
}
