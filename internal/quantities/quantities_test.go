package quantities_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"

	"github.com/federated-risk/federated-risk/internal/quantities"
)

func TestOnlyWhatIsSetIsSent(t *testing.T) {
	resources := quantities.Resources{
		Requests: quantities.List{CPU: "500m", Memory: "1Gi"}, Limits: quantities.List{Memory: "2Gi"},
	}
	assert.Equal(t, pulumi.Map{
		"requests": pulumi.StringMap{"cpu": pulumi.String("500m"), "memory": pulumi.String("1Gi")},
		"limits":   pulumi.StringMap{"memory": pulumi.String("2Gi")},
	}, resources.Values())
	assert.Empty(t, quantities.List{}.StringMap())
}
