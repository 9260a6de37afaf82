{{/* spec.bootstrap, and spec.externalClusters where recovery reads an object store. */}}
{{- define "cluster.bootstrap" -}}
{{- if eq .Values.mode "standalone" -}}
bootstrap:
  initdb: {{- omit .Values.cluster.initdb "secret" | toYaml | nindent 4 }}
    {{- with include "cluster.ownerSecret" . }}
    secret:
      name: {{ . }}
    {{- end }}
{{- else -}}
bootstrap:
  recovery:
    database: {{ .Values.recovery.database }}
    {{- with .Values.recovery.owner }}
    owner: {{ . }}
    {{- end }}
    {{- with .Values.recovery.pitrTarget.time }}
    recoveryTarget:
      targetTime: {{ . | quote }}
    {{- end }}
    {{- if eq .Values.recovery.method "backup" }}
    backup:
      name: {{ required "recovery.backupName is empty: name the Backup to recover from" .Values.recovery.backupName }}
    {{- else }}
    source: objectStoreRecoveryCluster
externalClusters:
  - name: objectStoreRecoveryCluster
    barmanObjectStore:
      serverName: {{ required "recovery.clusterName is empty: give the name under which the lost cluster wrote its backups" .Values.recovery.clusterName }}
      {{- include "cluster.objectStore" (dict "store" .Values.recovery "path" "recovery" "cluster" (include "cluster.fullname" .) "purpose" "recovery") | nindent 6 }}
    {{- end }}
{{- end }}
{{- end -}}
