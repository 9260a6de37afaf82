package dns_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/federated-risk/federated-risk/internal/dns"
)

func TestNames(t *testing.T) {
	assert.Equal(t, "redis.risk.svc.cluster.local", dns.Host("redis", "risk"))
	assert.Equal(t, []string{"redis", "redis.risk", "redis.risk.svc", "redis.risk.svc.cluster.local"}, dns.Aliases("redis", "risk"))
}
