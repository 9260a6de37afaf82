{{/* Base name: the release's, with the chart's appended unless it is already part of it. */}}
{{- define "redis.fullname" -}}
{{- $chart := default .Chart.Name .Values.nameOverride -}}
{{- $base := ternary .Release.Name (printf "%s-%s" .Release.Name $chart) (contains $chart .Release.Name) -}}
{{- default $base .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "redis.selectorLabels" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "redis.labels" -}}
{{- $standard := dict
  "app.kubernetes.io/managed-by" .Release.Service
  "app.kubernetes.io/version" .Chart.AppVersion
  "helm.sh/chart" (printf "%s-%s" .Chart.Name .Chart.Version)
-}}
{{- mergeOverwrite $standard .Values.commonLabels (include "redis.selectorLabels" . | fromYaml) | toYaml -}}
{{- end -}}

{{- define "redis.image" -}}
{{- $image := .Values.image -}}
{{- list $image.registry (printf "%s:%s" $image.repository $image.tag) | compact | join "/" -}}
{{- end -}}

{{/* "true" where Sentinels run, else empty. */}}
{{- define "redis.sentinel" -}}
{{- if and .Values.sentinel.enabled (eq .Values.architecture "replication") }}true{{ end -}}
{{- end -}}

{{/* Environment of the containers that need the password. */}}
{{- define "redis.passwordEnv" -}}
{{- if and .Values.auth.enabled (not .Values.auth.acl.enabled) -}}
env:
  - name: REDIS_PASSWORD
    valueFrom:
      secretKeyRef:
        {{- if .Values.auth.existingSecret }}
        name: {{ .Values.auth.existingSecret }}
        key: {{ .Values.auth.existingSecretPasswordKey }}
        {{- else }}
        name: {{ include "redis.fullname" . }}
        key: redis-password
        {{- end }}
{{- end -}}
{{- end -}}

{{- define "redis.aclFile" -}}
{{- default "users.acl" .Values.auth.acl.existingSecretACLKey -}}
{{- end -}}

{{- define "redis.aclMount" -}}
{{- if .Values.auth.acl.enabled -}}
- name: acl-file
  mountPath: /etc/redis/{{ include "redis.aclFile" . }}
  subPath: {{ include "redis.aclFile" . }}
  readOnly: true
{{- end -}}
{{- end -}}
