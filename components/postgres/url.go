package postgres

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// URL returns the connection URL of a login role. Sessions act as the owner from the start (`role`), so that what one
// login role creates belongs to the owner and stays usable after the other one takes over. CloudNativePG serves TLS
// always; `sslmode=require` refuses anything less.
func (component *Postgres) URL(role string, password pulumi.StringInput) pulumi.StringOutput {
	return pulumi.All(component.Host, password).ApplyT(func(values []any) string {
		host, plain := values[0].(string), values[1].(string)
		return connectionURL(host, component.Port, role, plain, component.Database, component.Owner)
	}).(pulumi.StringOutput)
}

func connectionURL(host string, port int, role, password, database, owner string) string {
	address := url.URL{
		Scheme:   "postgresql",
		User:     url.UserPassword(role, password),
		Host:     fmt.Sprintf("%s:%d", host, port),
		Path:     "/" + database,
		RawQuery: "sslmode=require&options=" + escapeParameter("-c role="+owner),
	}
	return address.String()
}

// escapeParameter escapes the value of a query parameter for libpq, which does not read a plus sign as a space, and
// refuses a second equals sign in a parameter (PostgreSQL documentation, libpq, "Connection URIs").
func escapeParameter(value string) string {
	return strings.ReplaceAll(url.QueryEscape(value), "+", "%20")
}
