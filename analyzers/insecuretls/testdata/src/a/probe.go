package a

import (
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
