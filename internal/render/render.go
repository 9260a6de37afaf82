// Package render turns a stack's config into the Kubernetes manifests that the program declares for it, without
// cluster, account, plugins or network. What is secret is replaced by a fixed text.
package render

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/federated-risk/federated-risk/internal/offline"
)

// Options of a rendering.
type Options struct {
	// Program declares the resources: stacks.Deploy.
	Program pulumi.RunFunc
	// Config of the stack.
	Config *offline.Config
	// Charts is a folder with a chart in a subfolder by its name. Releases whose chart is there are rendered into
	// objects too, as are those whose chart is a path in the project. Empty means only the latter.
	Charts string
}

// Stack returns the objects of the stack and a document for each Helm release, in the order in which kubectl needs
// them. Equal options give equal results. A program that shows a secret in the clear is an error.
func Stack(ctx context.Context, options Options) ([]*unstructured.Unstructured, error) {
	run, err := offline.Execute(ctx, options.Program, offline.Options{Config: options.Config})
	if err != nil {
		return nil, err
	}
	if run.Err != nil {
		return nil, run.Err
	}
	var objects []*unstructured.Unstructured
	for _, r := range run.Resources {
		found, err := options.resource(r)
		if err != nil {
			return nil, fmt.Errorf("%s %q: %w", r.Type, r.Name, err)
		}
		objects = append(objects, found...)
	}
	if leaks := leaks(run, objects); len(leaks) > 0 {
		return nil, fmt.Errorf("not rendered, since the program shows secrets in the clear:\n  %s", strings.Join(leaks, "\n  "))
	}
	slices.SortStableFunc(objects, compare)
	return objects, nil
}

// resource returns the objects that a resource of the program stands for; components, providers and what the other
// providers make are none.
func (o Options) resource(r *offline.Resource) ([]*unstructured.Unstructured, error) {
	if !strings.HasPrefix(r.Type, "kubernetes:") {
		return nil, nil
	}
	if r.Type != releaseType {
		declared, err := object(r)
		return []*unstructured.Unstructured{declared}, err
	}
	document, err := release(r)
	if err != nil {
		return nil, err
	}
	found, err := o.chartObjects(document)
	return append(found, document), err
}

// leaks lists where the objects show a secret that the providers have made up.
func leaks(run *offline.Run, objects []*unstructured.Unstructured) []string {
	search := run.Search()
	var found []string
	for _, object := range objects {
		visitTexts(object.Object, object.GetKind()+" "+object.GetName()+" ", func(place, text string) {
			found = append(found, search(place, text)...)
		})
	}
	slices.Sort(found)
	return slices.Compact(found)
}
