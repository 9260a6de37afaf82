package stacks_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/federated-risk/federated-risk/stacks"
)

func TestValidateBackup(t *testing.T) {
	const (
		at             = "postgres.backup"
		badDestination = "must be s3://<bucket> or s3://<bucket>/<path>"
		badEndpoint    = "must be an https:// or http:// address"
		credential     = "must be a plain address, without a user, password, query or fragment"
		badSchedule    = `must be a cron expression of 6 fields, seconds first, such as "0 30 2 * * *" for half past two each night`
	)
	store := func(key string, value any) tree {
		backup := tree{"destination": "s3://backups/risk", "region": "eu-west-1"}
		edit(backup, key, value)
		return tree{at: backup}
	}
	checkRules(t, slices.Concat(
		sameFault(at+".schedule", "", "0 30 2 * * *", "*/30 * * * * MON-FRI", "0  0 0 1 jan ?"),
		sameFault(at+".schedule", badSchedule, "", "30 2 * * *", "@daily", "0 0 25 * * *", "0 0 0 * * * 2026", "each night",
			"TZ=UTC 0 2 * * *", "TZ=UTC 0 0 2 * * *"),
		// Of a recovery that is off: a destination alone would turn the backup on.
		sameFault("postgres.recovery.destination", "", "s3://backups", "s3://backups/", "s3://my.backups-1/a_b/C.d/"),
		sameFault("postgres.recovery.destination", badDestination, "https://bucket", "s3://", "s3://Bucket/risk", "s3://b", "s3://bucket//risk",
			"s3://bucket/../other", "s3://bucket/./risk", "s3://bucket/a b", "s3://bucket/risk?x=y"),
		[]rule{
			{"nothing", nil, nil},
			{"in AWS", store("retentionDays", 1), nil},
			{"whole bucket", store("destination", "s3://backups/"), nil},
			{"with a Secret", store("credentialsSecret", "backup-keys"), nil},
			{"another store", tree{
				at:                   tree{"destination": "s3://backups", "endpointURL": "http://minio.storage.svc:9000"},
				"policy.backupCIDRs": []any{"10.0.0.0/8"}, "policy.backupPort": 9000,
			}, nil},
			{"a store that is cut off", tree{at: tree{"destination": "s3://backups", "endpointURL": "http://minio.storage.svc"}}, []string{
				"policy.backupCIDRs: is not set: give the addresses of federated-risk:postgres.backup.destination, and " +
					"federated-risk:policy.backupPort 80, or the network policies cut it off",
			}},
			{"AWS behind a narrow policy", tree{
				at: tree{"destination": "s3://backups", "region": "eu-west-1"}, "policy.apiServerCIDRs": []any{"10.0.0.1/32"},
			}, []string{
				"policy.backupCIDRs: is not set: give the addresses of federated-risk:postgres.backup.destination, and " +
					"federated-risk:policy.backupPort 443, or the network policies cut it off",
			}},
			{"a store on another port than the policy's", tree{
				at:                   tree{"destination": "s3://backups", "endpointURL": "https://minio.example.com:9000"},
				"policy.backupCIDRs": []any{"10.0.0.0/8"},
			}, []string{"policy.backupPort: 443: must be 9000, the port of federated-risk:postgres.backup.destination"}},
			{"paused", tree{at: tree{"enabled": false, "destination": "s3://backups"}}, nil},
			{"with a password", store("destination", "s3://me:hush@backups"), []string{at + ".destination: " + badDestination}},
			// The parser by itself panics on it.
			{"zone alone", store("schedule", "TZ=\t0\t0\t0\t0\t0"), []string{at + `.schedule: "TZ=\t0\t0\t0\t0\t0": ` + badSchedule}},
			{"nowhere", tree{at: tree{"enabled": true}}, []string{
				at + ".destination: is not set: give s3://<bucket>/<path>, or set federated-risk:postgres.backup.enabled to false",
				at + ".region: is not set: give the AWS region of the bucket, or federated-risk:postgres.backup.endpointURL for another store",
			}},
			{"region and endpoint", store("endpointURL", "https://minio.example.com"), []string{
				at + `.region: "eu-west-1": must not be set together with federated-risk:postgres.backup.endpointURL, which says where the store is`,
			}},
			{"no region", store("region", "Ireland"), []string{at + `.region: "Ireland": must be an AWS region, such as eu-west-1`}},
			{"endpoint without scheme", tree{at + ".endpointURL": "minio:9000"}, []string{at + `.endpointURL: "minio:9000": ` + badEndpoint}},
			{"endpoint without host", tree{at + ".endpointURL": "https://:9000"}, []string{at + `.endpointURL: "https://:9000": ` + badEndpoint}},
			{"endpoint with a password", tree{at + ".endpointURL": "https://me:hush@minio"}, []string{at + ".endpointURL: " + credential}},
			{"endpoint with a token", tree{at + ".endpointURL": "https://minio/?token=hush"}, []string{at + ".endpointURL: " + credential}},
			{"Secret", store("credentialsSecret", "Keys"), []string{
				at + `.credentialsSecret: "Keys": must be the name of a Secret: lower-case letters, digits, "-" and "."`,
			}},
			{"longest retention", store("retentionDays", 3650), nil},
			{"no retention", store("retentionDays", 0), []string{at + ".retentionDays: 0: must be 1 to 3650"}},
			{"endless retention", store("retentionDays", 3651), []string{at + ".retentionDays: 3651: must be 1 to 3650"}},
		},
	))
}

func TestValidateRecovery(t *testing.T) {
	const (
		at      = "postgres.recovery"
		badTime = "must be a time with its zone, such as 2026-01-31T18:30:00Z (RFC 3339)"
		itself  = `: must differ from federated-risk:postgres.recovery.destination while that is recovered from: a new database needs an empty archive`
	)
	from := tree{"enabled": true, "destination": "s3://backups/risk", "region": "eu-west-1"}
	with := func(backup tree) tree { return tree{at: from, "postgres.backup": backup} }
	aws := func(destination string) tree { return tree{"destination": destination, "region": "eu-west-1"} }
	checkRules(t, slices.Concat(
		sameFault(at+".targetTime", "", "2026-01-31T18:30:00Z", "2026-01-31T18:30:00.5+08:00"),
		sameFault(at+".targetTime", badTime, "yesterday", "2026-01-31", "2026-01-31 18:30:00", "2026-01-31T18:30:00", "2026-02-30T00:00:00Z"),
		[]rule{
			{"alone", tree{at: from}, nil},
			{"from nowhere", tree{at: tree{"enabled": true}}, []string{
				at + ".destination: is not set: give s3://<bucket>/<path>, or set federated-risk:postgres.recovery.enabled to false",
				at + ".region: is not set: give the AWS region of the bucket, or federated-risk:postgres.recovery.endpointURL for another store",
			}},
			{"from nobody", tree{at + ".clusterName": ""}, []string{
				at + `.clusterName: "": must be the name of a Cluster: lower-case letters, digits, "-" and "."`,
			}},
			{"backup elsewhere", with(aws("s3://backups/risk-2")), nil},
			{"over itself", with(aws("s3://backups/risk")), []string{`postgres.backup.destination: "s3://backups/risk"` + itself}},
			{"over itself, spelled otherwise", with(aws("s3://backups/risk/")), []string{`postgres.backup.destination: "s3://backups/risk/"` + itself}},
			{"over itself, from another region", with(tree{"destination": "s3://backups/risk", "region": "us-east-1"}), []string{
				`postgres.backup.destination: "s3://backups/risk"` + itself,
			}},
			{"over itself, by AWS's address", with(tree{"destination": "s3://backups/risk", "endpointURL": "https://s3.eu-west-1.amazonaws.com"}), []string{
				`postgres.backup.destination: "s3://backups/risk"` + itself,
			}},
			{"the same folder of another store", with(tree{"destination": "s3://backups/risk", "endpointURL": "https://minio.example.com"}), nil},
			{"paused", with(tree{"enabled": false, "destination": "s3://backups/risk", "region": "eu-west-1"}), nil},
			{"recovery off", tree{"postgres.backup": aws("s3://backups/risk"), at: aws("s3://backups/risk")}, nil},
			{"of a database by another name", tree{
				"postgres.backup": aws("s3://backups/risk"),
				at:                tree{"enabled": true, "destination": "s3://backups/risk", "region": "eu-west-1", "clusterName": "postgres-old"},
			}, nil},
		},
	))
}

func TestBackupIsOnWhereItHasADestination(t *testing.T) {
	for profile := range environments {
		nowhere := parse(t, tree{"profile": profile}).Postgres.Backup
		assert.Equal(t, stacks.PostgresBackup{Schedule: "0 17 1 * * *", RetentionDays: 30}, nowhere, profile)
	}
	backup := tree{"destination": "s3://backups/risk", "region": "eu-west-1"}
	assert.True(t, parse(t, tree{"postgres.backup": backup}).Postgres.Backup.Enabled)
	backup["enabled"] = false
	assert.False(t, parse(t, tree{"postgres.backup": backup}).Postgres.Backup.Enabled)
	assert.Equal(t, stacks.PostgresRecovery{ClusterName: "postgres"}, parse(t, nil).Postgres.Recovery)
}

func TestDataIsRetainedUnlessConfigSaysOtherwise(t *testing.T) {
	for profile := range environments {
		cfg := parse(t, tree{"profile": profile})
		assert.True(t, cfg.Postgres.Storage.Retain, profile)
		assert.True(t, cfg.Redis.Storage.Retain, profile)
		assert.True(t, cfg.Services["model-serving"].Volume.Retain, profile)
	}
	cfg := parse(t, tree{"postgres.storage.retain": false, "services.model-serving.volume.retain": false})
	assert.False(t, cfg.Postgres.Storage.Retain)
	assert.True(t, cfg.Redis.Storage.Retain)
	assert.False(t, cfg.Services["model-serving"].Volume.Retain)
}
