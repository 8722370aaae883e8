package contextdropped

import (
	"go/constant"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/analyzers/typequery"
)

// excusedDial reports whether a call dials in a way that needs no context: a
// socket of this machine, or with the deadline of a context.
func excusedDial(call *netcall.Call) bool {
	if call.Model.Call.Op != "connect" {
		return false
	}
	return slices.ContainsFunc(call.Common().Args, isUnix) || takesDeadline(call)
}

func isUnix(v ssa.Value) bool {
	c, ok := v.(*ssa.Const)
	if !ok || c.Value == nil || c.Value.Kind() != constant.String {
		return false
	}
	return slices.Contains([]string{"unix", "unixgram", "unixpacket"}, constant.StringVal(c.Value))
}

// takesDeadline reports whether the deadline of a context reaches an argument
// of a call, or a field of what an argument points to.
func takesDeadline(call *netcall.Call) bool {
	for _, b := range call.Parent().Blocks {
		for _, instr := range b.Instrs {
			ask, ok := instr.(*ssa.Call)
			if !ok || !ask.Call.IsInvoke() || ask.Call.Method.Name() != "Deadline" || !typequery.IsContext(ask.Call.Value.Type()) {
				continue
			}
			if flows(ask, call) {
				return true
			}
		}
	}
	return false
}

// flows follows a time through what is computed from it (time.Until) to the
// arguments of a call.
func flows(from ssa.Value, call *netcall.Call) bool {
	args := call.Common().Args
	seen := map[ssa.Value]bool{from: true}
	for todo := []ssa.Value{from}; len(todo) > 0; {
		v := todo[0]
		todo = todo[1:]
		if slices.Contains(args, v) {
			return true
		}
		if v.Referrers() == nil {
			continue
		}
		for _, use := range *v.Referrers() {
			next := carrier(use, v)
			if next != nil && !seen[next] {
				seen[next] = true
				todo = append(todo, next)
			}
		}
	}
	return false
}

// carrier returns what holds a time after one use of it: the result of a
// computation, the variable or the struct it is stored in; nil if nothing does.
func carrier(use ssa.Instruction, v ssa.Value) ssa.Value {
	switch use := use.(type) {
	case *ssa.Store:
		if use.Val != v {
			return nil
		}
		if fa, ok := use.Addr.(*ssa.FieldAddr); ok {
			return fa.X
		}
		return use.Addr
	case *ssa.Extract:
		if use.Index == 0 {
			return use
		}
	case *ssa.Call:
		if fn := netcall.Callee(use); fn != nil && fn.Pkg() != nil && fn.Pkg().Path() == "time" {
			return use
		}
	case *ssa.Phi:
		return use
	case *ssa.UnOp:
		return use
	}
	return nil
}
