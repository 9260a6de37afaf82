package workspace

import (
	"encoding/json"
	"fmt"
	"os"
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
	files, err := filepath.Glob(filepath.Join(w.State(), ".pulumi", "stacks", "*", Stack+".json"))
	if err != nil {
		return Checkpoint{}, fmt.Errorf("look for the state of stack %s: %w", Stack, err)
	}
	var total Checkpoint
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return Checkpoint{}, fmt.Errorf("read the state of stack %s: %w", Stack, err)
		}
		var state struct {
			Checkpoint struct {
				Latest struct {
					Resources         []json.RawMessage `json:"resources"`
					PendingOperations []json.RawMessage `json:"pending_operations"`
				} `json:"latest"`
			} `json:"checkpoint"`
		}
		if err := json.Unmarshal(content, &state); err != nil {
			return Checkpoint{}, fmt.Errorf("read the state of stack %s in %s: %w", Stack, file, err)
		}
		total.Resources += len(state.Checkpoint.Latest.Resources)
		total.Pending += len(state.Checkpoint.Latest.PendingOperations)
	}
	return total, nil
}
