package dashboards

import "github.com/federated-risk/federated-risk/internal/rules"

// postgresContainer is the name that CloudNativePG gives the container.
const postgresContainer = "postgres"

func (p Platform) postgres() Dashboard {
	return p.dashboard(page{
		name: "postgres", from: "6h", refresh: "1m",
		description: "The Postgres cluster " + p.Postgres + ": connections, transactions, replication, storage, backups.",
		sections: []section{
			figures(p.postgresFigures()...),
			graphs("Connections and transactions", p.postgresLoad()...),
			graphs("Replication and write-ahead log", p.postgresReplication()...),
			graphs("Saturation", p.postgresSaturation()...),
		},
	})
}

func (p Platform) postgresUp() panel {
	return p.figure(about{
		title: "Postgres up", unit: unitRatio, limit: postgresUpLimit,
		description: "Share of the instances that answer their own exporter.",
	}, query("", average(p.selection("cnpg_collector_up"))))
}

func (p Platform) postgresFigures() []panel {
	return []panel{
		p.postgresUp(),
		p.figure(about{
			title: "Connections", unit: unitCount, limit: connectionsLimit,
			description: "Connections of the instance that has most.",
		}, query("", maximum(sum(p.selection("cnpg_backends_total"), rules.PodLabel)))),
		p.figure(about{
			title: "Replication lag", unit: unitSeconds, limit: replicationLagLimit,
			description: "How far the last replica is behind the primary; 0 without replicas.",
		}, query("", maximum(p.selection("cnpg_pg_replication_lag")))),
		p.figure(about{
			title: "Streaming replicas", unit: unitCount,
			description: "Replicas that receive the primary's write-ahead log.",
		}, query("", maximum(p.selection("cnpg_pg_replication_streaming_replicas")))),
		p.figure(about{
			title: "Running for", unit: unitSeconds,
			description: "Time since the start of the instance that started last.",
		}, query("", "time() - "+maximum(p.selection("cnpg_pg_postmaster_start_time")))),
		p.figure(about{
			title: "Age of the backup", unit: unitSeconds, noValue: "no backup",
			description: "Time since the last base backup that succeeded.",
		}, query("", "time() - ("+maximum(p.selection("cnpg_collector_last_available_backup_timestamp"))+" > 0)")),
	}
}

func (p Platform) connections() panel {
	return p.graph(about{
		title: "Connections", unit: unitCount, limit: connectionsLimit,
		description: "Connections by instance, and how many the server accepts at most.",
	},
		query("{{pod}}", sum(p.selection("cnpg_backends_total"), rules.PodLabel)),
		query("max_connections", minimum(p.selection("cnpg_pg_settings_setting", equal("name", "max_connections")))))
}

func (p Platform) postgresLoad() []panel {
	database := func(column string) string { return sum(rate(p.selection("cnpg_pg_stat_database_"+column)), "datname") }
	return []panel{
		p.connections(),
		p.graph(about{
			title: "Connections by user and state", unit: unitCount,
			description: "Connections of all instances. A service that leaves transactions open shows as idle in transaction.",
		}, query("{{usename}}, {{state}}", sum(p.selection("cnpg_backends_total"), "usename", "state")+" > 0")),
		p.graph(about{
			title: "Transactions", unit: unitPerSecond,
			description: "Transactions a second over 5 minutes, by database.",
		},
			query("{{datname}}, committed", database("xact_commit")),
			query("{{datname}}, rolled back", database("xact_rollback"))),
		p.graph(about{
			title: "Buffer hits", unit: unitRatio,
			description: "Share of the blocks that were in Postgres's own cache, by database.",
		}, query("{{datname}}", ratio(database("blks_hit"), "("+database("blks_hit")+" + "+database("blks_read")+")"))),
		p.graph(about{
			title: "Longest transaction", unit: unitSeconds,
			description: "Age of the oldest open transaction, by database.",
		}, query("{{datname}}", maximum(p.selection("cnpg_backends_max_tx_duration_seconds"), "datname"))),
		p.graph(about{
			title: "Waiting and deadlocks", unit: unitCount, limit: anyLimit,
			description: "Connections that wait for another one's lock, and deadlocks within 5 minutes.",
		},
			query("waiting", sum(p.selection("cnpg_backends_waiting_total"))),
			query("deadlocks", sum(increase(p.selection("cnpg_pg_stat_database_deadlocks"), "5m")))),
	}
}

func (p Platform) replicationLag() panel {
	return p.graph(about{
		title: "Replication lag", unit: unitSeconds, limit: replicationLagLimit,
		description: "How far each instance is behind the primary.",
	}, query("{{pod}}", maximum(p.selection("cnpg_pg_replication_lag"), rules.PodLabel)))
}

func (p Platform) postgresReplication() []panel {
	return []panel{
		p.replicationLag(),
		p.graph(about{
			title: "Not yet replayed", unit: unitBytes, noValue: "no replicas",
			description: "Write-ahead log that the replica has not replayed.",
		}, query("{{application_name}}", maximum(p.selection("cnpg_pg_stat_replication_replay_diff_bytes"), "application_name"))),
		p.graph(about{
			title: "Write-ahead log", unit: unitBytes,
			description: "Size of the write-ahead log on the volume. It grows while the archive or a replica does not take it.",
		}, query("{{pod}}", maximum(p.selection("cnpg_collector_pg_wal", equal("value", "size")), rules.PodLabel))),
		p.graph(about{
			title: "Archive", unit: unitCount, limit: anyLimit,
			description: "Segments that wait for the archive, and attempts that failed within 5 minutes.",
		},
			query("{{pod}}, waiting", maximum(p.selection("cnpg_collector_pg_wal_archive_status", equal("value", "ready")), rules.PodLabel)),
			query("{{pod}}, failed", sum(increase(p.selection("cnpg_pg_stat_archiver_failed_count"), "5m"), rules.PodLabel))),
	}
}

func (p Platform) postgresSaturation() []panel {
	container := equal("container", postgresContainer)
	return []panel{
		p.graph(about{
			title: "CPU", unit: unitCount,
			description: "CPU cores in use, by instance. Postgres has no CPU limit unless the stack sets one.",
		}, query("{{pod}}", sum(rate(p.selection("container_cpu_usage_seconds_total", container)), rules.PodLabel))),
		p.graph(about{
			title: "Memory of limit", unit: unitRatio, limit: containerMemoryLimit,
			description: "Working set as a share of the container's limit, by instance.",
		}, query("{{pod}}", p.memoryOfLimit(container, rules.PodLabel))),
		p.graph(about{
			title: "Volumes", unit: unitRatio, limit: volumeLimit,
			description: "Share of each volume that is used. A full one stops the instance.",
		}, query("{{persistentvolumeclaim}}", p.volumeUse(p.Postgres+"-[0-9]+(-wal)?"))),
		p.graph(about{
			title: "Databases", unit: unitBytes,
			description: "Size of each database.",
		}, query("{{datname}}", maximum(p.selection("cnpg_pg_database_size_bytes"), "datname"))),
	}
}
