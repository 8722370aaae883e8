package retrypermanenterror

import (
	"go/types"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
)

// Outcome is the fact about a function whose error says something about requests.
type Outcome struct {
	// Always says that it returns an error whenever it is called: it makes one of
	// an answer.
	Always bool
	// Refusals says that it sends an HTTP request and returns an error after each
	// answer with a client error.
	Refusals bool
}

func (*Outcome) AFact() {}

func (o *Outcome) String() string {
	switch {
	case o.Always:
		return "always fails"
	case o.Refusals:
		return "fails after client errors"
	}
	return "no outcome"
}

// A judge works out the outcomes of functions.
type judge struct {
	pass  *analysis.Pass
	pkg   *ssa.Package
	known map[*ssa.Function]Outcome
}

func newJudge(pass *analysis.Pass) *judge {
	net := pass.ResultOf[netcall.Analyzer].(*netcall.Result)
	j := &judge{pass: pass, pkg: net.Pkg, known: make(map[*ssa.Function]Outcome)}
	for _, fn := range net.Funcs {
		obj, ok := fn.Object().(*types.Func)
		if o := j.outcome(fn); ok && obj.Exported() && o != (Outcome{}) {
			pass.ExportObjectFact(obj, &o)
		}
	}
	return j
}

// outcomeOf returns what is known of the function that a call names.
func (j *judge) outcomeOf(call ssa.CallInstruction) Outcome {
	if fn := call.Common().StaticCallee(); fn != nil && fn.Pkg == j.pkg && len(fn.Blocks) > 0 {
		return j.outcome(fn)
	}
	var o Outcome
	if obj := netcall.Callee(call); obj != nil && obj.Pkg() != nil && obj.Pkg() != j.pass.Pkg && !call.Common().IsInvoke() {
		j.pass.ImportObjectFact(obj, &o)
	}
	return o
}

// outcome works out what happens in a function of the package.
func (j *judge) outcome(fn *ssa.Function) Outcome {
	if o, ok := j.known[fn]; ok {
		return o
	}
	j.known[fn] = Outcome{} // in a cycle the others decide
	if len(fn.Blocks) == 0 || len(fn.Blocks) > maxBlocks || errorResult(fn) < 0 {
		return Outcome{}
	}
	o := Outcome{Always: j.alwaysFails(fn), Refusals: j.turnsToErrors(fn)}
	j.known[fn] = o
	return o
}

// alwaysFails reports whether a function returns an error on every way.
func (j *judge) alwaysFails(fn *ssa.Function) bool {
	t := &trial{judge: j, fn: fn, seen: make(map[[2]int]bool)}
	return t.refused(fn.Blocks[0], nil, 0) && t.failed > 0
}
