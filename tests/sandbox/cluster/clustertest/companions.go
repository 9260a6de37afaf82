package clustertest

import (
	"context"

	"github.com/federated-risk/federated-risk/tests/sandbox/process"
	"github.com/federated-risk/federated-risk/tests/sandbox/workspace"
)

// companionOf names, in the environment of a process, the directory of the workspace that it belongs to.
const companionOf = "FEDERATED_RISK_COMPANION_OF"

// CompanionEnvironment returns the whole environment for a program that a test runs beside the workspace's cluster, for
// as long as the test binary runs. By it the guard finds the process and kills it when the binary ends.
func CompanionEnvironment(w workspace.Workspace) []string {
	return append(w.ClusterEnvironment(), companionOf+"="+w.Dir)
}

func killCompanions(ctx context.Context, w workspace.Workspace) error {
	_, err := killEvery(ctx, func(p process.Process) bool { return p.Variable(companionOf) == w.Dir })
	return err
}
