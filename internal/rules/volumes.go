package rules

import "fmt"

// Shares of a volume in use, 0 to 1. The first is the runbook's for the nodes' disks ("告警规则"), where its Postgres keeps its
// data; the second leaves time to extend the volume before Postgres stops for lack of room.
const (
	MaxVolumeRatio      = 0.85
	CriticalVolumeRatio = 0.95
)

// VolumeLabel is the name of the volume's claim, the kubelet's label.
const VolumeLabel = "persistentvolumeclaim"

func (p Platform) volumes() []Rule {
	return []Rule{
		p.volume("VolumeSpaceLow", Warning, MaxVolumeRatio),
		p.volume("VolumeSpaceExhausted", Critical, CriticalVolumeRatio),
	}
}

// volume is about claims: one that pods on several nodes have mounted is reported by each kubelet.
func (p Platform) volume(name string, severity Severity, limit float64) Rule {
	bytes := func(metric string) string {
		return fmt.Sprintf("max by (%s, %s) (%s)", NamespaceLabel, VolumeLabel, p.series("kubelet_volume_stats_"+metric+"_bytes"))
	}
	expression := fmt.Sprintf("1 - %s\n> %v", ratio(bytes("available"), bytes("capacity")), limit)
	return p.alert(name, severity, "5m", expression, text{
		summary:       "存储卷 {{ $labels.persistentvolumeclaim }} 空间不足",
		description:   fmt.Sprintf("存储卷 {{ $labels.persistentvolumeclaim }} 使用率超过%v%%: {{ $value | humanizePercentage }}", 100*limit),
		summaryEN:     "Volume {{ $labels.persistentvolumeclaim }} is nearly full",
		descriptionEN: fmt.Sprintf("{{ $value | humanizePercentage }} of the volume {{ $labels.persistentvolumeclaim }} is in use, more than %v %%.", 100*limit),
	})
}
