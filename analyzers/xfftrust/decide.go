package xfftrust

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

// A decision is a place where a request is let in or refused by an address.
type decision struct {
	fn    *ssa.Function
	at    token.Pos // of the test, or of the call of a function that decides
	test  test
	reads []Read
	via   netcall.Posn // where a called function decides
}

// headers returns what of a decision rests on headers alone.
func (d *decision) headers() (found []Read) {
	for _, r := range d.reads {
		if r.Kind == Header {
			found = append(found, r)
		}
	}
	return found
}

// decisions returns the decisions of the package in source order, one for each
// declared function and set of reads.
func (pk *pkg) decisions() (found []*decision) {
	for _, fn := range pk.res.Funcs {
		pk.decided(fn, func(m mark, via netcall.Posn) {
			if m.fn != nil {
				return
			}
			for _, d := range found {
				if d.fn == outermost(fn) && (d.at == m.at || slices.Contains(d.reads, m.read)) {
					if !slices.Contains(d.reads, m.read) {
						d.reads = append(d.reads, m.read)
					}
					return
				}
			}
			found = append(found, &decision{outermost(fn), m.at, m.test, []Read{m.read}, via})
		})
	}
	return found
}

// decided calls found with each outcome of a test that a function refuses
// requests by. A function that returns the address that it tests only picks it.
func (pk *pkg) decided(fn *ssa.Function, found func(m mark, via netcall.Posn)) {
	for _, b := range fn.Blocks {
		cond, ok := b.Instrs[len(b.Instrs)-1].(*ssa.If)
		if !ok {
			continue
		}
		for _, m := range pk.marks[cond.Cond].outcomes() {
			if !pk.picks(fn, m) && refuses(cond, m.test) {
				found(m, netcall.Posn{})
			}
		}
	}
	pk.each(fn, func(instr ssa.Instruction) {
		call, ok := instr.(ssa.CallInstruction)
		if !ok {
			return
		}
		args := call.Common().Args
		for _, s := range pk.sinksOf(call.Common()) {
			if s.Param >= len(args) {
				continue
			}
			for _, m := range pk.marks[args[s.Param]].addresses() {
				if !pk.picks(fn, m) {
					m.test, m.at = s.Test, call.Pos()
					found(m, s.At)
				}
			}
		}
	})
}

// picks reports whether a function returns the address that is marked.
func (pk *pkg) picks(fn *ssa.Function, m mark) bool {
	for _, ms := range pk.results[outermost(fn)] {
		if slices.Contains(ms, m.address()) {
			return true
		}
	}
	return false
}

// solveSinks works out which parameters the functions of the package decide by.
func (pk *pkg) solveSinks() {
	pk.sinks = make(map[*ssa.Function][]Sink)
	for range maxRounds {
		pk.changed = false
		for _, fn := range pk.res.Funcs {
			pk.decided(fn, func(m mark, via netcall.Posn) {
				if m.fn == nil {
					return
				}
				if !via.IsValid() {
					via = pk.res.Posn(m.at)
				}
				known := func(s Sink) bool { return s.Param == m.param }
				if !slices.ContainsFunc(pk.sinks[m.fn], known) {
					pk.sinks[m.fn] = append(pk.sinks[m.fn], Sink{m.param, m.test, via})
					pk.changed = true
				}
			})
		}
		if !pk.changed {
			return
		}
	}
}

// answers marks what a function answers by an outcome: true on one way from the
// condition, false on the other.
func (pk *pkg) answers(fn *ssa.Function, cond *ssa.If, ms marks) {
	yes, no := sides(cond)
	for i := range fn.Signature.Results().Len() {
		if !typequery.IsBool(fn.Signature.Results().At(i).Type()) {
			continue
		}
		if a, b := returned(yes, i), returned(no, i); a&b != a|b && a != 0 && b != 0 {
			pk.result(fn, i, ms)
		}
	}
	pk.each(fn, func(instr ssa.Instruction) {
		if phi, ok := instr.(*ssa.Phi); ok && typequery.IsBool(phi.Type()) && chosen(phi, cond, yes, no) {
			pk.add(phi, ms...)
		}
	})
}

// chosen reports whether a value is a different constant on each side of a condition.
func chosen(phi *ssa.Phi, cond *ssa.If, yes, no []*ssa.BasicBlock) bool {
	var on, off int
	for i, e := range phi.Edges {
		pred := phi.Block().Preds[i]
		if b := truth(e); slices.Contains(yes, pred) {
			on |= b
		} else if slices.Contains(no, pred) || pred == cond.Block() {
			off |= b
		}
	}
	return on != 0 && off != 0 && on != off
}

const (
	isFalse = 1 << iota
	isTrue
)

func truth(v ssa.Value) int {
	c, ok := v.(*ssa.Const)
	if !ok || c.Value == nil || c.Value.Kind() != constant.Bool {
		return 0
	}
	if constant.BoolVal(c.Value) {
		return isTrue
	}
	return isFalse
}

func returned(side []*ssa.BasicBlock, i int) (answers int) {
	for _, b := range side {
		if ret, ok := b.Instrs[len(b.Instrs)-1].(*ssa.Return); ok && i < len(ret.Results) {
			answers |= truth(ret.Results[i])
		}
	}
	return answers
}

// sides returns the blocks that only one outcome of a condition leads to before
// the condition comes up again.
func sides(cond *ssa.If) (yes, no []*ssa.BasicBlock) {
	b := cond.Block()
	on, off := reach(b.Succs[0], b), reach(b.Succs[1], b)
	for _, block := range b.Parent().Blocks {
		switch {
		case on[block] && !off[block]:
			yes = append(yes, block)
		case off[block] && !on[block]:
			no = append(no, block)
		}
	}
	return yes, no
}

func reach(from, without *ssa.BasicBlock) map[*ssa.BasicBlock]bool {
	seen := make(map[*ssa.BasicBlock]bool)
	var visit func(b *ssa.BasicBlock)
	visit = func(b *ssa.BasicBlock) {
		if b == without || seen[b] {
			return
		}
		seen[b] = true
		for _, s := range b.Succs {
			visit(s)
		}
	}
	visit(from)
	return seen
}

// refuses reports whether a condition decides that a request is refused.
func refuses(cond *ssa.If, by test) bool {
	yes, no := sides(cond)
	return denies(yes) != denies(no) ||
		serves(yes) != serves(no) ||
		(by == member || by == compare || by == limiter) && fails(yes) != fails(no)
}

// denies reports whether one of the blocks answers a request with a refusal.
func denies(side []*ssa.BasicBlock) bool {
	for _, b := range side {
		for _, instr := range b.Instrs {
			switch instr := instr.(type) {
			case ssa.CallInstruction:
				if slices.ContainsFunc(instr.Common().Args, isRefusal) || namesRefusal(calledName(instr.Common())) {
					return true
				}
			case *ssa.Store:
				if f, ok := instr.Addr.(*ssa.FieldAddr); ok && isRefusal(instr.Val) && isStatus(fieldOf(f).Name()) {
					return true
				}
			case *ssa.UnOp:
				if g, ok := instr.X.(*ssa.Global); ok && namesRefusal(g.Name()) {
					return true
				}
			}
		}
	}
	return false
}

func isStatus(field string) bool {
	field = strings.ToLower(field)
	return strings.Contains(field, "code") || strings.Contains(field, "status")
}

// isRefusal reports whether a value is a status that refuses a request: HTTP's
// 401, 403 and 429, gRPC's and Connect's PermissionDenied, ResourceExhausted and
// Unauthenticated.
func isRefusal(v ssa.Value) bool {
	c, ok := v.(*ssa.Const)
	if !ok || c.Value == nil || c.Value.Kind() != constant.Int {
		return false
	}
	n, _ := constant.Int64Val(c.Value)
	switch typequery.Name(c.Type()) {
	case "google.golang.org/grpc/codes.Code", "connectrpc.com/connect.Code":
		return n == 7 || n == 8 || n == 16
	case "":
		return n == 401 || n == 403 || n == 429
	}
	return false
}

func calledName(call *ssa.CallCommon) string {
	if call.IsInvoke() {
		return call.Method.Name()
	}
	if fn := call.StaticCallee(); fn != nil {
		return fn.Name()
	}
	return ""
}

func namesRefusal(name string) bool {
	name = strings.ToLower(name)
	for _, s := range []string{"abort", "forbid", "toomany", "unauthori", "denied", "deny", "ratelimited", "ratelimitexceeded", "notallowed", "blocked", "banned", "accessdenied"} {
		if strings.Contains(name, s) {
			return true
		}
	}
	return false
}

// serves reports whether one of the blocks hands a request to the next handler.
func serves(side []*ssa.BasicBlock) bool {
	for _, b := range side {
		for _, instr := range b.Instrs {
			call, ok := instr.(ssa.CallInstruction)
			if !ok {
				continue
			}
			pkg, _, name := callee(call.Common())
			switch {
			case name == "ServeHTTP", name == "Next" && !isStandard(pkg):
				return true
			case name == "" && isNext(call.Common()):
				return true
			}
		}
	}
	return false
}

// isNext reports whether a function value that is called is a handler.
func isNext(call *ssa.CallCommon) bool {
	switch typequery.Name(call.Value.Type()) {
	case "net/http.HandlerFunc", "google.golang.org/grpc.UnaryHandler", "google.golang.org/grpc.StreamHandler",
		"github.com/labstack/echo/v4.HandlerFunc", "connectrpc.com/connect.UnaryFunc":
		return true
	}
	return call.Value.Name() == "next"
}

// fails reports whether the function returns an error on each way through the
// blocks that ends in them.
func fails(side []*ssa.BasicBlock) bool {
	found := false
	for _, b := range side {
		ret, ok := b.Instrs[len(b.Instrs)-1].(*ssa.Return)
		if !ok || len(ret.Results) == 0 {
			continue
		}
		last := ret.Results[len(ret.Results)-1]
		if !types.Identical(last.Type(), types.Universe.Lookup("error").Type()) {
			continue
		}
		if c, ok := last.(*ssa.Const); ok && c.Value == nil {
			return false
		}
		found = true
	}
	return found
}
