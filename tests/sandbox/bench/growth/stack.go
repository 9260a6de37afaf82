package growth

import (
	"fmt"

	"sigs.k8s.io/yaml"
)

const (
	servicesKey = "federated-risk:services"
	policyKey   = "federated-risk:policy"
)

// Stack returns a stack file for a catalogue that Catalogue made of as many services: each copy has the config of its
// original. There is no quota, which would be too small for most numbers.
func Stack(source []byte, services int) ([]byte, error) {
	var file map[string]any
	if err := yaml.Unmarshal(source, &file); err != nil {
		return nil, fmt.Errorf("read the stack file: %w", err)
	}
	config, _ := file["config"].(map[string]any)
	own, _ := config[servicesKey].(map[string]any)
	if len(own) == 0 || services%len(own) != 0 {
		return nil, fmt.Errorf("a stack of %d services: expected a multiple of the %d under %s", services, len(own), servicesKey)
	}
	grown := map[string]any{}
	for name, settings := range own {
		grown[name] = settings
		for copied := 1; copied < services/len(own); copied++ {
			grown[name+suffix(copied)] = settings
		}
	}
	config[servicesKey] = grown
	policy, _ := config[policyKey].(map[string]any)
	if policy == nil {
		policy = map[string]any{}
	}
	policy["quota"] = map[string]any{"enabled": false}
	config[policyKey] = policy
	return yaml.Marshal(file)
}
