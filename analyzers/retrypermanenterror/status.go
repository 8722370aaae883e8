package retrypermanenterror

import (
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/analyzers/typequery"
)

// refusal is the status by which functions are tried: one that a repeat cannot
// cure and that none of them is likely to treat by itself.
const refusal = 400

// maxBlocks limits the work on one function; what is larger is not judged.
const maxBlocks = 400

// turnsToErrors reports whether a function sends an HTTP request and returns an
// error on every way after an answer with a client error.
func (j *judge) turnsToErrors(fn *ssa.Function) bool {
	if len(fn.Blocks) == 0 || len(fn.Blocks) > maxBlocks || errorResult(fn) < 0 {
		return false
	}
	for _, b := range fn.Blocks {
		for i, instr := range b.Instrs {
			call, ok := instr.(*ssa.Call)
			if !ok || !givesResponse(call) || !isRequest(call) {
				continue
			}
			t := &trial{judge: j, fn: fn, response: responseOf(call), seen: make(map[[2]int]bool)}
			return t.response != nil && t.refused(b, nil, i+1) && t.failed > 0
		}
	}
	return false
}

func isRequest(call *ssa.Call) bool {
	model := netcall.ModelOf(call)
	return model != nil && model.Call != nil
}

func errorResult(fn *ssa.Function) int {
	results := fn.Signature.Results()
	last := results.Len() - 1
	if last < 0 || !types.Identical(results.At(last).Type(), types.Universe.Lookup("error").Type()) {
		return -1
	}
	return last
}

// responseOf returns the answer among the results of a call.
func responseOf(call *ssa.Call) ssa.Value {
	if isResponse(call.Type()) {
		return call
	}
	for _, r := range *call.Referrers() {
		if ext, ok := r.(*ssa.Extract); ok && isResponse(ext.Type()) {
			return ext
		}
	}
	return nil
}

// A trial follows a function from an answer with the status of a refusal.
type trial struct {
	judge    *judge
	fn       *ssa.Function
	response ssa.Value
	seen     map[[2]int]bool
	failed   int // ways on which an error is returned
	steps    int // made to find out what is returned
}

// refused reports whether every way from a place returns an error.
func (t *trial) refused(b, from *ssa.BasicBlock, start int) bool {
	if from != nil {
		key := [2]int{b.Index, from.Index}
		if t.seen[key] {
			return true
		}
		t.seen[key] = true
	}
	for _, instr := range b.Instrs[start:] {
		ret, ok := instr.(*ssa.Return)
		if !ok {
			continue
		}
		if !t.isFailure(ret.Results[errorResult(t.fn)], b, from) {
			return false
		}
		t.failed++
	}
	for i, s := range b.Succs {
		if test, ok := b.Instrs[len(b.Instrs)-1].(*ssa.If); ok {
			if holds, known := t.test(test.Cond); known && holds != (i == 0) {
				continue
			}
		}
		if !t.refused(s, b, 0) {
			return false
		}
	}
	return true
}

// test works out a condition on the status or on the error of the request.
func (t *trial) test(cond ssa.Value) (holds, known bool) {
	if not, ok := cond.(*ssa.UnOp); ok && not.Op == token.NOT {
		holds, known = t.test(not.X)
		return !holds, known
	}
	cmp, ok := cond.(*ssa.BinOp)
	if !ok {
		return false, false
	}
	if t.response == nil {
		return false, false
	}
	if c, ok := cmp.Y.(*ssa.Const); ok && c.IsNil() && (cmp.Op == token.EQL || cmp.Op == token.NEQ) {
		x := contents(cmp.X)
		if t.isResponse(x) {
			return cmp.Op == token.NEQ, true
		}
		// All else goes well, and the request was answered.
		return cmp.Op == token.EQL, typequery.IsError(x.Type()) && isOutcome(x)
	}
	x, xok := t.number(cmp.X)
	y, yok := t.number(cmp.Y)
	if !xok || !yok {
		return false, false
	}
	switch cmp.Op {
	case token.EQL, token.NEQ, token.LSS, token.LEQ, token.GTR, token.GEQ:
		return constant.Compare(constant.MakeInt64(x), cmp.Op, constant.MakeInt64(y)), true
	}
	return false, false
}

// isResponse reports whether a value is the answer, or what a variable holds that
// is only ever given the answer.
func (t *trial) isResponse(v ssa.Value) bool {
	if v == t.response {
		return true
	}
	load, ok := v.(*ssa.UnOp)
	if !ok || load.Op != token.MUL {
		return false
	}
	cell, ok := load.X.(*ssa.Alloc)
	if !ok {
		return false
	}
	held := false
	for _, r := range *cell.Referrers() {
		if st, ok := r.(*ssa.Store); ok && st.Addr == ssa.Value(cell) {
			if st.Val != t.response {
				return false
			}
			held = true
		}
	}
	return held
}

// contents returns what has just been stored where a value is loaded from, the
// value itself if that is not seen.
func contents(v ssa.Value) ssa.Value {
	if load, ok := v.(*ssa.UnOp); ok && load.Op == token.MUL {
		if st := storedIn(load.Block(), load.X); st != nil {
			return st.Val
		}
	}
	return v
}

// isOutcome reports whether a value is what a call returned.
func isOutcome(v ssa.Value) bool {
	if ext, ok := v.(*ssa.Extract); ok {
		v = ext.Tuple
	}
	_, ok := v.(*ssa.Call)
	return ok
}

// number works out a number made of the status.
func (t *trial) number(v ssa.Value) (int64, bool) {
	switch v := v.(type) {
	case *ssa.Const:
		if v.Value != nil && v.Value.Kind() == constant.Int {
			return constant.Int64Val(v.Value)
		}
	case *ssa.Convert:
		return t.number(v.X)
	case *ssa.UnOp:
		if addr, ok := v.X.(*ssa.FieldAddr); ok && v.Op == token.MUL && t.isResponse(addr.X) && netcall.FieldName(addr) == "StatusCode" {
			return refusal, true
		}
	case *ssa.BinOp:
		x, xok := t.number(v.X)
		y, yok := t.number(v.Y)
		if xok && yok && v.Op == token.QUO && y != 0 {
			return x / y, true
		}
	}
	return 0, false
}

// isFailure reports whether what is returned as the error is certainly one, and
// not marked as one that is not repeated.
func (t *trial) isFailure(v ssa.Value, b, from *ssa.BasicBlock) bool {
	if t.steps++; t.steps > maxBlocks {
		return false
	}
	switch v := v.(type) {
	case *ssa.Phi:
		if v.Block() == b && from != nil {
			return t.isFailure(v.Edges[slices.Index(b.Preds, from)], from, nil)
		}
	case *ssa.MakeInterface:
		return !isMarker(v.X.Type().String())
	case *ssa.Call:
		fn := netcall.Callee(v)
		if fn == nil || fn.Pkg() == nil {
			return false
		}
		switch fn.FullName() {
		case "errors.New", "github.com/pkg/errors.New", "github.com/pkg/errors.Errorf":
			return true
		case "fmt.Errorf":
			return !wraps(v)
		}
		return !isMarker(fn.Name()) && t.judge.outcomeOf(v).Always
	case *ssa.UnOp:
		if st := storedIn(b, v.X); st != nil { // a function that defers keeps its results in memory
			return t.isFailure(st.Val, b, from)
		}
		g, ok := v.X.(*ssa.Global)
		return ok && v.Op == token.MUL && !isMarker(g.Name())
	}
	return false
}

// storedIn returns the last store of a block to an address, nil if there is none;
// "return err" with a result called err stores to it what is in it.
func storedIn(b *ssa.BasicBlock, addr ssa.Value) (last *ssa.Store) {
	for _, instr := range b.Instrs {
		st, ok := instr.(*ssa.Store)
		if !ok || st.Addr != addr {
			continue
		}
		if load, ok := st.Val.(*ssa.UnOp); !ok || load.X != addr {
			last = st
		}
	}
	return last
}

// wraps reports whether a call wraps an error that somebody else has made, and
// that may be marked.
func wraps(call *ssa.Call) bool {
	c, ok := call.Call.Args[0].(*ssa.Const)
	return !ok || c.Value == nil || c.Value.Kind() != constant.String || strings.Contains(constant.StringVal(c.Value), "%w")
}

// isMarker reports whether a name says that an error is not to be repeated.
func isMarker(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc([]string{"permanent", "unrecoverable", "fatal", "abort", "stop", "noretry", "nonretry"},
		func(word string) bool { return strings.Contains(name, word) })
}
