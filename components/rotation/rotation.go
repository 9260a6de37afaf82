// Package rotation records which generation of each secret a stack has reached, so that none ever goes back.
package rotation

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/federated-risk/federated-risk/internal/faults"
)

// Args describe what is recorded.
type Args struct {
	// Path of the config that errors name, such as federated-risk:rotation.
	Path string
	// Generations by their key below Path, 1 or more each.
	Generations map[string]int
	// Thresholds by their key below Path, 0 or more each: they never go back either, but may grow by any number.
	Thresholds map[string]int
	// Retired are generations that are gone for good, by the key below Path: what is in a list stays in it.
	Retired map[string][]int
	// Locked are generations that must not grow now, by their key, with the reason.
	Locked map[string]string
	// MayRetire returns why generations that are in Retired for the first time may not be there yet, or nil. It is asked
	// in previews and in updates, but not when the stack is made. Nil: they always may.
	MayRetire func(key string, generations []int) error
}

// Rotation is the component. Whatever holds a generation must depend on it: then a step back, or one of more than one
// generation, fails before anything has changed, and a generation is recorded before there is anything of it.
type Rotation struct {
	pulumi.ResourceState
}

// Keys of the component's inputs.
const (
	generationsInput = "generations"
	thresholdsInput  = "thresholds"
	retiredInput     = "retired"
)

// New declares the record.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Rotation, error) {
	if err := args.check(); err != nil {
		return nil, fmt.Errorf("rotation %q: %w", name, err)
	}
	// In a preview too: that is where a step back is to be seen.
	hook, err := ctx.RegisterResourceHook(name+"-only-grows", args.onlyGrows, &pulumi.ResourceHookOptions{OnDryRun: true})
	if err != nil {
		return nil, fmt.Errorf("rotation %q: %w", name, err)
	}
	component := &Rotation{}
	opts = append(opts, pulumi.ResourceHooks(&pulumi.ResourceHookBinding{BeforeUpdate: []*pulumi.ResourceHook{hook}}))
	if err := ctx.RegisterComponentResourceV2("federated-risk:rotation:Rotation", name, args.inputs(), component, opts...); err != nil {
		return nil, err
	}
	return component, ctx.RegisterResourceOutputs(component, pulumi.Map{})
}

func (args *Args) inputs() pulumi.Map {
	retired := pulumi.Map{}
	for key, generations := range args.Retired {
		retired[key] = pulumi.ToIntArray(generations)
	}
	return pulumi.Map{
		generationsInput: pulumi.ToIntMap(args.Generations),
		thresholdsInput:  pulumi.ToIntMap(args.Thresholds),
		retiredInput:     retired,
	}
}

// onlyGrows compares the record of the last update, which the engine knows and a program does not, with this one.
func (args *Args) onlyGrows(hook *pulumi.ResourceHookArgs) error {
	var found faults.List
	for _, key := range slices.Sorted(maps.Keys(args.Generations)) {
		generation := args.Generations[key]
		last, ok := number(hook.OldInputs, generationsInput, key)
		if !ok {
			continue
		}
		found.When(generation < last, "%s.%s: %d: must not be less than %d, which the stack has reached: generations only grow. Set it to %d",
			args.Path, key, generation, last, last)
		reason, locked := args.Locked[key]
		found.When(locked && generation == last+1, "%s.%s: %d: must stay %d: %s", args.Path, key, generation, last, reason)
		found.When(generation > last+1, "%s.%s: %d: must be %d at most: each generation has to be in use everywhere before the next one. "+
			"Set it to %d, update the stack, and go on from there", args.Path, key, generation, last+1, last+1)
	}
	for _, key := range slices.Sorted(maps.Keys(args.Thresholds)) {
		last, _ := number(hook.OldInputs, thresholdsInput, key)
		found.When(args.Thresholds[key] < last, "%s.%s: %d: must not be less than %d: what has been revoked stays so. Set it to %d",
			args.Path, key, args.Thresholds[key], last, last)
	}
	for _, key := range slices.Sorted(maps.Keys(args.Retired)) {
		before := numbers(hook.OldInputs, retiredInput, key)
		for _, generation := range before {
			found.When(!slices.Contains(args.Retired[key], generation),
				"%s.%s: must contain %d: its key is gone, another one in its place could read nothing. Add it again", args.Path, key, generation)
		}
		if err := args.mayRetire(key, before); err != nil {
			found.Add(fmt.Errorf("%s.%s: %w", args.Path, key, err))
		}
	}
	return found.Err()
}

func (args *Args) mayRetire(key string, before []int) error {
	added := slices.DeleteFunc(slices.Clone(args.Retired[key]), func(generation int) bool { return slices.Contains(before, generation) })
	if len(added) == 0 || args.MayRetire == nil {
		return nil
	}
	return args.MayRetire(key, added)
}

// number is inputs[section][key], if there is such a number.
func number(inputs resource.PropertyMap, section, key string) (int, bool) {
	value, ok := entry(inputs, section, key)
	if !ok || !value.IsNumber() {
		return 0, false
	}
	return int(value.NumberValue()), true
}

func numbers(inputs resource.PropertyMap, section, key string) []int {
	value, ok := entry(inputs, section, key)
	if !ok || !value.IsArray() {
		return nil
	}
	var all []int
	for _, element := range value.ArrayValue() {
		if element.IsNumber() {
			all = append(all, int(element.NumberValue()))
		}
	}
	return all
}

func entry(inputs resource.PropertyMap, section, key string) (resource.PropertyValue, bool) {
	values, ok := inputs[resource.PropertyKey(section)]
	if !ok || !values.IsObject() {
		return resource.PropertyValue{}, false
	}
	value, ok := values.ObjectValue()[resource.PropertyKey(key)]
	return value, ok
}

func (args *Args) check() error {
	if args == nil {
		return errors.New("args is nil")
	}
	var found faults.List
	found.When(args.Path == "", "args.Path is empty")
	for _, key := range slices.Sorted(maps.Keys(args.Generations)) {
		found.When(args.Generations[key] < 1, "args.Generations[%q] is %d: expected 1 or more", key, args.Generations[key])
	}
	for _, key := range slices.Sorted(maps.Keys(args.Thresholds)) {
		found.When(args.Thresholds[key] < 0, "args.Thresholds[%q] is %d: expected 0 or more", key, args.Thresholds[key])
	}
	return found.Err()
}
