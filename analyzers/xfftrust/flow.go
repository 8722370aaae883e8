package xfftrust

import (
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/constflow"
	"github.com/commslint/commslint/analyzers/netcall"
)

// pkg is the analysis of one package: which values are addresses that clients
// may have written, and which are outcomes of tests of them.
type pkg struct {
	pass   *analysis.Pass
	res    *netcall.Result
	tracer *constflow.Tracer

	closures map[*ssa.Function]*ssa.MakeClosure
	initial  map[*ssa.Global]ssa.Value // what package variables are initialised with

	marks   map[ssa.Value]marks
	memory  map[any]marks // by variable (*ssa.Alloc, *ssa.Global) or field (*types.Var)
	results map[*ssa.Function][]marks
	sinks   map[*ssa.Function][]Sink
	trusted map[ssa.Instruction]bool // known answers of isTrusted

	// cleansed holds the addresses of which a function takes the entries that
	// trusted proxies added.
	cleansed map[cleansing]bool
	changed  bool
}

type cleansing struct {
	fn *ssa.Function
	m  mark
}

// maxRounds limits how often the package is gone through; what has not arrived
// by then is not followed further.
const maxRounds = 10

func newPkg(pass *analysis.Pass, res *netcall.Result, tracer *constflow.Tracer) *pkg {
	pk := &pkg{
		pass: pass, res: res, tracer: tracer,
		closures: make(map[*ssa.Function]*ssa.MakeClosure),
		initial:  make(map[*ssa.Global]ssa.Value),
		trusted:  make(map[ssa.Instruction]bool),
		cleansed: make(map[cleansing]bool),
	}
	for _, fn := range res.Funcs {
		pk.each(fn, func(instr ssa.Instruction) {
			switch instr := instr.(type) {
			case *ssa.MakeClosure:
				pk.closures[instr.Fn.(*ssa.Function)] = instr
			case *ssa.Store:
				if g, ok := instr.Addr.(*ssa.Global); ok && fn.Name() == "init" {
					pk.initial[g] = instr.Val
				}
			}
		})
	}
	return pk
}

func (pk *pkg) each(fn *ssa.Function, do func(ssa.Instruction)) {
	for _, b := range fn.Blocks {
		for _, instr := range b.Instrs {
			do(instr)
		}
	}
}

// solve follows all addresses through the package. Whether a function takes the
// entries of trusted proxies is known only in the end, so it starts again then.
func (pk *pkg) solve() {
	for known := -1; known < len(pk.cleansed); {
		known = len(pk.cleansed)
		pk.marks = make(map[ssa.Value]marks)
		pk.memory = make(map[any]marks)
		pk.results = make(map[*ssa.Function][]marks)
		for range maxRounds {
			pk.changed = false
			for _, fn := range pk.res.Funcs {
				pk.flow(fn)
			}
			if !pk.changed {
				break
			}
		}
	}
	pk.solveSinks()
}

func (pk *pkg) flow(fn *ssa.Function) {
	for i, p := range fn.Params {
		if isAddress(p.Type()) || isString(p.Type()) {
			pk.add(p, mark{fn: fn, param: i})
		}
	}
	pk.each(fn, func(instr ssa.Instruction) { pk.step(fn, instr) })
	for _, b := range fn.Blocks {
		if cond, ok := b.Instrs[len(b.Instrs)-1].(*ssa.If); ok {
			if ms := pk.marks[cond.Cond].outcomes(); len(ms) > 0 {
				pk.answers(fn, cond, ms)
			}
		}
	}
}

func (pk *pkg) step(fn *ssa.Function, instr ssa.Instruction) {
	switch v := instr.(type) {
	case ssa.CallInstruction:
		pk.call(v)
	case *ssa.Return:
		pk.returns(fn, v)
	case *ssa.Store:
		pk.store(v)
	case *ssa.Phi:
		for _, e := range v.Edges {
			pk.add(v, pk.marks[e]...)
		}
	case *ssa.Extract:
		if _, ok := v.Tuple.(*ssa.Call); !ok {
			pk.add(v, pk.marks[v.Tuple]...)
		}
	case *ssa.UnOp:
		pk.load(v)
	case *ssa.BinOp:
		pk.binary(v)
	case *ssa.Lookup:
		pk.lookup(v)
	case *ssa.Select:
		for _, state := range v.States {
			pk.add(v, pk.marks[state.Chan].outcomes()...)
		}
	case *ssa.IndexAddr:
		pk.element(v, v.X, v.Index)
	case *ssa.Index:
		pk.element(v, v.X, v.Index)
	case *ssa.Slice:
		pk.slice(v)
	case *ssa.FieldAddr:
		pk.add(v, pk.marks[v.X].outcomes()...)
	case *ssa.Field:
		pk.add(v, pk.marks[v.X].outcomes()...)
	case *ssa.Convert:
		pk.add(v, pk.marks[v.X]...)
	case *ssa.ChangeType:
		pk.add(v, pk.marks[v.X]...)
	case *ssa.ChangeInterface:
		pk.add(v, pk.marks[v.X]...)
	case *ssa.MakeInterface:
		pk.add(v, pk.marks[v.X]...)
	case *ssa.TypeAssert:
		pk.add(v, pk.marks[v.X]...)
	}
}

// cell returns what stands for the memory at an address, nil if it is not
// followed: fields only of the package's own types, all instances as one.
func (pk *pkg) cell(addr ssa.Value) any {
	switch a := addr.(type) {
	case *ssa.Alloc, *ssa.Global:
		return a
	case *ssa.FieldAddr:
		if f := fieldOf(a); f.Pkg() == pk.pass.Pkg {
			return f
		}
	case *ssa.FreeVar:
		if c := pk.closures[a.Parent()]; c != nil {
			return pk.cell(c.Bindings[slices.Index(a.Parent().FreeVars, a)])
		}
	case *ssa.IndexAddr:
		if _, ok := a.X.Type().Underlying().(*types.Pointer); ok {
			return pk.cell(a.X)
		}
	}
	return nil
}

func (pk *pkg) store(s *ssa.Store) {
	if elem, ok := s.Addr.(*ssa.IndexAddr); ok {
		if _, ok := elem.X.Type().Underlying().(*types.Slice); ok {
			pk.add(elem.X, pk.marks[s.Val]...)
			return
		}
	}
	if cell := pk.cell(s.Addr); cell != nil {
		for _, m := range pk.marks[s.Val] {
			if !pk.cleansed[cleansing{owner(s.Val), m.address()}] {
				pk.memory[cell] = pk.grow(pk.memory[cell], m)
			}
		}
	}
}

func (pk *pkg) load(v *ssa.UnOp) {
	switch {
	case v.Op != token.MUL:
		pk.add(v, pk.marks[v.X]...)
	case remoteAddr(v.X):
		pk.add(v, mark{read: Read{Kind: Remote, Name: "RemoteAddr", At: pk.res.Posn(v.Pos())}})
	default:
		pk.add(v, pk.marks[v.X]...)
		if cell := pk.cell(v.X); cell != nil {
			pk.add(v, pk.memory[cell]...)
		}
	}
}

func (pk *pkg) binary(v *ssa.BinOp) {
	x, y := pk.marks[v.X], pk.marks[v.Y]
	pk.add(v, x.outcomes()...)
	pk.add(v, y.outcomes()...)
	switch v.Op {
	case token.ADD:
		pk.add(v, x...)
		pk.add(v, y...)
	case token.EQL, token.NEQ:
		if isAddressTest(v.X, v.Y, pk.marks[v.Y]) {
			pk.add(v, x.tested(compare, v.Pos())...)
		}
		if isAddressTest(v.Y, v.X, pk.marks[v.X]) {
			pk.add(v, y.tested(compare, v.Pos())...)
		}
	}
}

// lookup takes a map index by an address for a test.
func (pk *pkg) lookup(v *ssa.Lookup) {
	for _, r := range pk.indexed(v) {
		if !pk.isTrusted(v) {
			pk.add(v, mark{read: r})
		}
	}
	pk.add(v, pk.marks[v.X].outcomes()...)
	m, ok := v.X.Type().Underlying().(*types.Map)
	if !ok {
		return
	}
	pk.add(v, pk.marks[v.Index].tested(kept(m.Elem()), v.Pos())...)
}

// element takes an entry out of a list. One that is counted from the end was
// added by a proxy.
func (pk *pkg) element(v, list, index ssa.Value) {
	ms := pk.marks[list]
	if fromEnd(index, 0) {
		pk.cleanse(v, ms)
	}
	pk.add(v, ms...)
	if addr, ok := v.(*ssa.IndexAddr); ok {
		if cell := pk.cell(addr); cell != nil {
			if fromEnd(index, 0) {
				pk.cleanse(v, pk.memory[cell])
			}
		}
	}
}

func (pk *pkg) slice(v *ssa.Slice) {
	ms := pk.marks[v.X]
	if v.Low != nil && fromEnd(v.Low, 0) {
		pk.cleanse(v, ms)
	}
	pk.add(v, ms...)
	if cell := pk.cell(v.X); cell != nil {
		pk.add(v, pk.memory[cell]...)
	}
}

// cleanse notes that a function takes entries from the end of lists.
func (pk *pkg) cleanse(v ssa.Value, ms marks) {
	for _, m := range ms.addresses() {
		pk.cleansed[cleansing{owner(v), m}] = true
	}
}

// fromEnd reports whether an index is counted from the end of a list or string.
func fromEnd(index ssa.Value, depth int) bool {
	if depth > 4 {
		return false
	}
	switch v := index.(type) {
	case *ssa.BinOp:
		if v.Op == token.SUB && isLen(v.X) {
			return true
		}
		return fromEnd(v.X, depth+1) || v.Op == token.ADD && fromEnd(v.Y, depth+1)
	case *ssa.Phi:
		return slices.ContainsFunc(v.Edges, func(e ssa.Value) bool { return e != v && fromEnd(e, depth+1) })
	case *ssa.Call:
		switch calleeName(&v.Call) {
		case "strings..LastIndex", "strings..LastIndexByte", "strings..LastIndexAny", "bytes..LastIndex", "bytes..LastIndexByte":
			return true
		}
		if b, ok := v.Call.Value.(*ssa.Builtin); ok && (b.Name() == "max" || b.Name() == "min") {
			return slices.ContainsFunc(v.Call.Args, func(a ssa.Value) bool { return fromEnd(a, depth+1) })
		}
	}
	return false
}

func isLen(v ssa.Value) bool {
	call, ok := v.(*ssa.Call)
	if !ok {
		return false
	}
	b, ok := call.Call.Value.(*ssa.Builtin)
	return ok && b.Name() == "len"
}

func isString(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsString != 0
}

func (pk *pkg) returns(fn *ssa.Function, ret *ssa.Return) {
	for i, v := range ret.Results {
		pk.result(fn, i, pk.marks[v])
	}
}

func (pk *pkg) result(fn *ssa.Function, i int, ms marks) {
	if pk.results[fn] == nil {
		pk.results[fn] = make([]marks, fn.Signature.Results().Len())
	}
	for _, m := range ms {
		pk.results[fn][i] = pk.grow(pk.results[fn][i], m)
	}
}
