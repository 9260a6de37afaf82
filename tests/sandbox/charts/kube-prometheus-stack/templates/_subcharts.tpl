{{/*
Upstream these are charts of their own: named after the release, never after the stack. Called with the root, the
subchart's values and its name, version and appVersion.
*/}}
{{- define "sub.grafana" -}}
{{- dict "values" .Values.grafana "chart" "grafana" "version" "12.11.1" "appVersion" "13.2.0" | toYaml -}}
{{- end -}}

{{- define "sub.kube-state-metrics" -}}
{{- dict "values" (index .Values "kube-state-metrics") "chart" "kube-state-metrics" "version" "8.4.0" "appVersion" "2.20.0" | toYaml -}}
{{- end -}}

{{- define "sub.node-exporter" -}}
{{- dict "values" (index .Values "prometheus-node-exporter") "chart" "prometheus-node-exporter" "version" "4.56.1" "appVersion" "1.12.1" | toYaml -}}
{{- end -}}

{{- define "sub.name" -}}
{{- default .chart .values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "sub.fullname" -}}
{{- $name := default .chart .values.nameOverride -}}
{{- $base := ternary .root.Release.Name (printf "%s-%s" .root.Release.Name $name) (contains $name .root.Release.Name) -}}
{{- default $base .values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "sub.selectorLabels" -}}
app.kubernetes.io/name: {{ include "sub.name" . }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- end -}}

{{- define "sub.labels" -}}
{{ include "sub.selectorLabels" . }}
helm.sh/chart: {{ .chart }}-{{ .version }}
app.kubernetes.io/version: {{ .appVersion | quote }}
{{- end -}}

{{/* Labels of the two exporters' objects; the stack has its own label put on them, which its Prometheus selects by. */}}
{{- define "sub.exporterLabels" -}}
{{ include "sub.labels" . }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
app.kubernetes.io/component: metrics
app.kubernetes.io/part-of: {{ include "sub.name" . }}
release: {{ .root.Release.Name }}
{{- end -}}
