package property

import (
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Parse returns the property path that text spells. Text that is none (a message of an API server may hold anything)
// is one key.
func Parse(text string) resource.PropertyPath {
	path, err := resource.ParsePropertyPath(text)
	if err != nil {
		return resource.PropertyPath{text}
	}
	return path
}

// Related tells whether one of two paths is the other or leads to it.
func Related(a, b resource.PropertyPath) bool {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}
