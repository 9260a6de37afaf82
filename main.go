// Command federated-risk is the Pulumi program that deploys the federated risk-control platform.
package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/federated-risk/federated-risk/stacks"
)

func main() {
	pulumi.Run(stacks.Deploy)
}
