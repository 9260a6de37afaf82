// Package labels holds the Kubernetes labels that the platform's objects carry.
package labels

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

// Keys and values that selectors, subsets and queries rely on. They are fixed for ever: a Deployment's selector
// is immutable.
const (
	App     = "app"
	Version = "version"

	Stable = "stable"
	Canary = "canary"

	partOf  = "federated-risk"
	manager = "pulumi"
)

// Object returns the labels of an object that belongs to the application app.
func Object(app string) pulumi.StringMap {
	return pulumi.StringMap{
		App:                            pulumi.String(app),
		"app.kubernetes.io/name":       pulumi.String(app),
		"app.kubernetes.io/part-of":    pulumi.String(partOf),
		"app.kubernetes.io/managed-by": pulumi.String(manager),
	}
}

// Selector returns the labels that select every pod of the application app, whatever its version.
func Selector(app string) pulumi.StringMap {
	return pulumi.StringMap{App: pulumi.String(app)}
}

// VersionSelector returns the labels that select one version of the application app.
func VersionSelector(app, version string) pulumi.StringMap {
	return pulumi.StringMap{App: pulumi.String(app), Version: pulumi.String(version)}
}

// VersionObject returns the labels of an object of one version of the application app.
func VersionObject(app, version string) pulumi.StringMap {
	object := Object(app)
	object[Version] = pulumi.String(version)
	return object
}
