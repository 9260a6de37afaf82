package kubernetes_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCheckNamesWhatIsWrong(t *testing.T) {
	e := start(t, programOptions())
	tests := map[string]struct {
		token, inputs string
		want          []string
	}{
		"unknown fields, wrong types": {
			token: deployment,
			inputs: "metadata: {name: web}\n" +
				"spec: {replicaCount: 2, template: {spec: {containers: [{name: web, imagee: web, image: 7}]}}}",
			want: []string{
				"spec.replicaCount: the kind has no such field",
				"spec.template.spec.containers[0].imagee: the kind has no such field",
				"spec.template.spec.containers[0].image: expected a string, got a number",
			},
		},
		"an unknown field of a custom resource": {
			token:  "kubernetes:networking.istio.io/v1:VirtualService",
			inputs: "metadata: {name: v}\nspec: {hosts: [a], http: [{rout: []}]}",
			want:   []string{"spec.http[0].rout: the kind has no such field"},
		},
		"values that are not known yet": {
			token:  deployment,
			inputs: "metadata: {name: web}\nspec: {wrong: 1, template: {spec: {containers: [{name: <unknown>, image: x}]}}}",
			want:   []string{"spec.wrong: the kind has no such field"},
		},
		"kind and apiVersion of another type": {
			token:  service,
			inputs: "apiVersion: v2\nkind: Servlet\nmetadata: {name: web}",
			want: []string{
				`apiVersion: is "v2", but the resource's type stands for "v1"`,
				`kind: is "Servlet", but the resource's type stands for "Service"`,
			},
		},
		"a namespace on a cluster-scoped kind": {
			token:  "kubernetes:core/v1:Namespace",
			inputs: "metadata: {name: a, namespace: b}",
			want:   []string{"metadata.namespace: the kind is cluster-scoped: leave the namespace out"},
		},
		"annotations": {
			token: service,
			inputs: `metadata: {name: web, annotations: {pulumi.com/waitFor: x, pulumi.com/skipAwait: "yes", ` +
				`pulumi.com/timeoutSeconds: "-1"}}`,
			want: []string{
				`metadata.annotations["pulumi.com/skipAwait"]: expected "true" or "false", got "yes"`,
				`metadata.annotations["pulumi.com/timeoutSeconds"]: expected a positive number of seconds, like "600", got "-1"`,
				`metadata.annotations["pulumi.com/waitFor"]: the sandbox's kubernetes plugin does not support this ` +
					`annotation; it has "pulumi.com/skipAwait", "pulumi.com/timeoutSeconds" and "pulumi.com/patchForce"`,
			},
		},
		"a field manager": {
			token:  service,
			inputs: "metadata: {name: web, annotations: {pulumi.com/patchFieldManager: mine}}",
			want: []string{`metadata.annotations["pulumi.com/patchFieldManager"]: the sandbox's kubernetes plugin has it for ` +
				`Patch resources alone: it applies every other object as "pulumi-kubernetes"`},
		},
		"a patch without a field manager's name": {
			token:  service + "Patch",
			inputs: "kind: Service\nmetadata: {name: web, annotations: {pulumi.com/patchFieldManager: \"\"}}\nspec: {portz: []}",
			want: []string{
				`metadata.annotations["pulumi.com/patchFieldManager"]: expected a name of 1 to 128 bytes of printable characters, got ""`,
				"spec.portz: the kind has no such field",
			},
		},
		"a field manager that the API server refuses": {
			token:  service + "Patch",
			inputs: `{kind: Service, metadata: {name: web, annotations: {pulumi.com/patchFieldManager: "a\tb"}}}`,
			want: []string{`metadata.annotations["pulumi.com/patchFieldManager"]: expected a name of 1 to 128 bytes of printable ` +
				`characters, got "a\tb"`},
		},
		"a patch of nothing": {
			token:  service + "Patch",
			inputs: "kind: Service\nmetadata: {generateName: web-}",
			want:   []string{"metadata.name: a patch needs the name of the object that it is for, and in a preview already: set it"},
		},
		"a patch of an object whose name is not known yet": {
			token:  service + "Patch",
			inputs: "kind: Service\nmetadata: {name: <unknown>}",
			want:   []string{"metadata.name: a patch needs the name of the object that it is for, and in a preview already: set it"},
		},
		"generateName": {
			token:  service,
			inputs: "metadata: {generateName: web-}",
			want: []string{"metadata.generateName: is not supported by server-side apply: set metadata.name, or neither to " +
				"have a name made up"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			e := *e
			e.t = t
			_, failures := e.check(test.token, "subject", values(t, test.inputs), nil)
			assert.ElementsMatch(t, test.want, failures)
		})
	}
}

func TestUnsupportedTypesAreNamed(t *testing.T) {
	e := start(t, programOptions())
	for token, want := range map[string]string{
		"kubernetes:example.com/v1:Gadget":       `does not know kind Gadget of example.com/v1: install the custom resource`,
		"kubernetes:apps/v2:Deployment":          `does not know kind Deployment of apps/v2`,
		"kubernetes:apps/v1:DeploymentList":      `"kubernetes:apps/v1:DeploymentList" is not supported`,
		"kubernetes:core/v1:ServicePatch":        `patches objects of kind Service: expected the input kind "Service"`,
		"kubernetes:helm.sh/v4:Chart":            `"kubernetes:helm.sh/v4:Chart" is not supported`,
		"kubernetes:yaml/v2:ConfigFile":          `"kubernetes:yaml/v2:ConfigFile" is not supported`,
		"kubernetes:kustomize/v2:Directory":      `"kubernetes:kustomize/v2:Directory" is not supported`,
		"kubernetes:yaml:ConfigGroup":            `"kubernetes:yaml:ConfigGroup" is not supported`,
		"kubernetes:somewhere:Thing":             `names no API group and version`,
		"kubernetes:apiextensions.k8s.io/v1:Foo": `does not know kind Foo`,
	} {
		_, err := e.plugin.Check(t.Context(), plugin.CheckRequest{URN: urn(token, "x"), News: resource.PropertyMap{}})
		require.ErrorContains(t, err, want, token)
	}
	_, err := e.plugin.Invoke(t.Context(), plugin.InvokeRequest{Tok: "kubernetes:yaml:decode"})
	assert.ErrorContains(t, err, `"kubernetes:yaml:decode" is not supported`)
}
