package tls

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"net"
	"net/url"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/federated-risk/federated-risk/tests/sandbox/localonly"
)

var oidEmailAddress = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 1}

// identityFields are the inputs that say whom a certificate is for.
func identityFields() []localonly.Field {
	return []localonly.Field{
		{Name: "subject", Type: localonly.Object, Fields: []localonly.Field{
			{Name: "commonName", Type: localonly.Text},
			{Name: "country", Type: localonly.Text},
			{Name: "emailAddress", Type: localonly.Text},
			{Name: "locality", Type: localonly.Text},
			{Name: "organization", Type: localonly.Text},
			{Name: "organizationalUnit", Type: localonly.Text},
			{Name: "postalCode", Type: localonly.Text},
			{Name: "province", Type: localonly.Text},
			{Name: "serialNumber", Type: localonly.Text},
			{Name: "streetAddresses", Type: localonly.Texts},
		}},
		{Name: "dnsNames", Type: localonly.Texts},
		{Name: "ipAddresses", Type: localonly.Texts},
		{Name: "uris", Type: localonly.Texts},
	}
}

// subjectName returns the distinguished name in the input subject.
func subjectName(inputs localonly.Values) pkix.Name {
	subject := inputs.Object("subject")
	list := func(name resource.PropertyKey) []string {
		if !subject.Has(name) {
			return nil
		}
		return []string{subject.Text(name)}
	}
	name := pkix.Name{
		CommonName:         subject.Text("commonName"),
		Country:            list("country"),
		Locality:           list("locality"),
		Organization:       list("organization"),
		OrganizationalUnit: list("organizationalUnit"),
		PostalCode:         list("postalCode"),
		Province:           list("province"),
		SerialNumber:       subject.Text("serialNumber"),
		StreetAddress:      subject.Texts("streetAddresses"),
	}
	if subject.Has("emailAddress") {
		name.ExtraNames = []pkix.AttributeTypeAndValue{{
			Type:  oidEmailAddress,
			Value: asn1.RawValue{Tag: asn1.TagIA5String, Bytes: []byte(subject.Text("emailAddress"))},
		}}
	}
	return name
}

// identityRules returns what is wrong with addresses that the types alone do not show.
func identityRules(inputs localonly.Values) []string {
	var faults []string
	if _, err := ipAddresses(inputs); err != nil {
		faults = append(faults, err.Error())
	}
	if _, err := uris(inputs); err != nil {
		faults = append(faults, err.Error())
	}
	for _, name := range []resource.PropertyKey{"dnsNames", "uris"} {
		for i, text := range inputs.Texts(name) {
			if !isIA5(text) || text == "" {
				faults = append(faults, fmt.Sprintf("%s[%d]: %q cannot stand in a certificate: it must be of ASCII characters, at least one", name, i, text))
			}
		}
	}
	if email := inputs.Object("subject").Text("emailAddress"); !isIA5(email) {
		faults = append(faults, fmt.Sprintf("subject.emailAddress: %q cannot stand in a certificate: it must be of ASCII characters", email))
	}
	return faults
}

func ipAddresses(inputs localonly.Values) ([]net.IP, error) {
	var parsed []net.IP
	for i, text := range inputs.Texts("ipAddresses") {
		ip := net.ParseIP(text)
		if ip == nil {
			return nil, fmt.Errorf("ipAddresses[%d]: %q is not an IP address", i, text)
		}
		parsed = append(parsed, ip)
	}
	return parsed, nil
}

func uris(inputs localonly.Values) ([]*url.URL, error) {
	var parsed []*url.URL
	for i, text := range inputs.Texts("uris") {
		uri, err := url.Parse(text)
		if err != nil {
			return nil, fmt.Errorf("uris[%d]: %w", i, err)
		}
		parsed = append(parsed, uri)
	}
	return parsed, nil
}

func isIA5(text string) bool {
	for _, r := range text {
		if r > 127 {
			return false
		}
	}
	return true
}
