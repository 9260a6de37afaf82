package offline

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// Leaks searches everything that the program told the engine without marking it secret for the secrets that the
// providers generated: as they are, or encoded for a URL, in base64 (at any offset) or in hexadecimal. It returns a
// line for each find.
func (run *Run) Leaks() []string {
	var leaks []string
	find := run.Search()
	search := func(place, text string) { leaks = append(leaks, find(place, text)...) }
	for _, r := range run.Resources {
		place := r.Type + " " + r.Name
		walkClear(resource.NewProperty(r.Inputs), place+" input", search)
		search(place+" options", optionsOf(r.Request))
	}
	for urn, outputs := range run.Registered {
		walkClear(resource.NewProperty(outputs), string(resource.URN(urn).Type())+" "+resource.URN(urn).Name()+" output", search)
	}
	for _, message := range run.Logs {
		search("a message to the user", message)
	}
	if run.Err != nil {
		search("the program's error", run.Err.Error())
	}
	slices.Sort(leaks)
	return leaks
}

// Search returns a function that searches one text for the generated secrets, in the same forms as Leaks, and returns
// a line for each find that names the place.
func (run *Run) Search() func(place, text string) []string {
	forms := make([][]string, len(run.Generated))
	for i, secret := range run.Generated {
		forms[i] = secret.forms()
	}
	return func(place, text string) (leaks []string) {
		for i, secret := range run.Generated {
			if slices.ContainsFunc(forms[i], func(form string) bool { return strings.Contains(text, form) }) {
				leaks = append(leaks, fmt.Sprintf("%s shows %s of %s", place, secret.Property, secret.Resource))
			}
		}
		return leaks
	}
}

// walkClear visits every text and key outside of secrets.
func walkClear(v resource.PropertyValue, path string, visit func(path, text string)) {
	switch {
	case v.IsString():
		visit(path, v.StringValue())
	case v.IsOutput() && !v.OutputValue().Secret:
		walkClear(v.OutputValue().Element, path, visit)
	case v.IsArray():
		for i, element := range v.ArrayValue() {
			walkClear(element, fmt.Sprintf("%s[%d]", path, i), visit)
		}
	case v.IsObject():
		for key, member := range v.ObjectValue() {
			visit(path+" key", string(key))
			walkClear(member, path+"."+string(key), visit)
		}
	}
}

// optionsOf returns everything of a request but the inputs.
func optionsOf(request *pulumirpc.RegisterResourceRequest) string {
	options := &pulumirpc.RegisterResourceRequest{}
	proto.Merge(options, request)
	options.Object = nil
	return protojson.Format(options)
}

// forms are the texts by which the secret can be recognized.
func (secret Generated) forms() []string {
	quoted, _ := json.Marshal(secret.Text) // a string always has a JSON form
	forms := []string{
		secret.Text, strings.Trim(string(quoted), `"`), url.QueryEscape(secret.Text), url.PathEscape(secret.Text),
		url.UserPassword("", secret.Text).String()[1:], hex.EncodeToString([]byte(secret.Text)),
	}
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for offset := range 3 {
			forms = append(forms, base64Core(encoding, secret.Text, offset))
		}
	}
	return forms
}

// base64Core returns the digits that text has in any base64 of a longer text in which it stands at an offset, modulo
// 3, of the given number of bytes: those at its ends depend on its neighbours.
func base64Core(encoding *base64.Encoding, text string, offset int) string {
	encoded := encoding.EncodeToString([]byte(strings.Repeat("\x00", offset) + text))
	first := (offset*8 + 5) / 6
	last := (offset + len(text)) * 8 / 6
	return encoded[first:last]
}
