package bodyleak

import (
	"fmt"
	"go/types"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/analyzers/typequery"
	"github.com/commslint/commslint/finding"
)

// An Effect is what a function does with the response bodies that it is given
// and that it opens.
type Effect struct {
	// Opens lists the results that are, or hold, a body which the caller must
	// close.
	Opens []int
	// Params says for each parameter, the receiver included, what happens to
	// a body that arrives in it. Empty if none of them can be one.
	Params []Fate
}

// AFact marks Effect as an analysis fact.
func (*Effect) AFact() {}

func (e *Effect) String() string { return fmt.Sprintf("opens %v params %v", e.Opens, e.Params) }

// A Fate is what becomes of a body that is passed to a function.
type Fate uint8

const (
	// Consumed bodies are closed or kept: the caller need not close them.
	Consumed Fate = iota
	// Untouched bodies are as open as before.
	Untouched
	// OpenIfNil bodies are open if the function returns a nil error.
	OpenIfNil
	// OpenIfError bodies are open if it returns an error.
	OpenIfError
)

// A source is a call that returns an open body.
type source struct {
	call     ssa.CallInstruction
	result   int // index of the result that is or holds the body
	strength finding.Strength
}

// pkg is the analysis of one package.
type pkg struct {
	pass    *analysis.Pass
	effects map[*ssa.Function]*Effect // nil while being computed
	vars    map[captured]Fate
}

// captured is a variable of a closure.
type captured struct {
	fn    *ssa.Function
	index int
}

func newPkg(pass *analysis.Pass) *pkg {
	return &pkg{
		pass:    pass,
		effects: make(map[*ssa.Function]*Effect),
		vars:    make(map[captured]Fate),
	}
}

func (pk *pkg) export(fn *ssa.Function) {
	obj, ok := fn.Object().(*types.Func)
	if !ok {
		return
	}
	if eff := pk.effect(fn); eff != nil && len(eff.Opens)+len(eff.Params) > 0 {
		pk.pass.ExportObjectFact(obj, eff)
	}
}

// effect returns what a function does; nil if that is not known, as for
// functions without source and those in a recursion that is being worked out.
func (pk *pkg) effect(fn *ssa.Function) *Effect {
	if origin := fn.Origin(); origin != nil {
		fn = origin
	}
	if eff, ok := pk.effects[fn]; ok {
		return eff
	}
	if len(fn.Blocks) == 0 {
		return pk.imported(fn)
	}
	pk.effects[fn] = nil
	eff := &Effect{Opens: pk.opened(fn), Params: pk.fates(fn)}
	pk.effects[fn] = eff
	return eff
}

func (pk *pkg) imported(fn *ssa.Function) *Effect {
	obj, ok := fn.Object().(*types.Func)
	if !ok || obj.Pkg() == nil || obj.Pkg() == pk.pass.Pkg {
		return nil
	}
	var eff Effect
	if pk.pass.ImportObjectFact(obj, &eff) {
		return &eff
	}
	return nil
}

func (pk *pkg) opened(fn *ssa.Function) []int {
	if !mayOpen(fn.Signature) {
		return nil
	}
	seen := make([]bool, fn.Signature.Results().Len())
	for _, src := range pk.sources(fn) {
		for _, i := range pk.follow(src).results {
			seen[i] = true
		}
	}
	var opens []int
	for i, yes := range seen {
		if yes {
			opens = append(opens, i)
		}
	}
	return opens
}

func mayOpen(sig *types.Signature) bool {
	for v := range sig.Results().Variables() {
		if holdsBody(v.Type()) {
			return true
		}
	}
	return false
}

func (pk *pkg) fates(fn *ssa.Function) []Fate {
	var fates []Fate
	for i, p := range fn.Params {
		k := kindOf(p.Type())
		if k == unknown {
			continue
		}
		if fates == nil {
			fates = make([]Fate, len(fn.Params))
		}
		fates[i] = pk.walk(fn, p, k).fate()
	}
	return fates
}

// captures returns what a closure does with a body in one of its variables.
func (pk *pkg) captures(fn *ssa.Function, index int) Fate {
	key := captured{fn, index}
	if fate, ok := pk.vars[key]; ok {
		return fate
	}
	pk.vars[key] = Untouched // a closure that only calls itself closes nothing
	v := fn.FreeVars[index]
	k := unknown
	if p, ok := v.Type().Underlying().(*types.Pointer); ok {
		k = kindOf(p.Elem())
	}
	fate := Consumed
	if k != unknown {
		fate = pk.walk(fn, v, k).fate()
	}
	pk.vars[key] = fate
	return fate
}

// sources returns the calls in a function that return an open body.
func (pk *pkg) sources(fn *ssa.Function) []source {
	var found []source
	for _, b := range fn.Blocks {
		for _, instr := range b.Instrs {
			call, ok := instr.(ssa.CallInstruction)
			if !ok || !mayOpen(call.Common().Signature()) {
				continue
			}
			if src, ok := pk.source(call); ok {
				found = append(found, src)
			}
		}
	}
	return found
}

func (pk *pkg) source(call ssa.CallInstruction) (source, bool) {
	if m := netcall.ModelOf(call); m != nil {
		if m.Call == nil || m.Call.Body < 0 {
			return source{}, false
		}
		return source{call, m.Call.Body, finding.Proven}, true
	}
	if fn := call.Common().StaticCallee(); fn != nil {
		if eff := pk.effect(fn); eff != nil && len(eff.Opens) > 0 {
			return source{call, eff.Opens[0], finding.Proven}, true
		}
		return source{}, false
	}
	if isRoundTrip(call.Common().Signature()) {
		return source{call, 0, finding.Likely}, true
	}
	return source{}, false
}

// isRoundTrip reports whether a function takes a request and returns its
// response: the shape of Client.Do, of RoundTripper and of what stands in for
// them. That the response of an unknown implementation is open is likely.
func isRoundTrip(sig *types.Signature) bool {
	return sig.Params().Len() == 1 && isHTTP(sig.Params().At(0).Type(), "Request") &&
		sig.Results().Len() == 2 && isHTTP(sig.Results().At(0).Type(), "Response") &&
		typequery.IsError(sig.Results().At(1).Type())
}
