package platformtest

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
)

const (
	// settleTime is how long nothing may move in a cluster for it to count as settled.
	settleTime    = time.Second
	settleTimeout = 60 * time.Second
)

// restless resources change by themselves all the time: nodes report how they are.
var restless = map[string]bool{"events": true, "leases": true, "nodes": true}

// Object is one object of the cluster.
type Object struct {
	// Kind is "<resource>.<group>", Namespace is empty for cluster-scoped objects.
	Kind, Namespace, Name string
	Content               *unstructured.Unstructured
}

// Key names the object: "<resource>.<group> <namespace>/<name>".
func (o Object) Key() string { return fmt.Sprintf("%s %s/%s", o.Kind, o.Namespace, o.Name) }

// Inventory is every object of every kind in the cluster by key, but for events, leases and nodes.
type Inventory map[string]Object

// Inventory lists the cluster.
func (p *Platform) Inventory(ctx context.Context) (Inventory, error) {
	config, err := p.Cluster.RESTConfig()
	if err != nil {
		return nil, err
	}
	// That some kinds are deprecated is of no interest here.
	config.WarningHandler = rest.NoWarnings{}
	discoverer, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("inventory: %w", err)
	}
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("inventory: %w", err)
	}
	groups, err := discoverer.ServerPreferredResources()
	if err != nil {
		return nil, fmt.Errorf("inventory: list the kinds: %w", err)
	}
	found := Inventory{}
	for _, group := range groups {
		version, err := schema.ParseGroupVersion(group.GroupVersion)
		if err != nil {
			return nil, fmt.Errorf("inventory: %w", err)
		}
		for _, resource := range group.APIResources {
			if !slices.Contains(resource.Verbs, "list") || restless[resource.Name] {
				continue
			}
			if err := found.list(ctx, client, version.WithResource(resource.Name)); err != nil {
				return nil, err
			}
		}
	}
	return found, nil
}

func (i Inventory) list(ctx context.Context, client dynamic.Interface, resource schema.GroupVersionResource) error {
	list, err := client.Resource(resource).List(ctx, metav1.ListOptions{})
	if err != nil {
		return fmt.Errorf("inventory: list %s: %w", resource, err)
	}
	for index := range list.Items {
		content := &list.Items[index]
		object := Object{
			Kind:      strings.TrimSuffix(resource.Resource+"."+resource.Group, "."),
			Namespace: content.GetNamespace(),
			Name:      content.GetName(),
			Content:   content,
		}
		i[object.Key()] = object
	}
	return nil
}

// Settled returns the inventory once nothing in the cluster has moved for a while.
func (p *Platform) Settled(ctx context.Context) (Inventory, error) {
	ctx, cancel := context.WithTimeout(ctx, settleTimeout)
	defer cancel()
	var last Inventory
	var moved []string
	err := wait.PollUntilContextCancel(ctx, settleTime, true, func(ctx context.Context) (bool, error) {
		now, err := p.Inventory(ctx)
		if err != nil {
			return false, err
		}
		moved = last.Changes(now)
		still := last != nil && len(moved) == 0
		last = now
		return still, nil
	})
	if err != nil {
		return nil, fmt.Errorf("the cluster did not come to rest within %s: %w; it last moved %s", settleTimeout, err, strings.Join(moved, ", "))
	}
	return last, nil
}

// Changes returns what differs between two inventories, sorted: "+ <key>", "- <key>" and "~ <key>", the last for
// an object that was written to in between.
func (i Inventory) Changes(later Inventory) []string {
	changes := []string{}
	for key, before := range i {
		after, exists := later[key]
		switch {
		case !exists:
			changes = append(changes, "- "+key)
		case before.Content.GetUID() != after.Content.GetUID():
			changes = append(changes, "- "+key, "+ "+key)
		case before.Content.GetResourceVersion() != after.Content.GetResourceVersion():
			changes = append(changes, "~ "+key)
		}
	}
	for key := range later {
		if _, exists := i[key]; !exists {
			changes = append(changes, "+ "+key)
		}
	}
	slices.Sort(changes)
	return changes
}

// Where returns the objects for which keep is true.
func (i Inventory) Where(keep func(Object) bool) Inventory {
	kept := maps.Clone(i)
	maps.DeleteFunc(kept, func(_ string, object Object) bool { return !keep(object) })
	return kept
}

// generated matches the parts of a name that differ from one deployment to the next: the suffix of a name that Pulumi
// made, Helm's count of revisions, and the uid in the name of a volume.
var generated = []*regexp.Regexp{
	regexp.MustCompile(`-[0-9a-f]{8}$`),
	regexp.MustCompile(`\.v[0-9]+$`),
	regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`),
}

// serviceAddresses are named after the address that a Service happened to get.
const serviceAddresses = "ipaddresses.networking.k8s.io"

// helmRecord begins the names of the Secrets in which Helm keeps the revisions of a release.
const helmRecord = "sh.helm.release."

// Unowned returns the keys of the objects that no other object owns, sorted, with the generated part of their names
// replaced by an asterisk. Garbage collection sees to the others, and the API server to the addresses of Services.
func (i Inventory) Unowned() []string {
	keys := []string{}
	for _, object := range i {
		if len(object.Content.GetOwnerReferences()) > 0 || object.Kind == serviceAddresses {
			continue
		}
		for _, pattern := range generated {
			object.Name = pattern.ReplaceAllString(object.Name, "*")
		}
		// How many revisions Helm remembers depends on how often a release was upgraded.
		if strings.HasPrefix(object.Name, helmRecord) && slices.Contains(keys, object.Key()) {
			continue
		}
		keys = append(keys, object.Key())
	}
	slices.Sort(keys)
	return keys
}
