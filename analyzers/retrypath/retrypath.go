// Package retrypath reads from what a function sends the ways on which retries
// lie on top of each other, for the rules that judge what they multiply to.
package retrypath

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/commslint/commslint/callgraph"
)

// A Path leads from a function to a request, through at least one retry layer
// that repeats it in one of the ways in which it can fail.
type Path struct {
	Target callgraph.Target
	Modes  callgraph.ModeSet // the failures that lead to it
	Steps  []*callgraph.Step
	Layers []*callgraph.Step // of Steps, outermost first
}

// pathsOf lists the paths of a function, one for each request and stack of layers.
// Calls out of sight are no requests.
func pathsOf(v callgraph.Value) []*Path {
	var paths []*Path
	byKey := make(map[string]*Path)
	for i := range v.Rows {
		r := &v.Rows[i]
		if r.Target.IsOpen() {
			continue
		}
		for _, c := range r.Cases {
			p := &Path{Target: r.Target, Modes: c.Modes & callgraph.AllModes, Steps: c.Path}
			for _, s := range c.Path {
				if s.Kind == callgraph.LayerStep && !isOnce(s) {
					p.Layers = append(p.Layers, s)
				}
			}
			if len(p.Layers) == 0 {
				continue
			}
			key := r.Target.Name + "\x00" + p.Key()
			if have := byKey[key]; have != nil {
				have.Modes |= p.Modes
				continue
			}
			byKey[key] = p
			paths = append(paths, p)
		}
	}
	return paths
}

// isOnce reports whether a layer makes one attempt: the caller told it so, it is a
// client of net/http, which repeats nothing unless its transport is known to, or
// it is a cycle of calls that no failure is known to lead around.
func isOnce(l *callgraph.Step) bool {
	if l.Layer == callgraph.RecursionLayer && strings.HasPrefix(l.Name, "recursion of ") {
		return true // functions that call each other, for whatever reason
	}
	if len(l.Factor.Variables()) > 0 {
		return l.Layer == callgraph.ClientLayer && (l.Name == "http" || strings.HasPrefix(l.Name, "(*http.Client)."))
	}
	return l.Factor.At(1) <= 1
}

// Key identifies a stack of layers by their places.
func (p *Path) Key() string {
	keys := make([]string, len(p.Layers))
	for i, l := range p.Layers {
		keys[i] = keyOf(l)
	}
	return strings.Join(keys, ">")
}

// pairs identifies each layer together with the next one inside it.
func (p *Path) pairs() []string {
	var pairs []string
	for i := 1; i < len(p.Layers); i++ {
		pairs = append(pairs, keyOf(p.Layers[i-1])+">"+keyOf(p.Layers[i]))
	}
	return pairs
}

// keyOf identifies a layer. Paths of files differ between the views of a package
// and of its importers, their last elements do not.
func keyOf(s *callgraph.Step) string {
	file := s.At.File[strings.LastIndexAny(s.At.File, `/\`)+1:]
	return fmt.Sprintf("%s %s %s:%d:%d", s.Layer, s.Name, file, s.At.Line, s.At.Col)
}

// A Product is what the attempts of layers multiply to.
type Product struct {
	N         callgraph.Count // of those whose number is known
	Unknown   bool            // some have a number that is not known
	Unbounded bool            // some have no limit
}

// Product multiplies the attempts of the path's layers.
func (p *Path) Product() Product {
	out := Product{N: 1}
	for _, l := range p.Layers {
		n := l.Factor.At(1)
		switch {
		case len(l.Factor.Variables()) > 0:
			out.Unknown = true
		case n.IsInfinite():
			out.Unbounded = true
		default:
			out.N *= n
		}
	}
	return out
}

// Compare orders products by size: those without limit, then by what is known.
func (x Product) Compare(y Product) int {
	return cmp.Or(compareBool(x.Unbounded, y.Unbounded), cmp.Compare(x.N, y.N), compareBool(x.Unknown, y.Unknown))
}

func compareBool(x, y bool) int {
	switch {
	case x == y:
		return 0
	case x:
		return 1
	}
	return -1
}

// Attempts writes how often a layer sends a request: "up to 3 attempts".
func Attempts(l *callgraph.Step) string {
	n := l.Factor.At(1)
	switch {
	case len(l.Factor.Variables()) > 0:
		return "an unknown number of attempts"
	case n.IsInfinite():
		return "attempts without limit"
	}
	return "up to " + n.String() + " attempts"
}

// Name writes what a layer is: "the loop in Charge", "backoff.Retry".
func Name(l *callgraph.Step) string {
	fn, _, _ := strings.Cut(l.Name, "$") // literals are named after the function around them
	switch l.Layer {
	case callgraph.LoopLayer:
		return "the loop in " + fn
	case callgraph.RecursionLayer:
		return "the recursion of " + fn
	case callgraph.AgainLayer:
		return "the second try in " + fn
	case callgraph.ConfigLayer:
		return "the service config of the connection"
	}
	return cmp.Or(l.Name, "a client library")
}
