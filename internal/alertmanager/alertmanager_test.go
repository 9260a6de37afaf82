package alertmanager_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/federated-risk/federated-risk/internal/alertmanager"
	"github.com/federated-risk/federated-risk/internal/rules"
)

var update = flag.Bool("update", false, "write the golden files anew instead of comparing with them")

// combinations are all there are of the three integrations with the severities of the config's defaults, and one with
// others, by the name of the golden file. The tests of tests/sandbox
// give the same files to the real Alertmanager.
func combinations() map[string]alertmanager.Config {
	all := map[string]alertmanager.Config{}
	for _, slack := range []bool{false, true} {
		for _, email := range []bool{false, true} {
			for _, sms := range []bool{false, true} {
				name, config := "none", alertmanager.Config{}
				add := func(integration string) {
					if name == "none" {
						name = integration
						return
					}
					name += "-" + integration
				}
				if slack {
					add("slack")
					config.Slack = complete().Slack
				}
				if email {
					add("email")
					config.Email = complete().Email
				}
				if sms {
					add("sms")
					config.SMS = complete().SMS
				}
				all[name] = config
			}
		}
	}
	all["severities"] = otherSeverities()
	return all
}

// otherSeverities has an integration for each of the severities alone, and one for both that is not so by default.
func otherSeverities() alertmanager.Config {
	config := complete()
	config.Slack.Severities = []rules.Severity{rules.Warning}
	config.Email.Severities = []rules.Severity{rules.Critical}
	config.SMS.Severities = alertmanager.Severities()
	return config
}

func complete() alertmanager.Config {
	return alertmanager.Config{
		Slack: &alertmanager.Slack{
			URL: alertmanager.Credential{Secret: "alert-slack", Key: "url"}, Channel: "#risk-alerts",
			Severities: alertmanager.Severities(),
		},
		Email: &alertmanager.Email{
			To:       []string{"oncall@example.com", "Risk desk <risk@example.com>"},
			From:     "alertmanager@example.com",
			Server:   "smtp.example.com:587",
			Username: "alertmanager@example.com",
			Password: alertmanager.Credential{Secret: "alert-smtp", Key: "password"},

			Severities: alertmanager.Severities(),
		},
		SMS: &alertmanager.SMS{
			URL:   alertmanager.Credential{Secret: "alert-sms", Key: "url"},
			Token: alertmanager.Credential{Secret: "alert-sms", Key: "token"},

			Severities: []rules.Severity{rules.Critical},
		},
	}
}

func TestConfigurationOfEveryCombination(t *testing.T) {
	var files []string
	for name, config := range combinations() {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, config.Check())
			content, err := yaml.Marshal(config.Values())
			require.NoError(t, err)
			file := filepath.Join("testdata", name+".yaml")
			if *update {
				require.NoError(t, os.WriteFile(file, content, 0o600))
			}
			golden, err := os.ReadFile(file)
			require.NoError(t, err)
			assert.Equal(t, string(golden), string(content), "if this is meant: go test ./internal/alertmanager -update")
		})
		files = append(files, filepath.Join("testdata", name+".yaml"))
	}
	found, err := filepath.Glob("testdata/*.yaml")
	require.NoError(t, err)
	assert.ElementsMatch(t, files, found, "a golden file for each combination and no other")
	assert.Len(t, files, 9)
}

func TestSecretNames(t *testing.T) {
	assert.Empty(t, alertmanager.Config{}.SecretNames())
	assert.Equal(t, []string{"alert-slack", "alert-sms", "alert-smtp"}, complete().SecretNames(), "one of each, sorted")
	config := complete()
	config.Email.Username, config.Email.Password = "", alertmanager.Credential{}
	config.SMS.Token = alertmanager.Credential{}
	assert.Equal(t, []string{"alert-slack", "alert-sms"}, config.SecretNames(), "what has no Secret is left out")
}

func TestWhatIsOptionalIsLeftOut(t *testing.T) {
	config := complete()
	config.Slack.Channel = ""
	config.Email.Username, config.Email.Password = "", alertmanager.Credential{}
	config.SMS.Token = alertmanager.Credential{}
	require.NoError(t, config.Check())
	content, err := yaml.Marshal(config.Values())
	require.NoError(t, err)
	for _, absent := range []string{"channel:", "auth_", "http_config", "alert-smtp"} {
		assert.NotContains(t, string(content), absent)
	}
}

// TestCredentialsAreFiles: an inline one would be in the chart's values, the state and Alertmanager's status page.
func TestCredentialsAreFiles(t *testing.T) {
	inline := []string{"api_url", "url", "auth_password", "auth_secret", "credentials", "password", "bearer_token", "app_token"}
	files := 0
	var walk func(value any)
	walk = func(value any) {
		switch value := value.(type) {
		case map[string]any:
			for key, inner := range value {
				assert.NotContains(t, inline, key)
				if strings.HasSuffix(key, "_file") {
					files++
					assert.Regexp(t, "^/etc/alertmanager/secrets/alert-(slack|smtp|sms)/(url|password|token)$", inner)
				}
				walk(inner)
			}
		case []any:
			for _, inner := range value {
				walk(inner)
			}
		}
	}
	walk(complete().Values())
	assert.Equal(t, 6, files, "two for warnings, four for critical alerts")
}

// TestNothingOfTheChartsConfigurationIsLeft: Helm merges maps, so a key of the chart's default that is not set stays.
func TestNothingOfTheChartsConfigurationIsLeft(t *testing.T) {
	for name, config := range combinations() {
		values := config.Values()
		for _, key := range []string{"global", "route", "receivers", "inhibit_rules", "templates"} {
			assert.Contains(t, values, key, name)
		}
		route := values["route"].(map[string]any)
		for _, key := range []string{"receiver", "group_by", "group_wait", "group_interval", "repeat_interval", "routes"} {
			assert.NotEmpty(t, route[key], "%s: route.%s", name, key)
		}
	}
}
