package judges_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/federated-risk/federated-risk/tests/sandbox/cluster/clustertest"
	"github.com/federated-risk/federated-risk/tests/sandbox/rendertest"
	"github.com/federated-risk/federated-risk/tests/sandbox/toolchain"
)

// critical is kube-score's lowest grade.
const critical = 1

// exceptions are the checks whose critical findings the platform lives with, and why. One that no object needs any more
// must go. What a pod does on purpose, its Deployment says itself (components/service/annotations.go).
var exceptions = map[string]string{
	"networkpolicy-targets-pod": "it sees the program's own pods only: those of Postgres and Redis come from charts and an " +
		"operator, and a standby's policy is there before the standby; tests/policy_test.go judges every pair of pods",
}

// finding is a critical one.
type finding struct{ object, check, summary string }

// score returns the critical findings of kube-score.
func score(t *testing.T, program string, objects []*unstructured.Unstructured) []finding {
	t.Helper()
	var manifests bytes.Buffer
	for _, object := range objects {
		content, err := object.MarshalJSON()
		require.NoError(t, err)
		fmt.Fprintf(&manifests, "---\n%s\n", content)
	}
	command := exec.CommandContext(t.Context(), program, "score", "--output-format", "json", "--kubernetes-version", "v1.36", "-")
	command.Stdin = &manifests
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	err := command.Run() // its exit code says only that there are critical findings
	var scored []struct {
		Name   string `json:"object_name"`
		Checks []struct {
			Check    struct{ ID string }
			Grade    int
			Skipped  bool
			Comments []struct{ Summary string }
		}
	}
	require.NoError(t, json.Unmarshal(stdout.Bytes(), &scored), "kube-score: %v\n%s", err, stderr.String())
	require.NotEmpty(t, scored)
	var found []finding
	for _, object := range scored {
		for _, check := range object.Checks {
			if check.Skipped || check.Grade > critical {
				continue
			}
			f := finding{object: object.Name, check: check.Check.ID}
			for _, comment := range check.Comments {
				f.summary += comment.Summary + ". "
			}
			found = append(found, f)
		}
	}
	return found
}

func kubeScore(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("needs kube-score")
	}
	w := clustertest.Workspace(t)
	clustertest.Tools(t, w, toolchain.KubeScore)
	return filepath.Join(w.Bin, "kube-score")
}

// TestKubeScoreFindsNothingCritical looks at the program's own objects: the charts' are upstream's business, and the
// sandbox's stand-ins for them are never installed elsewhere.
func TestKubeScoreFindsNothingCritical(t *testing.T) {
	program := kubeScore(t)
	needed := map[string]bool{}
	for _, v := range variants {
		t.Run(v.name, func(t *testing.T) {
			for _, found := range score(t, program, rendertest.Objects(t, v.stack, v.config...)) {
				needed[found.check] = true
				assert.Contains(t, exceptions, found.check, "%s: %s", found.object, found.summary)
			}
		})
	}
	for check, reason := range exceptions {
		assert.True(t, needed[check], "no object needs the exception from %s (%s) any more: remove it", check, reason)
	}
}

func TestKubeScoreFindsWhatIsWrong(t *testing.T) {
	program := kubeScore(t)
	objects := rendertest.Objects(t, "prod")
	deployment := find(t, objects, "Deployment", "frontend")
	container(t, deployment)["securityContext"].(map[string]any)["privileged"] = true
	delete(container(t, deployment), "resources")
	var checks []string
	for _, found := range score(t, program, append(objects, deployment)) {
		checks = append(checks, found.check)
	}
	assert.Contains(t, checks, "container-security-context-privileged")
	assert.Contains(t, checks, "container-resources")
}
