package grpcpolicy

import (
	"math"
	"slices"
	"time"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/callgraph"
)

const middleware = "github.com/grpc-ecosystem/go-grpc-middleware"

func isRetryPackage(path string) bool {
	return path == middleware+"/retry" || path == middleware+"/v2/interceptors/retry"
}

// A retrier is what the options of go-grpc-middleware's retry interceptor make
// of it (v1.4.0 retry/options.go:22, v2.3.4 interceptors/retry/options.go:23).
type retrier struct {
	max     callgraph.Amount // attempts, the first included; 0 or 1 for none
	codes   []Code
	anyCode bool // a function decides
	perTry  time.Duration
	wait    backoff
}

// A backoff is a wait between attempts.
type backoff struct {
	growth callgraph.Growth
	jitter callgraph.Tri
	first  time.Duration // 0 if not known
	spread float64       // how much longer a wait may be, as a share
	limit  time.Duration // of one wait; 0 if none
}

func defaultRetrier() retrier {
	return retrier{
		codes: []Code{codeResourceExhausted, codeUnavailable},
		wait:  backoff{growth: callgraph.Constant, jitter: callgraph.Yes, first: 50 * time.Millisecond, spread: 0.1},
	}
}

// retryOptions returns what a slice of options may make of the interceptor.
func (r *Result) retryOptions(slice ssa.Value) (all []retrier) {
	for _, list := range r.ways(slice) {
		p := defaultRetrier()
		for _, v := range list {
			r.apply(&p, v, nil)
		}
		all = append(all, p)
	}
	return all
}

// apply lets an option change p. Of several that may stand in the same place the
// one seen last counts.
func (r *Result) apply(p *retrier, v ssa.Value, seen []ssa.Value) {
	if v == nil || slices.Contains(seen, v) || len(seen) > maxWays {
		return
	}
	if call, ok := v.(*ssa.Call); ok && r.applyCall(p, call) {
		return
	}
	from, _ := r.tracer.Before(v)
	for _, f := range from {
		r.apply(p, f, append(slices.Clip(seen), v))
	}
}

func (r *Result) applyCall(p *retrier, call *ssa.Call) bool {
	fn := netcall.Callee(call)
	if fn == nil || fn.Pkg() == nil || !isRetryPackage(fn.Pkg().Path()) {
		return false
	}
	if fn.Name() == "Disable" {
		p.max = callgraph.Amount{}
		return true
	}
	if len(call.Call.Args) != 1 {
		return false
	}
	arg := call.Call.Args[0]
	switch fn.Name() {
	case "WithMax":
		p.max = r.amount(arg)
	case "WithCodes":
		p.codes, p.anyCode = r.codes(arg)
	case "WithRetriable":
		p.anyCode = true
	case "WithPerRetryTimeout":
		p.perTry = r.longest(arg)
	case "WithBackoff", "WithBackoffContext":
		p.wait = r.backoff(arg)
	}
	return true
}

// amount returns the largest number that a value may be.
func (r *Result) amount(v ssa.Value) (most callgraph.Amount) {
	for _, val := range r.tracer.Values(v) {
		n, ok := intOf(val.Const)
		if !ok {
			return callgraph.Amount{Var: nameOf(v)}
		}
		most.N = max(most.N, n)
	}
	return most
}

// nameOf names a value whose number is not known.
func nameOf(v ssa.Value) string {
	for {
		c, ok := v.(*ssa.Convert)
		if !ok {
			break
		}
		v = c.X
	}
	switch v := v.(type) {
	case *ssa.Parameter:
		return v.Name()
	case *ssa.UnOp:
		switch x := v.X.(type) {
		case *ssa.FieldAddr:
			if name := netcall.FieldName(x); name != "" {
				return nameOf(x.X) + "." + name
			}
		case *ssa.Global:
			return x.Name()
		case *ssa.Alloc:
			return x.Comment
		}
	case *ssa.Alloc:
		return v.Comment
	case *ssa.FreeVar:
		return v.Name()
	}
	return "max"
}

// longest returns the longest duration that a value may be, 0 if not known.
func (r *Result) longest(v ssa.Value) (most time.Duration) {
	for _, val := range r.tracer.Values(v) {
		n, ok := intOf(val.Const)
		if !ok {
			return 0
		}
		most = max(most, time.Duration(n))
	}
	return most
}

// codes returns the codes that a slice may hold, and whether others may be in it.
func (r *Result) codes(slice ssa.Value) (found []Code, others bool) {
	for _, list := range r.ways(slice) {
		for _, v := range list {
			if v == nil {
				return nil, true
			}
			for _, val := range r.tracer.Values(v) {
				n, ok := intOf(val.Const)
				if !ok {
					return nil, true
				}
				found = append(found, Code(n))
			}
		}
	}
	return found, false
}

// backoffs are the functions that make the waits (v1.4.0 retry/backoff.go,
// v2.3.4 interceptors/retry/backoff.go).
var backoffs = map[string]callgraph.Growth{
	"BackoffLinear":                       callgraph.Constant,
	"BackoffLinearWithJitter":             callgraph.Constant,
	"BackoffExponential":                  callgraph.Growing,
	"BackoffExponentialWithJitter":        callgraph.Growing,
	"BackoffExponentialWithJitterBounded": callgraph.Growing,
}

func (r *Result) backoff(v ssa.Value) backoff {
	for _, from := range r.tracer.Origins(v) {
		call, ok := from.(*ssa.Call)
		if !ok {
			continue
		}
		fn := netcall.Callee(call)
		if fn == nil || fn.Pkg() == nil || !isRetryPackage(fn.Pkg().Path()) || backoffs[fn.Name()] == callgraph.GrowthUnknown {
			continue
		}
		args := call.Call.Args
		b := backoff{growth: backoffs[fn.Name()], jitter: callgraph.No, first: r.longest(args[0])}
		if len(args) > 1 {
			b.spread, b.jitter = r.share(args[1])
		}
		if len(args) > 2 {
			b.limit = r.longest(args[2])
		}
		return b
	}
	return backoff{}
}

// share returns the fraction that waits vary by, and whether they vary at all.
func (r *Result) share(v ssa.Value) (float64, callgraph.Tri) {
	most := 0.0
	for _, val := range r.tracer.Values(v) {
		f, ok := floatOf(val.Const)
		if !ok {
			return 1, callgraph.Unknown
		}
		most = max(most, f)
	}
	if most > 0 {
		return most, callgraph.Yes
	}
	return 0, callgraph.No
}

// layer returns the retry layer, nil if it never repeats anything.
func (p retrier) layer(stream bool) *callgraph.Layer {
	if p.max.Var == "" && p.max.N < 2 {
		return nil
	}
	modes, some := p.modes(stream)
	if !some {
		return nil
	}
	l := &callgraph.Layer{
		Kind: callgraph.ClientLayer, Attempts: p.max, Modes: modes,
		Growth: p.wait.growth, Jitter: p.wait.jitter, Context: callgraph.Yes, ByTime: true,
		RetryAfter: callgraph.No, Budget: callgraph.No, Throttled: callgraph.No,
	}
	if !stream {
		l.PerTry = p.perTry // a stream outlives the call that opens it
	}
	if p.max.Var == "" && p.wait.first > 0 {
		for i := range p.max.N - 1 {
			l.MaxWait = addTime(l.MaxWait, p.wait.longest(i))
		}
	}
	return l
}

// longest returns the longest that the wait before retry i, from 0, may be.
func (b backoff) longest(i int) float64 {
	wait := float64(b.first) * (1 + b.spread)
	if b.growth == callgraph.Growing {
		wait *= math.Pow(2, float64(i))
	}
	if b.limit > 0 {
		wait = min(wait, float64(b.limit))
	}
	return wait
}

// modes returns the failures that are retried, no mode standing for all, and
// whether there are any. CANCELLED and DEADLINE_EXCEEDED are retried only with
// a timeout for each try, and then always (v2.3.4 retry.go:60 and options.go:152).
func (p retrier) modes(stream bool) (modes callgraph.ModeSet, some bool) {
	if p.anyCode {
		return 0, true
	}
	for _, c := range p.codes {
		if c != codeCanceled && c != codeDeadlineExceeded {
			modes |= modesOf([]Code{c})
		}
	}
	if p.perTry > 0 && !stream {
		modes |= callgraph.Hang | callgraph.GRPCDeadlineExceeded
	}
	return modes, modes != 0
}
