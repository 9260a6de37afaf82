package stacks

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Project is the name of the Pulumi project and so the namespace of its config keys.
const Project = "federated-risk"

// Source is the config of one stack as Pulumi hands it to a program.
type Source struct {
	// Stack is the stack's name; errors name its file, Pulumi.<stack>.yaml.
	Stack string
	// Values maps a top-level key, without the namespace, to its value: plain text for a scalar, JSON for a tree.
	Values map[string]string
	// Secret marks the top-level keys with an encrypted value anywhere in their tree.
	Secret map[string]bool
}

// Load reads the stack's config, fills in the defaults of its profile and validates the outcome. It registers
// nothing. The error is an *InvalidConfigError with every fault when the config is at fault.
func Load(ctx *pulumi.Context) (*Config, error) {
	src := Source{Stack: ctx.Stack(), Values: map[string]string{}, Secret: map[string]bool{}}
	keys, err := configuredKeys(os.Getenv(pulumi.EnvConfig))
	if err != nil {
		return nil, err
	}
	// The SDK answers for a key but lists none, hence the known ones in addition to those of the environment.
	for _, key := range append(keys, fieldNames(reflect.TypeFor[Config]())...) {
		full := Project + ":" + key
		if value, ok := ctx.GetConfig(full); ok {
			src.Values[key] = value
			src.Secret[key] = ctx.IsConfigSecret(full)
		}
	}
	return Parse(src)
}

// configuredKeys lists the project's keys in the JSON object by which the language host passes all config to a
// program (sdk go/pulumi/run.go).
func configuredKeys(environment string) ([]string, error) {
	if environment == "" {
		return nil, nil
	}
	var values map[string]string
	if err := json.Unmarshal([]byte(environment), &values); err != nil {
		return nil, fmt.Errorf("read the stack config from the environment variable %s: want a JSON object of strings: %w",
			pulumi.EnvConfig, err)
	}
	var keys []string
	for full := range values {
		if key, ours := strings.CutPrefix(full, Project+":"); ours {
			keys = append(keys, key)
		}
	}
	return keys, nil
}

// Parse turns the config of a stack into its complete and valid form. The error is an *InvalidConfigError with
// every fault.
func Parse(src Source) (*Config, error) {
	// Some defaults depend on what the stack says elsewhere, so decode twice: for a look, then over the defaults.
	var given Config
	decode(src, &given, &faultList{})

	faults := faultList{secret: src.Secret}
	cfg := defaults(given)
	decode(src, &cfg, &faults)
	inheritCanaryResources(&cfg)
	leaveReplicasToAutoscalers(&cfg, given)
	faults.sealDecoded()
	validate(&cfg, &faults)
	if len(faults.found) == 0 {
		validator{&faults}.underIncident(&cfg)
	}
	for key, secret := range src.Secret {
		if secret {
			faults.add(keyPath{key}, nil, "must not be encrypted: these values end up in the clear in Kubernetes objects and "+
				"in the state; set them without --secret, and keep secrets in a Secret")
		}
	}
	if len(faults.found) > 0 {
		return nil, &InvalidConfigError{Stack: src.Stack, Faults: faults.sorted()}
	}
	return &cfg, nil
}
