// Package loopback is about servers that a test starts on the loopback interface: where they may listen, and when they are
// ready.
package loopback

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"time"
)

const (
	readyTimeout  = 60 * time.Second
	readyInterval = 50 * time.Millisecond
)

// ErrEnded says that the server is gone.
var ErrEnded = errors.New("it ended before it was ready")

// FreeAddress is one, host:port, that nobody listened on a moment ago.
func FreeAddress(ctx context.Context) (string, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

// WaitReady asks for the URL until the answer has one of the accepted statuses, for at most a minute. It returns ErrEnded
// as soon as ended is closed.
func WaitReady(ctx context.Context, client *http.Client, url string, ended <-chan struct{}, accepted ...int) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	for {
		seen := ask(ctx, client, url, accepted)
		if seen == nil {
			return nil
		}
		select {
		case <-ended:
			return ErrEnded
		case <-ctx.Done():
			return fmt.Errorf("it is not ready within %s: %w", readyTimeout, seen)
		case <-time.After(readyInterval):
		}
	}
}

func ask(ctx context.Context, client *http.Client, url string, accepted []int) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if !slices.Contains(accepted, response.StatusCode) {
		return fmt.Errorf("GET %s: %s", url, response.Status)
	}
	return nil
}
