package dashboards

import "github.com/federated-risk/federated-risk/internal/rules"

// redisContainer is the name that the chart gives the server's container.
const redisContainer = "redis"

func (p Platform) redis() Dashboard {
	return p.dashboard(page{
		name: "redis", from: "6h", refresh: "1m",
		description: "The Redis servers of " + p.Redis + ": memory, hits, commands, replication.",
		sections: []section{
			figures(p.redisFigures()...),
			graphs("Cache", p.redisCache()...),
			graphs("Commands and clients", p.redisCommands()...),
			graphs("Replication and persistence", p.redisReplication()...),
			graphs("Saturation", p.redisSaturation()...),
		},
	})
}

// server selects a series of the servers. With Sentinel, the chart has the exporter asked a second time, about the
// Sentinels, under the same names: its ServiceMonitor tells both apart by this label.
func (p Platform) server(series string) string {
	return p.selection("redis_"+series, unequal("scrape_target", "sentinel"))
}

func (p Platform) redisUp() panel {
	return p.figure(about{
		title: "Redis up", unit: unitRatio, limit: redisUpLimit,
		description: "Share of the servers that answer their exporter.",
	}, query("", average(p.server("up"))))
}

func (p Platform) redisFigures() []panel {
	return []panel{
		p.redisUp(),
		p.figure(about{
			title: "Memory of maximum", unit: unitRatio, limit: redisMemoryLimit,
			description: "Memory in use as a share of maxmemory, of the server where it is highest.",
		}, query("", maximum(ratio(p.server("memory_used_bytes"), p.server("memory_max_bytes"))))),
		p.figure(about{
			title: "Hit rate", unit: unitRatio, limit: cacheHitLimit, noValue: "no reads",
			description: "Share of the reads that found their key, of all servers, over 5 minutes.",
		}, query("", p.hits())),
		p.figure(about{
			title: "Clients", unit: unitCount,
			description: "Connections of clients, to all servers.",
		}, query("", sum(p.server("connected_clients")))),
		p.figure(about{
			title: "Commands", unit: unitPerSecond,
			description: "Commands a second, of all servers, over 5 minutes.",
		}, query("", sum(rate(p.server("commands_processed_total"))))),
		p.figure(about{
			title: "Replicas", unit: unitCount,
			description: "Replicas that are connected to the primary.",
		}, query("", maximum(p.server("connected_slaves")))),
	}
}

// hits is the share of the reads that found their key.
func (p Platform) hits(by ...string) string {
	hits, misses := sum(rate(p.server("keyspace_hits_total")), by...), sum(rate(p.server("keyspace_misses_total")), by...)
	return ratio(hits, "("+hits+" + "+misses+")")
}

func (p Platform) redisMemory() panel {
	return p.graph(about{
		title: "Redis memory of maximum", unit: unitRatio, limit: redisMemoryLimit,
		description: "Memory in use as a share of maxmemory, by server. At 100 % keys are evicted.",
	}, query("{{pod}}", maximum(ratio(p.server("memory_used_bytes"), p.server("memory_max_bytes")), rules.PodLabel)))
}

func (p Platform) hitRate() panel {
	return p.graph(about{
		title: "Cache hit rate", unit: unitRatio, limit: cacheHitLimit, noValue: "no reads",
		description: "Share of the reads that found their key, of all servers, over 5 minutes.",
	}, query("hits", p.hits()))
}

func (p Platform) redisCache() []panel {
	return []panel{
		p.redisMemory(),
		p.hitRate(),
		p.graph(about{
			title: "Keys", unit: unitCount,
			description: "Keys by logical database: 0 consent-service, 1 psi-service, 2 model-serving.",
		}, query("{{db}}", maximum(p.server("db_keys"), "db")+" > 0")),
		p.graph(about{
			title: "Keys that went", unit: unitPerSecond,
			description: "Keys a second that expired, and that were evicted for want of memory, over 5 minutes.",
		},
			query("expired", sum(rate(p.server("expired_keys_total")))),
			query("evicted", sum(rate(p.server("evicted_keys_total"))))),
	}
}

func (p Platform) redisCommands() []panel {
	return []panel{
		p.graph(about{
			title: "Commands", unit: unitPerSecond,
			description: "Commands a second over 5 minutes, the ten most frequent.",
		}, query("{{cmd}}", "topk(10, "+sum(rate(p.server("commands_total")), "cmd")+")")),
		p.graph(about{
			title: "Duration of commands", unit: unitSeconds,
			description: "How long a command took on average within 5 minutes, the ten slowest. Waiting is not part of it.",
		}, query("{{cmd}}", "topk(10, "+ratio(
			sum(rate(p.server("commands_duration_seconds_total")), "cmd"), sum(rate(p.server("commands_total")), "cmd"),
		)+")")),
		p.graph(about{
			title: "Clients", unit: unitCount,
			description: "Connections of clients, by server, and those that wait in a blocking command.",
		},
			query("{{pod}}", maximum(p.server("connected_clients"), rules.PodLabel)),
			query("{{pod}}, blocked", maximum(p.server("blocked_clients"), rules.PodLabel))),
		p.graph(about{
			title: "Connections refused", unit: unitCount, limit: anyLimit,
			description: "Connections that were refused within 5 minutes because there were maxclients already, by server.",
		}, query("{{pod}}", sum(increase(p.server("rejected_connections_total"), "5m"), rules.PodLabel))),
	}
}

func (p Platform) redisReplication() []panel {
	return []panel{
		p.graph(about{
			title: "Links to the primary", unit: unitCount, limit: redisLinkLimit, noValue: "no replicas",
			description: "1 while the replica is connected to its primary, by replica. After a failover the link to the old primary may " +
				"still be listed: the best counts.",
		}, query("{{pod}}", maximum(p.server("master_link_up"), rules.PodLabel))),
		p.graph(about{
			title: "Replication lag", unit: unitSeconds, noValue: "no replicas",
			description: "Time since the primary heard of the replica, by address of the replica.",
		}, query("{{slave_ip}}", maximum(p.server("connected_slave_lag_seconds"), "slave_ip"))),
		p.graph(about{
			title: "Age of the snapshot", unit: unitSeconds,
			description: "Time since the data were last saved, by server.",
		}, query("{{pod}}", "time() - "+maximum(p.server("rdb_last_save_timestamp_seconds"), rules.PodLabel))),
		p.graph(about{
			title: "Fragmentation", unit: unitCount,
			description: "Memory of the process by memory of the data. Far above 1.5 memory is wasted, below 1 it is swapped.",
		}, query("{{pod}}", maximum(p.server("mem_fragmentation_ratio"), rules.PodLabel))),
	}
}

func (p Platform) redisSaturation() []panel {
	container := equal("container", redisContainer)
	return []panel{
		p.graph(about{
			title: "CPU", unit: unitCount,
			description: "CPU cores in use, by server. A server executes commands on one core.",
		}, query("{{pod}}", sum(rate(p.selection("container_cpu_usage_seconds_total", container)), rules.PodLabel))),
		p.graph(about{
			title: "Memory of limit", unit: unitRatio, limit: containerMemoryLimit,
			description: "Working set as a share of the container's limit, by server.",
		}, query("{{pod}}", p.memoryOfLimit(container, rules.PodLabel))),
		p.graph(about{
			title: "Volumes", unit: unitRatio, limit: volumeLimit,
			description: "Share of each volume that is used.",
		}, query("{{persistentvolumeclaim}}", p.volumeUse("data-"+p.Redis+"-[0-9]+"))),
	}
}
