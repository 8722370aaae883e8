package deadlineexceedscaller

import (
	"go/constant"
	"time"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/analyzers/retryreport"
	"github.com/commslint/commslint/analyzers/typequery"
)

// A limit is a deadline of constant length that a function puts on a context.
type limit struct {
	call   ssa.CallInstruction // context.WithTimeout
	parent ssa.Value           // the context that it is put on
	d      time.Duration
}

// limitAt returns the limit that a call sets, if its length is a constant.
func (c *checker) limitAt(call ssa.CallInstruction) (limit, bool) {
	fn := netcall.Callee(call)
	if fn == nil || fn.Pkg() == nil || fn.Pkg().Path() != "context" || fn.Name() != "WithTimeout" && fn.Name() != "WithTimeoutCause" {
		return limit{}, false
	}
	args := call.Common().Args
	d, ok := c.duration(args[1])
	return limit{call, args[0], d}, ok
}

// duration returns the one constant that a duration is, if it is positive.
func (c *checker) duration(v ssa.Value) (time.Duration, bool) {
	set := c.consts.Values(v)
	if len(set) != 1 || set[0].Const == nil || set[0].Const.Kind() != constant.Int {
		return 0, false
	}
	n, exact := constant.Int64Val(set[0].Const)
	return time.Duration(n), exact && n > 0
}

// around returns the shortest of the limits that a context is known to have
// where it is used, all of them set in one function or passed by the only callers.
func (c *checker) around(ctx ssa.Value) (limit, bool) {
	var least limit
	for _, l := range c.limitsOf(ctx, 0) {
		if least.call == nil || l.d < least.d {
			least = l
		}
	}
	return least, least.call != nil
}

// limitsOf returns the limits that a context has, whatever way it came.
func (c *checker) limitsOf(ctx ssa.Value, depth int) []limit {
	if depth > 6 {
		return nil
	}
	origins, complete := c.consts.AllOrigins(ctx)
	if !complete || len(origins) != 1 {
		return nil
	}
	v := origins[0]
	if ext, ok := v.(*ssa.Extract); ok && ext.Index == 0 {
		v = ext.Tuple
	}
	call, ok := v.(*ssa.Call)
	if !ok {
		return nil
	}
	if l, ok := c.limitAt(call); ok {
		return append(c.limitsOf(l.parent, depth+1), l)
	}
	if keepsDeadline(call) {
		return c.limitsOf(call.Call.Args[0], depth+1)
	}
	return nil
}

// keepsDeadline reports whether a function returns a context that ends no later
// than the one that it is given first.
func keepsDeadline(call *ssa.Call) bool {
	fn := netcall.Callee(call)
	if fn == nil || fn.Pkg() == nil {
		return false
	}
	switch fn.FullName() {
	case "context.WithCancel", "context.WithCancelCause", "context.WithValue", "context.WithDeadline", "context.WithDeadlineCause",
		"context.WithTimeout", "context.WithTimeoutCause", "os/signal.NotifyContext",
		"google.golang.org/grpc/metadata.AppendToOutgoingContext", "google.golang.org/grpc/metadata.NewOutgoingContext":
		return true
	}
	return false
}

// A budget is the time that a retry has for all and for each of its attempts.
type budget struct {
	overall, perTry time.Duration // 0 if not known
	outer, inner    limit         // that give them, if they are contexts
}

// budgetOf works out the time of a retry: a context limit that is set before it
// is for all attempts, one that is set within it for each.
func (c *checker) budgetOf(r *retryreport.Case) budget {
	b := budget{overall: r.Overall, perTry: r.PerTry}
	if r.Loop == nil {
		return b
	}
	for _, attempt := range r.Calls {
		for _, ctx := range c.contexts(attempt.CallInstruction) {
			for _, l := range c.limitsOf(ctx, 0) {
				if l.call.Parent() != r.Fn || !r.Loop.Blocks[l.call.Block()] {
					if b.overall == 0 || l.d < b.overall {
						b.overall, b.outer = l.d, l
					}
				} else if b.perTry == 0 || l.d < b.perTry {
					b.perTry, b.inner = l.d, l
				}
			}
		}
		if net := attempt.Net; net != nil && b.perTry == 0 {
			// What is tighter than all contexts around it is the client's own.
			if lim := c.net.LimitOf(attempt.CallInstruction); lim.Kind == netcall.Bounded && lim.Dur > 0 && lim.Dur < b.overall && len(r.Calls) == 1 {
				b.perTry = lim.Dur
			}
		}
	}
	if !unhurried(r) {
		b.perTry = 0
	}
	return b
}

// unhurried reports whether a retry goes on after an attempt that hung until its
// limit: only then do the limits of the attempts add up.
func unhurried(r *retryreport.Case) bool {
	return r.Modes == 0 || r.Modes&hangs != 0
}

// contexts returns the contexts that a call is given, itself or in its request.
func (c *checker) contexts(call ssa.CallInstruction) (ctxs []ssa.Value) {
	for _, arg := range call.Common().Args {
		switch typequery.Name(arg.Type()) {
		case "context.Context":
			ctxs = append(ctxs, arg)
		case "net/http.Request":
			for _, o := range c.consts.Origins(arg) {
				if ext, ok := o.(*ssa.Extract); ok {
					o = ext.Tuple
				}
				if made, ok := o.(*ssa.Call); ok {
					for _, a := range made.Call.Args {
						if typequery.Name(a.Type()) == "context.Context" {
							ctxs = append(ctxs, a)
						}
					}
				}
			}
		}
	}
	return ctxs
}
