{{/* What the operator does in the namespaces it watches. */}}
{{- define "operator.namespacedRules" -}}
- apiGroups: [postgresql.cnpg.io]
  resources: ["*"]
  verbs: ["*"]
- apiGroups: [""]
  resources: [configmaps, secrets, services, serviceaccounts, persistentvolumeclaims, pods, events]
  verbs: [create, delete, get, list, patch, update, watch]
- apiGroups: [batch]
  resources: [jobs]
  verbs: [create, delete, get, list, patch, watch]
- apiGroups: [policy]
  resources: [poddisruptionbudgets]
  verbs: [create, delete, get, list, patch, update, watch]
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  verbs: [create, get, list, update, watch]
{{- end -}}
