{{/* Name of the Cluster: the release's, with the chart's appended unless it is already part of it. */}}
{{- define "cluster.fullname" -}}
{{- $chart := default .Chart.Name .Values.nameOverride -}}
{{- $base := ternary .Release.Name (printf "%s-%s" .Release.Name $chart) (contains $chart .Release.Name) -}}
{{- default $base .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "cluster.labels" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/part-of: cloudnative-pg
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- with .Values.cluster.additionalLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Labels of what belongs to the cluster without being it. */}}
{{- define "cluster.partLabels" -}}
cnpg.io/cluster: {{ include "cluster.fullname" . }}
{{ include "cluster.labels" . }}
{{- end -}}

{{- define "cluster.database" -}}
{{- default "app" .Values.cluster.initdb.database -}}
{{- end -}}

{{- define "cluster.owner" -}}
{{- default (include "cluster.database" .) .Values.cluster.initdb.owner -}}
{{- end -}}

{{/* Name of the owner's Secret where the values name one, else empty. */}}
{{- define "cluster.ownerSecret" -}}
{{- dig "secret" "name" "" .Values.cluster.initdb -}}
{{- end -}}
