{{- define "redis.serverPorts" -}}
- name: tcp-redis
  port: {{ .Values.service.port }}
  targetPort: redis
{{- if include "redis.sentinel" . }}
- name: sentinel
  port: {{ .Values.sentinel.port }}
  targetPort: sentinel
{{- end }}
{{- end -}}
