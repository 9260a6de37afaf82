{{/* Base name of the stack's own objects: the release's, with the chart's appended unless it is already part of it. */}}
{{- define "stack.fullname" -}}
{{- $chart := default .Chart.Name .Values.nameOverride -}}
{{- $base := ternary .Release.Name (printf "%s-%s" .Release.Name $chart) (contains $chart .Release.Name) -}}
{{- default $base .Values.fullnameOverride | trunc 26 | trimSuffix "-" -}}
{{- end -}}

{{- define "stack.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{- define "stack.operator" -}}
{{- default (printf "%s-operator" (include "stack.fullname" .)) .Values.prometheusOperator.fullnameOverride | trunc 35 | trimSuffix "-" -}}
{{- end -}}

{{/* Name of the Prometheus or Alertmanager object. Called with the root and the kind in lower case. */}}
{{- define "stack.instance" -}}
{{- $full := include "stack.fullname" .root -}}
{{- ternary $full (printf "%s-%s" $full .kind) .root.Values.cleanPrometheusOperatorObjectNames -}}
{{- end -}}

{{/* Labels of the stack's own objects. Called with the root and the part that an object belongs to. */}}
{{- define "stack.labels" -}}
{{- $root := .root -}}
{{- $labels := dict
  "app.kubernetes.io/managed-by" $root.Release.Service
  "app.kubernetes.io/instance" $root.Release.Name
  "app.kubernetes.io/version" $root.Chart.Version
  "app.kubernetes.io/part-of" (include "stack.name" $root)
  "chart" (printf "%s-%s" $root.Chart.Name $root.Chart.Version)
  "release" $root.Release.Name
  "heritage" $root.Release.Service
-}}
{{- $app := list (include "stack.name" $root) .part | compact | join "-" -}}
{{- mergeOverwrite $labels $root.Values.commonLabels (dict "app" $app) | toYaml -}}
{{- end -}}

{{- define "stack.operatorLabels" -}}
{{ include "stack.labels" (dict "root" . "part" "operator") }}
app.kubernetes.io/name: {{ include "stack.name" . }}-prometheus-operator
app.kubernetes.io/component: prometheus-operator
{{- end -}}

{{/* An image's address. Called with the image and the tag that an empty one stands for. */}}
{{- define "stack.image" -}}
{{- printf "%s/%s:%s" .image.registry .image.repository (default .tag .image.tag) | quote -}}
{{- end -}}
