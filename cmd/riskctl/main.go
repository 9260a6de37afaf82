// Command riskctl operates the platform.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/federated-risk/federated-risk/internal/riskctl"
)

func main() { os.Exit(run()) }

func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return riskctl.Run(ctx, os.Args[1:], os.Stdout, os.Stderr)
}
