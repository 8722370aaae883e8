package deadlineexceedscaller

import (
	"fmt"
	"go/types"
	"time"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
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
	Retry bool // what a retry needs for all its attempts
	At    netcall.Posn
}

func (*Takes) AFact() {}

func (t *Takes) String() string { return fmt.Sprintf("takes %s", t.Limits[0].Dur) }

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
	t := &Takes{}
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
