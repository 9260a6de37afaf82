package stacks

const (
	// monitoringNamespaceSuffix makes the namespace of the monitoring the stack's own, as operatorNamespaceSuffix does.
	monitoringNamespaceSuffix = "-monitoring"
	// anywhere is every IPv4 address.
	anywhere = "0.0.0.0/0"
	// nodeLocalDNS is the link-local address of Kubernetes' NodeLocal DNSCache; nothing else answers there.
	nodeLocalDNS = "169.254.20.10/32"
	httpsPort    = 443
)

// defaultPolicy takes Istio's and Kubernetes' own names for namespaces.
func defaultPolicy(namespace string, size sizing) Policy {
	return Policy{
		IstioNamespace:      "istio-system",
		MonitoringNamespace: namespace + monitoringNamespaceSuffix,
		DNSNamespace:        "kube-system",
		DNSCIDRs:            []string{nodeLocalDNS},
		APIServerCIDRs:      []string{anywhere},
		BackupCIDRs:         []string{},
		BackupPort:          httpsPort,
		PodSecurity:         PodSecurityRestricted,
		Quota:               size.quota,
	}
}

// quotaOf takes CPU and memory as twice the row of the runbook's table: the row is what the platform starts on, and
// the autoscalers' maximum, a rollout's surge and the sidecars come on top. Storage does not scale by itself and is the
// row. Its GB are taken as decimal, the smaller reading.
func quotaOf(cpu, memory, storage string, pods, claims int) Quota {
	return Quota{Enabled: true, CPU: cpu, Memory: memory, Storage: storage, Pods: pods, PersistentVolumeClaims: claims}
}
