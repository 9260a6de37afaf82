{{/*
A Secret as the operator makes for a database user.
Takes a dict: root, suffix of the Secret's name, userType, username, database.
*/}}
{{- define "cluster.basicAuth" -}}
{{- $cluster := include "cluster.fullname" .root -}}
{{- $namespace := .root.Release.Namespace -}}
{{- $secret := printf "%s-%s" $cluster .suffix -}}
{{- $stored := dig "data" "password" "" (lookup "v1" "Secret" $namespace $secret) -}}
{{- $password := ternary (b64dec $stored) (randAlphaNum 64) (ne $stored "") -}}
{{- $host := printf "%s-rw" $cluster -}}
---
apiVersion: v1
kind: Secret
metadata:
  name: {{ $secret }}
  namespace: {{ $namespace }}
  labels:
    cnpg.io/userType: {{ .userType }}
    cnpg.io/reload: "true"
    {{- include "cluster.partLabels" .root | nindent 4 }}
type: kubernetes.io/basic-auth
stringData:
  username: {{ .username }}
  user: {{ .username }}
  password: {{ $password | quote }}
  dbname: {{ .database | quote }}
  host: {{ $host }}
  port: "5432"
  pgpass: {{ printf "%s:5432:%s:%s:%s\n" $host .database .username $password | quote }}
  uri: {{ printf "postgresql://%s:%s@%s.%s:5432/%s" .username $password $host $namespace .database | quote }}
  jdbc-uri: {{ printf "jdbc:postgresql://%s.%s:5432/%s?password=%s&user=%s" $host $namespace .database $password .username | quote }}
  fqdn-uri: {{ printf "postgresql://%s:%s@%s.%s.svc.cluster.local:5432/%s" .username $password $host $namespace .database | quote }}
  fqdn-jdbc-uri: {{ printf "jdbc:postgresql://%s.%s.svc.cluster.local:5432/%s?password=%s&user=%s" $host $namespace .database $password .username | quote }}
{{- end -}}
