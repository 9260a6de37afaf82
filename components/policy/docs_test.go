package policy

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/components/postgres"
	"github.com/federated-risk/federated-risk/components/redis"
	"github.com/federated-risk/federated-risk/internal/catalogue"
)

var update = flag.Bool("update", false, "write the table of flows in the documentation anew instead of comparing with it")

const (
	document   = "../../docs/security.md"
	tableBegin = "<!-- flows: go test ./components/policy -run TestDocumentedFlows -update -->\n"
	tableEnd   = "<!-- end of flows -->\n"
)

// TestDocumentedFlows keeps the table of flows what the program declares.
func TestDocumentedFlows(t *testing.T) {
	text, err := os.ReadFile(document)
	require.NoError(t, err)
	before, rest, begins := strings.Cut(string(text), tableBegin)
	_, after, ends := strings.Cut(rest, tableEnd)
	require.True(t, begins && ends, "%s has lost the marks around the table", document)
	want := before + tableBegin + table(everything().flows()) + tableEnd + after
	if *update {
		require.NoError(t, os.WriteFile(document, []byte(want), 0o600))
		return
	}
	assert.Equal(t, want, string(text), "run the command in the document's comment")
}

// everything is the platform with all that is optional.
func everything() *Args {
	args := valid()
	args.Services = catalogue.Services()
	args.Postgres = (&postgres.Postgres{Port: 5432}).Network()
	args.Redis = (&redis.Redis{Port: 6379}).Network()
	args.Redis.Sentinel = &redis.Sentinel{Port: 26379, DiscoveryPodLabels: map[string]string{"x": "y"}}
	args.Entrance.Name = "ingress gateway or controller"
	args.DNSCIDRs = []string{"169.254.20.10/32"}
	args.Backup = Backup{CIDRs: []string{"192.0.2.0/24"}, Port: 443}
	return args
}

type row struct {
	from, to []string
	rest     string
}

// table joins the flows that differ in one end only.
func table(flows []Flow) string {
	var rows []row
	for _, flow := range flows {
		var ports []string
		for _, port := range flow.Ports {
			ports = append(ports, fmt.Sprintf("%s %d", port.Protocol, port.Number))
		}
		rows = append(rows, row{[]string{flow.From.Name}, []string{flow.To.Name}, strings.Join(ports, ", ") + " | " + flow.Purpose})
	}
	rows = join(rows, func(r *row) (same, differs *[]string) { return &r.to, &r.from })
	rows = join(rows, func(r *row) (same, differs *[]string) { return &r.from, &r.to })
	var text strings.Builder
	text.WriteString("| From | To | Ports | For |\n|---|---|---|---|\n")
	for _, r := range rows {
		fmt.Fprintf(&text, "| %s | %s | %s |\n", strings.Join(r.from, ", "), strings.Join(r.to, ", "), r.rest)
	}
	return text.String()
}

func join(rows []row, ends func(*row) (same, differs *[]string)) []row {
	var joined []row
	for _, next := range rows {
		same, differs := ends(&next)
		i := slices.IndexFunc(joined, func(r row) bool {
			other, _ := ends(&r)
			return r.rest == next.rest && slices.Equal(*other, *same)
		})
		if i < 0 {
			joined = append(joined, next)
			continue
		}
		_, list := ends(&joined[i])
		*list = append(*list, *differs...)
	}
	return joined
}
