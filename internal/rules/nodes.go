package rules

import "fmt"

// maxMemory, maxCPU and maxDisk are percentages of a node (runbook, "告警规则").
const (
	maxMemory = 85
	maxCPU    = 80
	maxDisk   = 85
)

// pseudoFileSystems hold no data on a disk, are full by design (images) or are a layer over one that is counted itself.
const pseudoFileSystems = "autofs|cgroup2?|devtmpfs|efivarfs|erofs|fuse.*|iso9660|nsfs|overlay|proc|ramfs|rootfs|rpc_pipefs|squashfs|sysfs|tmpfs|tracefs"

// nodes are not of a namespace: their series have that of node-exporter, or none.
func (p Platform) nodes() []Rule {
	if !p.Nodes {
		return nil
	}
	return []Rule{p.ofNamespace(p.nodeMemory()), p.ofNamespace(p.nodeCPU()), p.ofNamespace(p.nodeDisk())}
}

func (p Platform) nodeMemory() Rule {
	expression := fmt.Sprintf("100 * (1 - max by (instance) (node_memory_MemAvailable_bytes) / max by (instance) (node_memory_MemTotal_bytes)) > %v", maxMemory)
	return p.alert("HighMemoryUsage", Warning, "5m", expression, text{
		summary:       "内存使用率过高",
		description:   `节点内存使用率超过85%: {{ $value | printf "%.1f" }}%`,
		summaryEN:     "Node {{ $labels.instance }} is short of memory",
		descriptionEN: `{{ $value | printf "%.1f" }} % of the memory of {{ $labels.instance }} is in use, more than 85 %.`,
	})
}

func (p Platform) nodeCPU() Rule {
	// rate, not the runbook's irate: that one sees the last two samples only, and a quiet quarter of a minute every five
	// would keep the alert from firing.
	expression := fmt.Sprintf(`100 * (1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[5m]))) > %v`, maxCPU)
	return p.alert("HighCPUUsage", Warning, "5m", expression, text{
		summary:       "CPU使用率过高",
		description:   `节点CPU使用率超过80%: {{ $value | printf "%.1f" }}%`,
		summaryEN:     "Node {{ $labels.instance }} is short of CPU",
		descriptionEN: `{{ $value | printf "%.1f" }} % of the CPU time of {{ $labels.instance }} is in use, more than 80 %.`,
	})
}

func (p Platform) nodeDisk() Rule {
	size := func(metric string) string {
		return fmt.Sprintf("max by (instance, device, mountpoint) (node_filesystem_%s{fstype!~%q})", metric, pseudoFileSystems)
	}
	expression := fmt.Sprintf("100 * (1 - %s / (%s > 0)) > %v", size("avail_bytes"), size("size_bytes"), maxDisk)
	return p.alert("DiskSpaceLow", Warning, "5m", expression, text{
		summary:       "磁盘空间不足",
		description:   `磁盘使用率超过85%: {{ $value | printf "%.1f" }}%`,
		summaryEN:     "A disk of node {{ $labels.instance }} is nearly full",
		descriptionEN: `{{ $value | printf "%.1f" }} % of {{ $labels.mountpoint }} ({{ $labels.device }}) of {{ $labels.instance }} is in use, more than 85 %.`,
	})
}
