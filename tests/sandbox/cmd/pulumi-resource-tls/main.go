// Command pulumi-resource-tls is the sandbox's stand-in for Pulumi's tls provider plugin.
package main

import (
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"

	"github.com/federated-risk/federated-risk/tests/sandbox/pluginserver"
	"github.com/federated-risk/federated-risk/tests/sandbox/tls"
)

// version is set at build time to that of the SDK which the program uses.
var version = ""

func main() {
	pluginserver.Main("tls", version, func(*pluginserver.Host) plugin.Provider { return tls.NewProvider(time.Now) })
}
