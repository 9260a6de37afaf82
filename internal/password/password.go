// Package password declares generated passwords.
package password

import (
	"github.com/pulumi/pulumi-random/sdk/v4/go/random"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// length in characters: 62 letters and digits each, 190 bits in all.
const length = 32

// New declares a password and returns it as a secret output. It has letters and digits only: the runbook's base64
// passwords break URLs at `/`, `+` and `=`.
func New(ctx *pulumi.Context, name string, opts ...pulumi.ResourceOption) (pulumi.StringOutput, error) {
	password, err := random.NewRandomPassword(ctx, name, &random.RandomPasswordArgs{
		Length: pulumi.Int(length), Special: pulumi.Bool(false),
	}, opts...)
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	return password.Result, nil
}
