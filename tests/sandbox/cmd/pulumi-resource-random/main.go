// Command pulumi-resource-random is the sandbox's stand-in for Pulumi's random provider plugin.
package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"

	"github.com/federated-risk/federated-risk/tests/sandbox/pluginserver"
	"github.com/federated-risk/federated-risk/tests/sandbox/random"
)

// version is set at build time to that of the SDK which the program uses.
var version = ""

func main() {
	pluginserver.Main("random", version, func(*pluginserver.Host) plugin.Provider { return random.NewProvider() })
}
