package secrets

import (
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// combine derives one secret from several, in their order. In a preview, the SDK takes a secret that only the update will
// make for known, and for empty: derive is not called then, and the result is empty too.
func (d declaration) combine(values []pulumi.StringOutput, derive func(values []string) (string, error)) pulumi.StringOutput {
	all := make([]any, len(values))
	for i, value := range values {
		all[i] = value
	}
	preview := d.ctx.DryRun()
	return pulumi.All(all...).ApplyT(func(values []any) (string, error) {
		texts := make([]string, len(values))
		for i, value := range values {
			texts[i], _ = value.(string)
		}
		if preview && slices.Contains(texts, "") {
			return "", nil
		}
		return derive(texts)
	}).(pulumi.StringOutput)
}
