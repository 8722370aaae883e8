package constflow

import (
	"net"
	"net/netip"
	"strings"
)

// Host returns the host of an address as it is dialled or listened on: "host",
// "host:port", "[::1]:port" or a URL or gRPC target with such an authority. It
// is empty if the address names none (":8080", a path).
func Host(addr string) string {
	if _, rest, ok := strings.Cut(addr, "://"); ok {
		// A gRPC target may name a resolver's own authority first: "dns:///host".
		addr, _, _ = strings.Cut(strings.TrimPrefix(rest, "/"), "/")
		addr, _, _ = strings.Cut(addr, "?")
		if i := strings.LastIndexByte(addr, '@'); i >= 0 {
			addr = addr[i+1:]
		}
	} else {
		for _, scheme := range []string{"dns:", "passthrough:", "ipv4:", "ipv6:"} {
			addr = strings.TrimPrefix(addr, scheme)
		}
	}
	if host, _, err := net.SplitHostPort(addr); err == nil {
		return host
	}
	return strings.Trim(addr, "[]")
}

// KnownHost returns the host that a partly known address names, and whether all
// of the host is known. The unknown rest may follow it only after a separator.
func (v Value) KnownHost() (host string, known bool) {
	prefix, whole := v.Text()
	if whole {
		host = Host(prefix)
		return host, host != ""
	}
	authority := prefix
	if _, rest, ok := strings.Cut(prefix, "://"); ok {
		authority = strings.TrimPrefix(rest, "/")
	}
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		authority = authority[i+1:]
	}
	if strings.HasPrefix(authority, "[") {
		host, _, known = strings.Cut(authority[1:], "]")
		return host, known && host != ""
	}
	if IsLoopback(authority) {
		return authority, true // only a port can sensibly follow
	}
	i := strings.IndexAny(authority, ":/?")
	if i <= 0 {
		return "", false
	}
	return authority[:i], true
}

// IsLoopback reports whether an address leads to this machine only: a loopback
// IP address, localhost or a name below it, a unix socket, or gRPC's in-memory
// listener.
func IsLoopback(addr string) bool {
	for _, scheme := range []string{"unix:", "unix-abstract:", "bufnet", "bufconn", "passthrough:///bufnet", "passthrough://bufnet"} {
		if strings.HasPrefix(addr, scheme) {
			return true
		}
	}
	if strings.HasPrefix(addr, "/") || strings.HasPrefix(addr, "@") {
		return true
	}
	host := strings.ToLower(strings.TrimSuffix(Host(addr), "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}
