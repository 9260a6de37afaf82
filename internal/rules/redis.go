package rules

import "fmt"

// Thresholds of the runbook, "缓存优化配置": shares, 0 to 1.
const (
	MinHitRatio    = 0.8
	MaxMemoryRatio = 0.9
)

// minLookupRate is how many lookups a second make a verdict about the hit rate.
const minLookupRate = 1

const (
	// redisJob is the label app.kubernetes.io/name of the pods.
	redisJob = `job="redis"`
	// redisServer leaves out Sentinel, which the chart has the same exporter report in the same series.
	redisServer = `scrape_target!="sentinel"`
)

func (p Platform) redis() []Rule {
	rate := func(metric string) string {
		return sumRate(NamespaceLabel, p.series(metric, redisServer), requestWindow)
	}
	const hits, misses = "redis_keyspace_hits_total", "redis_keyspace_misses_total"
	return []Rule{
		{Record: CacheLookupRate, Expr: rate(hits) + "\n+\n" + rate(misses)},
		{Record: CacheHitRatio, Expr: ratio(rate(hits), p.series(CacheLookupRate))},
		p.redisDown(), p.redisAbsent(), p.replicaLink(), p.redisMemory(), p.hitRate(),
	}
}

func (p Platform) redisDown() Rule {
	expression := fmt.Sprintf("%s == 0\nor\n%s == 0", p.perPod("redis_up", redisServer), p.perPod("up", redisJob, redisServer))
	return p.alert("RedisDown", Critical, "1m", expression, text{
		summary:       "Redis实例 {{ $labels.pod }} 不可用",
		description:   "Redis实例 {{ $labels.pod }} 已经下线或无响应超过1分钟",
		summaryEN:     "Redis instance {{ $labels.pod }} is down",
		descriptionEN: "The server in {{ $labels.pod }} has been down, or its exporter has not answered, for more than a minute.",
	})
}

func (p Platform) redisAbsent() Rule {
	return p.alert("RedisAbsent", Critical, "5m", fmt.Sprintf("absent(%s)", p.series("redis_up", redisServer)), text{
		summary:       "没有任何Redis实例的监控数据",
		description:   "超过5分钟没有任何Redis实例的监控数据：Redis不存在，或者没有被抓取",
		summaryEN:     "No Redis instance reports",
		descriptionEN: "No instance of Redis has reported for more than 5 minutes: there is none, or it is not scraped.",
	})
}

func (p Platform) replicaLink() Rule {
	// The series is a replica's own, by master: while it has two after a failover, the new one counts. 5 minutes leave time
	// for a full synchronisation, during which the link is down too.
	return p.alert("RedisReplicaLinkDown", Warning, "5m", fmt.Sprintf("%s == 0", p.perPod("redis_master_link_up", redisServer)), text{
		summary:       "Redis副本 {{ $labels.pod }} 与主库断开",
		description:   "Redis副本 {{ $labels.pod }} 与主库的连接已经断开超过5分钟",
		summaryEN:     "Redis replica {{ $labels.pod }} has lost its master",
		descriptionEN: "The link of {{ $labels.pod }} to its master has been down for more than 5 minutes.",
	})
}

func (p Platform) redisMemory() Rule {
	// A server without a limit says 0.
	expression := fmt.Sprintf("%s\n> %v", ratio(p.perPod("redis_memory_used_bytes", redisServer), p.perPod("redis_memory_max_bytes", redisServer)), MaxMemoryRatio)
	return p.alert("RedisMemoryHigh", Warning, "5m", expression, text{
		summary:       "Redis实例 {{ $labels.pod }} 内存不足",
		description:   "Redis实例 {{ $labels.pod }} 的内存使用率超过90%: {{ $value | humanizePercentage }}",
		summaryEN:     "Redis instance {{ $labels.pod }} is short of memory",
		descriptionEN: "{{ $labels.pod }} uses {{ $value | humanizePercentage }} of its maxmemory, more than 90 %.",
	})
}

func (p Platform) hitRate() Rule {
	expression := fmt.Sprintf("%s < %v\nand\n%s >= %v", p.series(CacheHitRatio), MinHitRatio, p.series(CacheLookupRate), minLookupRate)
	return p.alert("CacheHitRateLow", Warning, "10m", expression, text{
		summary:       "缓存命中率过低",
		description:   "缓存5分钟内命中率低于80%: {{ $value | humanizePercentage }}",
		summaryEN:     "The cache's hit rate is low",
		descriptionEN: "{{ $value | humanizePercentage }} of the lookups of 5 minutes found their key, less than 80 %.",
	})
}
