// Package policy says what a proxy does with a request, whatever syntax says so: how long it
// waits, what it sends again and how often, what it copies. The rules mesh/… ask their questions
// of it, and the call graph gets its routes from it. The packages beside it read the syntaxes:
// mesh those in Kubernetes documents, nginx and haproxy those of their names.
package policy

import (
	"fmt"
	"slices"
	"time"

	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/tree"
)

// A Place is where something is written, with the bytes that an edit would replace. The zero
// Place is nowhere: nobody wrote it.
type Place struct {
	finding.Location
	Start, End int
}

// At is the place of a node; the zero Place for a nil one.
func At(n *tree.Node) Place {
	if n == nil {
		return Place{}
	}
	return Place{n.Location(), int(n.Start), int(n.End)}
}

// AtKey is the place of the key of a member of an object, or of the object if it has no such key.
func AtKey(n *tree.Node, key string) Place {
	m := n.Member(key)
	if m == nil {
		return At(n)
	}
	return Place{n.File.Location(m.KeyStart, m.KeyEnd), int(m.KeyStart), int(m.KeyEnd)}
}

// Written reports whether the place is one: whether somebody wrote what stands there.
func (p Place) Written() bool { return p.Line > 0 }

// Replace is the edit that writes something else there.
func (p Place) Replace(text string) finding.Edit {
	return finding.Edit{File: p.File, Start: p.Start, End: p.End, New: text}
}

// posn is the place as the call graph has it.
func (p Place) posn() callgraph.Posn {
	return callgraph.Posn{File: p.File, Line: p.Line, Col: p.Column}
}

// A Time is a limit in time. The zero Time is not known.
type Time struct {
	Value time.Duration // 0 for none, if Known
	Known bool
	At    Place
	// Origin says whose default it is, if nobody wrote it: "Istio's default".
	Origin string
}

// DefaultTime is a limit that nobody wrote.
func DefaultTime(value time.Duration, origin string) Time {
	return Time{Value: value, Known: true, Origin: origin}
}

// None reports whether it is known that there is no limit.
func (t Time) None() bool { return t.Known && t.Value == 0 }

// String shows the effective value and where it comes from.
func (t Time) String() string {
	text := "unknown"
	if t.Known {
		text = t.Value.String()
	}
	if t.None() {
		text = "none"
	}
	if t.Known && !t.At.Written() && t.Origin != "" {
		text += " (" + t.Origin + ", nobody chose it)"
	}
	return text
}

// A Count is a number of retries, or a limit of them. The zero Count is not known.
type Count struct {
	N         int
	Known     bool
	Unbounded bool   // nothing limits it; N is 0
	Var       string // what it depends on, if it is not known: "{{ .Values.retries }}"
	At        Place
	Origin    string
}

// DefaultCount is a number that nobody wrote.
func DefaultCount(n int, origin string) Count { return Count{N: n, Known: true, Origin: origin} }

// A System is what a configuration is made for.
type System struct {
	ID   string // "istio"
	Name string // "Istio"
	// Envoy says that Envoy obeys the configuration, and so its rules for retries hold.
	Envoy bool
	// Open says that the implementation decides what the configuration leaves open, such as
	// which requests are sent again: what depends on that is possible and not proven.
	Open bool
}

// A Route is what a proxy does with the requests that match it.
type Route struct {
	System System
	Name   string // "route 2 of VirtualService ratings"
	At     Place
	// Owner is the document that the route belongs to. What nobody chose is reported once for each.
	Owner *Owner
	// Matches are the ways to match it, of which one is enough. There is at least one.
	Matches []callgraph.RouteMatch
	// Keyed says that only requests with an idempotency key match.
	Keyed bool
	GRPC  bool
	// Streams says that exchanges may last: an upgrade to a websocket, a stream.
	Streams bool
	// Answers says that the proxy answers itself, as with a redirect.
	Answers bool

	Retry   *Retry // nil if nothing is sent again
	Timeout Time
	// Window is how long another attempt may begin, where nginx is told: it ends none that is under way. It is not known
	// where there is no such thing.
	Window  Time
	To      []callgraph.Upstream
	Dynamic string // as in callgraph.Route
	Mirrors []Mirror
	Rewrite Rewrite
	Faults  []Fault
	// Implicit says that no document describes the route: it is there by default.
	Implicit bool
	// Variant tells routes apart that stand at one place; empty for the only one.
	Variant string
	// Unattached says that the policy stands for itself, as what it is for is out of sight.
	Unattached bool
}

// methods are those of the requests that the route takes; empty for all.
func (r *Route) methods() []string {
	var all []string
	for _, m := range r.Matches {
		if len(m.Methods) == 0 {
			return nil
		}
		all = append(all, m.Methods...)
	}
	return all
}

// narrow reports whether something else than hosts and paths decides about the route.
func (r *Route) narrow() bool {
	return len(r.Matches) > 0 && !slices.ContainsFunc(r.Matches, func(m callgraph.RouteMatch) bool {
		return !m.Conditional && len(m.Methods) == 0
	})
}

// An Owner is a document that routes belong to.
type Owner struct {
	Name string // "VirtualService ratings"
	At   Place
}

// A Retry is a policy by which requests are sent again.
type Retry struct {
	At   Place
	Name string // "retries of VirtualService ratings"
	// Origin says whose default the policy is, if nobody wrote it.
	Origin  string
	Retries Count // beyond the first attempt
	On      []Condition
	OnAt    Place
	// OnOrigin says whose default the conditions are, if nobody wrote them.
	OnOrigin string
	// Methods are those of the requests that are sent again; empty for all.
	Methods []string
	PerTry  Time
	// Wait is the longest that all waits between attempts take together; 0 if unknown.
	Wait   time.Duration
	Growth callgraph.Growth
	Jitter callgraph.Tri
	Budget *Budget // nil if there is none
	// Breaker is the most retries to the upstream at a time, of all requests together. Not known
	// where the upstream is out of sight, or where there is no such thing.
	Breaker Count
	// Where says to whom the limits are for: "ratings.shop.svc.cluster.local".
	Where string
}

// A Budget limits retries to a share of the traffic.
type Budget struct {
	Share float64 // of the active requests, which count the retries
	Ratio float64 // to the requests that are no retries
	Min   int
	Rate  float64 // retries a second that a Ratio always allows besides
	At    Place
}

// A Mirror is a copy of requests.
type Mirror struct {
	callgraph.Upstream
	Fraction float64
	At       Place
}

// A Fault is a failure that the proxy makes up.
type Fault struct {
	What    string // "delay of 7s", "abort with 503"
	Percent float64
	Delay   time.Duration
	At      Place
}

// attempts is the number of attempts; false if that is not known.
func (r *Retry) attempts() (int, bool) {
	if r == nil {
		return 1, true
	}
	return 1 + r.Retries.N, r.Retries.Known && !r.Retries.Unbounded
}

// active reports whether the policy sends anything again, as far as is known.
func (r *Retry) active() bool {
	return r != nil && len(r.On) > 0 && r.modes() != 0 && (!r.Retries.Known || r.Retries.Unbounded || r.Retries.N > 0)
}

// modes are the failures after which a request is sent again.
func (r *Retry) modes() callgraph.ModeSet {
	var m callgraph.ModeSet
	for _, c := range r.On {
		m |= c.Modes
	}
	return m
}

// countText is "4 attempts (1 + 3 retries)", and says who chose that.
func (r *Retry) countText() string {
	n, known := r.attempts()
	if r.Retries.Unbounded {
		return "any number of attempts"
	}
	if !known {
		return "an unknown number of attempts"
	}
	text := fmt.Sprintf("%d attempts (1 + %d %s)", n, r.Retries.N, plural(r.Retries.N, "retry", "retries"))
	if !r.Retries.At.Written() && r.Retries.Origin != "" {
		text += ", " + r.Retries.Origin
	}
	return text
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
