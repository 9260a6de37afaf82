package stacks

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/api/validate/content"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/federated-risk/federated-risk/internal/alertmanager"
	"github.com/federated-risk/federated-risk/internal/rules"
)

// retention as Prometheus writes a duration, in the units that are of use for one.
var retention = regexp.MustCompile(`^([1-9][0-9]{0,4})([hdwy])$`)

var retentionUnits = map[string]time.Duration{"h": time.Hour, "d": day, "w": 7 * day, "y": 365 * day}

const (
	day = 24 * time.Hour
	// longestInterval in seconds: with two scrapes less than five minutes apart, a rate over five minutes has a value.
	longestInterval = 300
	// leastObjective in percent: with a larger error budget the fastest burn, 14.4 times the budget, is more than there are requests.
	leastObjective = 93.1
	// leastBytesPerDay of samples: 30000 series, as few as a small cluster with kube-prometheus-stack has, a sample of each
	// every 15 s, and Prometheus's own estimate of 1 to 2 bytes for one (prometheus.io, "Storage"), with an index a fifth as large.
	leastBytesPerDay = 1 << 28
)

func (v validator) monitoring(path keyPath, cfg *Config) {
	monitoring := cfg.Monitoring
	v.labelSet(path.key("labels"), monitoring.Labels)
	v.runbookURL(path.key("runbookURL"), monitoring.RunbookURL)
	if percent, err := strconv.ParseFloat(monitoring.ObjectivePercent, 64); err != nil || !(percent > leastObjective && percent < 100) {
		v.add(path.key("objectivePercent"), monitoring.ObjectivePercent, "must be a number of more than %v and less than 100", leastObjective)
	}
	v.between(path.key("intervalSeconds"), monitoring.IntervalSeconds, 0, longestInterval)
	size, sizeOK := v.quantity(path.key("storage").key("size"), monitoring.Storage.Size, leastBytes, "Gi")
	if class := monitoring.Storage.StorageClass; class != "" {
		v.objectName(path.key("storage").key("storageClass"), class, "StorageClass")
	}
	kept, ok := v.retention(path.key("retention"), monitoring.Retention)
	if ok && sizeOK {
		v.holds(path, monitoring, kept, size)
	}
	v.alerting(path.key("alerting"), monitoring.Alerting)
	used := cfg.Policy.MonitoringNamespace
	for _, entry := range cfg.Releases.list() {
		installed := slices.Contains(monitoringReleases, entry.key) && entry.release.Install
		if installed && entry.release.Namespace != used && len(validation.IsDNS1123Label(used)) == 0 {
			v.add(keyPath{"releases", entry.key, "namespace"}, entry.release.Namespace, "must equal %s, which the policies let through to the metrics",
				keyPath{"policy", "monitoringNamespace"})
		}
	}
}

func (v validator) labelSet(path keyPath, set map[string]string) {
	for key, value := range set {
		v.labelKey(path.key(key), key)
		if len(content.IsLabelValue(value)) > 0 {
			v.add(path.key(key), value, `must be the value of a label: at most 63 letters, digits, "-", "_" and "."`)
		}
	}
}

func (v validator) runbookURL(path keyPath, text string) {
	address, err := url.Parse(text)
	switch {
	case err != nil || address.Hostname() == "" || (address.Scheme != "https" && address.Scheme != "http"):
		v.add(path, text, "must be the https:// or http:// address of a page")
	case address.User != nil:
		// Not shown, it holds a password.
		v.add(path, nil, "must not contain a user or password: it is part of every alert")
	case address.Fragment != "" || strings.HasSuffix(text, "#"):
		v.add(path, text, "must have no fragment: each alert adds its own")
	}
}

func (v validator) retention(path keyPath, text string) (time.Duration, bool) {
	parts := retention.FindStringSubmatch(text)
	if parts == nil {
		v.add(path, text, "must be a number and h, d, w or y, such as 30d for thirty days")
		return 0, false
	}
	number, _ := strconv.Atoi(parts[1])
	return time.Duration(number) * retentionUnits[parts[2]], true
}

// holds refuses a retention that the disk never reaches: the oldest samples would go earlier, and whoever reads the config
// would count on them.
func (v validator) holds(path keyPath, monitoring Monitoring, kept time.Duration, size resource.Quantity) {
	days := float64(kept) / float64(day)
	if usable := float64(size.Value()) / 100 * retentionPercent; days*leastBytesPerDay > usable {
		v.add(path.key("retention"), monitoring.Retention, "is longer than %s holds, %s: expect at least 256Mi a day, of which it uses %d %%",
			path.key("storage").key("size"), monitoring.Storage.Size, retentionPercent)
	}
}

func (v validator) alerting(path keyPath, alerting Alerting) {
	defaults := defaultAlerting()
	slack, email, sms := alerting.Slack, alerting.Email, alerting.SMS
	emailSet := email.Username != "" || email.Server != "" || email.From != "" || len(email.To) > 0
	heard := slices.Concat(
		v.receiver(path.key("slack"), slack.SecretName, slack.Channel != "", slack.Severities, defaults.Slack.Severities),
		v.receiver(path.key("email"), email.SecretName, emailSet, email.Severities, defaults.Email.Severities),
		v.receiver(path.key("sms"), sms.SecretName, sms.Token, sms.Severities, defaults.SMS.Severities),
	)
	if !alertmanager.IsChannel(slack.Channel) {
		v.add(path.key("slack").key("channel"), slack.Channel, "must be a #channel, an @user or an ID")
	}
	if email.SecretName != "" {
		v.email(path.key("email"), email)
	}
	if len(heard) > 0 && !slices.Contains(heard, rules.Critical) {
		v.add(path, nil, "lets nobody hear of critical alerts: add %q to the severities of a receiver", rules.Critical)
	}
}

// receiver returns the severities that the receiver hears of, none if there is no such receiver. It refuses settings of one
// without a Secret, which would notify nobody.
func (v validator) receiver(path keyPath, secretName string, set bool, severities, byDefault []rules.Severity) []rules.Severity {
	v.severities(path.key("severities"), severities)
	if secretName != "" {
		v.objectName(path.key("secretName"), secretName, "Secret")
		return severities
	}
	if set || !slices.Equal(severities, byDefault) {
		v.add(path.key("secretName"), nil, "is not set: name the Secret with the receiver's credentials, or remove %s", path)
	}
	return nil
}

func (v validator) severities(path keyPath, severities []rules.Severity) {
	if len(severities) == 0 {
		v.add(path, nil, "must have at least one severity: to notify nobody, remove the receiver's secretName")
	}
	for i, severity := range severities {
		oneOf(v, path.index(i), severity, alertmanager.Severities()...)
	}
}

func (v validator) email(path keyPath, email EmailReceiver) {
	if email.Username == "" || strings.ContainsAny(email.Username, "\r\n") {
		v.add(path.key("username"), email.Username, "must be the user whose password the Secret holds")
	}
	if !alertmanager.IsServer(email.Server) {
		v.add(path.key("server"), email.Server, "must be host:port of an SMTP server, such as smtp.example.com:587")
	}
	v.address(path.key("from"), email.From)
	if len(email.To) == 0 {
		v.add(path.key("to"), nil, "must have at least one address")
	}
	for i, address := range email.To {
		v.address(path.key("to").index(i), address)
	}
}

func (v validator) address(path keyPath, address string) {
	if !alertmanager.IsAddress(address) {
		v.add(path, address, "must be an e-mail address, such as oncall@example.com")
	}
}
