package policy

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func specs(args *Args) map[string]map[string]any {
	objects := map[string]map[string]any{}
	for _, object := range args.meshObjects() {
		objects[object.kind+" "+object.name] = object.spec
	}
	return objects
}

func authorization(app string, rules ...any) map[string]any {
	return map[string]any{"selector": map[string]any{"matchLabels": map[string]any{"app": app}}, "action": "ALLOW", "rules": rules}
}

func callers(port, attribute string, principals ...any) any {
	return map[string]any{
		"from": []any{map[string]any{"source": map[string]any{attribute: principals}}},
		"to":   []any{map[string]any{"operation": map[string]any{"ports": []any{port}}}},
	}
}

// TestIdentitiesAreAdmittedCallerByCaller: the standby acts as its service, and nobody calls the service alone.
func TestIdentitiesAreAdmittedCallerByCaller(t *testing.T) {
	const front, gateway = "cluster.local/ns/risk/sa/front", "cluster.local/ns/in/sa/gw"
	assert.Equal(t, map[string]map[string]any{
		"PeerAuthentication default":        {"mtls": map[string]any{"mode": "STRICT"}},
		"AuthorizationPolicy allow-nothing": {},
		"AuthorizationPolicy isolated": {"action": "DENY", "rules": []any{map[string]any{"from": []any{map[string]any{
			"source": map[string]any{"principals": []any{"*"}, "notPrincipals": []any{"*"}},
		}}}}},
		"Sidecar default":                  {"egress": []any{map[string]any{"hosts": []any{"./*", "istio/*"}}}},
		"AuthorizationPolicy store":        authorization("store", callers("81", "principals", front)),
		"AuthorizationPolicy front":        authorization("front", callers("82", "principals", gateway)),
		"AuthorizationPolicy front-backup": authorization("front-backup", callers("82", "principals", gateway)),
	}, specs(valid()))
}

func TestIsolationDeniesEveryRequest(t *testing.T) {
	args := valid()
	args.Isolated = true
	got := specs(args)
	assert.Equal(t, map[string]any{"action": "DENY", "rules": []any{map[string]any{}}}, got["AuthorizationPolicy isolated"])
	assert.Len(t, got, len(specs(valid())), "nothing comes or goes, since Pulumi deletes last")
}

// TestControllerWithoutSidecar opens the exposed services' port to callers without an identity, and nothing else.
func TestControllerWithoutSidecar(t *testing.T) {
	args := valid()
	args.Entrance.Principal = ""
	got := specs(args)
	for _, app := range []string{"front", "front-backup"} {
		assert.Equal(t, authorization(app, callers("82", "notPrincipals", "*")), got["AuthorizationPolicy "+app])
		assert.Equal(t, map[string]any{
			"selector":      map[string]any{"matchLabels": map[string]any{"app": app}},
			"mtls":          map[string]any{"mode": "STRICT"},
			"portLevelMtls": map[string]any{"82": map[string]any{"mode": "PERMISSIVE"}},
		}, got["PeerAuthentication "+app])
	}
	assert.Equal(t, authorization("store", callers("81", "principals", "cluster.local/ns/risk/sa/front")), got["AuthorizationPolicy store"])
	assert.NotContains(t, got, "PeerAuthentication store")
	assert.Equal(t, map[string]any{"mtls": map[string]any{"mode": "STRICT"}}, got["PeerAuthentication default"])
	assert.Len(t, got, 9)
}
