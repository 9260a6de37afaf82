package monitoring

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/internal/alertmanager"
	"github.com/federated-risk/federated-risk/internal/release"
)

func TestCheckReportsEveryFaultAtOnce(t *testing.T) {
	require.EqualError(t, (*Args)(nil).check(), "args is nil")
	err := (&Args{}).check()
	for _, fault := range []string{
		"args.Namespace is not set", "args.Jobs is empty", "args.Postgres.PodLabels is empty", "args.Redis.PodLabels is empty",
		"args.Rules.Namespace is empty", "args.Rules.RunbookURL is empty",
	} {
		require.ErrorContains(t, err, fault)
	}
}

func TestStackCheckReportsEveryFaultAtOnce(t *testing.T) {
	require.EqualError(t, (*StackArgs)(nil).check(), "args is nil")
	err := (&StackArgs{}).check()
	for _, fault := range []string{"args.Namespace is empty", "args.CRDs and args.Chart are nil"} {
		require.ErrorContains(t, err, fault)
	}
	err = (&StackArgs{
		CRDs: &release.Chart{}, Chart: &release.Chart{}, Alertmanager: alertmanager.Config{Slack: &alertmanager.Slack{}},
	}).check()
	for _, fault := range []string{
		"args.CRDs.Name", "args.Chart.Name", "args.Retention is empty", "args.RetentionSize is empty", "args.StorageSize is empty",
		"Slack.URL.Secret",
	} {
		assert.ErrorContains(t, err, fault)
	}
}
