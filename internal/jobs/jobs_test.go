package jobs

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// apiServer answers for one Job, and returns the kubeconfig that leads to it.
func apiServer(t *testing.T, status int, body string) Cluster {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, "/apis/batch/v1/namespaces/risk/jobs/encrypt", r.URL.Path)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, err := fmt.Fprint(w, body)
		assert.NoError(t, err)
	}))
	t.Cleanup(server.Close)
	file := filepath.Join(t.TempDir(), "kubeconfig")
	require.NoError(t, os.WriteFile(file, fmt.Appendf(nil, `{apiVersion: v1, kind: Config, current-context: other,
clusters: [{name: a, cluster: {server: %q}}], users: [{name: a, user: {}}],
contexts: [{name: right, context: {cluster: a, user: a}}, {name: other, context: {cluster: b, user: a}}]}`, server.URL), 0o600))
	return Cluster{Kubeconfig: file, Context: "right"}
}

func job(status string) string {
	return `{"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "encrypt", "namespace": "risk"}, "status": ` + status + `}`
}

func TestSucceeded(t *testing.T) {
	for name, c := range map[string]struct {
		code       int
		body, want string
	}{
		"succeeded": {200, job(`{"conditions": [{"type": "SuccessCriteriaMet", "status": "True"}, {"type": "Complete", "status": "True"}]}`), ""},
		"running":   {200, job(`{"active": 1}`), "the Job risk/encrypt has not ended yet"},
		"not yet":   {200, job(`{"conditions": [{"type": "Complete", "status": "False"}]}`), "has not ended yet"},
		"suspended": {200, job(`{"conditions": [{"type": "Suspended", "status": "True"}]}`), "has not ended yet"},
		"failed": {
			200, job(`{"conditions": [{"type": "Failed", "status": "True", "reason": "DeadlineExceeded", "message": "too long"}]}`),
			"the Job risk/encrypt has failed (DeadlineExceeded: too long)",
		},
		"no such Job": {
			404, `{"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound", "code": 404}`,
			"the Job risk/encrypt does not exist",
		},
		"not allowed": {
			403, `{"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "Forbidden", "message": "no", "code": 403}`,
			"ask the cluster about Job risk/encrypt: no",
		},
		"nonsense": {200, job(`{"conditions": 5}`), "has a status that is none"},
	} {
		t.Run(name, func(t *testing.T) {
			err := apiServer(t, c.code, c.body).Succeeded(t.Context(), "risk", "encrypt")
			if c.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, c.want)
		})
	}
}

func TestWithoutACluster(t *testing.T) {
	err := Cluster{Kubeconfig: filepath.Join(t.TempDir(), "none")}.Succeeded(t.Context(), "risk", "encrypt")
	require.ErrorContains(t, err, "ask the cluster about Job risk/encrypt: read the kubeconfig")
}
