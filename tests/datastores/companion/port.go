package companion

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
)

// portAttempts is how often another port is tried when one turns out to be taken.
const portAttempts = 5

// OnFreePort calls start with a port, 1024 to 65535, that nobody listened on a moment ago on any of the hosts, which are
// addresses of the loopback interface. Where start returns ErrAddressInUse, it is called again with another one.
func OnFreePort(ctx context.Context, hosts []string, start func(port int) error) error {
	for attempt := 1; ; attempt++ {
		port, err := freePort(ctx, hosts)
		if err == nil {
			err = start(port)
		}
		if err == nil || attempt == portAttempts || !errors.Is(err, ErrAddressInUse) {
			return err
		}
	}
}

func freePort(ctx context.Context, hosts []string) (int, error) {
	port := 0
	for _, host := range hosts {
		listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(port)))
		if err != nil {
			return 0, fmt.Errorf("%w: %w", ErrAddressInUse, err)
		}
		defer func() { _ = listener.Close() }()
		port = listener.Addr().(*net.TCPAddr).Port
	}
	return port, nil
}
