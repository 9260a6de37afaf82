// Package pluginserver runs a plugin.Provider as a Pulumi provider plugin: a process that the engine starts with its
// own address as the only argument, that prints the port it serves on, and that ends with the engine.
package pluginserver

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/blang/semver"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/provider"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"github.com/federated-risk/federated-risk/tests/sandbox/pluginserver/calls"
)

const (
	// engineCheckInterval is how often a plugin asks whether its engine still lives. The SDK's own interval of five
	// minutes would leave a killed engine's plugins behind for as long.
	engineCheckInterval = 2 * time.Second
	// shutdownGrace is what calls in progress get to end after they were told to stop.
	shutdownGrace = 10 * time.Second
)

// Main serves the provider that newProvider returns until the process is told to stop (SIGINT, SIGTERM) or the engine
// is gone, then exits. name is the plugin's package name, version its semantic version as the engine will see it.
// Calls in progress are cancelled through the provider's SignalCancellation and get ten seconds to end.
func Main(name, version string, newProvider func(*Host) plugin.Provider) {
	if err := run(name, version, newProvider); err != nil {
		fmt.Fprintf(os.Stderr, "pulumi-resource-%s: %v\n", name, err)
		os.Exit(1)
	}
}

func run(name, version string, newProvider func(*Host) plugin.Provider) error {
	v, err := semver.ParseTolerant(version)
	if err != nil {
		return fmt.Errorf("the plugin was built with version %q, which is not a semantic version "+
			"(set it with -ldflags '-X main.version=1.2.3'): %w", version, err)
	}
	recorder, err := calls.FromEnvironment(name)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	host := &Host{}
	served := &servedProvider{Provider: newProvider(host), host: host, version: v, ctx: ctx, stop: stop}
	defer served.afterCancel()()
	// The engine's address is the last argument; a plugin that has none waits for an engine to attach.
	if args := os.Args[1:]; len(args) > 0 {
		if err := served.follow(args[len(args)-1]); err != nil {
			return err
		}
	}
	return provider.MainContext(ctx, name, func(client *provider.HostClient) (pulumirpc.ResourceProviderServer, error) {
		if client != nil {
			host.connect(client)
		}
		if recorder != nil {
			return &recorded{ResourceProviderServer: NewServer(served), recorder: recorder}, nil
		}
		return NewServer(served), nil
	})
}

// servedProvider adds to a provider what is the same for every plugin.
type servedProvider struct {
	plugin.Provider
	host    *Host
	version semver.Version
	// ctx ends when the plugin is to end, which stop brings about.
	ctx  context.Context
	stop context.CancelFunc

	mu     sync.Mutex
	detach context.CancelFunc
}

var _ plugin.GrpcProvider = (*servedProvider)(nil)

// GetPluginInfo returns the version that the plugin was built with.
func (p *servedProvider) GetPluginInfo(context.Context) (plugin.PluginInfo, error) {
	return plugin.PluginInfo{Version: &p.version}, nil
}

// Attach connects a plugin that was started without an engine to the engine at address (host:port), and from then on
// ends with it.
func (p *servedProvider) Attach(address string) error {
	client, err := provider.NewHostClient(address)
	if err != nil {
		return fmt.Errorf("attach to the engine at %s: %w", address, err)
	}
	p.host.connect(client)
	return p.follow(address)
}

// follow makes the plugin end with the engine at address, and no longer with one that it followed before.
func (p *servedProvider) follow(address string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.detach != nil {
		p.detach()
	}
	ctx, cancel := context.WithCancel(p.ctx)
	p.detach = cancel
	if err := rpcutil.Healthcheck(ctx, address, engineCheckInterval, p.stop); err != nil {
		return fmt.Errorf("watch the engine at %s: %w", address, err)
	}
	return nil
}

// afterCancel tells the provider to stop once the plugin is to end, and ends the process if its calls do not return in
// time. The function returned calls that off.
func (p *servedProvider) afterCancel() func() {
	finished := make(chan struct{})
	go func() {
		select {
		case <-finished:
			return
		case <-p.ctx.Done():
		}
		_ = p.SignalCancellation(context.WithoutCancel(p.ctx))
		select {
		case <-finished:
		case <-time.After(shutdownGrace):
			fmt.Fprintf(os.Stderr, "calls in progress did not end within %s of being cancelled\n", shutdownGrace)
			os.Exit(1)
		}
	}()
	return sync.OnceFunc(func() { close(finished) })
}
