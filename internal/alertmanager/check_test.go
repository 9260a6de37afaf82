package alertmanager_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/internal/alertmanager"
	"github.com/federated-risk/federated-risk/internal/rules"
)

func TestFaults(t *testing.T) {
	cases := map[string]struct {
		spoil func(*alertmanager.Config)
		want  string
	}{
		"Slack without a Secret":        {func(c *alertmanager.Config) { c.Slack.URL.Secret = "" }, `Slack.URL.Secret is ""`},
		"Slack with a URL for a Secret": {func(c *alertmanager.Config) { c.Slack.URL.Secret = "https://hooks.example.com/T0/B0" }, `Slack.URL.Secret is "https`},
		"Slack without a key":           {func(c *alertmanager.Config) { c.Slack.URL.Key = "" }, `Slack.URL.Key is ""`},
		"a key that leaves the folder":  {func(c *alertmanager.Config) { c.Slack.URL.Key = "../other/url" }, `Slack.URL.Key is "../other/url"`},
		"the folder itself as a key":    {func(c *alertmanager.Config) { c.Slack.URL.Key = ".." }, `Slack.URL.Key is ".."`},
		"Slack for no severity":         {func(c *alertmanager.Config) { c.Slack.Severities = nil }, `Slack.Severities is empty: expected some of ["critical" "warning"]`},
		"a severity that is none":       {func(c *alertmanager.Config) { c.Email.Severities[1] = "info" }, `Email.Severities[1] is "info"`},
		"the severity of the Watchdog":  {func(c *alertmanager.Config) { c.SMS.Severities[0] = rules.None }, `SMS.Severities[0] is "none"`},
		"two channels":                  {func(c *alertmanager.Config) { c.Slack.Channel = "#one #two" }, `Slack.Channel is "#one #two"`},
		"a template for a channel":      {func(c *alertmanager.Config) { c.Slack.Channel = "{{.Receiver}}" }, `Slack.Channel is`},
		"no recipient":                  {func(c *alertmanager.Config) { c.Email.To = nil }, "Email.To is empty"},
		"a recipient without a host":    {func(c *alertmanager.Config) { c.Email.To[1] = "risk" }, `Email.To[1] is "risk"`},
		"two recipients in one":         {func(c *alertmanager.Config) { c.Email.To[0] = "a@example.com, b@example.com" }, "Email.To[0] is"},
		"a template for a recipient":    {func(c *alertmanager.Config) { c.Email.To[0] = "{{x}}@example.com" }, "Email.To[0] is"},
		"no sender":                     {func(c *alertmanager.Config) { c.Email.From = "" }, `Email.From is ""`},
		"no server":                     {func(c *alertmanager.Config) { c.Email.Server = "" }, `Email.Server is ""`},
		"a server without a port":       {func(c *alertmanager.Config) { c.Email.Server = "smtp.example.com" }, "Email.Server is"},
		"a port without a server":       {func(c *alertmanager.Config) { c.Email.Server = ":587" }, "Email.Server is"},
		"a server that is no host":      {func(c *alertmanager.Config) { c.Email.Server = "smtp example com:587" }, "Email.Server is"},
		"a port by name":                {func(c *alertmanager.Config) { c.Email.Server = "smtp.example.com:smtp" }, "Email.Server is"},
		"a port that is none":           {func(c *alertmanager.Config) { c.Email.Server = "smtp.example.com:65536" }, "Email.Server is"},
		"two lines for a user":          {func(c *alertmanager.Config) { c.Email.Username = "a\nb" }, "Email.Username is"},
		"a user without a password":     {func(c *alertmanager.Config) { c.Email.Password.Secret = "" }, `Email.Password.Secret is ""`},
		"a password without a user":     {func(c *alertmanager.Config) { c.Email.Username = "" }, "Email.Password is set without Email.Username"},
		"SMS without a URL":             {func(c *alertmanager.Config) { c.SMS.URL = alertmanager.Credential{} }, `SMS.URL.Secret is ""`},
		"half a token":                  {func(c *alertmanager.Config) { c.SMS.Token.Secret = "" }, `SMS.Token.Secret is ""`},
		"the other half of a token":     {func(c *alertmanager.Config) { c.SMS.Token.Key = "" }, `SMS.Token.Key is ""`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			config := complete()
			require.NoError(t, config.Check())
			c.spoil(&config)
			require.ErrorContains(t, config.Check(), c.want)
		})
	}
}

func TestEveryFaultIsNamedAtOnce(t *testing.T) {
	err := alertmanager.Config{Slack: &alertmanager.Slack{}, Email: &alertmanager.Email{}, SMS: &alertmanager.SMS{}}.Check()
	require.Error(t, err)
	var fields []string
	for line := range strings.SplitSeq(err.Error(), "\n") {
		field, _, _ := strings.Cut(line, " ")
		fields = append(fields, field)
	}
	assert.Equal(t, []string{
		"Slack.URL.Secret", "Slack.URL.Key", "Slack.Severities", "Email.Severities", "Email.To", "Email.From", "Email.Server",
		"SMS.URL.Secret", "SMS.URL.Key", "SMS.Severities",
	}, fields)
	require.NoError(t, alertmanager.Config{}.Check(), "nothing is configured")
}

func TestServersByNameAndAddress(t *testing.T) {
	for _, server := range []string{"smtp.example.com:465", "Mail.example.com:25", "mail:587", "192.0.2.1:587", "[2001:db8::1]:587"} {
		config := complete()
		config.Email.Server = server
		assert.NoError(t, config.Check(), server)
	}
}
