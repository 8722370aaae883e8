package deadlineexceedscaller

import (
	"fmt"
	"go/types"
	"slices"
	"time"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/analyzers/retryreport"
	"github.com/commslint/commslint/callgraph"
)

// hangs are the failures of attempts that took all the time that they had.
const hangs = callgraph.Hang | callgraph.OpaqueError | callgraph.GRPCDeadlineExceeded

// Takes is the fact about a function that puts a limit of its own on a context
// that it is given.
type Takes struct{ Limits []OwnLimit }

// An OwnLimit is a limit that a function puts on one of its parameters.
type OwnLimit struct {
	Param int // counting the receiver as 0
	Dur   time.Duration
	Retry bool // what a retry needs to begin its last attempt
	At    netcall.Posn
}

func (*Takes) AFact() {}

func (t *Takes) String() string { return fmt.Sprintf("takes %s", t.Limits[0].Dur) }

// noteNeed notes how long a retry may take whose context the function is given: the
// last attempt begins that long after the first if each hangs.
func (c *checker) noteNeed(r *retryreport.Case, b budget) {
	n := time.Duration(r.Attempts.N)
	need := (n-1)*b.perTry + r.MaxWait
	if n < 2 || b.perTry == 0 || r.Remote != callgraph.Yes {
		return
	}
	for _, attempt := range r.Calls {
		for _, ctx := range c.contexts(attempt.CallInstruction) {
			if i := slices.IndexFunc(r.Fn.Params, func(p *ssa.Parameter) bool { return p == givenAs(ctx) }); i >= 0 {
				c.needs[r.Fn] = append(c.needs[r.Fn], OwnLimit{Param: i, Dur: need, Retry: true, At: c.net.Posn(r.Pos)})
				return
			}
		}
	}
}

// givenAs returns the parameter that a context is made of within a function.
func givenAs(ctx ssa.Value) *ssa.Parameter {
	for range 6 {
		if ext, ok := ctx.(*ssa.Extract); ok {
			ctx = ext.Tuple
		}
		switch v := ctx.(type) {
		case *ssa.Parameter:
			return v
		case *ssa.Call:
			if !keepsDeadline(v) {
				return nil
			}
			ctx = v.Call.Args[0]
		default:
			return nil
		}
	}
	return nil
}

// takesOf returns what is known of the function that a call names, or nil.
func (c *checker) takesOf(call ssa.CallInstruction) *Takes {
	fn := call.Common().StaticCallee()
	if fn == nil || netcall.Callee(call) == nil {
		return nil
	}
	if origin := fn.Origin(); origin != nil {
		fn = origin
	}
	if fn.Pkg == c.net.Pkg && fn.Blocks != nil {
		return c.summarize(fn)
	}
	obj, fact := netcall.Callee(call), new(Takes)
	if obj.Pkg() != nil && obj.Pkg() != c.pass.Pkg && c.pass.ImportObjectFact(obj, fact) {
		return fact
	}
	return nil
}

// summarize returns the limits that a function puts on its parameters. A limit
// that only some ways through it set is none of the function as a whole.
func (c *checker) summarize(fn *ssa.Function) *Takes {
	if t, ok := c.takes[fn]; ok {
		return t
	}
	c.takes[fn] = nil
	t := &Takes{Limits: c.needs[fn]}
	for _, b := range fn.Blocks {
		for _, instr := range b.Instrs {
			call, ok := instr.(ssa.CallInstruction)
			if !ok {
				continue
			}
			l, ok := c.limitAt(call)
			if !ok || c.innermost(fn, b) || !c.sends(call) {
				continue
			}
			for i, p := range fn.Params {
				if l.parent == ssa.Value(p) {
					t.Limits = append(t.Limits, OwnLimit{Param: i, Dur: l.d, At: c.net.Posn(call.Pos())})
				}
			}
		}
	}
	if len(t.Limits) == 0 {
		t = nil
	}
	c.takes[fn] = t
	return t
}

// innermost reports whether a block lies in a loop.
func (c *checker) innermost(fn *ssa.Function, b *ssa.BasicBlock) bool {
	flow := c.retries.Flow(fn)
	return flow != nil && flow.Innermost[b] != nil
}

// export publishes the facts of the package.
func (c *checker) export() {
	for _, fn := range c.net.Funcs {
		if obj, ok := fn.Object().(*types.Func); ok && obj.Exported() {
			if t := c.summarize(fn); t != nil {
				c.pass.ExportObjectFact(obj, t)
			}
		}
	}
}
