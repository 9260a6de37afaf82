package tests

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"text/tabwriter"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/tests/stacktest"
)

var update = flag.Bool("update", false, "write the inventories of testdata anew instead of comparing with them")

// TestInventory compares all that a stack consists of with a table that people review.
func TestInventory(t *testing.T) {
	everywhere(t, func(t *testing.T, stack string, run *stacktest.Run) {
		file := filepath.Join("testdata", stack+".inventory.txt")
		if *update {
			require.NoError(t, os.WriteFile(file, []byte(inventory(t, run)), 0o600))
		}
		want, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.Equal(t, string(want), inventory(t, run), `The stack %s does not consist of what %s lists.
A resource with another name, type or parent is another resource: in a stack that lives, the old one is deleted and the
new one created. If that is what you want, or the resource is new, run
  go test ./tests -run TestInventory -update
and have the changed table reviewed.`, stack, file)
	})
}

// inventory is a line for each resource: type, name, parent (- is the stack), and whether it is protected.
func inventory(t *testing.T, run *stacktest.Run) string {
	t.Helper()
	var text bytes.Buffer
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	for _, r := range run.Resources {
		protection := "-"
		if r.Request.GetProtect() {
			protection = "protected"
		}
		parent := "-"
		if urn := resource.URN(r.Request.GetParent()); urn.QualifiedType() != resource.RootStackType {
			parent = strings.TrimPrefix(string(urn.Type()), "federated-risk:") + " " + urn.Name()
		}
		_, err := fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", r.Type, r.Name, parent, protection)
		require.NoError(t, err)
	}
	require.NoError(t, table.Flush())
	return text.String()
}

func TestPreviewShowsEveryResourceOfTheUpdate(t *testing.T) {
	for _, stack := range stacktest.Stacks() {
		t.Run(stack, func(t *testing.T) {
			config := stacktest.Load(t, stack)
			assert.Equal(t, inventory(t, deploy(t, config, false)), inventory(t, deploy(t, config, true)),
				"a resource that a preview does not show is declared inside ApplyT, or depends on a value that only an update knows")
		})
	}
}
