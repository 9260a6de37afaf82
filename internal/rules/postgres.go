package rules

import "fmt"

const (
	// MaxConnections of one server (runbook, "告警规则"): PostgreSQL's own default allows 100.
	MaxConnections = 80
	// MaxReplicationLag is in seconds: what a failover may cost (the operator's sample rule PGReplication).
	MaxReplicationLag = 300
)

// postgresContainer is the operator's name of the container that Prometheus scrapes.
const postgresContainer = `container="postgres"`

func (p Platform) postgres() []Rule {
	return []Rule{
		p.postgresDown(), p.postgresAbsent(), p.connections(), p.replicationLag(), p.replicaDisconnected(),
	}
}

// perPod is a metric of each server.
func (p Platform) perPod(metric string, matchers ...string) string {
	return fmt.Sprintf("max by (%s) (%s)", byPod, p.series(metric, matchers...))
}

func (p Platform) postgresDown() Rule {
	expression := fmt.Sprintf("%s == 0\nor\n%s == 0", p.perPod("cnpg_collector_up"), p.perPod("up", postgresContainer))
	return p.alert("PostgresDown", Critical, "1m", expression, text{
		summary:       "PostgreSQL实例 {{ $labels.pod }} 不可用",
		description:   "PostgreSQL实例 {{ $labels.pod }} 已经下线或无响应超过1分钟",
		summaryEN:     "PostgreSQL instance {{ $labels.pod }} is down",
		descriptionEN: "The server in {{ $labels.pod }} has been down, or has not answered, for more than a minute.",
	})
}

func (p Platform) postgresAbsent() Rule {
	return p.alert("PostgresAbsent", Critical, "5m", fmt.Sprintf("absent(%s)", p.series("cnpg_collector_up")), text{
		summary:       "没有任何PostgreSQL实例的监控数据",
		description:   "超过5分钟没有任何PostgreSQL实例的监控数据：数据库不存在，或者没有被抓取",
		summaryEN:     "No PostgreSQL instance reports",
		descriptionEN: "No instance of PostgreSQL has reported for more than 5 minutes: there is none, or it is not scraped.",
	})
}

func (p Platform) connections() Rule {
	// The series are per database, user, application and state: what is limited is the server's sum.
	expression := fmt.Sprintf("sum by (%s) (%s) > %v", byPod, p.series("cnpg_backends_total"), MaxConnections)
	return p.alert("DatabaseConnectionHigh", Warning, "2m", expression, text{
		summary:       "数据库连接数过高",
		description:   "PostgreSQL连接数超过80: {{ $value }}",
		summaryEN:     "PostgreSQL has many connections",
		descriptionEN: "{{ $labels.pod }} has {{ $value }} connections, more than 80.",
	})
}

func (p Platform) replicationLag() Rule {
	return p.alert("PostgresReplicationLag", Warning, "1m", fmt.Sprintf("%s > %v", p.perPod("cnpg_pg_replication_lag"), MaxReplicationLag), text{
		summary:       "PostgreSQL副本 {{ $labels.pod }} 复制延迟过高",
		description:   "PostgreSQL副本 {{ $labels.pod }} 的复制延迟超过5分钟: {{ $value | humanizeDuration }}",
		summaryEN:     "PostgreSQL replica {{ $labels.pod }} lags behind",
		descriptionEN: "{{ $labels.pod }} is {{ $value | humanizeDuration }} behind the primary, more than 5 minutes.",
	})
}

func (p Platform) replicaDisconnected() Rule {
	// A replica that receives nothing has replayed all it has received: its lag is 0.
	expression := fmt.Sprintf("%s > %s", p.perPod("cnpg_pg_replication_in_recovery"), p.perPod("cnpg_pg_replication_is_wal_receiver_up"))
	return p.alert("PostgresReplicaDisconnected", Warning, "5m", expression, text{
		summary:       "PostgreSQL副本 {{ $labels.pod }} 未连接主库",
		description:   "PostgreSQL副本 {{ $labels.pod }} 超过5分钟没有从主库接收数据",
		summaryEN:     "PostgreSQL replica {{ $labels.pod }} is disconnected",
		descriptionEN: "{{ $labels.pod }} has received nothing from the primary for more than 5 minutes.",
	})
}
