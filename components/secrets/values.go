package secrets

import (
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// combine derives one secret from several, in their order. In a preview, the SDK takes a secret that only the update will
// make for known, and for empty: derive is not called then, and the result is empty too.
func (d declaration) combine(values pulumi.StringArray, derive func(values []string) (string, error)) pulumi.StringOutput {
	preview := d.ctx.DryRun()
	return values.ToStringArrayOutput().ApplyT(func(values []string) (string, error) {
		if preview && slices.Contains(values, "") {
			return "", nil
		}
		return derive(values)
	}).(pulumi.StringOutput)
}
