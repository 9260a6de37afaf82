package secrets

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCheckReportsEveryFaultAtOnce(t *testing.T) {
	namespace := pulumi.String("risk")
	certificate := &CertificateArgs{CommonName: "*.example.com", Organization: "Risk", ValidityHours: 24, RenewBeforeHours: 1}
	for name, check := range map[string]struct {
		args   *Args
		faults []string
	}{
		"own certificate":      {&Args{Namespace: namespace, ServerCertificate: certificate}, nil},
		"existing certificate": {&Args{Namespace: namespace, ExistingCertificate: "theirs"}, nil},
		"nil":                  {nil, []string{"args is nil"}},
		"empty":                {&Args{}, []string{"args.Namespace", "exactly one of args.ServerCertificate and args.ExistingCertificate"}},
		"both certificates": {
			&Args{Namespace: namespace, ServerCertificate: certificate, ExistingCertificate: "theirs"}, []string{"exactly one"},
		},
		"empty certificate": {
			&Args{ServerCertificate: &CertificateArgs{}}, []string{
				"args.Namespace", "args.ServerCertificate.CommonName", "args.ServerCertificate.Organization",
				"args.ServerCertificate.RenewBeforeHours is 0: expected 0 to less than ValidityHours (0)",
			},
		},
		"renewal before the issue": {
			&Args{Namespace: namespace, ServerCertificate: &CertificateArgs{
				CommonName: "a", Organization: "b", ValidityHours: 24, RenewBeforeHours: 24,
			}}, []string{"RenewBeforeHours is 24: expected 0 to less than ValidityHours (24)"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			err := check.args.check()
			if check.faults == nil {
				require.NoError(t, err)
			}
			for _, fault := range check.faults {
				assert.ErrorContains(t, err, fault)
			}
		})
	}
}

func TestNewRefusesBadArgs(t *testing.T) {
	_, err := New(nil, "secrets", nil)
	assert.EqualError(t, err, `secrets "secrets": args is nil`)
}
