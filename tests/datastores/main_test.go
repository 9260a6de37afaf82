// Package datastores rotates the logins of PostgreSQL and Redis on real servers: what the stack declares for each generation is
// what they are given, and clients log in all the time.
package datastores

import (
	"os"
	"strings"
	"testing"
)

// generations that a stack goes through: with the fourth, each login has had its turn twice.
const generations = 4

// TestMain keeps away what the user's own environment has for the program, for psql and its library, and for redis-cli.
func TestMain(m *testing.M) {
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		if name == "PULUMI_CONFIG" || name == "PULUMI_CONFIG_SECRET_KEYS" || name == "REDISCLI_AUTH" || strings.HasPrefix(name, "PG") {
			if err := os.Unsetenv(name); err != nil {
				panic(err)
			}
		}
	}
	os.Exit(m.Run())
}
