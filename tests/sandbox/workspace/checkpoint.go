package workspace

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// Checkpoint is what the stack's state in a workspace amounts to.
type Checkpoint struct {
	// Resources is how many resources are deployed, the stack itself and providers included.
	Resources int
	// Pending is how many operations an engine had begun and not ended when it was last heard of.
	Pending int
}

// Checkpoint reads the stack's state from the file backend; a stack that was never deployed has an empty
// one. Reading the file costs nothing, where asking the command line costs a second at every `make up`.
func (w Workspace) Checkpoint() (Checkpoint, error) {
	// A pattern below the directory, since the directory's own name may look like one.
	state := os.DirFS(w.State())
	files, err := fs.Glob(state, path.Join(".pulumi", "stacks", "*", Stack+".json"))
	if err != nil {
		return Checkpoint{}, fmt.Errorf("look for the state of stack %s: %w", Stack, err)
	}
	var total Checkpoint
	for _, file := range files {
		content, err := fs.ReadFile(state, file)
		if err != nil {
			return Checkpoint{}, fmt.Errorf("read the state of stack %s: %w", Stack, err)
		}
		var stack struct {
			Checkpoint struct {
				Latest struct {
					Resources         []json.RawMessage `json:"resources"`
					PendingOperations []json.RawMessage `json:"pending_operations"`
				} `json:"latest"`
			} `json:"checkpoint"`
		}
		if err := json.Unmarshal(content, &stack); err != nil {
			return Checkpoint{}, fmt.Errorf("read the state of stack %s in %s: %w", Stack, filepath.Join(w.State(), file), err)
		}
		total.Resources += len(stack.Checkpoint.Latest.Resources)
		total.Pending += len(stack.Checkpoint.Latest.PendingOperations)
	}
	return total, nil
}
