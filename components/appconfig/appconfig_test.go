package appconfig

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCheckReportsEveryFaultAtOnce(t *testing.T) {
	good := Args{
		Namespace: pulumi.String("risk"),
		Cache:     Cache{TTL: 1, UserFeatures: 1, ModelCache: 1, PSIResults: 1, ConsentTokens: 1},
		Security:  Security{Mode: "standard", AuditLevel: "standard"},
	}
	require.NoError(t, good.check())
	require.EqualError(t, (*Args)(nil).check(), "args is nil")
	err := (&Args{Cache: Cache{ModelCache: -1}}).check()
	for _, fault := range []string{
		"args.Namespace is not set", "args.Cache.TTL is 0: expected 1 or more seconds", "args.Cache.UserFeatures is 0",
		"args.Cache.ModelCache is -1", "args.Cache.PSIResults is 0", "args.Cache.ConsentTokens is 0",
		"args.Security.Mode is empty", "args.Security.AuditLevel is empty",
	} {
		assert.ErrorContains(t, err, fault)
	}
}

func TestNewRefusesBadArgs(t *testing.T) {
	_, err := New(nil, "app-config", nil)
	assert.EqualError(t, err, `appconfig "app-config": args is nil`)
}
