// Package random stands in for Pulumi's random provider 4.19.0 in the sandbox: RandomPassword, RandomString,
// RandomBytes, RandomId, RandomUuid and RandomInteger, with the official arguments, outputs and IDs. Everything is
// drawn from crypto/rand. docs/sandbox-plugins.md lists where it differs from the official one.
package random

import (
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"

	"github.com/federated-risk/federated-risk/tests/sandbox/localonly"
)

// maxLength bounds the lengths of what is generated, so that no input can exhaust the memory. The official provider
// has no bound.
const maxLength = 1 << 16

// keepers is an input of every resource: a change of it makes a new value.
var keepers = localonly.Field{Name: "keepers", Type: localonly.TextMap}

// NewProvider returns the provider.
func NewProvider() plugin.Provider {
	return localonly.New("random", map[tokens.Type]localonly.Resource{
		"random:index/randomPassword:RandomPassword": password(),
		"random:index/randomString:RandomString":     text(),
		"random:index/randomBytes:RandomBytes":       bytes(),
		"random:index/randomId:RandomId":             id(),
		"random:index/randomUuid:RandomUuid":         uuid(),
		"random:index/randomInteger:RandomInteger":   integer(),
	}, time.Now)
}
