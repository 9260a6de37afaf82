package stacktest_test

import (
	"encoding/base64"
	"testing"

	"github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes"
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	"github.com/pulumi/pulumi-random/sdk/v4/go/random"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/tests/stacktest"
)

// leaky is a program that does with a password what the function says.
func leaky(leak func(ctx *pulumi.Context, password pulumi.StringOutput) error) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		password, err := random.NewRandomPassword(ctx, "password", &random.RandomPasswordArgs{Length: pulumi.Int(32)})
		if err != nil {
			return err
		}
		return leak(ctx, password.Result)
	}
}

// configMap declares one with a value in the clear that convert makes of the password.
func configMap(convert func(string) string) func(*pulumi.Context, pulumi.StringOutput) error {
	return func(ctx *pulumi.Context, password pulumi.StringOutput) error {
		clear := pulumi.Unsecret(password.ApplyT(convert)).(pulumi.StringOutput)
		_, err := corev1.NewConfigMap(ctx, "config", &corev1.ConfigMapArgs{Data: pulumi.StringMap{"value": clear}})
		return err
	}
}

// TestLeaksFindsSecrets proves that a run without leaks is one: each of these has one, and none goes unseen.
func TestLeaksFindsSecrets(t *testing.T) {
	const value = "kubernetes:core/v1:ConfigMap config input.data.value shows result of password"
	for name, check := range map[string]struct {
		leak func(*pulumi.Context, pulumi.StringOutput) error
		want []string
	}{
		"nothing": {
			func(ctx *pulumi.Context, password pulumi.StringOutput) error {
				ctx.Export("secret", password)
				_, err := corev1.NewSecret(ctx, "secret", &corev1.SecretArgs{StringData: pulumi.StringMap{"value": password}})
				return err
			}, nil,
		},
		"plain":       {configMap(func(plain string) string { return plain }), []string{value}},
		"in a text":   {configMap(func(plain string) string { return "redis://:" + plain + "@host" }), []string{value}},
		"in base64":   {configMap(func(plain string) string { return base64.StdEncoding.EncodeToString([]byte(plain)) }), []string{value}},
		"base64, 1st": {configMap(func(plain string) string { return base64.StdEncoding.EncodeToString([]byte("a" + plain + "z")) }), []string{value}},
		"base64, 2nd": {configMap(func(plain string) string { return base64.URLEncoding.EncodeToString([]byte("ab" + plain + "yz")) }), []string{value}},
		"as a key": {
			func(ctx *pulumi.Context, password pulumi.StringOutput) error {
				byPassword := pulumi.Unsecret(password.ApplyT(func(plain string) map[string]string {
					return map[string]string{plain: "x"}
				})).(pulumi.StringMapOutput)
				_, err := corev1.NewConfigMap(ctx, "config", &corev1.ConfigMapArgs{Data: byPassword})
				return err
			}, []string{"kubernetes:core/v1:ConfigMap config input.data key shows result of password"},
		},
		"in a stack output": {
			func(ctx *pulumi.Context, password pulumi.StringOutput) error {
				ctx.Export("outputs", pulumi.Map{"password": pulumi.Unsecret(password)})
				return nil
			}, []string{"pulumi:pulumi:Stack federated-risk-test output.outputs.password shows result of password"},
		},
		"in a message": {
			func(ctx *pulumi.Context, password pulumi.StringOutput) error {
				ctx.Export("done", password.ApplyT(func(plain string) (string, error) {
					return "", ctx.Log.Info("the password is "+plain, nil)
				}))
				return nil
			}, []string{"a message to the user shows result of password"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			run := stacktest.Execute(t, leaky(check.leak), stacktest.Options{})
			require.NoError(t, run.Err)
			assert.Equal(t, check.want, run.Leaks())
		})
	}
}

func TestPreviewKnowsNoOutputsThatOnlyTheProviderDecides(t *testing.T) {
	program := func(ctx *pulumi.Context) error {
		object, err := corev1.NewSecret(ctx, "object", &corev1.SecretArgs{})
		if err != nil {
			return err
		}
		_, err = corev1.NewConfigMap(ctx, "config", &corev1.ConfigMapArgs{Data: pulumi.StringMap{"name": object.Metadata.Name().Elem()}})
		return err
	}
	run := stacktest.Execute(t, program, stacktest.Options{Preview: true})
	require.NoError(t, run.Err)
	assert.Equal(t, stacktest.Unknown, run.Find(t, "ConfigMap", "config").Get(t, "data.name"))
	run = stacktest.Execute(t, program, stacktest.Options{})
	require.NoError(t, run.Err)
	name := stacktest.GeneratedName(run.Find(t, "Secret", "object"))
	assert.Equal(t, name, run.Find(t, "ConfigMap", "config").Get(t, "data.name"))
}

func TestUnknownTypesAndCallsAreErrors(t *testing.T) {
	run := stacktest.Execute(t, func(ctx *pulumi.Context) error {
		var state pulumi.CustomResourceState
		return ctx.RegisterResource("random:index/randomUnheardOf:RandomUnheardOf", "it", pulumi.Map{}, &state)
	}, stacktest.Options{})
	require.ErrorContains(t, run.Err, "random:index/randomUnheardOf:RandomUnheardOf")
	run = stacktest.Execute(t, func(ctx *pulumi.Context) error {
		return ctx.Invoke("kubernetes:helm:template", &struct{}{}, &struct{}{})
	}, stacktest.Options{})
	require.ErrorContains(t, run.Err, "kubernetes:helm:template")
	assert.Equal(t, []string{"kubernetes:helm:template"}, run.Invokes)
}

func TestOneNameForTwoResourcesIsAnError(t *testing.T) {
	run := stacktest.Execute(t, func(ctx *pulumi.Context) error {
		for range 2 {
			if _, err := kubernetes.NewProvider(ctx, "twin", nil); err != nil {
				return err
			}
		}
		return nil
	}, stacktest.Options{})
	require.ErrorContains(t, run.Err, "duplicate resource URN")
}
