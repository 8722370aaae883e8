package retrypolicy

import (
	"go/token"
	"slices"
	"strings"
	"time"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/rules/clients"
)

// A policy is what is known of how something is repeated. Parts that are not
// among its facts are not set.
type policy struct {
	facts map[clients.Part]fact
	inner []policy // layers within this one, outermost first
	name  string   // of the library
	pos   token.Pos
}

// A fact is what is known of a part. Of the other fields, only those that fit
// the part are set.
type fact struct {
	unknown bool
	counts  []count
	tri     callgraph.Tri
	growth  callgraph.Growth
	dur     time.Duration // 0 for none
	number  float64
	text    string // of lists, and "linear" and "square"
}

// A count is one value that a number may have: n, or n more than what v is.
type count struct {
	n int
	v ssa.Value
}

// endless is the count that nothing limits.
var endless = count{n: callgraph.Unbounded}

var unknownFact = fact{unknown: true}

func (p *policy) set(part clients.Part, f fact) {
	facts := make(map[clients.Part]fact, len(p.facts)+1)
	for k, v := range p.facts {
		facts[k] = v
	}
	facts[part] = f
	p.facts = facts
}

// forget makes a part unknown.
func (p *policy) forget(parts ...clients.Part) {
	for _, part := range parts {
		p.set(part, unknownFact)
	}
}

// repeats reports whether anything is known to be repeated, however often.
func (p *policy) repeats() bool {
	_, set := p.facts[clients.Attempts]
	return set
}

// over returns p with what q sets instead of its own.
func (p policy) over(q policy) policy {
	if !p.repeats() && q.repeats() {
		p.name, p.pos = q.name, q.pos
	}
	for part, f := range q.facts {
		p.set(part, f)
	}
	if len(q.inner) > 0 {
		p.inner = q.inner
	}
	return p
}

// only returns p without other parts than those listed.
func (p policy) only(parts []clients.Part) policy {
	if len(parts) == 0 {
		return p
	}
	out := policy{}
	for _, part := range parts {
		if f, ok := p.facts[part]; ok {
			out.set(part, f)
		}
	}
	return out
}

// join is what is known of a value that has one policy or the other. A part that
// only one of them sets may have been set.
func join(p, q policy) policy {
	out := policy{name: p.name, pos: p.pos, inner: p.inner}
	if out.name == "" {
		out.name, out.pos = q.name, q.pos
	}
	if len(out.inner) == 0 {
		out.inner = q.inner
	}
	for part, f := range p.facts {
		g, both := q.facts[part]
		if !both && part != clients.Attempts {
			out.set(part, unknownFact)
			continue
		}
		out.set(part, joinFacts(f, g))
	}
	for part, g := range q.facts {
		if _, both := p.facts[part]; !both {
			if part != clients.Attempts {
				g = unknownFact
			}
			out.set(part, g)
		}
	}
	return out
}

// joinAll joins any number of policies.
func joinAll(all []policy) (p policy) {
	for i, q := range all {
		if i == 0 {
			p = q
		} else {
			p = join(p, q)
		}
	}
	return p
}

func joinFacts(f, g fact) fact {
	if f.unknown || g.unknown {
		return unknownFact
	}
	if len(f.counts) > 0 || len(g.counts) > 0 {
		counts := slices.Clone(f.counts)
		for _, c := range g.counts {
			if !slices.Contains(counts, c) {
				counts = append(counts, c)
			}
		}
		return fact{counts: counts}
	}
	if f.tri != g.tri || f.growth != g.growth || f.dur != g.dur || f.number != g.number || f.text != g.text {
		return unknownFact
	}
	return f
}

func (p *policy) tri(part clients.Part) callgraph.Tri { return p.facts[part].tri }

func (p *policy) growth() callgraph.Growth { return p.facts[clients.Growth].growth }

func (p *policy) methods() Methods {
	f, set := p.facts[clients.Methods]
	switch {
	case f.unknown:
		return "unknown"
	case !set || f.text == "all":
		return ""
	}
	return Methods(f.text)
}

func (p *policy) modes() (set callgraph.ModeSet) {
	for _, name := range strings.Fields(p.facts[clients.Modes].text) {
		set |= modeNames(name)
	}
	return set
}

// modeNames returns the failures that a name of the catalogue stands for.
func modeNames(name string) callgraph.ModeSet {
	switch name {
	case "refused":
		return callgraph.Refused
	case "reset":
		return callgraph.Reset
	case "hang":
		return callgraph.Hang
	case "opaque":
		return callgraph.OpaqueError
	case "408":
		return callgraph.Status408
	case "425":
		return callgraph.Status425
	case "429":
		return callgraph.Status429
	case "500":
		return callgraph.Status500
	case "502":
		return callgraph.Status502
	case "503":
		return callgraph.Status503
	case "504":
		return callgraph.Status504
	case "5xx":
		return callgraph.Status5xx
	case "grpc-unavailable":
		return callgraph.GRPCUnavailable
	case "grpc-deadline-exceeded":
		return callgraph.GRPCDeadlineExceeded
	case "grpc-resource-exhausted":
		return callgraph.GRPCResourceExhausted
	case "grpc-aborted":
		return callgraph.GRPCAborted
	case "grpc-internal":
		return callgraph.GRPCInternal
	case "grpc-unknown":
		return callgraph.GRPCUnknown
	case "grpc-permanent":
		return callgraph.GRPCPermanent
	}
	switch name[0] {
	case '4':
		return callgraph.Status4xx
	case '5':
		return callgraph.Status5xx
	}
	return 0
}
