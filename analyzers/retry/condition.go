package retry

import (
	"go/constant"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/analyzers/typequery"
)

// maxCallDepth limits how deep a walk evaluates calls such as
// shouldRetry(resp, err).
const maxCallDepth = 4

// eval works out what a value is in the walk's scenario.
func (w *walk) eval(v ssa.Value, e env) aval {
	if known, ok := e[v]; ok {
		return known
	}
	switch v := v.(type) {
	case *ssa.Const:
		if v.Value == nil {
			if _, basic := v.Type().Underlying().(*types.Basic); basic {
				return aval{}
			}
			return aval{kind: isNil}
		}
		return aval{kind: konst, c: v.Value}
	case *ssa.Alloc, *ssa.MakeClosure, *ssa.Function, *ssa.MakeChan, *ssa.MakeMap, *ssa.MakeSlice, *ssa.FieldAddr, *ssa.IndexAddr:
		return aval{kind: notNil}
	case *ssa.MakeInterface:
		if w.eval(v.X, e).kind == answer {
			return aval{kind: answer}
		}
		return aval{kind: notNil}
	case *ssa.ChangeInterface:
		return w.eval(v.X, e)
	case *ssa.ChangeType:
		return w.eval(v.X, e)
	case *ssa.Convert:
		if x := w.eval(v.X, e); x.kind == konst && typequery.IsInteger(v.Type()) {
			return x
		}
	case *ssa.UnOp:
		return w.evalUnary(v, e)
	case *ssa.BinOp:
		return w.evalBinary(v, e)
	case *ssa.Extract:
		return w.evalExtract(v, e)
	case *ssa.Field:
		if w.eval(v.X, e).kind == answer && (typequery.IsError(v.Type()) || isResponse(v.Type())) {
			return w.sc.outcome(tupleOf(v.Type()), 0)
		}
	case *ssa.Call:
		return w.evalCall(v, 0, e)
	}
	return aval{}
}

func tupleOf(t types.Type) *types.Tuple {
	return types.NewTuple(types.NewVar(token.NoPos, nil, "", t))
}

func (w *walk) evalUnary(v *ssa.UnOp, e env) aval {
	switch v.Op {
	case token.NOT:
		if b, known := w.eval(v.X, e).truth(); known {
			return boolean(!b)
		}
	case token.MUL:
		// resp.StatusCode
		if addr, ok := v.X.(*ssa.FieldAddr); ok && w.sc.status > 0 && netcall.FieldName(addr) == "StatusCode" && w.eval(addr.X, e).kind == answer {
			return number(w.sc.status)
		}
		if c, ok := cellOf(v.X); ok && e[c].kind != anything {
			return e[c]
		}
		if w.sc.succeeds() && w.fillsIn(v.X) {
			if _, ok := v.Type().Underlying().(*types.Pointer); ok {
				return aval{kind: answer}
			}
		}
		// resp.Body
		if addr, ok := v.X.(*ssa.FieldAddr); ok && w.sc.succeeds() && typequery.IsNamed(v.Type(), "io", "ReadCloser") && w.eval(addr.X, e).kind == answer {
			return aval{kind: notNil}
		}
		// result.Err
		if addr, ok := v.X.(*ssa.FieldAddr); ok && typequery.IsError(v.Type()) && w.eval(addr.X, e).kind == answer {
			return w.sc.outcome(tupleOf(v.Type()), 0)
		}
	}
	return aval{}
}

// fillsIn reports whether memory is a variable that a literal which the attempt
// was given assigns to: its result, by another way.
func (w *walk) fillsIn(addr ssa.Value) bool {
	cell, ok := addr.(*ssa.Alloc)
	if !ok || w.attempt == nil {
		return false
	}
	for _, arg := range w.attempt.Common().Args {
		if closure, ok := arg.(*ssa.MakeClosure); ok && assigns(closure, cell) {
			return true
		}
	}
	return false
}

// assigns reports whether a literal stores to a variable that it captures.
func assigns(closure *ssa.MakeClosure, cell *ssa.Alloc) bool {
	i := slices.Index(closure.Bindings, ssa.Value(cell))
	if i < 0 {
		return false
	}
	for _, use := range *closure.Fn.(*ssa.Function).FreeVars[i].Referrers() {
		if st, ok := use.(*ssa.Store); ok && st.Addr == ssa.Value(closure.Fn.(*ssa.Function).FreeVars[i]) {
			return true
		}
	}
	return false
}

func (w *walk) evalBinary(v *ssa.BinOp, e env) aval {
	x, y := w.eval(v.X, e), w.eval(v.Y, e)
	if x.kind == konst && y.kind == konst {
		return fold(v, x.c, y.c)
	}
	if x.kind == atLeast && y.kind == konst {
		return pastFirst(v.Op, x.c, y.c)
	}
	if v.Op != token.EQL && v.Op != token.NEQ {
		return aval{}
	}
	equal := v.Op == token.EQL
	nonNil := func(a aval) bool { return a.kind == notNil || a.kind == answer }
	switch {
	case x.kind == isNil && y.kind == isNil:
		return boolean(equal)
	case x.kind == isNil && nonNil(y), nonNil(x) && y.kind == isNil:
		return boolean(!equal)
	case x.kind == isNil && isSentinel(v.Y), y.kind == isNil && isSentinel(v.X):
		return boolean(!equal) // err == io.EOF with a nil err
	}
	return aval{}
}

// pastFirst compares a number that is not below least with a constant.
func pastFirst(op token.Token, least, c constant.Value) aval {
	if c.Kind() != constant.Int {
		return aval{}
	}
	switch {
	case (op == token.GTR || op == token.NEQ) && constant.Compare(least, token.GTR, c), op == token.GEQ && constant.Compare(least, token.GEQ, c):
		return boolean(true)
	case (op == token.LEQ || op == token.EQL) && constant.Compare(least, token.GTR, c), op == token.LSS && constant.Compare(least, token.GEQ, c):
		return boolean(false)
	}
	return aval{}
}

// isSentinel reports whether a value is a package variable that holds an error,
// which nobody sets to nil.
func isSentinel(v ssa.Value) bool {
	u, ok := v.(*ssa.UnOp)
	if !ok || u.Op != token.MUL || !typequery.IsError(v.Type()) {
		return false
	}
	_, ok = u.X.(*ssa.Global)
	return ok
}

func fold(v *ssa.BinOp, x, y constant.Value) (out aval) {
	if x.Kind() != y.Kind() {
		return aval{}
	}
	switch v.Op {
	case token.EQL, token.NEQ, token.LSS, token.LEQ, token.GTR, token.GEQ:
		if x.Kind() == constant.Bool && v.Op != token.EQL && v.Op != token.NEQ {
			return aval{}
		}
		return boolean(constant.Compare(x, v.Op, y))
	case token.ADD, token.SUB, token.MUL:
		if x.Kind() == constant.Int {
			return aval{kind: konst, c: constant.BinaryOp(x, v.Op, y)}
		}
	case token.QUO, token.REM:
		if x.Kind() == constant.Int && constant.Sign(y) != 0 {
			op := v.Op
			if op == token.QUO {
				op = token.QUO_ASSIGN // integer division
			}
			return aval{kind: konst, c: constant.BinaryOp(x, op, y)}
		}
	}
	return aval{}
}

func (w *walk) evalExtract(v *ssa.Extract, e env) aval {
	switch t := v.Tuple.(type) {
	case *ssa.Call:
		return w.evalCall(t, v.Index, e)
	case *ssa.TypeAssert:
		x := w.eval(t.X, e)
		switch {
		case v.Index == 1 && x.kind == isNil:
			return boolean(false)
		case v.Index == 0 && x.kind == answer:
			return x
		}
	case *ssa.UnOp:
		if t.Op == token.ARROW && v.Index == 0 && w.isAttemptChannel(t) {
			return w.received(t)
		}
	case *ssa.Select:
		return w.evalSelect(t, v.Index, e)
	}
	return aval{}
}

// evalCall works out the i-th result of a call.
func (w *walk) evalCall(call *ssa.Call, i int, e env) aval {
	results := call.Call.Signature().Results()
	if i >= results.Len() {
		return aval{}
	}
	if ssa.CallInstruction(call) == w.attempt {
		return w.attemptResult(call, i)
	}
	args := make([]aval, len(call.Call.Args))
	told := false // an argument carries how the attempt ended
	for j, a := range call.Call.Args {
		args[j] = w.eval(a, e)
		told = told || args[j].kind != anything && args[j].kind != konst && args[j].kind != notNil ||
			args[j].kind == notNil && typequery.IsError(a.Type()) || args[j].kind == konst && w.sc.status > 0 && typequery.IsInteger(a.Type())
	}
	if v, ok := w.evalKnown(call, i, args); ok {
		return v
	}
	if told && w.depth < maxCallDepth {
		if fn := call.Call.StaticCallee(); fn != nil && fn.Blocks != nil {
			if v := w.evalFunction(fn, args, i); v.kind != anything {
				return v
			}
			return w.otherwise(results.At(i).Type(), told)
		}
	}
	return w.otherwise(results.At(i).Type(), told)
}

// attemptResult is the i-th result of the attempt itself. What a function of the
// package returns beside its error when it succeeds is read from its body.
func (w *walk) attemptResult(call *ssa.Call, i int) aval {
	results := call.Call.Signature().Results()
	v := w.sc.outcome(results, i)
	fn := call.Call.StaticCallee()
	if v.kind != anything || !w.sc.succeeds() || fn == nil || fn.Blocks == nil || w.depth >= maxCallDepth || results.Len() < 2 {
		return v
	}
	found := false
	for _, ret := range w.returnsOf(fn, env{}) {
		if last := ret[len(ret)-1]; last.kind == notNil {
			continue // a failure
		}
		if !found {
			v, found = ret[i], true
			continue
		}
		v = v.join(ret[i])
	}
	return v
}

// otherwise is the result of a call of which nothing else is known: it goes
// well, unless it was told of a failure.
func (w *walk) otherwise(t types.Type, told bool) aval {
	switch {
	case typequery.IsError(t) && (!told || w.sc.succeeds()):
		return aval{kind: isNil}
	case isResponse(t) && w.sc.succeeds():
		return aval{kind: answer}
	}
	return aval{}
}

// evalFunction runs a function of the package on what is known of its arguments.
func (w *walk) evalFunction(fn *ssa.Function, args []aval, i int) aval {
	e := env{}
	for j, p := range fn.Params {
		if j < len(args) && args[j].kind != anything {
			e[p] = args[j]
		}
	}
	returns := w.returnsOf(fn, e)
	if len(returns) == 0 {
		return aval{}
	}
	out := returns[0][i]
	for _, r := range returns[1:] {
		out = out.join(r[i])
	}
	return out
}

// An evaluation is a function run on what is known of its parameters.
type evaluation struct {
	fn   *ssa.Function
	sc   scenario
	args string
}

// returnsOf returns what a function may return, one tuple per path; nil if that
// takes too much work.
func (w *walk) returnsOf(fn *ssa.Function, e env) [][]aval {
	key := evaluation{fn, w.sc, state{block: fn.Blocks[0], env: e}.key()}
	if known, ok := w.memo[key]; ok {
		return known
	}
	if w.memo != nil {
		w.memo[key] = nil // a recursion knows nothing of itself
	}
	inner := &walk{memo: w.memo, sc: w.sc, depth: w.depth + 1, budget: w.budget}
	inner.run(state{block: fn.Blocks[0], env: e})
	if inner.gaveUp {
		return nil
	}
	if w.memo != nil {
		w.memo[key] = inner.returns
	}
	return inner.returns
}

// evalKnown knows the functions by which Go programs ask about errors.
func (w *walk) evalKnown(call *ssa.Call, i int, args []aval) (aval, bool) {
	fn := netcall.Callee(call)
	if fn == nil || fn.Pkg() == nil {
		return aval{}, false
	}
	if recv := call.Call.Signature().Recv(); recv != nil || call.Call.IsInvoke() {
		return w.evalMethod(call, fn, i, args)
	}
	if len(args) == 0 {
		return aval{}, false
	}
	switch fn.Pkg().Path() + "." + fn.Name() {
	case "errors.Is", "errors.As", "errors.AsType", "os.IsTimeout", "os.IsNotExist":
		if args[0].kind == isNil && typequery.IsBool(call.Call.Signature().Results().At(i).Type()) {
			return boolean(false), true
		}
		return aval{}, true
	case "fmt.Errorf", "errors.New":
		return aval{kind: notNil}, true
	case "github.com/pkg/errors.Wrap", "github.com/pkg/errors.Wrapf", "github.com/pkg/errors.WithStack", "github.com/pkg/errors.WithMessage":
		return args[0], true
	case "google.golang.org/grpc/status.Code":
		return w.codeOf(args[0]), true
	case "google.golang.org/grpc/status.FromError", "google.golang.org/grpc/status.Convert":
		if i == 0 && (args[0].kind == isNil || args[0].kind == notNil && w.sc.code >= 0) {
			return aval{kind: rpcStatus}, true
		}
		return aval{}, true
	}
	return aval{}, false
}

func (w *walk) codeOf(err aval) aval {
	switch {
	case err.kind == isNil:
		return number(0)
	case err.kind == notNil && w.sc.code > 0:
		return number(w.sc.code)
	}
	return aval{}
}

// evalMethod knows methods of what an attempt returned: Err and Result of a
// Redis command, Code of a gRPC status.
func (w *walk) evalMethod(call *ssa.Call, fn *types.Func, i int, args []aval) (aval, bool) {
	var recv ssa.Value
	if call.Call.IsInvoke() {
		recv = call.Call.Value
	} else if len(call.Call.Args) > 0 {
		recv = call.Call.Args[0]
	} else {
		return aval{}, false
	}
	if attempt, ok := w.attempt.(*ssa.Call); ok && recv == ssa.Value(attempt) {
		return w.sc.outcome(call.Call.Signature().Results(), i), true
	}
	if !call.Call.IsInvoke() && len(args) > 0 && args[0].kind == rpcStatus && fn.Name() == "Code" {
		if w.sc.code > 0 && w.sc.fails {
			return number(w.sc.code), true
		}
		return number(0), true
	}
	if !call.Call.IsInvoke() && len(args) > 0 && args[0].kind == answer && (fn.Name() == "IsError" || fn.Name() == "IsSuccess" || fn.Name() == "StatusCode") && w.sc.status > 0 {
		switch fn.Name() {
		case "StatusCode": // resty
			return number(w.sc.status), true
		case "IsError":
			return boolean(w.sc.status >= 400), true
		default:
			return boolean(w.sc.status < 300), true
		}
	}
	return aval{}, false
}
