package property

import (
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
)

// Diff returns the differences between two sets of inputs by property path, as the engine wants them. Whether a value
// is secret makes no difference, nor does null instead of an absent value; a value that is not known yet differs from
// any other.
func Diff(before, after resource.PropertyMap) map[string]plugin.PropertyDiff {
	diff := bare(before).Diff(bare(after))
	return plugin.NewDetailedDiffFromObjectDiff(diff, true)
}

// bare returns values without secret wrappers and nulls.
func bare(values resource.PropertyMap) resource.PropertyMap {
	result := make(resource.PropertyMap, len(values))
	for key, value := range values {
		if inner := bareValue(value); !inner.IsNull() {
			result[key] = inner
		}
	}
	return result
}

func bareValue(value resource.PropertyValue) resource.PropertyValue {
	inner, _ := Unwrap(value)
	switch {
	case inner.IsObject():
		return resource.NewProperty(bare(inner.ObjectValue()))
	case inner.IsArray():
		list := make([]resource.PropertyValue, len(inner.ArrayValue()))
		for i, element := range inner.ArrayValue() {
			list[i] = bareValue(element)
		}
		return resource.NewProperty(list)
	case inner.IsOutput():
		return resource.MakeComputed(resource.NewProperty(""))
	default:
		return inner
	}
}
