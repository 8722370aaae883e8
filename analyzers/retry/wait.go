package retry

import (
	"go/constant"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/analyzers/typequery"
	"github.com/commslint/commslint/callgraph"
)

// describeWait works out what a retry does between attempts.
func (a *finder) describeWait(r *Retry) {
	waits := a.waitsBetween(r)
	if len(waits) == 0 {
		r.Growth, r.Jitter, r.Context = callgraph.NoWait, callgraph.No, callgraph.Unknown
		return
	}
	r.Growth, r.Jitter, r.Context = callgraph.Constant, callgraph.No, callgraph.No
	unknown := false
	for _, w := range waits {
		if w.context {
			r.Context = callgraph.Yes
		}
		if w.duration != nil {
			r.Waits = append(r.Waits, w.duration)
		}
		growth, jitter := w.growth, w.jitter
		if w.duration != nil {
			d := a.delayOf(w.duration, r.Loop, 0)
			growth = max(growth, d.growth)
			if w.known {
				jitter = stronger(jitter, d.jitter)
			} else {
				jitter = d.jitter
			}
			unknown = unknown || d.unknown
		}
		if w.duration == nil && !w.known {
			unknown = true // a timer set elsewhere
			jitter = callgraph.No
		}
		r.Growth = max(r.Growth, growth)
		r.Jitter = stronger(r.Jitter, jitter)
	}
	if unknown && r.Growth == callgraph.Constant {
		r.Growth = callgraph.GrowthUnknown
	}
	if unknown && r.Jitter == callgraph.No {
		r.Jitter = callgraph.Unknown
	}
	a.longestWait(r, waits)
}

// longestWait adds up the waits where they are constant.
func (a *finder) longestWait(r *Retry, waits []wait) {
	if len(waits) != 1 || waits[0].duration == nil || r.Growth != callgraph.Constant || symbolic(r.Attempts) || r.Attempts.N < 2 {
		return
	}
	set := a.consts.Values(waits[0].duration)
	if len(set) != 1 || !set.Complete() {
		return
	}
	if d, exact := constant.Int64Val(constant.ToInt(set[0].Const)); exact {
		r.MaxWait = durationTimes(d, r.Attempts.N-1)
	}
}

// A wait is an instruction at which time passes.
type wait struct {
	instr    ssa.Instruction
	duration ssa.Value // nil if not seen
	context  bool      // ends with a context
	// growth and jitter are those of the function that waits, if known.
	known  bool
	growth callgraph.Growth
	jitter callgraph.Tri
}

// waitsBetween returns the waits on the ways from a failed attempt to the next.
func (a *finder) waitsBetween(r *Retry) []wait {
	between := make(map[ssa.Instruction]bool)
	for _, c := range r.Calls {
		for _, sc := range a.scenariosOf(c) {
			if c.Modes != 0 && c.Modes&sc.mode == 0 {
				continue
			}
			w := &walk{memo: a.memo, attempt: c.CallInstruction, sc: sc, loop: r.Loop, visit: func(i ssa.Instruction) { between[i] = true }}
			w.repeat()
		}
	}
	// An attempt that is known to be remote is no wait, whatever it does inside.
	for _, c := range r.Calls {
		delete(between, ssa.Instruction(c.CallInstruction))
	}
	var waits []wait
	for _, b := range r.Fn.Blocks {
		for _, instr := range b.Instrs {
			if between[instr] {
				waits = append(waits, a.waitAt(instr, r.Loop)...)
			}
		}
	}
	return waits
}

// waitAt returns the waits of one instruction.
func (a *finder) waitAt(instr ssa.Instruction, l *Loop) []wait {
	switch instr := instr.(type) {
	case *ssa.UnOp:
		if instr.Op == token.ARROW && isTimer(instr.X) {
			return []wait{a.timerWait(instr, instr.X, l)}
		}
	case *ssa.Select:
		return a.selectWait(instr, l)
	case ssa.CallInstruction:
		if _, deferred := instr.(*ssa.Defer); deferred {
			return nil
		}
		if _, concurrent := instr.(*ssa.Go); concurrent {
			return nil
		}
		return a.callWait(instr, l)
	}
	return nil
}

func (a *finder) selectWait(sel *ssa.Select, l *Loop) []wait {
	if !sel.Blocking {
		return nil
	}
	ends := false
	var waits []wait
	for i, st := range sel.States {
		if st.Dir != types.RecvOnly {
			continue
		}
		if endsSomething(st.Chan) && (l == nil || caseLeaves(sel, i, l)) {
			ends = true
		}
		if isTimer(st.Chan) {
			waits = append(waits, a.timerWait(sel, st.Chan, l))
		}
	}
	for i := range waits {
		waits[i].context = ends
	}
	return waits
}

// isTimer reports whether a channel delivers the time, as those of timers and
// tickers do.
func isTimer(ch ssa.Value) bool {
	c, ok := ch.Type().Underlying().(*types.Chan)
	return ok && typequery.IsNamed(c.Elem(), "time", "Time")
}

// timerWait finds the duration after which a channel delivers.
func (a *finder) timerWait(instr ssa.Instruction, ch ssa.Value, l *Loop) wait {
	w := wait{instr: instr}
	switch v := ch.(type) {
	case *ssa.Call: // time.After(d), clock.After(d), NewTimer(d).C()
		w.duration = durationArg(v)
		if w.duration == nil && len(v.Call.Args) > 0 {
			w.duration = a.timerDuration(v.Call.Args[0], l)
		}
	case *ssa.Extract: // timer, c := clock.NewTimer(d)
		if call, ok := v.Tuple.(*ssa.Call); ok {
			w.duration = durationArg(call)
		}
	case *ssa.UnOp: // timer.C
		if addr, ok := v.X.(*ssa.FieldAddr); ok {
			w.duration = a.timerDuration(addr.X, l)
		}
	}
	return w
}

// timerDuration finds what a timer was set to: by Reset within the loop, else
// where it was made.
func (a *finder) timerDuration(timer ssa.Value, l *Loop) ssa.Value {
	base := baseOf(timer)
	if refs := timer.Referrers(); refs != nil {
		for _, r := range *refs {
			if call, ok := r.(*ssa.Call); ok && (l == nil || l.Blocks[call.Block()]) {
				if fn := netcall.Callee(call); fn != nil && fn.Name() == "Reset" {
					return durationArg(call)
				}
			}
		}
	}
	for _, o := range a.consts.Origins(base) {
		if made, ok := o.(*ssa.Extract); ok { // timer, stop := newTimer(d)
			o = made.Tuple
		}
		if call, ok := o.(*ssa.Call); ok {
			return durationArg(call)
		}
	}
	return nil
}

func durationArg(call ssa.CallInstruction) ssa.Value {
	for _, arg := range call.Common().Args {
		if typequery.IsNamed(arg.Type(), "time", "Duration") {
			return arg
		}
	}
	return nil
}

// callWait recognises calls that let time pass: time.Sleep, functions that do so,
// and what the traits of imported functions say.
func (a *finder) callWait(call ssa.CallInstruction, l *Loop) []wait {
	fn := netcall.Callee(call)
	if fn == nil {
		return nil
	}
	ctx := false
	for _, arg := range call.Common().Args {
		ctx = ctx || typequery.IsContext(arg.Type())
	}
	if fn.FullName() == "time.After" {
		return nil // the receive waits
	}
	if fn.FullName() == "time.Sleep" {
		return []wait{{instr: call, duration: call.Common().Args[0]}}
	}
	if w, ok := a.libraryWait(call); ok {
		return []wait{w}
	}
	t := a.traitsOf(call)
	if t == nil || !t.Waits {
		// A clock behind an interface sleeps as time.Sleep does.
		if call.Common().IsInvoke() && fn.Name() == "Sleep" && durationArg(call) != nil {
			return []wait{{instr: call, duration: durationArg(call), context: ctx}}
		}
		return nil
	}
	w := wait{instr: call, duration: durationArg(call), context: t.WaitEnds, known: true, growth: t.Growth, jitter: t.Jitter}
	if w.duration == nil && w.growth == callgraph.Constant && a.takesCounter(call, l) {
		w.growth = callgraph.Growing
	}
	return []wait{w}
}

// takesCounter reports whether a call is given something that changes from turn
// to turn.
func (a *finder) takesCounter(call ssa.CallInstruction, l *Loop) bool {
	if l == nil {
		return false
	}
	for _, arg := range call.Common().Args {
		if typequery.IsInteger(arg.Type()) && dependsOn(arg, l, func(v ssa.Value) bool { return changes(v, l) }) {
			return true
		}
	}
	return false
}

// waits reports whether a call lets time pass.
func (a *finder) waits(call ssa.CallInstruction) bool { return len(a.callWait(call, nil)) > 0 }

// changes reports whether a value is a variable that a loop updates.
func changes(v ssa.Value, l *Loop) bool {
	if l == nil {
		return false
	}
	switch v := v.(type) {
	case *ssa.Phi:
		if v.Block() != l.Header {
			return false
		}
		for i, e := range v.Edges {
			if l.Blocks[v.Block().Preds[i]] && e != ssa.Value(v) && !isConst(e) {
				return true
			}
		}
	case *ssa.UnOp:
		return v.Op == token.MUL && storedIn(v, l)
	case *ssa.Next:
		return true
	}
	return false
}

func isConst(v ssa.Value) bool {
	_, ok := v.(*ssa.Const)
	return ok
}

// A delay is what is known of a duration between attempts.
type delay struct {
	growth  callgraph.Growth // Constant or Growing
	jitter  callgraph.Tri    // Yes or No
	unknown bool             // it depends on something out of sight
}

func (d delay) join(o delay) delay {
	return delay{max(d.growth, o.growth), stronger(d.jitter, o.jitter), d.unknown || o.unknown}
}

// maxDelayDepth limits how deep the functions that compute a delay are read.
const maxDelayDepth = 4

// delayOf works out whether a duration grows from attempt to attempt and whether
// chance has a part in it.
func (a *finder) delayOf(v ssa.Value, l *Loop, depth int) delay {
	out := delay{growth: callgraph.Constant, jitter: callgraph.No}
	seen := make(map[ssa.Value]bool)
	var visit func(v ssa.Value)
	visit = func(v ssa.Value) {
		if v == nil || seen[v] || len(seen) > 200 {
			return
		}
		seen[v] = true
		if changes(v, l) {
			out.growth = callgraph.Growing
		}
		if call, ok := v.(*ssa.Call); ok {
			out = out.join(a.delayOfCall(call, l, depth, visit))
			return
		}
		if cell, ok := v.(*ssa.Alloc); ok {
			for _, r := range *cell.Referrers() {
				if st, ok := r.(*ssa.Store); ok && st.Addr == ssa.Value(cell) {
					visit(st.Val)
				}
			}
		}
		if instr, ok := v.(ssa.Instruction); ok {
			for _, op := range instr.Operands(nil) {
				if *op != nil {
					visit(*op)
				}
			}
		}
	}
	visit(v)
	return out
}

// delayOfCall is delayOf for the result of a call.
func (a *finder) delayOfCall(call *ssa.Call, l *Loop, depth int, visit func(ssa.Value)) delay {
	none := delay{growth: callgraph.Constant, jitter: callgraph.No}
	fn := netcall.Callee(call)
	if isRandom(fn) {
		none.jitter = callgraph.Yes
		return none
	}
	if growth, jitter, ok := a.libraryDelay(call); ok {
		return delay{growth: growth, jitter: jitter}
	}
	for _, arg := range call.Call.Args {
		visit(arg)
	}
	if fn == nil {
		return a.delayOfValueCall(call, depth)
	}
	if fn.Pkg() != nil && IsStandardPath(fn.Pkg().Path()) && fn.Pkg() != a.pass.Pkg {
		return none // math.Pow, min, time.Duration.Seconds: as their arguments
	}
	if callee := call.Call.StaticCallee(); callee != nil && callee.Blocks != nil {
		if depth >= maxDelayDepth {
			return delay{growth: callgraph.Constant, jitter: callgraph.No, unknown: true}
		}
		return a.delayOfFunction(callee, depth+1)
	}
	if call.Call.IsInvoke() && fn.Pkg() == a.pass.Pkg && depth < maxDelayDepth {
		if d, ok := a.delayOfMethods(call, depth+1); ok {
			return d
		}
	}
	if t := a.traitsOf(call); t != nil && t.Delay {
		d := delay{growth: t.Growth, jitter: t.Jitter}
		if d.growth == callgraph.GrowthUnknown {
			d.growth, d.unknown = callgraph.Constant, true
		}
		if a.takesCounter(call, l) {
			d.growth = callgraph.Growing
		}
		return d
	}
	none.unknown = true
	return none
}

// delayOfMethods is delayOfCall for an interface of the package: what any of the
// package's own types behind it returns.
func (a *finder) delayOfMethods(call *ssa.Call, depth int) (delay, bool) {
	iface, ok := call.Call.Value.Type().Underlying().(*types.Interface)
	out, found := delay{growth: callgraph.Constant, jitter: callgraph.No}, false
	for _, fn := range a.net.Funcs {
		recv := fn.Signature.Recv()
		if !ok || recv == nil || fn.Parent() != nil || fn.Name() != call.Call.Method.Name() || !types.Implements(recv.Type(), iface) {
			continue
		}
		out, found = out.join(a.delayOfFunction(fn, depth)), true
	}
	return out, found
}

// delayOfValueCall is delayOfCall where the function is a value.
func (a *finder) delayOfValueCall(call *ssa.Call, depth int) delay {
	out := delay{growth: callgraph.Constant, jitter: callgraph.No}
	if _, builtin := call.Call.Value.(*ssa.Builtin); builtin {
		return out
	}
	if depth >= maxDelayDepth {
		out.unknown = true
		return out
	}
	origins := a.consts.Origins(call.Call.Value)
	for _, o := range origins {
		switch o := o.(type) {
		case *ssa.Function:
			out = out.join(a.delayOfFunction(o, depth+1))
		case *ssa.MakeClosure:
			out = out.join(a.delayOfFunction(o.Fn.(*ssa.Function), depth+1))
		default:
			out.unknown = true
		}
	}
	out.unknown = out.unknown || len(origins) == 0
	return out
}

// delayOfFunction is delayOf for what a function of the package returns. What it
// keeps in fields or captured variables and changes, grows.
func (a *finder) delayOfFunction(fn *ssa.Function, depth int) delay {
	out := delay{growth: callgraph.Constant, jitter: callgraph.No}
	if fn.Blocks == nil {
		out.unknown = true
		return out
	}
	for _, b := range fn.Blocks {
		for _, instr := range b.Instrs {
			if ret, ok := instr.(*ssa.Return); ok {
				for _, v := range ret.Results {
					if isDuration(v.Type()) {
						out = out.join(a.delayOf(v, wholeOf(fn), depth))
					}
				}
			}
		}
	}
	return out
}

// wholeOf makes a loop of all of a function, for which memory that it changes
// differs from call to call.
func wholeOf(fn *ssa.Function) *Loop {
	l := &Loop{Header: fn.Blocks[0], Blocks: make(map[*ssa.BasicBlock]bool)}
	for _, b := range fn.Blocks {
		l.Blocks[b] = true
	}
	return l
}

func isDuration(t types.Type) bool {
	if typequery.IsNamed(t, "time", "Duration") {
		return true
	}
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&(types.IsInteger|types.IsFloat) != 0
}

// isRandom reports whether a function returns chance.
func isRandom(fn *types.Func) bool {
	if fn == nil || fn.Pkg() == nil {
		return false
	}
	return slices.Contains([]string{"math/rand", "math/rand/v2", "crypto/rand", "golang.org/x/exp/rand"}, fn.Pkg().Path()) &&
		fn.Name() != "New" && fn.Name() != "NewSource"
}
