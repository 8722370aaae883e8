package contextdropped

import (
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/analyzers/typequery"
)

// contextAtHand returns the context or incoming request that the function
// around a call was given and that the call could have passed on; nil if there
// is none or the call is detached from it.
func contextAtHand(call ssa.CallInstruction) *ssa.Parameter {
	if _, ok := call.(*ssa.Call); !ok {
		return nil // a goroutine or a deferred clean-up
	}
	for fn := call.Parent(); fn != nil; fn = fn.Parent() {
		for _, p := range fn.Params {
			if p.Name() != "_" && (typequery.IsContext(p.Type()) || isRequest(p.Type())) {
				if over(call, p) {
					return nil
				}
				return p
			}
		}
		if fn.Parent() != nil && runsLater(fn) && !joined(fn.Parent()) {
			return nil
		}
	}
	return nil
}

func isRequest(t types.Type) bool {
	p, ok := types.Unalias(t).(*types.Pointer)
	return ok && typequery.IsNamed(p.Elem(), "net/http", "Request")
}

// runsLater reports whether a function literal is started as a goroutine,
// deferred, returned or stored, so that it may outlive the context around it.
func runsLater(fn *ssa.Function) bool {
	refs := fn.Referrers()
	if refs == nil {
		return true
	}
	for _, r := range *refs {
		if mc, ok := r.(*ssa.MakeClosure); ok {
			if !onlyCalls(*mc.Referrers()) {
				return true
			}
		} else if !onlyCalls([]ssa.Instruction{r}) {
			return true
		}
	}
	return false
}

// joined reports whether a function waits for the goroutines that it starts, so
// that they do not outlive the context.
func joined(fn *ssa.Function) bool {
	for _, b := range fn.Blocks {
		for _, instr := range b.Instrs {
			call, ok := instr.(*ssa.Call)
			if !ok {
				continue
			}
			if callee := call.Call.StaticCallee(); callee != nil && callee.Name() == "Wait" &&
				callee.Signature.Recv() != nil && callee.Pkg != nil && callee.Pkg.Pkg.Path() == "sync" {
				return true
			}
		}
	}
	return false
}

// onlyCalls reports whether a function value is only called, or handed to a
// call that may run it.
func onlyCalls(uses []ssa.Instruction) bool {
	for _, use := range uses {
		if _, ok := use.(*ssa.Call); !ok {
			return false
		}
	}
	return true
}

// over reports whether the context has ended, or may have, when the call is
// made: it was waited for or asked, as before a shutdown.
func over(call ssa.CallInstruction, hand *ssa.Parameter) bool {
	for _, ref := range contextsOf(hand) {
		for _, use := range *ref.Referrers() {
			ask, ok := use.(*ssa.Call)
			if !ok || !ask.Call.IsInvoke() || ask.Call.Value != ref {
				continue
			}
			if name := ask.Call.Method.Name(); name != "Done" && name != "Err" {
				continue
			}
			if ask.Block().Dominates(call.Block()) {
				return true
			}
		}
	}
	return false
}

// contextsOf returns the values that hold the context at hand in its function.
func contextsOf(hand *ssa.Parameter) []ssa.Value {
	if !isRequest(hand.Type()) {
		return []ssa.Value{hand}
	}
	var found []ssa.Value
	for _, use := range *hand.Referrers() {
		if call, ok := use.(*ssa.Call); ok && call.Call.StaticCallee() != nil && call.Call.StaticCallee().Name() == "Context" {
			found = append(found, call)
		}
	}
	return found
}

// documented reports whether a comment on the line of pos, or directly above
// it, says that the work is detached on purpose.
func documented(pass *analysis.Pass, pos token.Pos) bool {
	file := netcall.FileAt(pass, pos)
	if file == nil {
		return false
	}
	line := pass.Fset.Position(pos).Line
	for _, group := range file.Comments {
		first, last := pass.Fset.Position(group.Pos()).Line, pass.Fset.Position(group.End()).Line
		if last != line && last != line-1 && first != line {
			continue
		}
		text := strings.ToLower(group.Text())
		for _, word := range []string{"detach", "outliv", "surviv", "independent", "cancel", "deadline", "request ends", "request is over", "even if"} {
			if strings.Contains(text, word) {
				return true
			}
		}
	}
	return false
}
