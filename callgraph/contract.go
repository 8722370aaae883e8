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
	for _, w := range c.ways {
		hops := w.hops()
		for i := range hops {
			h := &hops[i]
			at, ok := c.program.contractOf(h.request.Name, services[h.request.Name])
			if !ok || c.program.estate.Contracts[at].Repeatable {
				continue
			}
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
		c.add(finding.Finding{
			Rule: "graph/contract-idempotency", Strength: finding.Proven, Related: by,
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

// contractOf finds the contract of an operation: the one of the service that serves it,
// or the only one that has it.
func (p *Program) contractOf(operation string, svc *service) (at int, ok bool) {
	method, _, path, valid := splitHTTP(operation)
	if !valid || path == "" || method == "HTTP" || isVague(method) {
		return 0, false
	}
	found := -1
	for i := range p.estate.Contracts {
		contract := &p.estate.Contracts[i]
		pattern, ok := parsePattern(contract.Operation)
		if !ok || pattern.method != method {
			continue
		}
		if how, _ := pattern.takes(method, path); how != fits {
			continue
		}
		if owner := p.contractService(contract); owner != nil && svc != nil {
			if owner == svc {
				return i, true
			}
			continue
		}
		if found >= 0 {
			return 0, false
		}
		found = i
	}
	return found, found >= 0
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
