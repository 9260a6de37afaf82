package kubernetes_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestReplacementIsWhatTheServerCallsImmutable(t *testing.T) {
	e := start(t, programOptions())
	ns := e.namespace()
	tests := map[string]struct {
		token, before, after string
		want                 []string
	}{
		"a service's cluster IP, under another name than the one refused": {
			token:  service,
			before: "metadata: {name: ip}\nspec: {clusterIP: None, selector: {a: b}, ports: [{port: 80}]}",
			after:  "metadata: {name: ip, labels: {a: b}}\nspec: {clusterIP: 10.0.0.77, selector: {a: b}, ports: [{port: 80}]}",
			want:   []string{"metadata.labels", "!spec.clusterIP"},
		},
		"a service's ports are not": {
			token:  service,
			before: "metadata: {name: ports}\nspec: {ports: [{port: 80}]}",
			after:  "metadata: {name: ports}\nspec: {ports: [{port: 81}]}",
			want:   []string{"spec.ports[0].port"},
		},
		"a claim's access mode, not its size": {
			token: "kubernetes:core/v1:PersistentVolumeClaim",
			before: "metadata: {name: data}\n" +
				"spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}",
			after: "metadata: {name: data}\n" +
				"spec: {accessModes: [ReadWriteMany], resources: {requests: {storage: 2Gi}}}",
			want: []string{"!spec.accessModes[0]", "spec.resources.requests.storage"},
		},
		"a stateful set's service name, not its replicas": {
			token: "kubernetes:apps/v1:StatefulSet",
			before: "metadata: {name: db}\nspec: {serviceName: a, replicas: 1, selector: {matchLabels: {app: db}}, " +
				"template: {metadata: {labels: {app: db}}, spec: {containers: [{name: db, image: db}]}}}",
			after: "metadata: {name: db}\nspec: {serviceName: b, replicas: 2, selector: {matchLabels: {app: db}}, " +
				"template: {metadata: {labels: {app: db}}, spec: {containers: [{name: db, image: db}]}}}",
			want: []string{"spec.replicas", "!spec.serviceName"},
		},
		"a role binding's role": {
			token:  "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding",
			before: "metadata: {name: rb}\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: a}",
			after:  "metadata: {name: rb}\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: b}",
			want:   []string{"!roleRef.name"},
		},
		"an immutable config map's data": {
			token:  configMap,
			before: "metadata: {name: frozen}\nimmutable: true\ndata: {a: b}",
			after:  "metadata: {name: frozen}\nimmutable: true\ndata: {a: c}",
			want:   []string{"!data.a"},
		},
		"a name": {
			token:  configMap,
			before: "metadata: {name: old}\ndata: {a: b}",
			after:  "metadata: {name: new}\ndata: {a: b}",
			want:   []string{"!metadata.name"},
		},
		"a value that is not known yet is an update": {
			token:  service,
			before: "metadata: {name: later}\nspec: {clusterIP: None, ports: [{port: 80}]}",
			after:  "metadata: {name: later}\nspec: {clusterIP: <unknown>, ports: [{port: 80}]}",
			want:   []string{"spec.clusterIP"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			e := *e
			e.t = t
			inputs := func(text string) resource.PropertyMap {
				parsed := values(t, text)
				parsed["metadata"].ObjectValue()["namespace"] = resource.NewProperty(ns)
				return parsed
			}
			created, err := e.createFrom(test.token, "subject", inputs(test.before))
			require.NoError(t, err)
			diff := e.diff(created, e.mustCheck(test.token, "subject", inputs(test.after), created.inputs))
			assert.Equal(t, test.want, changed(diff))
		})
	}
}

func TestExistingObjects(t *testing.T) {
	e := start(t, programOptions())
	strict := start(t, resource.PropertyMap{})
	ns := e.namespace()
	e.live.apply("v1", "ConfigMap", ns, "theirs", "data: {a: theirs, b: theirs}")
	program := fmt.Sprintf("metadata: {name: theirs, namespace: %s}\ndata: {a: ours}", ns)

	_, err := strict.create(configMap, "theirs", program)
	require.ErrorContains(t, err, "ConfigMap "+ns+"/theirs exists already: import it")

	created := e.mustCreate(configMap, "theirs", program)
	assert.Equal(t, "ours", created.outputs["data"].ObjectValue()["a"].StringValue())
	again := e.mustCreate(configMap, "theirs", program)
	assert.Equal(t, created.inputs, again.inputs, "an up that was killed before its checkpoint converges")

	e.live.apply("v1", "ConfigMap", ns, "theirs", "data: {a: theirs again}")
	_, _, err = strict.update(created, program+"\nimmutable: false")
	require.ErrorContains(t, err, `fields belong to another manager: data.a (conflict with "somebody-else"`)
	require.ErrorContains(t, err, "enablePatchForce")
	forced := values(t, program+"\nimmutable: false")
	forced["metadata"].ObjectValue()["annotations"] = resource.NewProperty(values(t, `pulumi.com/patchForce: "true"`))
	_, _, err = strict.updateFrom(created, forced)
	require.NoError(t, err)
}

func TestImportLeavesNothingToDo(t *testing.T) {
	e := start(t, programOptions())
	ns := e.namespace()
	e.mustCreate(configMap, "settings", fmt.Sprintf("metadata: {name: settings, namespace: %s}\ndata: {a: b}", ns))
	// An import cannot know that the program spells 1 as 1000m.
	program := strings.ReplaceAll(web(ns, "shop/web:1", ""), "1000m", `"1"`)
	e.mustCreate(deployment, "web", program)
	tests := map[string]struct {
		id, program string
	}{
		configMap: {ns + "/settings", fmt.Sprintf(
			"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: %s}\ndata: {a: b}", ns)},
		deployment:                     {ns + "/web", program},
		"kubernetes:core/v1:Namespace": {ns, fmt.Sprintf("apiVersion: v1\nkind: Namespace\nmetadata: {name: %s}", ns)},
	}
	for token, test := range tests {
		t.Run(token, func(t *testing.T) {
			e := *e
			e.t = t
			imported := e.refresh(&state{urn: urn(token, "imported"), id: resource.ID(test.id)})
			require.NotNil(t, imported)
			step, _, err := e.update(imported, test.program)
			require.NoError(t, err)
			assert.Equal(t, "same", step, "%v", imported.inputs)
		})
	}
	assert.Nil(t, e.refresh(&state{urn: urn(configMap, "none"), id: resource.ID(ns + "/none")}))
}

func TestDeleteWaitsForFinalizers(t *testing.T) {
	e := start(t, programOptions())
	ns := e.namespace()
	created := e.mustCreate(configMap, "held", fmt.Sprintf(
		"metadata: {name: held, namespace: %s, finalizers: [example.com/hold]}\ndata: {a: b}", ns))
	err := e.delete(created, time.Second)
	require.ErrorContains(t, err, "ConfigMap "+ns+"/held was not deleted in time")
	require.ErrorContains(t, err, "waiting for finalizers to be removed: example.com/hold")

	released := time.AfterFunc(time.Second, func() {
		e.live.patch("v1", "ConfigMap", ns, "held", `[{"op": "remove", "path": "/metadata/finalizers"}]`)
	})
	defer released.Stop()
	require.NoError(t, e.delete(created, 20*time.Second))
	assert.Nil(t, e.live.get("v1", "ConfigMap", ns, "held"))
}

func TestDeleteSparesTheSuccessorOfTheSameName(t *testing.T) {
	e := start(t, programOptions())
	ns := e.namespace()
	created := e.mustCreate(configMap, "phoenix", fmt.Sprintf("metadata: {name: phoenix, namespace: %s}", ns))
	e.live.delete("v1", "ConfigMap", ns, "phoenix")
	e.live.apply("v1", "ConfigMap", ns, "phoenix", "data: {a: new}")
	require.NoError(t, e.delete(created, 10*time.Second))
	assert.NotNil(t, e.live.get("v1", "ConfigMap", ns, "phoenix"))
}

func TestNamespaceIsDeletedWithItsContents(t *testing.T) {
	e := start(t, programOptions())
	created := e.mustCreate("kubernetes:core/v1:Namespace", "doomed", "{}")
	name := string(created.id)
	assert.Regexp(t, `^doomed-[0-9a-f]{8}$`, name)
	e.mustCreate(configMap, "held", fmt.Sprintf(
		"metadata: {name: held, namespace: %s, finalizers: [example.com/hold]}", name))
	err := e.delete(created, 15*time.Second)
	require.ErrorContains(t, err, "Namespace "+name+" was not deleted in time")
	require.ErrorContains(t, err, "NamespaceFinalizersRemaining")
	e.live.patch("v1", "ConfigMap", name, "held", `[{"op": "remove", "path": "/metadata/finalizers"}]`)
	require.NoError(t, e.delete(created, time.Minute))
	assert.Nil(t, e.live.get("v1", "Namespace", "", name))
}

func TestKindsOfTheSameRun(t *testing.T) {
	e := start(t, programOptions())
	ns := e.namespace()
	definition := values(t, `
metadata: {name: gadgets.sandbox.example.com}
spec:
  group: sandbox.example.com
  scope: Namespaced
  names: {kind: Gadget, plural: gadgets, singular: gadget, listKind: GadgetList}
  versions:
  - name: v1
    served: true
    storage: true
    subresources: {status: {}}
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec: {type: object, properties: {size: {type: integer}}}
          status: {type: object, x-kubernetes-preserve-unknown-fields: true}`)
	const token = "kubernetes:sandbox.example.com/v1:Gadget"
	gadget := fmt.Sprintf("metadata: {name: g, namespace: %s}\nspec: {size: 1}", ns)

	const crd = "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition"
	checkedDefinition := e.mustCheck(crd, "gadgets", definition, nil)
	checked := e.mustCheck(token, "g", values(t, gadget), nil)
	_, err := e.plugin.Create(t.Context(), plugin.CreateRequest{URN: urn(token, "g"), Properties: checked, Preview: true})
	require.NoError(t, err, "in a preview, the definition exists only as a plan")

	defined, err := e.createFrom(crd, "gadgets", checkedDefinition)
	require.NoError(t, err)
	created := e.mustCreate(token, "g", gadget)
	assert.Eventually(t, func() bool {
		_, failures := e.check(token, "g", values(t, "metadata: {name: g}\nspec: {sise: 1}"), nil)
		return slices.Equal([]string{"spec.sise: the kind has no such field"}, failures)
	}, 20*time.Second, 200*time.Millisecond, "the server publishes the schema a moment after the kind")
	require.NoError(t, e.delete(defined, time.Minute))
	require.NoError(t, e.delete(created, time.Minute), "its objects are gone with it")
	assert.Nil(t, e.refresh(created))
}

func TestPreviewBeforeTheNamespaceExists(t *testing.T) {
	e := start(t, programOptions())
	preview := func(inputs string) error {
		checked := e.mustCheck(configMap, "early", values(t, inputs), nil)
		response, err := e.plugin.Create(t.Context(), plugin.CreateRequest{
			URN: urn(configMap, "early"), Properties: checked, Preview: true,
		})
		if err == nil {
			assert.Equal(t, checked, response.Properties)
		}
		return err
	}
	require.NoError(t, preview("metadata: {name: early, namespace: not-yet}"))
	require.NoError(t, preview("metadata: {name: early, namespace: <unknown>}"))
	require.ErrorContains(t, preview("metadata: {name: Early_, namespace: default}"), "metadata.name")
	assert.Nil(t, e.live.get("v1", "ConfigMap", "default", "early"))
}

func TestCancellationEndsWaits(t *testing.T) {
	e := start(t, programOptions())
	ns := e.namespace()
	begin := time.Now()
	cancelled := time.AfterFunc(2*time.Second, func() { _ = e.plugin.SignalCancellation(t.Context()) })
	defer cancelled.Stop()
	inputs := values(t, web(ns, "shop/web:1", "      nodeSelector: {disk: floppy}\n"))
	inputs["metadata"].ObjectValue()["annotations"] = resource.NewProperty(values(t, `pulumi.com/timeoutSeconds: "30"`))
	_, err := e.createFrom(deployment, "web", inputs)
	require.ErrorContains(t, err, "the operation was cancelled")
	assert.Less(t, time.Since(begin), 15*time.Second)
}
