package property

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// MarkSecrets returns values with everything secret that is secret at the same path of like. A list of another length
// than the one in like that holds a secret becomes secret as a whole, since its elements cannot be told apart.
func MarkSecrets(values, like resource.PropertyMap) resource.PropertyMap {
	result := values.Copy()
	for key, model := range like {
		if value, ok := values[key]; ok {
			result[key] = markSecret(value, model)
		}
	}
	return result
}

func markSecret(value, like resource.PropertyValue) resource.PropertyValue {
	model, secret := Unwrap(like)
	if secret {
		return MakeSecret(value)
	}
	if !model.ContainsSecrets() {
		return value
	}
	inner, wasSecret := Unwrap(value)
	if wasSecret {
		return value
	}
	switch {
	case inner.IsObject() && model.IsObject():
		return resource.NewProperty(MarkSecrets(inner.ObjectValue(), model.ObjectValue()))
	case inner.IsArray() && model.IsArray() && len(inner.ArrayValue()) == len(model.ArrayValue()):
		list := slices.Clone(inner.ArrayValue())
		for i, element := range model.ArrayValue() {
			list[i] = markSecret(list[i], element)
		}
		return resource.NewProperty(list)
	default:
		return MakeSecret(value)
	}
}

// MakeSecret returns value as a secret, once.
func MakeSecret(value resource.PropertyValue) resource.PropertyValue {
	if value.IsSecret() {
		return value
	}
	return resource.MakeSecret(value)
}

// Redacted stands in a message where a secret was.
const Redacted = "[secret]"

// Redact returns message without the secret strings in sets, in whatever form an API server or a library prints them:
// as they are, quoted, or base64-encoded (the form in which a Kubernetes Secret holds them).
func Redact(message string, sets ...resource.PropertyMap) string {
	var secrets []string
	for _, set := range sets {
		collectSecrets(resource.NewProperty(set), false, &secrets)
	}
	// A secret that contains another one must go first, or its remains would stay.
	slices.SortFunc(secrets, func(a, b string) int { return len(b) - len(a) })
	for _, secret := range secrets {
		message = strings.ReplaceAll(message, secret, Redacted)
	}
	return message
}

func collectSecrets(value resource.PropertyValue, within bool, secrets *[]string) {
	inner, secret := Unwrap(value)
	within = within || secret
	switch {
	case inner.IsObject():
		for _, element := range inner.ObjectValue() {
			collectSecrets(element, within, secrets)
		}
	case inner.IsArray():
		for _, element := range inner.ArrayValue() {
			collectSecrets(element, within, secrets)
		}
	case inner.IsString() && within && inner.StringValue() != "":
		*secrets = append(*secrets, forms(inner.StringValue())...)
	}
}

// forms returns the ways in which secret may turn up in a message.
func forms(secret string) []string {
	all := []string{secret, base64.StdEncoding.EncodeToString([]byte(secret))}
	if quoted := strconv.Quote(secret); quoted[1:len(quoted)-1] != secret {
		all = append(all, quoted[1:len(quoted)-1])
	}
	if decoded, err := base64.StdEncoding.DecodeString(secret); err == nil && len(decoded) > 0 {
		all = append(all, string(decoded))
	}
	return all
}
