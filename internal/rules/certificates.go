package rules

import (
	"fmt"
	"time"
)

// Days before the end of a certificate's validity. Renewal is due 30 days before it, by `pulumi up` as by cert-manager (for
// the 90 days that public issuers give): at 14 it has failed for half of that, at 3 there is no weekend left.
const (
	certificateWarningDays  = 14
	certificateCriticalDays = 3
)

const secondsPerDay = 24 * 60 * 60

// Certificate is one that the program signs, and whose end it therefore knows.
type Certificate struct {
	// Name among the stack's certificates.
	Name string
	// NotAfter is the end of its validity.
	NotAfter time.Time
}

// ManagedCertificate is an object of cert-manager.
type ManagedCertificate struct {
	// Namespace is that of the gateway where the gateway is not in the stack's own.
	Namespace, Name string
}

// CertificateGroup records the certificates of the program, from constants: no exporter is needed. It is apart from
// Platform.Groups, since a program knows the dates only once there are certificates, and the alerts before.
func CertificateGroup(namespace string, certificates []Certificate) Group {
	group := Group{Name: "federated-risk.certificates.program"}
	for _, certificate := range certificates {
		group.Rules = append(group.Rules, Rule{
			Record: CertificateNotAfter,
			Expr:   fmt.Sprintf("vector(%d)", certificate.NotAfter.Unix()),
			Labels: map[string]string{NamespaceLabel: namespace, CertificateLabel: certificate.Name, SourceLabel: SourceProgram},
		})
	}
	return group
}

func (p Platform) certificates() []Rule {
	var rules []Rule
	for _, certificate := range p.ManagedCertificates {
		rules = append(rules, p.managedCertificate(certificate))
	}
	return append(rules,
		p.expiry("CertificateExpiringSoon", Warning, certificateWarningDays),
		p.expiry("CertificateExpiryImminent", Critical, certificateCriticalDays))
}

func (p Platform) managedCertificate(certificate ManagedCertificate) Rule {
	// cert-manager's namespace label is that of the certificate. Its chart's monitor lets Prometheus put the namespace of
	// cert-manager there and move the other to exported_namespace (honorLabels: false).
	const metric = "certmanager_certificate_expiration_timestamp_seconds"
	return Rule{
		Record: CertificateNotAfter,
		Expr: fmt.Sprintf("min(\n%[1]s{exported_namespace=%[2]q,name=%[3]q}\nor\n%[1]s{namespace=%[2]q,exported_namespace=\"\",name=%[3]q}\n)",
			metric, certificate.Namespace, certificate.Name),
		Labels: map[string]string{NamespaceLabel: p.Namespace, CertificateLabel: certificate.Name, SourceLabel: SourceCertManager},
	}
}

func (p Platform) expiry(name string, severity Severity, days int) Rule {
	expression := fmt.Sprintf("min by (%s, %s, %s) (%s) - time() < %d * %d", NamespaceLabel, CertificateLabel, SourceLabel,
		p.series(CertificateNotAfter), days, secondsPerDay)
	// An hour, so that a renewal that is under way is not reported.
	return p.alert(name, severity, "1h", expression, text{
		summary:       "证书 {{ $labels.certificate }} 即将过期",
		description:   fmt.Sprintf("证书 {{ $labels.certificate }} 的有效期不足%d天: {{ $value | humanizeDuration }}", days),
		summaryEN:     "Certificate {{ $labels.certificate }} expires soon",
		descriptionEN: fmt.Sprintf("Certificate {{ $labels.certificate }} expires in {{ $value | humanizeDuration }}, less than %d days.", days),
	})
}
