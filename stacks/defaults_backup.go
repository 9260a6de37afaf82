package stacks

import "github.com/federated-risk/federated-risk/components/postgres"

const (
	// At night in Europe, in the early morning in East Asia, and not on the hour, when everybody's jobs start.
	defaultBackupSchedule = "0 17 1 * * *"
	// The chart's own default.
	defaultRetentionDays = 30
)

// defaultBackup has all but the place, which nobody can guess.
func defaultBackup(given PostgresBackup) PostgresBackup {
	return PostgresBackup{
		Enabled:       given.Destination != "",
		Schedule:      defaultBackupSchedule,
		RetentionDays: defaultRetentionDays,
	}
}

func defaultRecovery() PostgresRecovery {
	return PostgresRecovery{ClusterName: postgres.ClusterName}
}
