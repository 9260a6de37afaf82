package service

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/internal/catalogue"
)

func TestCheckReportsEveryFaultAtOnce(t *testing.T) {
	entry, found := catalogue.Lookup(catalogue.ConsentService)
	require.True(t, found)
	good := Args{
		Namespace: pulumi.String("risk"), Service: entry, Stable: Deployment{Image: "consent:1", Replicas: 1},
		CertificateSecretName: pulumi.String("tls"), JWTSecretName: pulumi.String("jwt"),
	}
	require.NoError(t, good.check())
	for name, check := range map[string]struct {
		args   *Args
		faults []string
	}{
		"nil": {nil, []string{"args is nil"}},
		"empty": {&Args{Canary: &Deployment{Replicas: -1}, Stable: Deployment{Replicas: -1}}, []string{
			"args.Namespace", "args.Service.Name", "args.Service.Port is 0: expected 1 to 65535", "args.Stable.Image",
			"args.Stable.Replicas is -1", "args.Canary.Image", "args.Canary.Replicas is -1", "args.Service.HealthPath",
		}},
		"port too high": {&Args{Service: catalogue.Service{Port: 65536}}, []string{"args.Service.Port is 65536"}},
		"secrets": {&Args{Service: entry}, []string{
			"args.CertificateSecretName is not set: consent-service", "args.JWTSecretName is not set: consent-service",
		}},
		"claim without volume": {&Args{Service: entry, Volume: &Volume{}}, []string{"args.Volume must be set exactly when", "args.Volume.Size and"}},
		"volume without claim": {
			&Args{Service: catalogue.Service{Name: "x", Volume: &catalogue.Volume{}}}, []string{"args.Volume must be set exactly when"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			err := check.args.check()
			for _, fault := range check.faults {
				assert.ErrorContains(t, err, fault)
			}
		})
	}
}

func TestNewRefusesBadArgs(t *testing.T) {
	_, err := New(nil, "frontend", nil)
	assert.EqualError(t, err, `service "frontend": args is nil`)
}
