package monitoring

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

// globalInterval at which Prometheus scrapes what says nothing else, and evaluates rules (runbook, "Prometheus configuration").
const globalInterval = "15s"

// values of the upstream chart; docs/charts.md says which version they were checked against.
func (args *StackArgs) values(grafanaSecretName pulumi.StringInput) pulumi.Map {
	claim := pulumi.Map{
		"accessModes": pulumi.ToStringArray([]string{"ReadWriteOnce"}),
		"resources":   pulumi.Map{"requests": pulumi.Map{"storage": pulumi.String(args.StorageSize)}},
	}
	if args.StorageClass != "" {
		claim["storageClassName"] = pulumi.String(args.StorageClass)
	}
	prometheus := pulumi.Map{
		"retention":          pulumi.String(args.Retention),
		"retentionSize":      pulumi.String(args.RetentionSize),
		"scrapeInterval":     pulumi.String(globalInterval),
		"evaluationInterval": pulumi.String(globalInterval),
		"storageSpec":        pulumi.Map{"volumeClaimTemplate": pulumi.Map{"spec": claim}},
	}
	// With the chart's default, true, Prometheus takes only what carries the release's own label: the monitors and rules of
	// this program, and of any other stack, would be ignored in silence.
	for _, kind := range []string{"rule", "serviceMonitor", "podMonitor", "probe", "scrapeConfig"} {
		prometheus[kind+"SelectorNilUsesHelmValues"] = pulumi.Bool(false)
	}
	disabled := pulumi.Map{}
	for _, alert := range args.DisabledAlerts {
		disabled[alert] = pulumi.Bool(true)
	}
	return pulumi.Map{
		"crds":         pulumi.Map{"enabled": pulumi.Bool(false)},
		"defaultRules": pulumi.Map{"disabled": disabled},
		"prometheus":   pulumi.Map{"prometheusSpec": prometheus},
		"alertmanager": pulumi.Map{
			"config":           pulumi.ToMap(args.Alertmanager.Values()),
			"alertmanagerSpec": pulumi.Map{"secrets": pulumi.ToStringArray(args.Alertmanager.SecretNames())},
		},
		"grafana": pulumi.Map{
			"admin": pulumi.Map{
				"existingSecret": grafanaSecretName,
				"userKey":        pulumi.String(grafanaUserKey),
				"passwordKey":    pulumi.String(grafanaPasswordKey),
			},
			// The label is the chart's default.
			"sidecar": pulumi.Map{"dashboards": pulumi.Map{
				"enabled":         pulumi.Bool(true),
				"searchNamespace": pulumi.String("ALL"),
			}},
		},
	}
}
