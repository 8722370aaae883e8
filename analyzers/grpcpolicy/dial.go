package grpcpolicy

import (
	"cmp"
	"go/constant"
	"slices"
	"strings"
	"time"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/callgraph"
)

// dial reads a call that makes a connection.
func (r *Result) dial(call ssa.CallInstruction, opts choices) *Dial {
	d := &Dial{Call: call, Connection: callgraph.Connection{At: r.posn(call.Pos())}}
	d.Unknown = r.resolved(call)
	var alternatives []callgraph.Connection
	for _, list := range opts {
		alternatives = append(alternatives, settle(list).connections(d)...)
	}
	connects := func(c callgraph.Connection) bool { return c.Rejected == "" }
	if len(alternatives) > 0 && !slices.ContainsFunc(alternatives, connects) {
		d.Rejected = alternatives[0].Rejected
	}
	for _, c := range alternatives {
		d.Unknown = d.Unknown || c.Unknown
		if len(c.Interceptors) > len(d.Interceptors) {
			d.Interceptors = c.Interceptors
		}
	}
	d.Layers = mergeLayers(alternatives)
	slices.SortFunc(d.Problems, func(a, b Problem) int {
		return cmp.Or(comparePosns(a.At, b.At), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Text, b.Text))
	})
	d.Problems = slices.Compact(d.Problems)
	return d
}

// resolved reports whether a resolver gives the connection its service config,
// so that the default one does not count: those of xDS and the Google cloud do.
func (r *Result) resolved(call ssa.CallInstruction) bool {
	fn, args := netcall.Callee(call), call.Common().Args
	if dialOptions(call) == nil {
		return false
	}
	target := args[0]
	if fn.Name() == "DialContext" && len(args) > 1 {
		target = args[1]
	}
	return r.tracer.Values(target).Some(func(c constant.Value) bool {
		if c.Kind() != constant.String {
			return false
		}
		scheme, _, _ := strings.Cut(constant.StringVal(c), ":")
		return scheme == "xds" || scheme == "google-c2p"
	})
}

// A setup is what a list of options comes to.
type setup struct {
	configs       []text // those of the last option that gives one
	maxAttempts   int
	noRetry       bool
	unary, stream []interceptor // outermost first
	unknown       bool
}

func settle(list []option) setup {
	s := setup{maxAttempts: DefaultMaxAttempts}
	var firstUnary, firstStream []interceptor
	for _, o := range list {
		switch o.Kind {
		case unknownOption, paramOption:
			s.unknown = true
		case configOption:
			s.configs = o.Texts
		case maxAttemptsOption:
			s.maxAttempts = o.Max
		case disableRetryOption:
			s.noRetry = true
		case unaryOption:
			firstUnary = o.Interceptors
		case unaryChainOption:
			s.unary = append(s.unary, o.Interceptors...)
		case streamOption:
			firstStream = o.Interceptors
		case streamChainOption:
			s.stream = append(s.stream, o.Interceptors...)
		}
	}
	s.unary = slices.Concat(firstUnary, s.unary)
	s.stream = slices.Concat(firstStream, s.stream)
	return s
}

// connections returns what the setup makes with each of its service configs, and
// adds their problems to d.
func (s setup) connections(d *Dial) []callgraph.Connection {
	if len(s.configs) == 0 {
		return []callgraph.Connection{s.connection(nil, text{})}
	}
	var all []callgraph.Connection
	d.configs = append(d.configs, s.configs...)
	d.maxAttempts = max(d.maxAttempts, s.maxAttempts)
	for _, t := range s.configs {
		if !t.Known {
			c := s.connection(nil, t)
			c.Unknown = true
			all = append(all, c)
			continue
		}
		sc, err := ParseServiceConfig(t.JSON, s.maxAttempts)
		c := s.connection(sc, t)
		if err != nil {
			c.Rejected, c.Layers = err.Error(), nil
			d.Problems = append(d.Problems, Problem{Kind: Rejected, Text: err.Error(), At: t.posn(0)})
		} else {
			for _, p := range sc.Problems {
				p.At, p.offset = t.posn(p.offset), 0
				d.Problems = append(d.Problems, p)
			}
		}
		all = append(all, c)
	}
	return all
}

// posn returns the place of an offset in the text.
func (t text) posn(offset int) callgraph.Posn {
	if !t.Inside {
		return t.At
	}
	at := t.At
	line, col := lineCol(t.JSON, offset)
	at.Line += line - 1
	if line > 1 {
		at.Col = col
	} else {
		at.Col += col - 1
	}
	return at
}

func (s setup) connection(sc *ServiceConfig, t text) callgraph.Connection {
	c := callgraph.Connection{Unknown: s.unknown}
	unary, stream := layersOf(s.unary), layersOf(s.stream)
	outside := 0
	for _, i := range s.unary {
		if i.Layer != nil {
			outside++
			continue
		}
		c.Interceptors = append(c.Interceptors, callgraph.Interceptor{Func: i.Func, Maker: i.Maker, Outside: outside, At: i.At})
		c.Unknown = c.Unknown || i.Func == "" && i.Maker == ""
	}
	if len(unary) == 0 && len(stream) == 0 {
		c.Layers = s.methodLayers(callgraph.AnyCall, nil, sc, t)
		return c
	}
	c.Layers = append(s.methodLayers(callgraph.UnaryCall, unary, sc, t), s.methodLayers(callgraph.StreamCall, stream, sc, t)...)
	return c
}

func layersOf(interceptors []interceptor) (layers []callgraph.Layer) {
	for _, i := range interceptors {
		if i.Layer != nil {
			layers = append(layers, *i.Layer)
		}
	}
	return layers
}

// methodLayers returns what is around each method that the service config names,
// and around all others: the layers of interceptors, and inside of them the one
// of the service config.
func (s setup) methodLayers(calls callgraph.CallKind, around []callgraph.Layer, sc *ServiceConfig, t text) (all []callgraph.MethodLayer) {
	everything := false
	if sc != nil {
		for _, m := range sc.Methods {
			layers, timeout := s.layers(around, sc, m, t)
			for _, n := range m.Names {
				everything = everything || n.Service == ""
				all = append(all, callgraph.MethodLayer{Service: n.Service, Method: n.Method, Calls: calls, Layers: layers, Timeout: timeout})
			}
		}
	}
	if len(around) > 0 && !everything {
		all = append(all, callgraph.MethodLayer{Calls: calls, Layers: around})
	}
	return all
}

// layers returns the layers around the methods of one entry. Its timeout holds
// for each attempt of the interceptors outside of it.
func (s setup) layers(around []callgraph.Layer, sc *ServiceConfig, m MethodConfig, t text) ([]callgraph.Layer, time.Duration) {
	layers := slices.Clone(around)
	var timeout time.Duration
	if m.Timeout != nil && *m.Timeout > 0 {
		timeout = *m.Timeout
	}
	if last := len(layers) - 1; last >= 0 && timeout > 0 && (layers[last].PerTry == 0 || timeout < layers[last].PerTry) {
		layers[last].PerTry = timeout
	}
	if l := m.Retry.Layer(); l != nil && !s.noRetry && l.Attempts.N > 1 {
		l.At, l.Overall = t.posn(m.Offset), timeout
		if sc.Throttled {
			l.Throttled, l.Budget = callgraph.Yes, callgraph.Yes
		}
		layers = append(layers, *l)
	}
	return layers, timeout
}

// mergeLayers returns, for each method that one of several connections names,
// what repeats most: any of them may be the one that is made.
func mergeLayers(alternatives []callgraph.Connection) (merged []callgraph.MethodLayer) {
	for _, c := range alternatives {
		for _, m := range c.Layers {
			if slices.ContainsFunc(merged, func(o callgraph.MethodLayer) bool { return sameMethod(o, m) }) {
				continue
			}
			best := m
			for _, other := range alternatives {
				if o, found := match(other.Layers, m); found && attempts(o) > attempts(best) {
					best.Layers, best.Timeout = o.Layers, o.Timeout
				}
			}
			merged = append(merged, best)
		}
	}
	slices.SortStableFunc(merged, func(a, b callgraph.MethodLayer) int {
		return cmp.Compare(callOrder(a.Calls), callOrder(b.Calls))
	})
	return merged
}

func callOrder(k callgraph.CallKind) int {
	return slices.Index([]callgraph.CallKind{callgraph.UnaryCall, callgraph.AnyCall, callgraph.StreamCall}, k)
}

func sameMethod(a, b callgraph.MethodLayer) bool {
	return a.Service == b.Service && a.Method == b.Method && a.Calls == b.Calls
}

// match returns what holds for a method: the entry for it, for its service or
// for all, as grpc-go looks them up (clientconn.go, getMethodConfig).
func match(layers []callgraph.MethodLayer, m callgraph.MethodLayer) (found callgraph.MethodLayer, ok bool) {
	for _, want := range []MethodName{{m.Service, m.Method}, {m.Service, ""}, {}} {
		for _, l := range layers {
			if l.Service == want.Service && l.Method == want.Method && (l.Calls == callgraph.AnyCall || m.Calls == callgraph.AnyCall || l.Calls == m.Calls) {
				return l, true
			}
		}
	}
	return callgraph.MethodLayer{}, false
}

// attempts returns how often the layers send a request in all; a number that is
// not known counts as large.
func attempts(m callgraph.MethodLayer) int {
	const large = 1000
	n := 1
	for _, l := range m.Layers {
		if l.Attempts.Var != "" || l.Attempts.N == callgraph.Unbounded {
			n *= large
		} else {
			n *= max(1, l.Attempts.N)
		}
	}
	return n
}
