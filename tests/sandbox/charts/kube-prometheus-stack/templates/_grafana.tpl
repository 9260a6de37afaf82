{{/* grafana.ini from its sections. */}}
{{- define "grafana.ini" -}}
{{- range $section, $keys := index .values "grafana.ini" }}
[{{ $section }}]
{{- range $key, $value := $keys }}
{{ $key }} = {{ $value }}
{{- end }}
{{ end }}
{{- end -}}

{{/* The administrator's name and password as environment, out of the Secret. Called with prefix, user and password. */}}
{{- define "grafana.admin" -}}
{{- $secret := default (include "sub.fullname" .) .values.admin.existingSecret -}}
- name: {{ .prefix }}{{ .user }}
  valueFrom:
    secretKeyRef:
      name: {{ $secret }}
      key: {{ .values.admin.userKey }}
- name: {{ .prefix }}{{ .password }}
  valueFrom:
    secretKeyRef:
      name: {{ $secret }}
      key: {{ .values.admin.passwordKey }}
{{- end -}}

{{/* A container that collects objects of a label; it logs in to have Grafana load them. Called with kind. */}}
{{- define "grafana.sidecar" -}}
{{- $sidecar := index .values.sidecar .kind -}}
name: {{ include "sub.name" . }}-sc-{{ ternary "dashboard" "datasources" (eq .kind "dashboards") }}
image: quay.io/kiwigrid/k8s-sidecar:2.10.1
env:
  - name: METHOD
    value: WATCH
  - name: LABEL
    value: {{ $sidecar.label | quote }}
  {{- with $sidecar.labelValue }}
  - name: LABEL_VALUE
    value: {{ . | quote }}
  {{- end }}
  - name: RESOURCE
    value: {{ default "both" $sidecar.resource }}
  {{- with $sidecar.searchNamespace }}
  - name: NAMESPACE
    value: {{ join "," . | quote }}
  {{- end }}
  {{- with $sidecar.folderAnnotation }}
  - name: FOLDER_ANNOTATION
    value: {{ . | quote }}
  {{- end }}
  {{- include "grafana.admin" (merge (dict "prefix" "REQ_" "user" "USERNAME" "password" "PASSWORD") .) | nindent 2 }}
{{- with .values.sidecar.resources }}
resources: {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  allowPrivilegeEscalation: false
  capabilities:
    drop: [ALL]
{{- end -}}

{{- define "grafana.chown" -}}
name: init-chown-data
image: docker.io/library/busybox:1.38.0
command: [chown, -R, "472:472", /var/lib/grafana]
securityContext:
  runAsUser: 0
  runAsNonRoot: false
  capabilities:
    drop: [ALL]
    add: [CHOWN, DAC_OVERRIDE]
volumeMounts:
  - name: storage
    mountPath: /var/lib/grafana
{{- end -}}
