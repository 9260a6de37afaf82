{{/*
A ServiceMonitor of Kubernetes' own. Called with the root, name (suffix), jobLabel, namespace (of the targets), matchLabels
and endpoints.
*/}}
{{- define "kubernetes.monitor" -}}
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata:
  name: {{ include "stack.fullname" .root }}-{{ .name }}
  namespace: {{ .root.Release.Namespace }}
  labels: {{- include "stack.labels" (dict "root" .root "part" .name) | nindent 4 }}
spec:
  jobLabel: {{ .jobLabel }}
  selector:
    matchLabels: {{- toYaml .matchLabels | nindent 6 }}
  namespaceSelector:
    matchNames: [{{ .namespace }}]
  endpoints: {{- toYaml .endpoints | nindent 4 }}
{{- end -}}
