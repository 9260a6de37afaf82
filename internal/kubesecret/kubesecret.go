// Package kubesecret declares Kubernetes Secrets the two ways the platform needs them.
package kubesecret

import (
	"encoding/base64"

	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Args describe a Secret.
type Args struct {
	// Namespace that the Secret is in.
	Namespace pulumi.StringInput
	// ObjectName is metadata.name, or empty for a name made by Pulumi.
	ObjectName string
	// Type of the Secret; empty means Opaque.
	Type string
	// Labels of the object.
	Labels pulumi.StringMap
	// Values are the Secret's entries in plain text; they are encoded here and secret from here on.
	Values map[string]pulumi.StringInput
}

// New declares a Secret.
//
// Without an ObjectName a change of any value makes a new Secret under a new name, so that the pods which read it
// roll, and the old Secret goes once they have. With an ObjectName it is changed in place: for Secrets that an
// operator or a chart watches by name.
//
// `data` is used rather than `stringData`: server-side apply tracks no ownership through the latter, so a removed
// entry would stay in the cluster and a manual edit would go unseen.
func New(ctx *pulumi.Context, name string, args Args, opts ...pulumi.ResourceOption) (*corev1.Secret, error) {
	metadata := &metav1.ObjectMetaArgs{Namespace: args.Namespace, Labels: args.Labels}
	if args.ObjectName == "" {
		opts = append(opts, pulumi.ReplaceOnChanges([]string{"data"}))
	} else {
		metadata.Name = pulumi.String(args.ObjectName)
	}
	secretType := args.Type
	if secretType == "" {
		secretType = "Opaque"
	}
	return corev1.NewSecret(ctx, name, &corev1.SecretArgs{
		Metadata: metadata,
		Type:     pulumi.String(secretType),
		Data:     encode(args.Values),
	}, opts...)
}

func encode(values map[string]pulumi.StringInput) pulumi.StringMap {
	data := pulumi.StringMap{}
	for key, value := range values {
		data[key] = pulumi.ToSecret(value.ToStringOutput().ApplyT(func(plain string) string {
			return base64.StdEncoding.EncodeToString([]byte(plain))
		})).(pulumi.StringOutput)
	}
	return data
}
