package platformtest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Result is what one run of the engine did and said.
type Result struct {
	Command string
	// Output is what was printed, standard error included.
	Output string
	Events []apitype.EngineEvent
	Took   time.Duration
	// Err is nil when the engine succeeded.
	Err error
}

// Step is one thing the engine did to a resource.
type Step struct {
	Op   apitype.OpType
	Type string
	Name string
	// Paths are the properties that differ, sorted.
	Paths []string
}

// String is "<op> <type> <name>", for example "update kubernetes:core/v1:Service frontend".
func (s Step) String() string { return fmt.Sprintf("%s %s %s", s.Op, s.Type, s.Name) }

// unchanging are the steps that leave a resource as it was.
var unchanging = []apitype.OpType{apitype.OpSame, apitype.OpRead, apitype.OpRefresh}

// Changes returns the steps that changed a resource, in the order in which they ended.
func (r Result) Changes() []Step {
	var steps []Step
	for _, event := range r.Events {
		if outputs := event.ResOutputsEvent; outputs != nil && !slices.Contains(unchanging, outputs.Metadata.Op) {
			steps = append(steps, newStep(outputs.Metadata))
		}
	}
	return steps
}

// Started returns the steps that began to change a resource, in the order in which they did.
func (r Result) Started() []Step { return Started(r.Events) }

// Started returns the steps of a stream of events that began to change a resource.
func Started(events []apitype.EngineEvent) []Step {
	var steps []Step
	for _, event := range events {
		if pre := event.ResourcePreEvent; pre != nil && !slices.Contains(unchanging, pre.Metadata.Op) {
			steps = append(steps, newStep(pre.Metadata))
		}
	}
	return steps
}

func newStep(metadata apitype.StepEventMetadata) Step {
	step := Step{Op: metadata.Op, Type: metadata.Type, Name: resource.URN(metadata.URN).Name()}
	for path := range metadata.DetailedDiff {
		step.Paths = append(step.Paths, path)
	}
	slices.Sort(step.Paths)
	return step
}

// ChangeLines returns Changes as sorted lines.
func (r Result) ChangeLines() []string {
	lines := []string{}
	for _, step := range r.Changes() {
		lines = append(lines, step.String())
	}
	slices.Sort(lines)
	return lines
}

// Problems returns the engine's warnings and errors.
func (r Result) Problems() []string {
	var problems []string
	for _, event := range r.Events {
		if d := event.DiagnosticEvent; d != nil && (d.Severity == "warning" || d.Severity == "error") {
			problems = append(problems, d.Severity+": "+strings.TrimSpace(d.Message))
		}
	}
	return problems
}

// Finished reports whether the engine ran to its end and reported a summary.
func (r Result) Finished() bool {
	return slices.ContainsFunc(r.Events, func(event apitype.EngineEvent) bool { return event.SummaryEvent != nil })
}

// Describe tells what happened, for a failed assertion.
func (r Result) Describe() string {
	var text strings.Builder
	fmt.Fprintf(&text, "pulumi %s took %s, error: %v\nsteps:\n", r.Command, r.Took.Round(100*time.Millisecond), r.Err)
	for _, step := range r.Changes() {
		fmt.Fprintf(&text, "  %s %v\n", step, step.Paths)
	}
	for _, problem := range r.Problems() {
		fmt.Fprintf(&text, "%s\n", problem)
	}
	fmt.Fprintf(&text, "output:\n%s\n", r.Output)
	return text.String()
}

func (r Result) summary() string {
	counts := map[apitype.OpType]int{}
	for _, step := range r.Changes() {
		counts[step.Op]++
	}
	summary := fmt.Sprintf("%d changes", len(r.Changes()))
	if len(counts) > 0 {
		summary += fmt.Sprint(" ", counts)
	}
	if r.Err != nil {
		summary += ", failed"
	}
	return summary
}

func (r Result) transcript() string {
	content, err := json.Marshal(r.Events)
	if err != nil {
		return r.Output + "\nevents that cannot be encoded: " + err.Error()
	}
	return r.Output + "\n" + string(content) + "\n"
}
