package kubernetes

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/federated-risk/federated-risk/tests/sandbox/cluster/clustertest"
	"github.com/federated-risk/federated-risk/tests/sandbox/kubernetes/await"
	"github.com/federated-risk/federated-risk/tests/sandbox/kubernetes/kube"
)

// TestPatchOfAnObjectThatGoes: an object may go, and another come, between the look at it and the apply.
func TestPatchOfAnObjectThatGoes(t *testing.T) {
	shared := clustertest.Start(t)
	client, err := kube.NewClient(kube.Settings{Kubeconfig: shared.Kubeconfig(), Context: shared.Context()}, nil)
	require.NoError(t, err)
	object := &unstructured.Unstructured{}
	object.SetAPIVersion("v1")
	object.SetKind("ConfigMap")
	object.SetNamespace("default")
	object.SetName("goes")
	key := kube.KeyOf(object)
	_, err = client.Apply(t.Context(), object, kube.ApplyOptions{})
	require.NoError(t, err)
	require.NoError(t, tie(t.Context(), client, object))
	require.NoError(t, client.Delete(t.Context(), key, object.GetUID()))
	require.NoError(t, await.Gone(t.Context(), client, key, object.GetUID(), time.Minute, func(string) {}))

	_, err = client.Apply(t.Context(), object, kube.ApplyOptions{Manager: "stop"})
	require.ErrorContains(t, err, "no existing object was found")
	require.NoError(t, giveUp(t.Context(), client, object, "stop"))
	_, err = client.Get(t.Context(), key)
	require.True(t, apierrors.IsNotFound(err), "neither creates it: %v", err)

	successor := object.DeepCopy()
	successor.SetUID("")
	_, err = client.Apply(t.Context(), successor, kube.ApplyOptions{})
	require.NoError(t, err)
	require.NoError(t, tie(t.Context(), client, successor))
	require.NoError(t, giveUp(t.Context(), client, object, "stop"), "of another UID")
	require.NoError(t, client.Delete(t.Context(), key, successor.GetUID()))
}
