package postgres

import (
	"net/url"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/internal/login"
	"github.com/federated-risk/federated-risk/internal/release"
)

func valid() *Args {
	return &Args{
		Namespace: pulumi.String("risk"), Chart: release.Chart{Name: "cluster", TimeoutSeconds: 1},
		Instances: 1, Version: "17", Database: "risk", Owner: "risk", StorageSize: "1Gi",
		LoginRoles: []LoginRole{{Name: "risk_a", SecretName: pulumi.String("a")}, {Name: "risk_b", SecretName: pulumi.String("b")}},
		Login:      Login{Role: "risk_b", Attempt: login.Attempt{Generation: 2, Image: "postgresql:17"}},
	}
}

func TestCheckReportsEveryFaultAtOnce(t *testing.T) {
	require.NoError(t, valid().check())
	require.ErrorContains(t, (*Args)(nil).check(), "args is nil")
	err := (&Args{Operator: &Operator{}, LoginRoles: []LoginRole{{}}, Backup: &Backup{}, Recovery: &Recovery{}}).check()
	for _, fault := range []string{
		"args.Chart.Name", "args.Chart.TimeoutSeconds", "args.Operator.Chart.Name", "args.Operator.Chart.TimeoutSeconds", "args.Operator.Namespace", "args.LoginRoles[0]",
		"args.Namespace", "args.Instances is 0", `args.Login.Role is ""`, "args.Login.Image", "args.Login.Generation is 0", "args.Database", "args.Owner", "args.Version", "args.StorageSize",
		"args.Backup.Destination", "args.Backup: expected one of EndpointURL and Region", "args.Backup.Schedule", "args.Backup.RetentionDays",
		"args.Recovery.Destination", "args.Recovery: expected one of EndpointURL and Region", "args.Recovery.ClusterName",
	} {
		assert.ErrorContains(t, err, fault)
	}
}

func TestCheckReadsTheSameEveryTime(t *testing.T) {
	want := (&Args{}).check().Error()
	for range 20 {
		assert.Equal(t, want, (&Args{}).check().Error())
	}
}

func TestNewRefusesBadArgs(t *testing.T) {
	_, err := New(nil, "postgres", nil)
	assert.EqualError(t, err, `postgres "postgres": args is nil`)
}

// TestConnectionURL includes what the platform never generates: a URL must survive a password that somebody chose.
func TestConnectionURL(t *testing.T) {
	for _, password := range []string{"simple", "a/b+c=d", "p@ss:w#rd?&%", "ü π", " ", "%41", `"'\`} {
		parsed, err := url.Parse(connectionURL("db.risk.svc", 5432, "risk_a", password, "risk", "risk owner"))
		require.NoError(t, err, password)
		got, set := parsed.User.Password()
		assert.True(t, set)
		assert.Equal(t, password, got)
		assert.Equal(t, "risk_a", parsed.User.Username())
		assert.Equal(t, "db.risk.svc:5432", parsed.Host)
		assert.Equal(t, "/risk", parsed.Path)
		// libpq splits at each equals sign and refuses a second one; "+" is a plus sign to it.
		assert.Equal(t, "sslmode=require&options=-c%20role%3Drisk%20owner", parsed.RawQuery)
	}
}
