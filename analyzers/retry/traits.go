package retry

import (
	"fmt"
	"go/types"
	"maps"
	"slices"
	"strings"
	"time"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/analyzers/typequery"
	"github.com/commslint/commslint/callgraph"
)

// Traits is the fact about a function that waits, or that computes how long to
// wait.
type Traits struct {
	Waits    bool // lets time pass on purpose
	WaitEnds bool // the wait ends with a context
	Delay    bool // returns a duration
	Growth   callgraph.Growth
	Jitter   callgraph.Tri
	// Runs says that it calls functions or interfaces that it is given, which
	// may reach the network.
	Runs bool
}

func (*Traits) AFact() {}

func (t *Traits) String() string {
	return fmt.Sprintf("traits waits=%v delay=%v growth=%d jitter=%d", t.Waits, t.Delay, t.Growth, t.Jitter)
}

// traitsOf returns what is known of the function that a call names, or nil.
func (a *finder) traitsOf(call ssa.CallInstruction) *Traits {
	if fn := call.Common().StaticCallee(); fn != nil {
		if origin := fn.Origin(); origin != nil {
			fn = origin
		}
		if fn.Blocks != nil && fn.Pkg == a.net.Pkg {
			return a.traitsIn(fn)
		}
	}
	obj := netcall.Callee(call)
	if obj == nil || obj.Pkg() == nil || obj.Pkg() == a.pass.Pkg {
		return nil
	}
	t := new(Traits)
	if a.pass.ImportObjectFact(obj, t) {
		return t
	}
	return nil
}

// traitsIn works out the traits of a function of the package.
func (a *finder) traitsIn(fn *ssa.Function) *Traits {
	if t, ok := a.traits[fn]; ok {
		return t
	}
	a.traits[fn] = nil
	t := &Traits{}
	if returnsDuration(fn) {
		d := a.delayOfFunction(fn, 0)
		t.Delay, t.Growth, t.Jitter = true, d.growth, d.jitter
		if d.unknown {
			t.Jitter = max(t.Jitter, callgraph.Unknown)
			if t.Jitter == callgraph.No {
				t.Jitter = callgraph.Unknown
			}
		}
	}
	if a.mayReachIn(fn) != callgraph.Yes {
		// What reaches the network is an attempt and no wait.
		repeated := a.aroundAttempts(fn)
		for _, b := range fn.Blocks {
			if repeated[b] {
				continue // between the attempts of this function, if it makes more than one
			}
			for _, instr := range b.Instrs {
				if waits := a.waitAt(instr, nil); len(waits) > 0 && mayReturn(instr) {
					for _, w := range waits {
						t.addWait(a, w, fn)
					}
				}
			}
		}
	}
	t.Runs = a.mayReachIn(fn) == callgraph.Unknown
	if *t == (Traits{}) {
		t = nil
	}
	a.traits[fn] = t
	return t
}

// mayReturn reports whether a function may return after an instruction, rather than
// end the process, as loggers do that wait for their output before they exit.
func mayReturn(instr ssa.Instruction) bool {
	seen := make(map[*ssa.BasicBlock]bool)
	var from func(b *ssa.BasicBlock, i int) bool
	from = func(b *ssa.BasicBlock, i int) bool {
		for _, next := range b.Instrs[i:] {
			switch next := next.(type) {
			case *ssa.Return:
				return true
			case *ssa.Call:
				if fn := netcall.Callee(next); fn != nil && fn.FullName() == "os.Exit" {
					return false
				}
			}
		}
		for _, s := range b.Succs {
			if !seen[s] {
				seen[s] = true
				if from(s, 0) {
					return true
				}
			}
		}
		return false
	}
	return from(instr.Block(), slices.Index(instr.Block().Instrs, instr)+1)
}

// aroundAttempts returns the blocks of the outermost loops of a function that hold calls
// which may be attempts.
func (a *finder) aroundAttempts(fn *ssa.Function) map[*ssa.BasicBlock]bool {
	blocks := make(map[*ssa.BasicBlock]bool)
	roots, _ := loopsOf(fn)
	if len(roots) == 0 {
		return blocks
	}
	calls := a.candidates(fn)
	for _, l := range roots {
		if slices.ContainsFunc(calls, func(c ssa.CallInstruction) bool { return l.Blocks[c.Block()] }) {
			maps.Copy(blocks, l.Blocks)
		}
	}
	return blocks
}

func (t *Traits) addWait(a *finder, w wait, fn *ssa.Function) {
	t.Waits = true
	t.WaitEnds = t.WaitEnds || w.context
	d := delay{growth: w.growth, jitter: w.jitter}
	if w.duration != nil {
		// What its own parameter says is for the callers to judge.
		if own := a.delayOf(w.duration, wholeOf(fn), 1); w.known {
			d = d.join(own)
		} else {
			d = own
		}
	}
	if t.Growth == callgraph.GrowthUnknown || d.growth > t.Growth {
		t.Growth = max(d.growth, callgraph.Constant)
	}
	if t.Jitter != callgraph.Yes {
		t.Jitter = d.jitter
	}
}

func returnsDuration(fn *ssa.Function) bool {
	for v := range fn.Signature.Results().Variables() {
		if typequery.IsNamed(v.Type(), "time", "Duration") {
			return true
		}
	}
	return false
}

// exportTraits publishes the facts of the package.
func (a *finder) exportTraits() {
	for _, fn := range a.net.Funcs {
		obj, ok := fn.Object().(*types.Func)
		if !ok {
			continue
		}
		if t := a.traitsIn(fn); t != nil {
			a.pass.ExportObjectFact(obj, t)
		}
	}
}

func durationTimes(d int64, n int) time.Duration { return time.Duration(d) * time.Duration(n) }

// importedReach is mayReach for a function of another package.
func (a *finder) importedReach(call ssa.CallInstruction) callgraph.Tri {
	if t := a.traitsOf(call); t != nil && t.Runs || dispatches(netcall.Callee(call)) {
		return callgraph.Unknown
	}
	return callgraph.No
}

// dispatches reports whether a function finds its handler by reflection, which may
// forward what it was asked: net/rpc, as servers call themselves with.
func dispatches(fn *types.Func) bool {
	return fn != nil && fn.Pkg() != nil && fn.Pkg().Path() == "net/rpc" && strings.HasPrefix(fn.Name(), "Serve")
}

// libraryWait asks the models of libraries whether a call lets time pass.
func (a *finder) libraryWait(call ssa.CallInstruction) (wait, bool) {
	duration, ctx, ok := a.policies.Wait(call)
	if !ok {
		return wait{}, false
	}
	w := wait{instr: call, duration: duration, context: ctx != nil}
	if duration == nil {
		if layer, ok := a.policyOf(call, call.Parent()); ok {
			w.known, w.growth, w.jitter, w.context = true, layer.Growth, layer.Jitter, layer.Context == callgraph.Yes
		}
	}
	return w, true
}

// libraryDelay asks the models of libraries what a call returns as a delay.
func (a *finder) libraryDelay(call *ssa.Call) (callgraph.Growth, callgraph.Tri, bool) {
	return a.policies.Delay(call)
}
