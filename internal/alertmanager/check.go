package alertmanager

import (
	"errors"
	"fmt"
	"net"
	"net/mail"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/federated-risk/federated-risk/internal/rules"
)

// Check returns every fault of the configuration.
func (c Config) Check() error {
	var faults []error
	fault := func(field, format string, values ...any) {
		faults = append(faults, fmt.Errorf(field+" "+format, values...))
	}
	if c.Slack != nil {
		c.Slack.check(fault)
	}
	if c.Email != nil {
		c.Email.check(fault)
	}
	if c.SMS != nil {
		c.SMS.URL.check("SMS.URL", fault)
		checkSeverities("SMS.Severities", c.SMS.Severities, fault)
		if c.SMS.Token != (Credential{}) {
			c.SMS.Token.check("SMS.Token", fault)
		}
	}
	return errors.Join(faults...)
}

// faultFunc takes a fault: the field and what is wrong with it.
type faultFunc func(field, format string, values ...any)

func (slack *Slack) check(fault faultFunc) {
	slack.URL.check("Slack.URL", fault)
	checkSeverities("Slack.Severities", slack.Severities, fault)
	if !IsChannel(slack.Channel) {
		fault("Slack.Channel", `is %q: expected a #channel, an @user or an ID, or nothing for the webhook's own channel`, slack.Channel)
	}
}

func (email *Email) check(fault faultFunc) {
	checkSeverities("Email.Severities", email.Severities, fault)
	if len(email.To) == 0 {
		fault("Email.To", "is empty: expected the address of a recipient")
	}
	for i, address := range email.To {
		checkAddress(fmt.Sprintf("Email.To[%d]", i), address, fault)
	}
	checkAddress("Email.From", email.From, fault)
	if !IsServer(email.Server) {
		fault("Email.Server", "is %q: expected host:port of an SMTP server, such as smtp.example.com:587", email.Server)
	}
	if strings.ContainsAny(email.Username, "\r\n") {
		fault("Email.Username", "is %q: expected one line", email.Username)
	}
	switch {
	case email.Username != "":
		email.Password.check("Email.Password", fault)
	case email.Password != (Credential{}):
		fault("Email.Password", "is set without Email.Username: set both, or neither for a server that asks for none")
	}
}

// IsChannel says whether the text can be Slack.Channel. A template cannot: Alertmanager would execute it.
func IsChannel(text string) bool { return !strings.ContainsAny(text, " \t\r\n{}") }

// IsServer says whether the address can be Email.Server.
func IsServer(address string) bool {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	number, err := strconv.Atoi(port)
	named := len(validation.IsDNS1123Subdomain(strings.ToLower(host))) == 0 || net.ParseIP(host) != nil
	return err == nil && named && len(validation.IsValidPortNum(number)) == 0
}

// IsAddress says whether the text is an e-mail address. A template is none: Alertmanager would execute it.
func IsAddress(text string) bool {
	_, err := mail.ParseAddress(text)
	return err == nil && !strings.Contains(text, "{{")
}

func checkSeverities(field string, severities []rules.Severity, fault faultFunc) {
	if len(severities) == 0 {
		fault(field, "is empty: expected some of %q", Severities())
	}
	for i, severity := range severities {
		if !slices.Contains(Severities(), severity) {
			fault(fmt.Sprintf("%s[%d]", field, i), "is %q: expected one of %q", severity, Severities())
		}
	}
}

func checkAddress(field, address string, fault faultFunc) {
	if !IsAddress(address) {
		fault(field, "is %q: expected an e-mail address, such as oncall@example.com", address)
	}
}

func (c Credential) check(field string, fault faultFunc) {
	if len(validation.IsDNS1123Subdomain(c.Secret)) > 0 {
		fault(field+".Secret", "is %q: expected the name of a Secret in Alertmanager's namespace", c.Secret)
	}
	if len(validation.IsConfigMapKey(c.Key)) > 0 {
		fault(field+".Key", `is %q: expected a key of the Secret: letters, digits, "-", "_" and "."`, c.Key)
	}
}
