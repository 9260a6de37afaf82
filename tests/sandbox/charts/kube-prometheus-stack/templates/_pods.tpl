{{/* Where pods run: fields of a pod's specification, from values of the same names. */}}
{{- define "stack.placement" -}}
{{- range $field := list "nodeSelector" "tolerations" "affinity" "topologySpreadConstraints" "priorityClassName" }}
{{- with index $.values $field }}
{{ dict $field . | toYaml }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "stack.containerSecurity" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
{{- end -}}

{{/* Labels that the operator puts on the pods of an instance, and selects them by. Called with kind and name. */}}
{{- define "operated.selectorLabels" -}}
app.kubernetes.io/name: {{ .kind }}
app.kubernetes.io/instance: {{ .name }}
app.kubernetes.io/managed-by: prometheus-operator
{{ .kind }}: {{ .name }}
{{- if eq .kind "prometheus" }}
operator.prometheus.io/name: {{ .name }}
operator.prometheus.io/shard: "0"
{{- end }}
{{- end -}}

{{/* The values of an instance, its affinity with what keeps the replicas apart. Called with kind, name and spec. */}}
{{- define "operated.placement" -}}
{{- $placement := deepCopy .spec -}}
{{- if .spec.podAntiAffinity -}}
{{- $key := ternary "app.kubernetes.io/instance" "alertmanager" (eq .kind "prometheus") -}}
{{- $term := dict "topologyKey" .spec.podAntiAffinityTopologyKey "labelSelector" (dict "matchLabels" (dict "app.kubernetes.io/name" .kind $key .name)) -}}
{{- $apart := dict "requiredDuringSchedulingIgnoredDuringExecution" (list $term) -}}
{{- if eq .spec.podAntiAffinity "soft" -}}
{{- $apart = dict "preferredDuringSchedulingIgnoredDuringExecution" (list (dict "weight" 100 "podAffinityTerm" $term)) -}}
{{- end -}}
{{- $_ := set $placement "affinity" (mergeOverwrite (deepCopy .spec.affinity) (dict "podAntiAffinity" $apart)) -}}
{{- end -}}
{{ include "stack.placement" (dict "values" $placement) }}
{{- end -}}

{{/* What the operator's container beside each instance looks like. */}}
{{- define "operated.reloader" -}}
name: config-reloader
image: quay.io/prometheus-operator/prometheus-config-reloader:{{ .root.Chart.AppVersion }}
ports:
  - name: reloader-web
    containerPort: 8080
{{- with .root.Values.prometheusOperator.prometheusConfigReloader.resources }}
resources: {{- toYaml . | nindent 2 }}
{{- end }}
{{ include "stack.containerSecurity" . }}
{{- end -}}

{{/* Secrets and ConfigMaps that an instance mounts: "volumes" or "mounts", whichever is asked for. */}}
{{- define "operated.files" -}}
{{- range $name := .spec.secrets }}
{{- if eq $.want "volumes" }}
- name: secret-{{ $name }}
  secret:
    secretName: {{ $name }}
{{- else }}
- name: secret-{{ $name }}
  mountPath: /etc/{{ $.kind }}/secrets/{{ $name }}
  readOnly: true
{{- end }}
{{- end }}
{{- range $name := .spec.configMaps }}
{{- if eq $.want "volumes" }}
- name: configmap-{{ $name }}
  configMap:
    name: {{ $name }}
{{- else }}
- name: configmap-{{ $name }}
  mountPath: /etc/{{ $.kind }}/configmaps/{{ $name }}
  readOnly: true
{{- end }}
{{- end }}
{{- end -}}

{{/* Volume of an instance's data in a StatefulSet. Called with name (the volume's) and storage. */}}
{{- define "operated.claims" -}}
volumeClaimTemplates:
  - apiVersion: v1
    kind: PersistentVolumeClaim
    metadata:
      name: {{ .name }}
    spec: {{- mergeOverwrite (dict "accessModes" (list "ReadWriteOnce")) (dig "volumeClaimTemplate" "spec" dict .storage) | toYaml | nindent 6 }}
{{- end -}}
