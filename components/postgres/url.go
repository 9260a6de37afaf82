package postgres

import (
	"fmt"
	"net/url"

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
		Scheme: "postgresql",
		User:   url.UserPassword(role, password),
		Host:   fmt.Sprintf("%s:%d", host, port),
		Path:   "/" + database,
		// %20 and not +: libpq does not read a plus sign as a space.
		RawQuery: "sslmode=require&options=" + url.PathEscape("-c role="+owner),
	}
	return address.String()
}
