package perrequestclient

import (
	"go/constant"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/constflow"
	"github.com/commslint/commslint/analyzers/netcall"
)

// condition returns a condition that decides whether an execution that
// succeeds comes to an instruction, nil if each one does. It reports first
// whether the instruction runs again and again at all: it does not if it is
// part of filling what the condition looks at, as when a value is made lazily
// or a cache filled.
func (pk *pkg) condition(instr ssa.Instruction) (again bool, cond *ssa.If) {
	for _, guard := range constflow.Guards(instr) {
		if repeats(guard, instr.Block()) || fails(guard, instr.Block()) {
			continue
		}
		if !bypassed(guard, instr.Block()) && pk.fills(guard, instr) {
			return false, nil
		}
		cond = guard
	}
	return true, cond
}

// repeats reports whether a guard of a block is the head of a loop around it.
func repeats(guard *ssa.If, target *ssa.BasicBlock) bool {
	head := guard.Block()
	if !reaches(target, head, nil) {
		return false
	}
	for _, s := range head.Succs {
		if s != head && !reaches(s, head, nil) {
			return true
		}
	}
	return false
}

// bypassed reports whether control can come to a block without passing a guard
// of it, as in "reload || empty".
func bypassed(guard *ssa.If, target *ssa.BasicBlock) bool {
	return reaches(target.Parent().Blocks[0], target, guard.Block())
}

// fails reports whether a function that does not come to a block, because of
// its guard, returns an error or answers with an HTTP status of one: then the
// guard is a check of the request, not a choice.
func fails(guard *ssa.If, target *ssa.BasicBlock) bool {
	avoided := false
	for _, s := range guard.Block().Succs {
		if s == target || reaches(s, target, guard.Block()) {
			continue
		}
		avoided = true
		if !walk(s, guard.Block(), func(b *ssa.BasicBlock) (bool, bool) {
			if answersError(b) {
				return false, true
			}
			ret, ok := b.Instrs[len(b.Instrs)-1].(*ssa.Return)
			return ok && !returnsNewError(ret), false
		}) {
			continue
		}
		return false
	}
	return avoided
}

// reaches reports whether control can get from one block to another without
// passing through the block without.
func reaches(from, to, without *ssa.BasicBlock) bool {
	return walk(from, without, func(b *ssa.BasicBlock) (bool, bool) { return slices.Contains(b.Succs, to), false })
}

// walk visits the blocks that control can come to from a block, and reports
// whether one was found. It does not go beyond blocks that end the search.
func walk(from, without *ssa.BasicBlock, visit func(*ssa.BasicBlock) (found, end bool)) bool {
	seen := map[*ssa.BasicBlock]bool{from: true, without: true}
	if from == without {
		return false
	}
	for todo := []*ssa.BasicBlock{from}; len(todo) > 0; {
		b := todo[0]
		todo = todo[1:]
		found, end := visit(b)
		if found {
			return true
		}
		if end {
			continue
		}
		for _, s := range b.Succs {
			if !seen[s] {
				seen[s] = true
				todo = append(todo, s)
			}
		}
	}
	return false
}

// errorMakers are the packages whose functions make errors that are not nil.
var errorMakers = []string{"errors", "fmt", "google.golang.org/grpc/status", "connectrpc.com/connect", "github.com/pkg/errors"}

// returnsNewError reports whether an error is returned that is made there or
// kept in a package variable, so that it is not nil.
func returnsNewError(ret *ssa.Return) bool {
	if len(ret.Results) == 0 {
		return false
	}
	v := stored(ret, ret.Results[len(ret.Results)-1])
	if !types.Identical(v.Type(), types.Universe.Lookup("error").Type()) {
		return false
	}
	switch v := v.(type) {
	case *ssa.Call:
		fn := netcall.Callee(v)
		return fn != nil && fn.Pkg() != nil && slices.Contains(errorMakers, fn.Pkg().Path())
	case *ssa.MakeInterface:
		return true
	case *ssa.UnOp:
		_, global := v.X.(*ssa.Global)
		return v.Op == token.MUL && global
	}
	return false
}

// stored returns what a function with deferred calls returns: such functions
// keep their results in variables until those calls are done.
func stored(ret *ssa.Return, result ssa.Value) ssa.Value {
	load, ok := result.(*ssa.UnOp)
	if !ok || load.Op != token.MUL {
		return result
	}
	for _, instr := range slices.Backward(ret.Block().Instrs) {
		if st, ok := instr.(*ssa.Store); ok && st.Addr == load.X {
			return st.Val
		}
	}
	return result
}

// answersError reports whether a call in a block gets an HTTP status of an
// error, or is http.NotFound.
func answersError(b *ssa.BasicBlock) bool {
	for _, instr := range b.Instrs {
		call, ok := instr.(ssa.CallInstruction)
		if !ok {
			continue
		}
		if fn := netcall.Callee(call); fn != nil && fn.FullName() == "net/http.NotFound" {
			return true
		}
		if slices.ContainsFunc(call.Common().Args, isErrorStatus) {
			return true
		}
	}
	return false
}

func isErrorStatus(v ssa.Value) bool {
	c, ok := v.(*ssa.Const)
	if !ok || c.Value == nil || c.Value.Kind() != constant.Int {
		return false
	}
	n, exact := constant.Int64Val(c.Value)
	return exact && 400 <= n && n < 600
}
