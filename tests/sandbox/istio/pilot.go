// Package istio asks the mesh's own programs what they make of a cluster's objects: pilot-discovery, which computes
// the configuration of every Envoy, and istioctl analyze, which judges the objects themselves.
package istio

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/federated-risk/federated-risk/tests/sandbox/loopback"
)

// RootNamespace is the mesh's own: what is in it holds for every namespace.
const RootNamespace = "istio-system"

const (
	// startAttempts is how often other ports are tried when one was taken between choosing and listening.
	startAttempts = 3
	logTail       = 2000
	// maxMessage bounds a response: a sidecar's clusters exceed gRPC's 4 MiB sooner than one thinks.
	maxMessage = 64 << 20
)

// Settings say which cluster a pilot-discovery is for.
type Settings struct {
	// Bin holds pilot-discovery and istioctl.
	Bin string
	// Kubeconfig of the cluster.
	Kubeconfig string
	// Dir is a directory of the pilot's own, for its log; it must exist.
	Dir string
	// Environment of the process. What starts a pilot is told by it: see the guard of package clustertest.
	Environment []string
}

// Pilot is a running pilot-discovery: Istio's control plane without webhooks and certificates, on loopback.
type Pilot struct {
	// PID of the process.
	PID        int
	connection *grpc.ClientConn
	process    *os.Process
	// ended is closed when the process is gone.
	ended chan struct{}
	log   string
}

// Start starts a pilot-discovery and waits until it is ready, that is, has read the cluster. It runs until Stop, or
// until whoever finds it by its environment kills it: no context ends it.
func Start(ctx context.Context, settings Settings) (*Pilot, error) {
	for attempt := 1; ; attempt++ {
		pilot, err := start(ctx, settings)
		if err == nil {
			return pilot, nil
		}
		if attempt == startAttempts || !errors.Is(err, errPortTaken) {
			return nil, fmt.Errorf("pilot-discovery: %w", err)
		}
	}
}

var errPortTaken = errors.New("a port was taken while it started")

func start(ctx context.Context, settings Settings) (*Pilot, error) {
	api, err := loopback.FreeAddress(ctx)
	if err != nil {
		return nil, err
	}
	xds, err := loopback.FreeAddress(ctx)
	if err != nil {
		return nil, err
	}
	pilot := &Pilot{ended: make(chan struct{}), log: filepath.Join(settings.Dir, "pilot-discovery.log")}
	log, err := os.Create(pilot.log)
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }()
	// No context: the pilot serves every test of the binary, whichever started it.
	command := exec.Command(filepath.Join(settings.Bin, "pilot-discovery"), "discovery", //nolint:noctx // see above
		"--kubeconfig", settings.Kubeconfig, "--httpAddr", api, "--grpcAddr", xds,
		// Neither webhooks, nor xDS over TLS, nor introspection: nobody else talks to it.
		"--httpsAddr", "", "--secureGRPCAddr", "", "--monitoringAddr", "", "--caCertFile", "", "--ctrlz_address", "127.0.0.1", "--ctrlz_port", "0")
	command.Dir = settings.Dir
	command.Stdout, command.Stderr = log, log
	command.Env = append(slices.Clip(settings.Environment), "POD_NAMESPACE="+RootNamespace,
		// No certificates: the proxies that ask are ours, and ask in plain text.
		"ENABLE_CA_SERVER=false", "PILOT_CERT_PROVIDER=none")
	if err := command.Start(); err != nil {
		return nil, err
	}
	pilot.process, pilot.PID = command.Process, command.Process.Pid
	go func() {
		_ = command.Wait()
		close(pilot.ended)
	}()
	if err := pilot.waitReady(ctx, "http://"+api+"/ready"); err != nil {
		_ = pilot.Stop()
		return nil, err
	}
	pilot.connection, err = grpc.NewClient("passthrough:///"+xds, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithNoProxy(), grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxMessage)))
	if err != nil {
		_ = pilot.Stop()
		return nil, err
	}
	return pilot, nil
}

// Stop kills the pilot and returns when it is gone.
func (p *Pilot) Stop() error {
	var errs []error
	if p.connection != nil {
		errs = append(errs, p.connection.Close())
	}
	if err := p.process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		errs = append(errs, err)
	}
	<-p.ended
	return errors.Join(errs...)
}

func (p *Pilot) waitReady(ctx context.Context, url string) error {
	// No proxy: this is loopback.
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	if err := loopback.WaitReady(ctx, client, url, p.ended, http.StatusOK); err != nil {
		return p.explain(err)
	}
	return nil
}

// explain adds the end of the log to the error, and tells a lost port from other faults.
func (p *Pilot) explain(err error) error {
	content, readErr := os.ReadFile(p.log)
	if readErr != nil {
		return errors.Join(err, readErr)
	}
	text := string(content)
	if strings.Contains(text, "address already in use") {
		err = fmt.Errorf("%w: %w", errPortTaken, err)
	}
	return fmt.Errorf("%w; the end of %s:\n%s", err, p.log, text[max(0, len(text)-logTail):])
}
