package e2e

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// requireGuarded requires that the API server keeps what does not belong there out of the namespace: pods below the Pod
// Security level, and those for which the quota has no room. That it lets the platform's own in, charts' included, shows in
// that they run.
func (s *suite) requireGuarded(t *testing.T) {
	t.Helper()
	admitted, err := s.admit(t, func(*corev1.Pod) {})
	require.NoError(t, err)
	requests := admitted.Spec.Containers[0].Resources.Requests
	assert.Equal(t, "50m", requests.Cpu().String(), "the request of a container without one")
	assert.Equal(t, "64Mi", requests.Memory().String(), "the request of a container without one")

	for fault, spoil := range map[string]func(pod *corev1.Pod){
		`violates PodSecurity "restricted:v1.28"`: func(pod *corev1.Pod) {
			pod.Spec.Containers[0].SecurityContext.AllowPrivilegeEscalation = new(true)
		},
		"exceeded quota": func(pod *corev1.Pod) {
			pod.Spec.Containers[0].Resources.Requests = corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("8")}
		},
		"maximum memory usage per Container": func(pod *corev1.Pod) {
			pod.Spec.Containers[0].Resources.Limits = corev1.ResourceList{corev1.ResourceMemory: resource.MustParse("17G")}
		},
	} {
		_, err := s.admit(t, spoil)
		assert.ErrorContains(t, err, fault)
	}
}

// admit asks the API server for what it would make of a pod.
func (s *suite) admit(t *testing.T, spoil func(pod *corev1.Pod)) (*corev1.Pod, error) {
	t.Helper()
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: "guest"},
		Spec: corev1.PodSpec{
			SecurityContext: &corev1.PodSecurityContext{
				RunAsNonRoot: new(true), SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
			},
			Containers: []corev1.Container{{
				Name: "main", Image: "registry.local/guest:1.0.0",
				SecurityContext: &corev1.SecurityContext{
					AllowPrivilegeEscalation: new(false), Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
				},
			}},
		},
	}
	spoil(pod)
	return s.kube.CoreV1().Pods(namespace).Create(t.Context(), pod, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
}
