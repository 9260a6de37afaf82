package service

import (
	"testing"

	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
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
		CertificateSecretName: pulumi.String("tls"), SigningSecretName: pulumi.String("jwt"),
		VerificationKeysName: pulumi.String("jwks"), AppConfigName: pulumi.String("settings"),
		Scratch: Scratch{Tmp: "1Mi", Logs: "1Mi"}, RequestTimeoutSeconds: 1,
		Reencryption: &Reencryption{Image: "consent:1", TimeoutSeconds: 1, Generation: 1},
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
			`args.Scratch.Tmp is "": expected a quantity`, "args.RequestTimeoutSeconds is 0",
		}},
		"port too high": {&Args{Service: catalogue.Service{Port: 65536}}, []string{"args.Service.Port is 65536"}},
		"secrets": {&Args{Service: entry}, []string{
			"args.CertificateSecretName is not set: consent-service", "args.SigningSecretName is not set: consent-service",
			"args.VerificationKeysName is not set: consent-service",
			"args.AppConfigName is not set: consent-service", `args.Scratch.Logs is "": expected a quantity`,
			"args.Reencryption must be set exactly when the catalogue gives consent-service one",
		}},
		"empty re-encryption": {&Args{Service: entry, Reencryption: &Reencryption{}}, []string{
			"args.Reencryption.Image is empty", "args.Reencryption.TimeoutSeconds is 0: expected 1 or more",
			"args.Reencryption.Generation is 0: expected 1 or more",
		}},
		"what the catalogue does not have": {
			&Args{Service: catalogue.Service{Name: "x"}, Standby: &Deployment{}, Reencryption: &Reencryption{}, Scratch: Scratch{Logs: "1Mi"}},
			[]string{
				"args.Standby must not be set: the catalogue gives x no standby", "args.Standby.Image is empty",
				"args.Reencryption must be set exactly when the catalogue gives x one", "args.Scratch.Logs must be empty",
			},
		},
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

// TestNoRequestOutlivesItsPod does the arithmetic of a pod's end for every timeout that a route may have.
func TestNoRequestOutlivesItsPod(t *testing.T) {
	for timeout := 1; timeout <= 3600; timeout++ {
		args := &Args{RequestTimeoutSeconds: timeout}
		withdrawn := untilWithdrawn().PreStop.(*corev1.LifecycleHandlerArgs).Sleep.(*corev1.SleepActionArgs).Seconds
		lastAnswer := int(withdrawn.(pulumi.Int)) + timeout
		assert.GreaterOrEqual(t, args.drainSeconds(), lastAnswer, "the sidecar goes before the last answer")
		assert.Greater(t, args.graceSeconds(), args.drainSeconds(), "the kubelet kills what is still draining")
	}
}

func TestDiskIsTheSumOfAllThatIsWritten(t *testing.T) {
	assert.Equal(t, "832Mi", Scratch{Tmp: "256Mi", Logs: "512Mi"}.onDisk())
	assert.Equal(t, "1088Mi", Scratch{Tmp: "1Gi"}.onDisk())
	assert.Equal(t, "832Mi", Scratch{Tmp: "256Mi", Logs: "512Mi"}.onDisk(), "one sum must not be added to the next")
}

func TestNewRefusesBadArgs(t *testing.T) {
	_, err := New(nil, "frontend", nil)
	assert.EqualError(t, err, `service "frontend": args is nil`)
}
