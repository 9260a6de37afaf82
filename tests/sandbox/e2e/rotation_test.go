package e2e

import (
	"crypto/x509"
	"encoding/pem"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// withCertificate are the Deployments that mount the certificate, and the names of their resources.
var withCertificate = map[string]string{
	"consent-service":      "consent-service-stable",
	"model-serving":        "model-serving-stable",
	"model-serving-canary": "model-serving-canary",
	"psi-service":          "psi-service-stable",
}

// newCertificate follows from a new domain: the Secret gets a new name, the pods roll onto it, and only then does the
// old one go.
func (s *suite) newCertificate(t *testing.T) {
	old := s.certificateSecret(t)
	pods := s.podsByDeployment(t)
	s.set(t, "federated-risk:domain", "rotated.example")
	result := s.up(t)

	const secret = "kubernetes:core/v1:Secret secrets-tls"
	requireOrder(t, result, "create-replacement "+secret, "delete-replaced "+secret)
	for _, deployment := range withCertificate {
		requireOrder(t, result,
			"create-replacement "+secret, "update kubernetes:apps/v1:Deployment "+deployment, "delete-replaced "+secret)
	}
	for _, change := range result.Changes() {
		assert.False(t, strings.HasPrefix(change.Type, "kubernetes:helm.sh/"), "a certificate is no reason to touch a release: %s", change)
	}

	_, err := s.kube.CoreV1().Secrets(namespace).Get(t.Context(), old.Name, metav1.GetOptions{})
	require.True(t, apierrors.IsNotFound(err), "the old Secret %s is still there: %v", old.Name, err)
	current := s.certificateSecret(t)
	require.NotEqual(t, old.Name, current.Name)
	assert.Contains(t, parseCertificate(t, current.Data["tls.crt"]).DNSNames, "*.rotated.example")
	assert.Equal(t, string(old.Data["ca.crt"]), string(current.Data["ca.crt"]), "the authority need not change with the domain")

	s.settled(t)
	s.requireDeploymentsAvailable(t)
	now := s.podsByDeployment(t)
	for deployment := range withCertificate {
		require.NotEmpty(t, now[deployment], "pods of %s", deployment)
		for uid := range now[deployment] {
			assert.NotContains(t, pods[deployment], uid, "a pod of %s was not rolled", deployment)
		}
	}

	require.NoError(t, s.resetConfig())
	s.up(t)
	s.requireSameAsClean(t)
}

// certificateSecret is the Secret that the running pods mount.
func (s *suite) certificateSecret(t *testing.T) *corev1.Secret {
	t.Helper()
	names := map[string]bool{}
	for name := range withCertificate {
		for _, volume := range s.deployment(t, name).Spec.Template.Spec.Volumes {
			if volume.Name == "certs" {
				names[volume.Secret.SecretName] = true
			}
		}
	}
	require.Len(t, names, 1, "every version mounts the same certificate: %v", names)
	for name := range names {
		secret, err := s.kube.CoreV1().Secrets(namespace).Get(t.Context(), name, metav1.GetOptions{})
		require.NoError(t, err)
		return secret
	}
	return nil
}

func parseCertificate(t *testing.T, content []byte) *x509.Certificate {
	t.Helper()
	block, _ := pem.Decode(content)
	require.NotNil(t, block, "no PEM in %q", content)
	certificate, err := x509.ParseCertificate(block.Bytes)
	require.NoError(t, err)
	return certificate
}

// podsByDeployment returns the uids of the pods of each Deployment.
func (s *suite) podsByDeployment(t *testing.T) map[string]map[string]bool {
	t.Helper()
	list, err := s.kube.CoreV1().Pods(namespace).List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	pods := map[string]map[string]bool{}
	for _, pod := range list.Items {
		name := strings.TrimSuffix(pod.Labels["app"]+"-"+pod.Labels["version"], "-stable")
		if pods[name] == nil {
			pods[name] = map[string]bool{}
		}
		pods[name][string(pod.UID)] = true
	}
	return pods
}

// requireSameAsClean requires that the cluster holds what it held after the first deployment, no more and no less.
func (s *suite) requireSameAsClean(t *testing.T) {
	t.Helper()
	requireSameObjects(t, s.clean, s.settled(t), "the cluster differs from a clean deployment")
}
