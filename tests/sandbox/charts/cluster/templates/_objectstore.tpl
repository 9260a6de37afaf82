{{/*
An S3 object store as CloudNativePG writes it.
Takes a dict: store (values of backups or recovery), path (their place in the values), cluster (its name), purpose (backup or recovery).
*/}}
{{- define "cluster.objectStore" -}}
{{- $s3 := .store.s3 -}}
{{- if and .store.secret.create (not $s3.inheritFromIAMRole) -}}
{{- fail (printf "%s.secret.create is true, which needs the keys in the values: make a Secret with ACCESS_KEY_ID and ACCESS_SECRET_KEY, name it in %s.secret.name and set create to false, or set %s.s3.inheritFromIAMRole" .path .path .path) -}}
{{- end -}}
{{- if not (or .store.endpointURL $s3.region) -}}
{{- fail (printf "%s.s3.region is empty: give it, or %s.endpointURL" .path .path) -}}
{{- end -}}
{{- if not (or .store.destinationPath $s3.bucket) -}}
{{- fail (printf "%s.s3.bucket is empty: give it, or %s.destinationPath" .path .path) -}}
{{- end -}}
endpointURL: {{ default (printf "https://s3.%s.amazonaws.com" $s3.region) .store.endpointURL | quote }}
destinationPath: {{ default (printf "s3://%s%s" $s3.bucket $s3.path) .store.destinationPath | quote }}
s3Credentials:
{{- if $s3.inheritFromIAMRole }}
  inheritFromIAMRole: true
{{- else }}
  {{- $secret := default (printf "%s-%s-s3-creds" .cluster .purpose) .store.secret.name }}
  accessKeyId:
    name: {{ $secret }}
    key: ACCESS_KEY_ID
  secretAccessKey:
    name: {{ $secret }}
    key: ACCESS_SECRET_KEY
{{- end }}
{{- end -}}
