package a

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"time"
)

// A look at the peer's certificate needs no trust in it.
func expiry(conn net.Conn) time.Time {
	c := tls.Client(conn, &tls.Config{InsecureSkipVerify: true, ServerName: "ledger"})
	defer c.Close()
	if err := c.Handshake(); err != nil {
		return time.Time{}
	}
	return c.ConnectionState().PeerCertificates[0].NotAfter
}

func dialedExpiry(addr string) time.Time {
	c, err := tls.Dial("tcp", addr, &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		return time.Time{}
	}
	defer c.Close()
	return c.ConnectionState().PeerCertificates[0].NotAfter
}

func talks(conn net.Conn) {
	c := tls.Client(conn, &tls.Config{InsecureSkipVerify: true}) // want `InsecureSkipVerify`
	_ = c.ConnectionState()
	c.Write([]byte("secret"))
}

func handsOn(conn net.Conn) {
	c := tls.Client(conn, &tls.Config{InsecureSkipVerify: true}) // want `InsecureSkipVerify`
	_ = c.ConnectionState()
	io.WriteString(c, "secret")
}

func reused(conn net.Conn) *tls.Config {
	conf := &tls.Config{InsecureSkipVerify: true} // want `InsecureSkipVerify`
	_ = tls.Client(conn, conf).ConnectionState()
	return conf
}

func dialerExpiry(ctx context.Context, addr string) (time.Time, error) {
	dialer := &tls.Dialer{Config: &tls.Config{ServerName: "ledger", InsecureSkipVerify: true}}
	conn, err := dialer.DialContext(ctx, "tcp", addr)
	if err != nil {
		return time.Time{}, err
	}
	defer conn.Close()
	state := conn.(*tls.Conn).ConnectionState()
	return state.PeerCertificates[0].NotAfter, nil
}

func dialerTalks(ctx context.Context, addr string) {
	dialer := &tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true}} // want `InsecureSkipVerify`
	conn, _ := dialer.DialContext(ctx, "tcp", addr)
	_ = conn.(*tls.Conn).ConnectionState()
	conn.Write([]byte("secret"))
}

func dialerHandsOn(ctx context.Context, addr string) *tls.Dialer {
	dialer := &tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true}} // want `InsecureSkipVerify`
	conn, _ := dialer.DialContext(ctx, "tcp", addr)
	_ = conn.(*tls.Conn).ConnectionState()
	return dialer
}
