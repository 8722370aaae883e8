package breaking

import (
	"fmt"
	"strings"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/openapi/document"
)

func serverAddresses(servers []*document.Server) []address {
	var all []address
	for _, s := range servers {
		all = append(all, addressesOf(s)...)
	}
	return all
}

func addressesOf(s *document.Server) []address {
	enums := map[string][]string{}
	for _, v := range s.Variables {
		enums[v.Name] = v.Enum
	}
	return addresses(s.URL, enums)
}

// usualAddresses are those with the defaults of variables that may have any value.
func usualAddresses(s *document.Server) []address {
	values := map[string][]string{}
	for _, v := range s.Variables {
		if values[v.Name] = v.Enum; len(v.Enum) == 0 && v.Default != "" {
			values[v.Name] = []string{v.Default}
		}
	}
	return addresses(s.URL, values)
}

// compareServers reports addresses at which clients called the operation and which
// the new document does not list. A document that lists none says nothing.
func (x *exchange) compareServers() {
	if !isListed(x.old.Servers) || !isListed(x.new.Servers) {
		return
	}
	now := serverAddresses(x.new.Servers)
	for _, s := range x.new.Servers {
		now = append(now, usualAddresses(s)...)
	}
	var gone []*document.Server
	kept := 0
	for _, s := range x.old.Servers {
		switch {
		case x.isServed(s, now):
			kept++
		case !allLocal(s):
			gone = append(gone, s)
		}
	}
	for _, s := range gone {
		x.report(cause{rule: serverChanged, old: s, new: x.new.Servers[0]}, func() *change {
			ch := &change{
				message: fmt.Sprintf("%s is not among the servers any more, which are %s", s.URL, serverNames(x.new.Servers)),
				place:   serversPlace(x.new),
				related: x.before(s.Node.Location(), "it was here"),
			}
			if kept > 0 {
				ch.message = fmt.Sprintf("%s is not among the servers any more; others of the old ones are", s.URL)
				ch.atMost = finding.Warning
			}
			return ch
		})
	}
}

func isListed(servers []*document.Server) bool { return len(servers) > 0 && servers[0].Node != nil }

// isServed reports whether every address of an old server still reaches the operation:
// whatever the values of its variables, or with their defaults.
func (x *exchange) isServed(s *document.Server, now []address) bool {
	return x.reached(addressesOf(s), now) || x.reached(usualAddresses(s), now)
}

func (x *exchange) reached(older, now []address) bool {
	for _, old := range older {
		found := false
		for _, a := range now {
			// A part of the path may have moved between the server and the path.
			whole := address{a.authority, parseTemplate(a.base + x.newPath.text).shape}
			found = found || whole.serves(address{old.authority, parseTemplate(old.base + x.oldPath.text).shape})
		}
		if !found {
			return false
		}
	}
	return true
}

func allLocal(s *document.Server) bool {
	for _, a := range addressesOf(s) {
		if !a.isLocal() {
			return false
		}
	}
	return true
}

func serverNames(servers []*document.Server) string {
	var urls []string
	for _, s := range servers {
		urls = append(urls, s.URL)
	}
	const few = 3
	if len(urls) > few {
		return strings.Join(urls[:few], ", ") + fmt.Sprintf(" and %d more", len(urls)-few)
	}
	return strings.Join(urls, ", ")
}

// serversPlace is the place of the first server that is in force for an operation.
func serversPlace(op *document.Operation) finding.Location {
	for _, s := range op.Servers {
		if s.Node != nil {
			return s.Node.Location()
		}
	}
	return op.At
}
