package offline

import (
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	encodingpem "encoding/pem"
	"fmt"
	"math/big"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Generated is a secret that a provider made up.
type Generated struct {
	// Resource and Property that it comes from.
	Resource, Property string
	// Text that gives it away wherever it stands in the clear.
	Text string
}

// outputsOf returns what the official provider of r returns for its inputs, and which of it is secret. In a preview,
// whatever only the creation decides is unknown. A type that nobody has described here is an error: made-up outputs
// would make a test pass on something that no provider says.
func outputsOf(r *Resource, preview bool) (resource.PropertyMap, []Generated, error) {
	outputs := r.Inputs.Copy()
	if r.IsProvider() {
		return outputs, nil, nil
	}
	var computed map[string]output
	switch r.Type {
	case "random:index/randomPassword:RandomPassword":
		computed = passwordOutputs(r)
	case "tls:index/privateKey:PrivateKey":
		public, err := publicKey(r)
		if err != nil {
			return nil, nil, err
		}
		computed = map[string]output{
			"privateKeyPem":              pem(r.Name, "PRIVATE KEY", true),
			"privateKeyPemPkcs8":         pem(r.Name+" pkcs8", "PRIVATE KEY", true),
			"privateKeyOpenssh":          pem(r.Name+" openssh", "OPENSSH PRIVATE KEY", true),
			"publicKeyPem":               public,
			"publicKeyOpenssh":           {value: resource.NewProperty("ssh-rsa " + token(r.Name+" public"))},
			"publicKeyFingerprintSha256": {value: resource.NewProperty("SHA256:" + token(r.Name+" print"))},
		}
	case "tls:index/certRequest:CertRequest":
		computed = map[string]output{"certRequestPem": pem(r.Name, "CERTIFICATE REQUEST", false)}
	case "tls:index/selfSignedCert:SelfSignedCert", "tls:index/locallySignedCert:LocallySignedCert":
		computed = map[string]output{
			"certPem": pem(r.Name, "CERTIFICATE", false),
			// A rendering must not differ from one day to the next.
			"validityEndTime": {value: resource.NewProperty("2099-12-31T23:59:59Z")},
		}
	case "kubernetes:helm.sh/v3:Release":
		computed = map[string]output{"status": releaseStatus(r)}
	default:
		if !strings.HasPrefix(r.Type, "kubernetes:") {
			return nil, nil, fmt.Errorf("the offline engine does not know what %s returns: describe it in internal/offline/outputs.go", r.Type)
		}
		nameObject(r, outputs, preview)
	}
	var generated []Generated
	for property, made := range computed {
		value := made.value
		if preview {
			value = resource.MakeComputed(resource.NewProperty(""))
		} else if made.secret != "" {
			generated = append(generated, Generated{Resource: r.Name, Property: property, Text: made.secret})
		}
		outputs[resource.PropertyKey(property)] = value
	}
	return outputs, generated, nil
}

// output is a computed property and, if it is secret, the text that gives it away.
type output struct {
	value  resource.PropertyValue
	secret string
}

func secretText(text string) output { return output{value: resource.NewProperty(text), secret: text} }

// passwordOutputs returns a password of the length and, unless special characters are ruled out, with those that
// break URLs, shells and YAML.
func passwordOutputs(r *Resource) map[string]output {
	if digits := r.Inputs["overrideSpecial"]; digits.IsString() && digits.StringValue() == "abcdef" {
		return map[string]output{"result": secretText(hex.EncodeToString(digest(r.Name))[:integer(r, "length")])}
	}
	text := token(r.Name + " password")
	for len(text) < integer(r, "length") {
		text += token(text)
	}
	text = text[:integer(r, "length")]
	special := r.Inputs["special"]
	if !special.IsBool() || special.BoolValue() {
		text = text[:len(text)-10] + "/+@:#%?&=$"
	}
	return map[string]output{
		"result":     secretText(text),
		"bcryptHash": secretText("$2a$10$" + token(text)),
	}
}

func releaseStatus(r *Resource) output {
	return output{value: resource.NewProperty(resource.PropertyMap{
		"name":      r.Inputs["name"],
		"namespace": r.Inputs["namespace"],
		"chart":     r.Inputs["chart"],
		"revision":  resource.NewProperty(1.0),
		"status":    resource.NewProperty("deployed"),
	})}
}

// GeneratedName is the metadata.name that a Kubernetes object without one gets. It is as long as the names that the
// provider draws at random, and cannot be mistaken for one.
func GeneratedName(r *Resource) string { return r.Name + "-rendered" }

// nameObject gives a Kubernetes object without a name a generated one, which a preview does not know.
func nameObject(r *Resource, outputs resource.PropertyMap, preview bool) {
	metadata := resource.PropertyMap{}
	if given := outputs["metadata"]; given.IsObject() {
		metadata = given.ObjectValue().Copy()
	}
	if _, named := metadata["name"]; !named {
		// The Go SDK takes an object with an unknown member for known and the member for empty, so the whole is unknown.
		if preview {
			outputs["metadata"] = resource.MakeComputed(resource.NewProperty(""))
			return
		}
		metadata["name"] = resource.NewProperty(GeneratedName(r))
	}
	outputs["metadata"] = resource.NewProperty(metadata)
}

// pem returns a block with one line of its own, the same for the same subject.
func pem(subject, kind string, secret bool) output {
	body := token(subject+" "+kind) + token(kind+" "+subject)
	made := output{value: resource.NewProperty("-----BEGIN " + kind + "-----\n" + body + "\n-----END " + kind + "-----\n")}
	if secret {
		made.secret = body
	}
	return made
}

// publicKey is a real one where it is RSA, since programs parse it: a number of the right length, which nobody can factor.
func publicKey(r *Resource) (output, error) {
	if algorithm := r.Inputs["algorithm"]; !algorithm.IsString() || algorithm.StringValue() != "RSA" {
		return pem(r.Name, "PUBLIC KEY", false), nil
	}
	var modulus []byte
	for block := 0; len(modulus) < integer(r, "rsaBits")/8; block++ {
		modulus = append(modulus, digest(fmt.Sprintf("%s modulus %d", r.Name, block))...)
	}
	modulus[0] |= 0x80
	modulus[len(modulus)-1] |= 1
	encoded, err := x509.MarshalPKIXPublicKey(&rsa.PublicKey{N: new(big.Int).SetBytes(modulus), E: 65537})
	if err != nil {
		return output{}, fmt.Errorf("public key of %s: %w", r.Name, err)
	}
	return output{value: resource.NewProperty(string(encodingpem.EncodeToMemory(&encodingpem.Block{Type: "PUBLIC KEY", Bytes: encoded})))}, nil
}

// token returns 40 letters and digits, the same for the same subject.
func token(subject string) string {
	encoded := base64.StdEncoding.EncodeToString(digest(subject))
	return strings.NewReplacer("/", "s", "+", "p", "=", "e").Replace(encoded)[:40]
}

func digest(subject string) []byte {
	sum := sha256.Sum256([]byte(subject))
	return sum[:]
}

func integer(r *Resource, property resource.PropertyKey) int {
	value := r.Inputs[property]
	if !value.IsNumber() {
		return 0
	}
	return int(value.NumberValue())
}
