{{- define "gateway.name" -}}
{{- default .Release.Name .Values.name -}}
{{- end -}}

{{- define "gateway.selectorLabels" -}}
app: {{ default (include "gateway.name" .) .Values.labels.app | quote }}
istio: {{ default (include "gateway.name" . | trimPrefix "istio-") .Values.labels.istio | quote }}
{{- end -}}

{{- define "gateway.labels" -}}
{{ include "gateway.selectorLabels" . }}
{{- with omit .Values.labels "app" "istio" }}
{{ toYaml . }}
{{- end }}
app.kubernetes.io/name: {{ include "gateway.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/part-of: istio
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end -}}

{{- define "gateway.serviceAccount" -}}
{{- default (ternary (include "gateway.name" .) "default" .Values.serviceAccount.create) .Values.serviceAccount.name -}}
{{- end -}}
