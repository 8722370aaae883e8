package plaintext

import (
	"net/netip"
	"strings"

	"github.com/commslint/commslint/analyzers/constflow"
)

// hosts are the patterns of the parameter allow-hosts.
type hosts []string

func allowed(list string) hosts {
	return strings.FieldsFunc(strings.ToLower(list), func(r rune) bool { return r == ',' || r == ' ' })
}

// near are hosts that never are another machine, or that a platform serves in
// clear text only.
var near = []string{
	"unix",                     // the usual dummy for a client that dials a unix socket
	"host.docker.internal",     // the machine itself, seen from a container
	"metadata.google.internal", // Google Cloud instance metadata
	"metadata",                 // the same, by its short name
}

// distant reports whether a host is another machine that clear text should not
// be sent to. An empty host is this machine.
func (hs hosts) distant(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if host == "" || constflow.IsLoopback(host) {
		return false
	}
	for _, n := range near {
		if host == n {
			return false
		}
	}
	if ip, err := netip.ParseAddr(host); err == nil && (ip.IsUnspecified() || ip.IsLinkLocalUnicast()) {
		return false
	}
	for _, pattern := range hs {
		if below, ok := strings.CutPrefix(pattern, "*"); ok && strings.HasSuffix(host, below) || host == pattern {
			return false
		}
	}
	return true
}

// clearScheme returns "http://" or "ws://" if a URL begins so.
func clearScheme(url string) string {
	for _, scheme := range []string{"http://", "ws://"} {
		if len(url) >= len(scheme) && strings.EqualFold(url[:len(scheme)], scheme) {
			return scheme
		}
	}
	return ""
}
