package pluginserver

import (
	"context"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/provider"
)

// Host is the engine that a plugin reports to. Its methods are safe for concurrent use, and safe on a Host that no
// engine is connected to (a plugin waiting for an Attach call, a test): messages are then dropped.
type Host struct {
	mu     sync.RWMutex
	client *provider.HostClient
}

// Log shows msg beside the resource urn (empty: beside the stack) and keeps it in the final output.
func (h *Host) Log(ctx context.Context, severity diag.Severity, urn resource.URN, msg string) {
	if client := h.connected(); client != nil {
		// A message that cannot be delivered must not fail the operation that it is about.
		_ = client.Log(ctx, severity, urn, msg)
	}
}

// LogStatus shows msg as the present status of the resource urn; the next one replaces it.
func (h *Host) LogStatus(ctx context.Context, severity diag.Severity, urn resource.URN, msg string) {
	if client := h.connected(); client != nil {
		_ = client.LogStatus(ctx, severity, urn, msg)
	}
}

func (h *Host) connected() *provider.HostClient {
	if h == nil {
		return nil
	}
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.client
}

func (h *Host) connect(client *provider.HostClient) {
	h.mu.Lock()
	old := h.client
	h.client = client
	h.mu.Unlock()
	if old != nil {
		_ = old.Close()
	}
}
