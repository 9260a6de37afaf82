package datastores

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/stacks"
	"github.com/federated-risk/federated-risk/tests/stacktest"
)

// stack is what the program declares for one generation of a login.
type stack struct{ *stacktest.Run }

// declare deploys the production stack at a generation of rotation.<key>, database or redis.
func declare(t *testing.T, key string, generation int) stack {
	t.Helper()
	config := stacktest.Load(t, "prod").Set(t, "rotation."+key, strconv.Itoa(generation))
	run := stacktest.Execute(t, stacks.Deploy, stacktest.Options{Config: config})
	require.NoError(t, run.Err)
	return stack{run}
}

// secret returns the entries of the Secret with this metadata.name, in plain text.
func (s stack) secret(t *testing.T, name string) map[string]string {
	t.Helper()
	for _, r := range s.OfKind("v1:Secret") {
		if r.Get(t, "metadata.name") == name {
			return r.SecretData(t)
		}
	}
	require.Fail(t, "no such Secret", "the program declares none named %s", name)
	return nil
}

// urls returns the variable of each service that has it, such as DATABASE_URL, by the service's name.
func (s stack) urls(t *testing.T, variable string) map[string]string {
	t.Helper()
	urls := map[string]string{}
	for _, r := range s.OfKind("v1:Secret") {
		if service, is := strings.CutSuffix(r.Name, "-env"); is {
			if url, has := r.SecretData(t)[variable]; has {
				urls[service] = url
			}
		}
	}
	require.NotEmpty(t, urls, "no service has a %s", variable)
	return urls
}

// job returns the command and the environment of the first container of a Job. An environment refers to Secrets: here are
// their values.
func (s stack) job(t *testing.T, name string) (command []string, environment map[string]string) {
	t.Helper()
	const container = "spec.template.spec.containers[0]."
	declared := s.Find(t, "Job", name)
	read(t, declared.Get(t, container+"command"), &command)
	var variables []struct {
		Name, Value string
		ValueFrom   struct{ SecretKeyRef struct{ Name, Key string } }
	}
	read(t, declared.Get(t, container+"env"), &variables)
	environment = map[string]string{}
	for _, variable := range variables {
		environment[variable.Name] = variable.Value
		if from := variable.ValueFrom.SecretKeyRef; from.Name != "" {
			value, found := s.secret(t, from.Name)[from.Key]
			require.True(t, found, "%s reads %s of the Secret %s, which has no such entry", name, from.Key, from.Name)
			environment[variable.Name] = value
		}
	}
	return command, environment
}

// read has declared values in Go's types. A field that the type does not have is an error.
func read(t *testing.T, declared, into any) {
	t.Helper()
	encoded, err := json.Marshal(declared)
	require.NoError(t, err)
	decoder := json.NewDecoder(bytes.NewReader(encoded))
	decoder.DisallowUnknownFields()
	require.NoError(t, decoder.Decode(into), "%s", encoded)
}
