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
	first := Generations{JWT: 1, Database: 1, Redis: 1, Encryption: 1, TLS: 1}
	roles := []string{"risk_a", "risk_b"}
	for name, check := range map[string]struct {
		args   *Args
		faults []string
	}{
		"own certificate":      {&Args{Namespace: namespace, Generations: first, DatabaseRoles: roles, ServerCertificate: certificate}, nil},
		"existing certificate": {&Args{Namespace: namespace, Generations: first, DatabaseRoles: roles, ExistingCertificate: "theirs"}, nil},
		"nil":                  {nil, []string{"args is nil"}},
		"empty":                {&Args{}, []string{"args.Namespace", "args.Generations.JWT is 0", "exactly one of args.ServerCertificate and args.ExistingCertificate"}},
		"generations": {
			&Args{Namespace: namespace, DatabaseRoles: []string{"one"}, ExistingCertificate: "theirs", Generations: Generations{
				JWT: 2, JWTRevoked: 2, Encryption: 3, EncryptionRetired: []int{0, 3, 2, 2},
			}},
			[]string{
				"args.Generations.JWTRevoked is 2: expected 0 to less than JWT (2)", "args.Generations.Database is 0", "args.Generations.Redis is 0",
				"args.Generations.TLS is 0", "args.Generations.EncryptionRetired[0] is 0: expected 1 to less than Encryption (3)",
				"args.Generations.EncryptionRetired[1] is 3", "args.Generations.EncryptionRetired[3] is 2 a second time",
				"args.DatabaseRoles has 1 roles: expected 2",
			},
		},
		"both certificates": {
			&Args{Namespace: namespace, Generations: first, DatabaseRoles: roles, ServerCertificate: certificate, ExistingCertificate: "theirs"}, []string{"exactly one"},
		},
		"empty certificate": {
			&Args{ServerCertificate: &CertificateArgs{}}, []string{
				"args.Namespace", "args.ServerCertificate.CommonName", "args.ServerCertificate.Organization",
				"args.ServerCertificate.RenewBeforeHours is 0: expected 0 to less than ValidityHours (0)",
			},
		},
		"copy of the certificate for a gateway": {&Args{
			Namespace: namespace, Generations: first, DatabaseRoles: roles, ServerCertificate: certificate,
			PublicCertificate: &PublicCertificateArgs{Namespace: namespace, SecretName: "risk-tls"},
		}, nil},
		"issued certificate": {&Args{
			Namespace: namespace, Generations: first, DatabaseRoles: roles, ServerCertificate: certificate, PublicCertificate: &PublicCertificateArgs{
				Namespace: namespace, SecretName: "risk-tls", Issuer: &Issuer{Kind: "Issuer", Name: "a"}, Hosts: []string{"a.example.com"},
			},
		}, nil},
		"copy of nothing": {
			&Args{Namespace: namespace, Generations: first, DatabaseRoles: roles, ExistingCertificate: "theirs", PublicCertificate: &PublicCertificateArgs{}}, []string{
				"args.PublicCertificate.Namespace and args.PublicCertificate.SecretName must be set",
				"there is no args.ServerCertificate to copy",
			},
		},
		"nameless issuer": {
			&Args{Namespace: namespace, Generations: first, DatabaseRoles: roles, ServerCertificate: certificate, PublicCertificate: &PublicCertificateArgs{
				Namespace: namespace, SecretName: "risk-tls", Issuer: &Issuer{Kind: "Issuer"},
			}}, []string{"args.PublicCertificate.Issuer.Kind and args.PublicCertificate.Issuer.Name must be set"},
		},
		"issued for no host": {
			&Args{Namespace: namespace, Generations: first, DatabaseRoles: roles, ServerCertificate: certificate, PublicCertificate: &PublicCertificateArgs{
				Namespace: namespace, SecretName: "risk-tls", Issuer: &Issuer{Kind: "Issuer", Name: "a"},
			}}, []string{"args.PublicCertificate.Hosts is empty"},
		},
		"renewal before the issue": {
			&Args{Namespace: namespace, Generations: first, DatabaseRoles: roles, ServerCertificate: &CertificateArgs{
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
