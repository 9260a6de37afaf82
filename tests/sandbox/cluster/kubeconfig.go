package cluster

import (
	"fmt"
	"os"
	"path/filepath"

	"k8s.io/client-go/tools/clientcmd"
)

// writeKubeconfig copies kwokctl's kubeconfig with the keys inside it, so that the file stands alone and
// alone needs guarding.
func (c *Cluster) writeKubeconfig() error {
	source := filepath.Join(c.workDir(), "kubeconfig.yaml")
	config, err := clientcmd.LoadFromFile(source)
	if err != nil {
		return fmt.Errorf("read %s: %w", source, err)
	}
	if err := clientcmd.ResolveLocalPaths(config); err != nil {
		return fmt.Errorf("read %s: %w", source, err)
	}
	for _, user := range config.AuthInfos {
		if user.ClientCertificateData, err = os.ReadFile(user.ClientCertificate); err != nil {
			return fmt.Errorf("client certificate: %w", err)
		}
		if user.ClientKeyData, err = os.ReadFile(user.ClientKey); err != nil {
			return fmt.Errorf("client key: %w", err)
		}
		user.ClientCertificate, user.ClientKey = "", ""
	}
	authority, err := os.ReadFile(filepath.Join(c.workDir(), "pki", "ca.crt"))
	if err != nil {
		return fmt.Errorf("certificate authority: %w", err)
	}
	for _, server := range config.Clusters {
		server.InsecureSkipTLSVerify = false
		server.CertificateAuthority, server.CertificateAuthorityData = "", authority
	}
	if _, ok := config.Contexts[c.Context()]; !ok {
		return fmt.Errorf("%s holds no context %q", source, c.Context())
	}
	config.CurrentContext = c.Context()
	content, err := clientcmd.Write(*config)
	if err != nil {
		return fmt.Errorf("encode the kubeconfig: %w", err)
	}
	return writeFile(c.config.Kubeconfig, content)
}

// writeFile replaces path with a file of mode 0600 in one step.
func writeFile(path string, content []byte) error {
	temporary, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(temporary.Name()) }()
	if _, err := temporary.Write(content); err != nil {
		_ = temporary.Close()
		return err
	}
	if err := temporary.Close(); err != nil {
		return err
	}
	return os.Rename(temporary.Name(), path)
}
