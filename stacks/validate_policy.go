package stacks

import (
	"net/netip"
	"strconv"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/validation"
)

// Bounds of a quota: more pods than a cluster of 5000 nodes has room for here, more claims than anything needs.
const (
	mostPods   = 5000
	mostClaims = 1000
)

func (v validator) policy(path keyPath, cfg *Config) {
	policy := cfg.Policy
	for key, namespace := range map[string]string{
		"istioNamespace": policy.IstioNamespace, "monitoringNamespace": policy.MonitoringNamespace, "dnsNamespace": policy.DNSNamespace,
	} {
		v.dnsLabel(path.key(key), namespace)
		v.otherNamespace(path.key(key), namespace, cfg.Namespace)
	}
	if cfg.Ingress.Mode == IngressKubernetes {
		v.otherNamespace(keyPath{"ingress", "controller", "namespace"}, cfg.Ingress.Controller.Namespace, cfg.Namespace)
	}
	if istiod := cfg.Releases.Istiod; istiod.Install && istiod.Namespace != policy.IstioNamespace {
		v.add(path.key("istioNamespace"), policy.IstioNamespace, "must equal %s, which is to be reached",
			keyPath{"releases", "istiod", "namespace"})
	}
	v.cidrs(path.key("dnsCIDRs"), policy.DNSCIDRs)
	v.cidrs(path.key("apiServerCIDRs"), policy.APIServerCIDRs)
	if len(policy.APIServerCIDRs) == 0 {
		v.add(path.key("apiServerCIDRs"), nil, "must not be empty: the database cannot work without the API server")
	}
	v.cidrs(path.key("backupCIDRs"), policy.BackupCIDRs)
	if len(validation.IsValidPortNum(policy.BackupPort)) > 0 {
		v.add(path.key("backupPort"), policy.BackupPort, "must be 1 to 65535")
	}
	oneOf(v, path.key("podSecurity"), policy.PodSecurity, PodSecurityRestricted, PodSecurityBaseline, PodSecurityPrivileged)
	v.quota(path.key("quota"), cfg)
}

// otherNamespace refuses the stack's own namespace, in which default-deny cuts off whatever the catalogue does not know.
func (v validator) otherNamespace(path keyPath, name, own string) {
	if name == own {
		v.add(path, name, "must differ from %s, where everything that is not part of the platform is cut off", keyPath{"namespace"})
	}
}

func (v validator) cidrs(path keyPath, cidrs []string) {
	seen := map[netip.Prefix]int{}
	for i, cidr := range cidrs {
		prefix, err := netip.ParsePrefix(cidr)
		switch {
		case err != nil:
			v.add(path.index(i), cidr, "must be a range of addresses such as 10.0.0.0/16, or 10.0.0.1/32 for a single one")
		case prefix != prefix.Masked():
			v.add(path.index(i), cidr, "must have no bits set beyond its prefix, as 10.0.1.0/16 has")
		default:
			if first, again := seen[prefix]; again {
				v.add(path.index(i), cidr, "is %s again", path.index(first))
				continue
			}
			seen[prefix] = i
		}
	}
}

func (v validator) quota(path keyPath, cfg *Config) {
	quota := cfg.Policy.Quota
	cpu, cpuOK := v.quantity(path.key("cpu"), quota.CPU, leastCPU, "m")
	memory, memoryOK := v.quantity(path.key("memory"), quota.Memory, leastBytes, "Gi")
	storage, storageOK := v.quantity(path.key("storage"), quota.Storage, leastBytes, "Gi")
	v.between(path.key("pods"), quota.Pods, 1, mostPods)
	v.between(path.key("persistentVolumeClaims"), quota.PersistentVolumeClaims, 1, mostClaims)
	if !quota.Enabled {
		return
	}
	asked := demandOf(cfg)
	if cpuOK {
		v.suffices(path.key("cpu"), quota.CPU, cpu, asked.cpu)
	}
	if memoryOK {
		v.suffices(path.key("memory"), quota.Memory, memory, asked.memory)
		v.memoryLimits(cfg, memory, path.key("memory"))
	}
	if storageOK {
		v.suffices(path.key("storage"), quota.Storage, storage, asked.storage)
	}
	v.sufficesFor(path.key("pods"), quota.Pods, asked.pods)
	v.sufficesFor(path.key("persistentVolumeClaims"), quota.PersistentVolumeClaims, asked.claims)
}

// tooLittle is refused here, with all the sums at hand: the API server would do so pod by pod, at the height of the load.
const tooLittle = "is less than the %s that the config asks for at most: raise it, or ask for less"

func (v validator) suffices(path keyPath, value string, quota, asked resource.Quantity) {
	if asked.Cmp(quota) > 0 {
		v.add(path, value, tooLittle, asked.String())
	}
}

func (v validator) sufficesFor(path keyPath, quota, asked int) {
	if quota > 0 && asked > quota {
		v.add(path, quota, tooLittle, strconv.Itoa(asked))
	}
}
