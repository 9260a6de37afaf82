{{/*
Stops where a route leads to a receiver that does not exist: upstream installs such a configuration, and the operator
never hands it to Alertmanager. It comes about easily, since Helm keeps the default routes beside new receivers.
*/}}
{{- define "alertmanager.checkReceivers" -}}
{{- $names := list -}}
{{- range .receivers }}{{ $names = append $names .name }}{{ end -}}
{{- include "alertmanager.checkRoute" (dict "route" .route "names" $names "path" "alertmanager.config.route") -}}
{{- end -}}

{{- define "alertmanager.checkRoute" -}}
{{- $receiver := .route.receiver -}}
{{- if and $receiver (not (has $receiver .names)) -}}
{{- fail (printf "%s.receiver: %q is none of alertmanager.config.receivers (%s): Alertmanager would refuse the configuration; add the receiver, or set the routes anew" .path $receiver (join ", " .names)) -}}
{{- end -}}
{{- range $i, $route := .route.routes }}
{{- include "alertmanager.checkRoute" (dict "route" $route "names" $.names "path" (printf "%s.routes[%d]" $.path $i)) -}}
{{- end -}}
{{- end -}}
