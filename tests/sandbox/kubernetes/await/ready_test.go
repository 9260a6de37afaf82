package await

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

func TestStateOf(t *testing.T) {
	tests := map[string]struct {
		object        string
		ready, failed bool
		message       string
	}{
		"a custom resource without a status": {object: "{apiVersion: x/v1, kind: X}", ready: true},
		"a custom resource that is not ready": {
			object:  "{apiVersion: x/v1, kind: X, status: {conditions: [{type: Ready, status: 'False', message: no disk}]}}",
			message: "no disk",
		},
		"a custom resource whose controller has not seen it yet": {
			object: "{apiVersion: x/v1, kind: X, metadata: {generation: 2}, status: {observedGeneration: 1, " +
				"conditions: [{type: Ready, status: 'True'}]}}",
			message: "X generation is 2, but latest observed generation is 1",
		},
		"a job that runs": {
			object:  "{apiVersion: batch/v1, kind: Job, spec: {}, status: {startTime: '2026-01-01T00:00:00Z', active: 1}}",
			message: "Job in progress. success:0, active: 1, failed: 0",
		},
		"a job that has completed": {
			object: "{apiVersion: batch/v1, kind: Job, spec: {}, status: {startTime: '2026-01-01T00:00:00Z', succeeded: 1, " +
				"conditions: [{type: Complete, status: 'True'}]}}",
			ready: true,
		},
		"a job that has failed": {
			object: "{apiVersion: batch/v1, kind: Job, spec: {}, status: {startTime: '2026-01-01T00:00:00Z', failed: 1, " +
				"conditions: [{type: Failed, status: 'True'}]}}",
			failed: true, message: "Job Failed. failed: 1/1",
		},
		"a job that is to wait": {
			object: "{apiVersion: batch/v1, kind: Job, spec: {suspend: true}, status: {startTime: '2026-01-01T00:00:00Z'}}", ready: true,
		},
		"a service": {object: "{apiVersion: v1, kind: Service, spec: {type: ClusterIP, clusterIP: 10.0.0.1}}", ready: true},
		"a load balancer without an address": {
			object:  "{apiVersion: v1, kind: Service, spec: {type: LoadBalancer, clusterIP: 10.0.0.1}, status: {loadBalancer: {}}}",
			message: "the load balancer has no address yet",
		},
		"a load balancer": {
			object: "{apiVersion: v1, kind: Service, spec: {type: LoadBalancer, clusterIP: 10.0.0.1}, " +
				"status: {loadBalancer: {ingress: [{ip: 1.2.3.4}]}}}",
			ready: true,
		},
		"a lost claim": {object: "{apiVersion: v1, kind: PersistentVolumeClaim, status: {phase: Lost}}", message: "PVC is not Bound. phase: Lost"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			encoded, err := yaml.YAMLToJSON([]byte(test.object))
			require.NoError(t, err)
			object := &unstructured.Unstructured{}
			require.NoError(t, object.UnmarshalJSON(encoded))
			state, err := StateOf(object)
			require.NoError(t, err)
			assert.Equal(t, test.ready, state.Ready)
			assert.Equal(t, test.failed, state.Failed)
			if !test.ready {
				assert.Equal(t, test.message, state.Message)
			}
		})
	}
}
