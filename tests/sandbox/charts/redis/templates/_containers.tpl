{{- define "redis.containerSecurity" -}}
securityContext:
  runAsUser: 999
  runAsGroup: 999
  runAsNonRoot: true
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
  seccompProfile:
    type: RuntimeDefault
{{- end -}}

{{- define "redis.serverContainer" -}}
name: redis
image: {{ include "redis.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
command: [redis-server, /usr/local/etc/redis/redis.conf]
{{- with include "redis.passwordEnv" . }}
{{ . }}
{{- end }}
ports:
  - name: redis
    containerPort: {{ .Values.service.port }}
readinessProbe:
  exec:
    command: [redis-cli, -p, {{ .Values.service.port | quote }}, ping]
{{- with .Values.resources }}
resources: {{- toYaml . | nindent 2 }}
{{- end }}
{{ include "redis.containerSecurity" . }}
volumeMounts:
  - name: data
    mountPath: /data
  - name: config
    mountPath: /usr/local/etc/redis
  {{- with include "redis.aclMount" . }}
  {{- . | nindent 2 }}
  {{- end }}
{{- end -}}

{{- define "redis.sentinelContainer" -}}
name: sentinel
image: {{ include "redis.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
command: [redis-sentinel, /usr/local/etc/redis/sentinel.conf]
{{- with include "redis.passwordEnv" . }}
{{ . }}
{{- end }}
ports:
  - name: sentinel
    containerPort: {{ .Values.sentinel.port }}
readinessProbe:
  exec:
    command: [redis-cli, -p, {{ .Values.sentinel.port | quote }}, ping]
{{- with .Values.sentinel.resources }}
resources: {{- toYaml . | nindent 2 }}
{{- end }}
{{ include "redis.containerSecurity" . }}
volumeMounts:
  - name: config
    mountPath: /usr/local/etc/redis
  {{- with include "redis.aclMount" . }}
  {{- . | nindent 2 }}
  {{- end }}
{{- end -}}

{{- define "redis.metricsContainer" -}}
name: metrics
image: docker.io/oliver006/redis_exporter:v1.89.0-alpine
command: [/redis_exporter, --redis.addr=redis://localhost:{{ .Values.service.port }}, --web.listen-address=0.0.0.0:{{ .Values.metrics.port }}]
{{- with include "redis.passwordEnv" . }}
{{ . }}
{{- end }}
ports:
  - name: metrics
    containerPort: {{ .Values.metrics.port }}
readinessProbe:
  httpGet:
    path: /
    port: metrics
{{- with .Values.metrics.resources }}
resources: {{- toYaml . | nindent 2 }}
{{- end }}
{{ include "redis.containerSecurity" . }}
{{- with include "redis.aclMount" . }}
volumeMounts:
  {{- . | nindent 2 }}
{{- end }}
{{- end -}}
