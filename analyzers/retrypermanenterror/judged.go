package retrypermanenterror

import (
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/analyzers/typequery"
)

// tellsApart reports whether anything is done with the error of a call but to
// compare it with nil, to hand it on and to print it.
func tellsApart(call ssa.CallInstruction) bool {
	v := call.Value()
	if v == nil {
		return true
	}
	seen := make(map[ssa.Value]bool)
	if _, tuple := v.Type().(*types.Tuple); !tuple {
		return isJudged(v, seen)
	}
	for _, r := range *v.Referrers() {
		ext, ok := r.(*ssa.Extract)
		if !ok {
			continue
		}
		if typequery.IsError(ext.Type()) && isJudged(ext, seen) {
			return true
		}
		// A flag or a status beside the error.
		if b, basic := ext.Type().Underlying().(*types.Basic); basic && b.Info()&(types.IsBoolean|types.IsInteger) != 0 && len(*ext.Referrers()) > 0 {
			return true
		}
	}
	return false
}

func isJudged(err ssa.Value, seen map[ssa.Value]bool) bool {
	if seen[err] {
		return false
	}
	seen[err] = true
	for _, r := range *err.Referrers() {
		switch r := r.(type) {
		case *ssa.BinOp:
			if c, ok := r.Y.(*ssa.Const); !ok || !c.IsNil() {
				return true // == context.Canceled
			}
		case *ssa.Phi:
			if isJudged(r, seen) {
				return true
			}
		case *ssa.ChangeInterface:
			if isJudged(r, seen) {
				return true
			}
		case *ssa.Store:
			cell, ok := r.Addr.(*ssa.Alloc)
			if ok && r.Val == err && isVariableJudged(cell, seen) {
				return true
			}
			if _, element := r.Addr.(*ssa.IndexAddr); !ok && !element {
				return true
			}
		case ssa.CallInstruction:
			if !prints(r) {
				return true
			}
		case *ssa.Return, *ssa.DebugRef, *ssa.MakeInterface, *ssa.Send:
		default:
			return true
		}
	}
	return false
}

func isVariableJudged(cell *ssa.Alloc, seen map[ssa.Value]bool) bool {
	for _, r := range *cell.Referrers() {
		switch r := r.(type) {
		case *ssa.UnOp:
			if isJudged(r, seen) {
				return true
			}
		case *ssa.Store, *ssa.DebugRef:
		default:
			return true
		}
	}
	return false
}

// printing are beginnings of names of functions that put an error into words.
var printing = []string{"error", "print", "log", "info", "warn", "debug", "trace", "fatal", "panic", "wrap", "join", "append", "err", "record", "withmessage", "withstack", "sprint", "fprint", "msg"}

func prints(call ssa.CallInstruction) bool {
	fn := netcall.Callee(call)
	if fn == nil {
		return false
	}
	name := strings.ToLower(fn.Name())
	return slices.ContainsFunc(printing, func(word string) bool { return strings.HasPrefix(name, word) }) &&
		!(fn.Pkg() != nil && fn.Pkg().Path() == "errors" && fn.Name() != "Join")
}
