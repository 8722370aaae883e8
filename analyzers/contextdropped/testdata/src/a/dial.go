package a

import (
	"context"
	"crypto/tls"
	"net"
	"time"
)

func dialDropped(ctx context.Context, addr string, conf *tls.Config) {
	dialer := &net.Dialer{Timeout: time.Second}
	tls.DialWithDialer(dialer, "tcp", addr, conf) // want `tls.DialWithDialer takes no context although ctx is at hand`
	net.Dial("tcp", addr)                         // want `net.Dial takes no context although ctx is at hand`
}

// The deadline is asked for but does not reach the dialer.
func dialOther(ctx context.Context, addr string, conf *tls.Config) {
	deadline, _ := ctx.Deadline()
	other := &net.Dialer{Deadline: deadline}
	other.DialContext(ctx, "tcp", addr)
	tls.DialWithDialer(new(net.Dialer), "tcp", addr, conf) // want `tls.DialWithDialer takes no context`
}

func dialDeadline(ctx context.Context, addr string, conf *tls.Config) {
	dialer := new(net.Dialer)
	if deadline, ok := ctx.Deadline(); ok {
		dialer.Deadline = deadline
	}
	tls.DialWithDialer(dialer, "tcp", addr, conf)
}

func dialTimeout(ctx context.Context, addr string) {
	deadline, _ := ctx.Deadline()
	net.DialTimeout("tcp", addr, time.Until(deadline))
}

func dialUnix(ctx context.Context, conf *tls.Config) {
	net.Dial("unix", "/run/orders.sock")
	tls.DialWithDialer(new(net.Dialer), "unix", "/run/orders.sock", conf)
}
