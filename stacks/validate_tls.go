package stacks

// Bounds of the server certificate's validity, in hours: a day, and the 825 days of the baseline requirements, past
// which Apple's clients refuse even a private CA's certificate.
const (
	shortestValidityHours = 24
	longestValidityHours  = 825 * 24
	// longestOrganization in a subject (RFC 5280, ub-organization-name).
	longestOrganization = 64
)

func (v validator) tls(path keyPath, tls TLS) {
	oneOf(v, path.key("mode"), tls.Mode, TLSSelfSigned, TLSCertManager, TLSExisting)
	v.existingSecrets(path, tls)
	v.issuer(path, tls)
	if tls.Organization == "" || len([]rune(tls.Organization)) > longestOrganization {
		v.add(path.key("organization"), tls.Organization, "must be 1 to %d characters", longestOrganization)
	}
	v.between(path.key("validityHours"), tls.ValidityHours, shortestValidityHours, longestValidityHours)
	if tls.RenewBeforeHours < 1 || tls.RenewBeforeHours >= tls.ValidityHours {
		v.add(path.key("renewBeforeHours"), tls.RenewBeforeHours, "must be at least 1 and less than %s", path.key("validityHours"))
	}
}

func (v validator) existingSecrets(path keyPath, tls TLS) {
	secretName, mode := path.key("secretName"), path.key("mode")
	if tls.Mode == TLSExisting && tls.SecretName == "" {
		v.add(secretName, nil, "is not set: name the kubernetes.io/tls Secret, or set %s to %s", mode, TLSSelfSigned)
	}
	for _, secret := range []struct {
		path keyPath
		name string
	}{{secretName, tls.SecretName}, {path.key("publicSecretName"), tls.PublicSecretName}} {
		switch {
		case secret.name == "":
		case tls.Mode == TLSExisting:
			v.objectName(secret.path, secret.name, "Secret")
		case tls.Mode == TLSSelfSigned || tls.Mode == TLSCertManager:
			v.add(secret.path, secret.name, "must not be set unless %s is %s", mode, TLSExisting)
		}
	}
}

func (v validator) issuer(path keyPath, tls TLS) {
	mode, name := path.key("mode"), path.key("issuer").key("name")
	oneOf(v, path.key("issuer").key("kind"), tls.Issuer.Kind, IssuerOfCluster, IssuerOfNamespace)
	switch {
	case tls.Mode == TLSCertManager && tls.Issuer.Name == "":
		v.add(name, nil, "is not set: name an issuer of cert-manager (kubectl get clusterissuers), or set %s to %s", mode, TLSSelfSigned)
	case tls.Mode == TLSCertManager:
		v.objectName(name, tls.Issuer.Name, "cert-manager issuer")
	case tls.Issuer.Name != "" && (tls.Mode == TLSSelfSigned || tls.Mode == TLSExisting):
		v.add(name, tls.Issuer.Name, "must not be set unless %s is %s", mode, TLSCertManager)
	}
}
