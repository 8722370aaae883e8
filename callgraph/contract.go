package callgraph

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/commslint/commslint/finding"
)

// A Contract is an operation as a document promises it to callers.
type Contract struct {
	// Operation is a pattern of HTTP requests: "POST /v1/orders/{id}", with the path of
	// the document's server before it.
	Operation string `json:"operation"`
	// Hosts are those of the document's servers.
	Hosts []string `json:"hosts,omitempty"`
	// Repeatable says that it may be sent again: the method is idempotent, or a key, or
	// the document, makes it so.
	Repeatable bool `json:"repeatable,omitempty"`
	At         Posn `json:"at"`
}

// contracts reports operations that are sent again although their contracts do not say
// that they may be.
func (c *checker) contracts() {
	if len(c.program.estate.Contracts) == 0 {
		return
	}
	services, layers := c.program.operationServices(), c.program.layersByPlace()
	repeats := map[int][]finding.Related{}
	sure := map[int]bool{}
	for _, w := range c.ways {
		hops := w.hops()
		for i := range hops {
			h := &hops[i]
			at, how := c.program.contractOf(h.request.Name, services[h.request.Name])
			if how == misses || c.program.estate.Contracts[at].Repeatable {
				continue
			}
			sure[at] = sure[at] || how == fits
			for j := range h.layers {
				if s := &h.layers[j]; afterSending(layers[Posn{File: s.File, Line: s.Line}]) {
					r := finding.Related{Location: s.at(), Message: s.Attempts.String() + " × " + s.Name + " sends it again"}
					if !slices.Contains(repeats[at], r) {
						repeats[at] = append(repeats[at], r)
					}
				}
			}
		}
	}
	for at, by := range repeats {
		contract := &c.program.estate.Contracts[at]
		slices.SortFunc(by, func(a, b finding.Related) int {
			return strings.Compare(fmt.Sprintf("%s:%09d", a.File, a.Line), fmt.Sprintf("%s:%09d", b.File, b.Line))
		})
		strength := finding.Likely
		if sure[at] {
			strength = finding.Proven
		}
		c.add(finding.Finding{
			Rule: "graph/contract-idempotency", Strength: strength, Related: by,
			Location: finding.Location{File: contract.At.File, Line: contract.At.Line, Column: contract.At.Col},
			Message: fmt.Sprintf("%s promises nothing to callers that send it again, and %s: an answer that is lost can make it happen twice",
				contract.Operation, senders(by)),
			Properties: map[string]any{"operation": contract.Operation},
		})
	}
}

func senders(by []finding.Related) string {
	var places []string
	for _, r := range by {
		places = append(places, Posn{File: r.File, Line: r.Line}.text())
	}
	if len(places) == 1 {
		return places[0] + " does"
	}
	return strings.Join(places[:len(places)-1], ", ") + " and " + places[len(places)-1] + " do"
}

// afterSending reports whether a layer repeats requests that may have been worked on.
func afterSending(l *Layer) bool {
	return l != nil && (l.Modes == 0 || l.Modes&^Refused != 0)
}

// contractOf finds the contract of an operation: for sure the one of the service or host
// that is asked; perhaps the only one that has it, where it is not known who is asked or
// whose contract it is.
func (p *Program) contractOf(operation string, svc *service) (at int, how fit) {
	method, authority, path, valid := splitHTTP(operation)
	if !valid || path == "" || method == "HTTP" || isVague(method) {
		return 0, misses
	}
	host := hostOf(authority)
	stranger := svc == nil && !isVague(authority) && !strings.Contains(authority, envOpen) && !isLoopback(host)
	only, rank := -1, -1
	for i := range p.estate.Contracts {
		contract := &p.estate.Contracts[i]
		pattern, ok := parsePattern(contract.Operation)
		if !ok || pattern.method != method {
			continue
		}
		how, closeness := pattern.takes(method, path)
		if how != fits {
			continue
		}
		owner := p.contractService(contract)
		switch {
		case svc != nil && owner == svc || slices.ContainsFunc(contract.Hosts, func(h string) bool { return h == authority || h == host }):
			if closeness > rank {
				at, rank = i, closeness
			}
		case stranger || owner != nil && svc != nil: // another's
		case only >= 0:
			only = len(p.estate.Contracts) // of several
		default:
			only = i
		}
	}
	switch {
	case rank >= 0:
		return at, fits
	case only >= 0 && only < len(p.estate.Contracts):
		return only, mayFit
	}
	return 0, misses
}

// contractService is the service that a contract is of, by the hosts that it names or
// the folder that it lies in; nil if neither tells.
func (p *Program) contractService(c *Contract) *service {
	for _, h := range c.Hosts {
		if svc, _ := p.linker.services.ofHost(h); svc != nil {
			return svc
		}
	}
	return p.linker.services.inside(path.Dir(c.At.File))
}

// operationServices tells which service serves an operation, as far as that is known.
func (p *Program) operationServices() map[string]*service {
	all := map[string]*service{}
	for _, id := range p.ids {
		for i := range p.functions[id].Body.Nodes {
			n := &p.functions[id].Body.Nodes[i]
			if n.Request == nil {
				continue
			}
			if link := p.linker.link(id, n.Request, n.At); link.service != nil {
				all[ShowText(n.Request.Operation)] = link.service
			}
		}
	}
	for name, link := range p.late {
		if link.service != nil {
			all[name] = link.service
		}
	}
	return all
}

// layersByPlace finds the layers of the program by file and line.
func (p *Program) layersByPlace() map[Posn]*Layer {
	all := map[Posn]*Layer{}
	add := func(l *Layer) { all[Posn{File: l.At.File, Line: l.At.Line}] = l }
	for _, id := range p.ids {
		for i := range p.functions[id].Body.Nodes {
			if l := p.functions[id].Body.Nodes[i].Layer; l != nil {
				add(l)
			}
		}
	}
	for i := range p.wiring.connections {
		for _, m := range p.wiring.connections[i].Layers {
			for j := range m.Layers {
				add(&m.Layers[j])
			}
		}
	}
	return all
}
