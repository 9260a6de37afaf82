package tls_test

import (
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestChangesReplace(t *testing.T) {
	engine, _ := connect(t)
	key := newKey(engine)
	given := inputs{"privateKeyPem": key, "validityPeriodHours": 24, "allowedUses": list{"server_auth"}, "dnsNames": list{"a"}, "subject": inputs{"commonName": "a"}}
	state := engine.Up(selfSignedCert, properties(given))
	assert.Equal(t, pulumirpc.DiffResponse_DIFF_NONE, engine.Diff(state, properties(given)).GetChanges())
	secretKey := inputs{"privateKeyPem": resource.MakeSecret(resource.NewProperty(key))}
	for name, test := range map[string]struct {
		changed  inputs
		replaces []string
	}{
		"key":             {inputs{"privateKeyPem": newKey(engine)}, []string{"privateKeyPem"}},
		"key is secret":   {secretKey, nil},
		"unknown key":     {inputs{"privateKeyPem": unknown}, []string{"privateKeyPem"}},
		"validity":        {inputs{"validityPeriodHours": 48}, []string{"validityPeriodHours"}},
		"uses":            {inputs{"allowedUses": list{"client_auth"}}, []string{"allowedUses[0]"}},
		"names":           {inputs{"dnsNames": list{"a", "b"}}, []string{"dnsNames[1]"}},
		"subject":         {inputs{"subject": inputs{"commonName": "b"}}, []string{"subject.commonName"}},
		"default written": {inputs{"isCaCertificate": false, "earlyRenewalHours": 0}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			changed := inputs{}
			for name, value := range given {
				changed[name] = value
			}
			for name, value := range test.changed {
				changed[name] = value
			}
			diff := engine.Diff(state, properties(changed))
			assert.Equal(t, test.replaces, diff.GetReplaces())
			assert.Equal(t, test.replaces != nil, diff.GetChanges() == pulumirpc.DiffResponse_DIFF_SOME)
		})
	}
}

func TestEarlyRenewalChangesInPlace(t *testing.T) {
	engine, clock := connect(t)
	given := inputs{"privateKeyPem": newKey(engine), "validityPeriodHours": 24, "allowedUses": list{"server_auth"}}
	state := engine.Up(selfSignedCert, properties(given))
	given["earlyRenewalHours"] = 10
	diff := engine.Diff(state, properties(given))
	assert.Equal(t, pulumirpc.DiffResponse_DIFF_SOME, diff.GetChanges())
	assert.Empty(t, diff.GetReplaces())
	updated := engine.Update(state, properties(given))
	assert.Equal(t, state.Output("certPem"), updated.Output("certPem"))
	assert.EqualValues(t, 10, updated.Output("earlyRenewalHours"))
	assert.True(t, updated.Outputs["privateKeyPem"].IsSecret())
	assert.Equal(t, pulumirpc.DiffResponse_DIFF_NONE, engine.Diff(updated, properties(given)).GetChanges())

	clock.set(start.Add(23 * time.Hour))
	given["earlyRenewalHours"] = 2
	assert.Equal(t, []string{"readyForRenewal"}, engine.Diff(updated, properties(given)).GetReplaces(), "the new early renewal has begun")
	given["earlyRenewalHours"] = 0
	assert.Empty(t, engine.Diff(updated, properties(given)).GetReplaces(), "the new early renewal has not begun")
}

func TestRenewal(t *testing.T) {
	engine, clock := connect(t)
	ca := newAuthority(t, engine)
	request := engine.Up(certRequest, properties(inputs{"privateKeyPem": newKey(engine)})).Output("certRequestPem")
	given := inputs{"caPrivateKeyPem": ca.key, "caCertPem": ca.certificate, "certRequestPem": request, "validityPeriodHours": 100, "earlyRenewalHours": 10, "allowedUses": list{"server_auth"}}
	state := engine.Up(locallySignedCert, properties(given))
	require.Equal(t, false, state.Output("readyForRenewal"))
	for name, test := range map[string]struct {
		after time.Duration
		due   bool
	}{
		"new":           {0, false},
		"second before": {90*time.Hour - time.Second, false},
		"early":         {90 * time.Hour, true},
		"expired":       {101 * time.Hour, true},
	} {
		t.Run(name, func(t *testing.T) {
			clock.set(start.Add(test.after))
			diff := engine.Diff(state, properties(given))
			refreshed := engine.Refresh(state)
			assert.Equal(t, test.due, refreshed.Output("readyForRenewal"))
			assert.True(t, refreshed.Outputs["caPrivateKeyPem"].IsSecret())
			if !test.due {
				assert.Equal(t, pulumirpc.DiffResponse_DIFF_NONE, diff.GetChanges())
				return
			}
			assert.Equal(t, []string{"readyForRenewal"}, diff.GetReplaces(), "an up without a refresh renews")
			assert.Equal(t, []string{"readyForRenewal"}, engine.Diff(refreshed, properties(given)).GetReplaces(), "and so does one with it")
			renewed := engine.Up(locallySignedCert, properties(given))
			assert.NotEqual(t, state.ID, renewed.ID)
			assert.Equal(t, pulumirpc.DiffResponse_DIFF_NONE, engine.Diff(renewed, properties(given)).GetChanges())
		})
	}
}

func TestNeverValid(t *testing.T) {
	engine, _ := connect(t)
	given := inputs{"privateKeyPem": newKey(engine), "validityPeriodHours": 0, "allowedUses": list{}}
	assert.Equal(t, true, engine.Up(selfSignedCert, properties(given)).Output("readyForRenewal"))
}

func TestPreviewLeavesOutputsUnknown(t *testing.T) {
	engine, _ := connect(t)
	state, err := engine.Create(selfSignedCert, properties(inputs{"privateKeyPem": unknown, "validityPeriodHours": 1, "allowedUses": list{}}), true)
	require.NoError(t, err)
	for _, name := range []resource.PropertyKey{"certPem", "keyAlgorithm", "readyForRenewal", "validityStartTime", "validityEndTime", "privateKeyPem"} {
		assert.True(t, state.Outputs[name].ContainsUnknowns(), name)
	}
	assert.EqualValues(t, 1, state.Output("validityPeriodHours"))
	state, err = engine.Create(privateKey, properties(inputs{"algorithm": "ED25519"}), true)
	require.NoError(t, err)
	assert.True(t, state.Outputs["privateKeyPem"].IsSecret())
	assert.True(t, state.Outputs["privateKeyPem"].ContainsUnknowns())
}
