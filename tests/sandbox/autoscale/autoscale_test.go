// Package autoscale_test shows, with a real Prometheus, the real adapter and Kubernetes' own autoscaler, that model-serving
// scales on each of its two custom metrics. Pods and their load are simulated; all between the scrape and the number of
// replicas is real.
package autoscale_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const (
	scaleTimeout   = 90 * time.Second
	queueLength    = "request_queue_length"
	latency        = "http_request_duration_p95"
	stableSelector = "app=" + deployment + ",version=" + stable
	canarySelector = "app=" + deployment + ",version=" + canary

	least         = 2
	canaryPods    = 2
	overloaded    = 30.0
	busy          = 5.0
	busyQuantity  = "5"
	otherPods     = 1000.0
	otherQuantity = "1k"
)

// TestModelServingFollowsItsLoad is one story: each step begins where the one before has ended.
func TestModelServingFollowsItsLoad(t *testing.T) {
	p := start(t)

	p.wait(t, "without any series, the least number of pods and an error for each metric that is missing", func(c *assert.CollectT) {
		assert.Equal(c, least, p.replicas(c, deployment))
		assert.NotEmpty(c, p.failure(c))
	})

	p.set(namespace, stable, load{latency: true})
	p.set(namespace, canary, load{latency: true})
	p.wait(t, "no traffic: a P95 of 0, no error, no pod more", func(c *assert.CollectT) {
		values, _ := p.metric(c, namespace, "services/"+deployment, latency, "")
		assert.Equal(c, []string{"0"}, values)
		assert.Empty(c, p.failure(c))
		assert.Equal(c, "0", p.current(c, latency))
		assert.Equal(c, least, p.replicas(c, deployment))
	})

	p.set(namespace, stable, load{latency: true, queue: busy})
	p.set(namespace, canary, load{latency: true, queue: otherPods})
	p.set(elsewhere, stable, load{latency: true, queue: otherPods, slow: 10})
	p.wait(t, "the queues of the canary and of another namespace are there", func(c *assert.CollectT) {
		values, _ := p.metric(c, namespace, "pods/*", queueLength, canarySelector)
		assert.Equal(c, []string{otherQuantity, otherQuantity}, values)
		values, _ = p.metric(c, namespace, "pods/*", queueLength, stableSelector)
		assert.Equal(c, slices.Repeat([]string{busyQuantity}, least), values)
		assert.Equal(c, busyQuantity, p.current(c, queueLength), "and the autoscaler does not see them")
		assert.Empty(c, p.failure(c))
	})
	for metric, object := range map[string]string{queueLength: "pods/*", latency: "services/" + deployment} {
		_, found := p.metric(t, elsewhere, object, metric, "")
		assert.False(t, found, "%s of another stack's namespace", metric)
	}
	assert.Equal(t, least, p.replicas(t, deployment))

	p.set(namespace, stable, load{latency: true, queue: overloaded})
	p.grows(t, "a long queue")
	p.set(namespace, stable, load{latency: true, queue: -1})
	p.wait(t, "without the series, an error", func(c *assert.CollectT) { assert.Equal(c, "FailedGetPodsMetric", p.failure(c)) })
	assert.GreaterOrEqual(t, p.replicas(t, deployment), 2*least, "and no pod less")
	p.set(namespace, stable, load{latency: true})
	p.shrinks(t, "an empty queue")

	p.set(namespace, stable, load{latency: true, slow: 10})
	p.grows(t, "slow answers")
	p.set(namespace, stable, load{latency: true, fast: 1e6})
	p.shrinks(t, "fast answers")

	assert.Equal(t, canaryPods, p.replicas(t, deployment+"-"+canary), "nothing scales the canary")
}

func (p *platform) grows(t *testing.T, cause string) {
	t.Helper()
	p.wait(t, "twice as many pods by "+cause, func(c *assert.CollectT) {
		assert.GreaterOrEqual(c, p.replicas(c, deployment), 2*least)
	})
}

func (p *platform) shrinks(t *testing.T, cause string) {
	t.Helper()
	p.wait(t, "the least number of pods again by "+cause, func(c *assert.CollectT) {
		assert.Equal(c, least, p.replicas(c, deployment))
		assert.Empty(c, p.failure(c))
	})
}

func (p *platform) wait(t *testing.T, what string, condition func(c *assert.CollectT)) {
	t.Helper()
	started := time.Now()
	require.EventuallyWithT(t, condition, scaleTimeout, pollInterval, what)
	t.Logf("%5.1f s: %s", time.Since(started).Seconds(), what)
}

func (p *platform) autoscaler(t require.TestingT) *autoscalingv2.HorizontalPodAutoscaler {
	object, err := p.api.AutoscalingV2().HorizontalPodAutoscalers(namespace).Get(context.Background(), deployment+"-hpa", metav1.GetOptions{})
	require.NoError(t, err)
	return object
}

// failure is why the autoscaler cannot scale by its metrics, empty where it can, or "unknown" where it has not tried yet.
func (p *platform) failure(t require.TestingT) string {
	for _, condition := range p.autoscaler(t).Status.Conditions {
		if condition.Type == autoscalingv2.ScalingActive {
			if condition.Status == corev1.ConditionTrue {
				return ""
			}
			return condition.Reason
		}
	}
	return "unknown"
}

// current is the value of a custom metric that the autoscaler saw last.
func (p *platform) current(t require.TestingT, name string) string {
	for _, metric := range p.autoscaler(t).Status.CurrentMetrics {
		switch {
		case metric.Pods != nil && metric.Pods.Metric.Name == name:
			return metric.Pods.Current.AverageValue.String()
		case metric.Object != nil && metric.Object.Metric.Name == name:
			return metric.Object.Current.Value.String()
		}
	}
	return ""
}
