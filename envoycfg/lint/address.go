package lint

import (
	"net"
	"net/netip"
	"slices"
	"strings"

	"github.com/commslint/commslint/envoycfg/xds"
)

// A reach says who can be at the other end of an address.
type reach uint8

const (
	unknownReach reach = iota // a template fills it in
	local                     // this machine: loopback, a Unix socket, a listener of the same Envoy
	remote                    // another machine
	everybody                 // of a listener: any interface
	withheld                  // a dump was cleaned of it
)

// An address is where Envoy listens or connects to.
type address struct {
	text  string // "payments:8080"; what the file says, if that is a template
	reach reach
	udp   bool
	at    xds.Value
}

// addressOf reads a message of type envoy.config.core.v3.Address.
func addressOf(m *xds.Message) address {
	socket := m.Get("socket_address")
	if !socket.Set() {
		a := address{reach: local, at: m.Oneof("address")}
		if !a.at.Set() {
			a.reach = unknownReach
		}
		return a
	}
	host := socket.Get("address")
	a := address{at: host, text: host.String(), udp: socket.Get("protocol").Enum() == "UDP"}
	if !host.Known() {
		a.text = "an address that is filled in later"
		return a
	}
	a.reach = reachOf(a.text)
	if port, ok := socket.Get("port_value").Uint(); ok && port > 0 {
		a.text = net.JoinHostPort(a.text, socket.Get("port_value").String())
	}
	return a
}

// machineNames are names of the machine itself. Containers reach the one that they run on by the latter two.
var machineNames = []string{"localhost", "localhost.localdomain", "ip6-localhost", "host.docker.internal", "gateway.docker.internal", "host.containers.internal"}

func reachOf(host string) reach {
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	switch {
	case strings.Contains(strings.ToUpper(host), xds.Redacted):
		return withheld
	case err != nil && slices.Contains(machineNames, strings.ToLower(host)), err != nil && strings.HasSuffix(host, ".localhost"):
		return local
	case err != nil:
		return remote
	case ip.IsUnspecified():
		return everybody
	case ip.IsLoopback(), ip.IsLinkLocalUnicast(): // 169.254.169.254 is the metadata service of this very machine
		return local
	}
	return remote
}

// endpoints are the addresses that a cluster lists.
func endpoints(cluster *xds.Message) []address {
	var list []address
	for _, m := range endpointMessages(cluster) {
		list = append(list, addressOf(m))
	}
	return list
}

// endpointMessages are the messages with those addresses.
func endpointMessages(cluster *xds.Message) []*xds.Message {
	var list []*xds.Message
	for _, locality := range cluster.Get("load_assignment.endpoints").Messages() {
		for _, e := range locality.Get("lb_endpoints").Messages() {
			if m := e.Get("endpoint.address").Message(); m != nil {
				list = append(list, m)
			}
		}
	}
	return list
}
