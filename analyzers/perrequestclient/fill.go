package perrequestclient

import (
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"
)

// A place keeps state between calls: a package variable, or a field of a type.
// Instances of a type are not told apart.
type place struct {
	global *ssa.Global
	field  *types.Var
}

// fills reports whether what runs with an instruction under a guard of it sets
// what the guard looks at.
func (pk *pkg) fills(guard *ssa.If, instr ssa.Instruction) bool {
	looked := lookedAt{places: make(map[place]bool), owners: make(map[types.Type]bool), seen: make(map[ssa.Value]bool)}
	looked.value(guard.Cond)
	if len(looked.places) == 0 {
		return false
	}
	sets := false
	f := filler{looked: looked, seen: make(map[*ssa.Function]bool)}
	walk(instr.Block(), guard.Block(), func(b *ssa.BasicBlock) (bool, bool) {
		sets = sets || f.block(b)
		return sets, false
	})
	return sets
}

// lookedAt is what a condition depends on.
type lookedAt struct {
	places map[place]bool
	owners map[types.Type]bool // the named structs with the fields
	seen   map[ssa.Value]bool
}

// value collects the places that a value is computed from.
func (l lookedAt) value(v ssa.Value) {
	if v == nil || l.seen[v] {
		return
	}
	l.seen[v] = true
	switch v := v.(type) {
	case *ssa.Global:
		l.places[place{global: v}] = true
	case *ssa.FieldAddr:
		if _, local := rootOf(v).(*ssa.Alloc); !local {
			l.places[placeOf(v)] = true
			l.owners[pointedTo(v.X.Type())] = true
		}
	case *ssa.Call:
		if fn := v.Call.StaticCallee(); fn != nil {
			l.returned(fn)
		}
	}
	if instr, ok := v.(ssa.Instruction); ok {
		for _, op := range instr.Operands(nil) {
			l.value(*op)
		}
	}
}

// returned collects the places that the results of a function come from, as of
// a method "func (s *store) loaded() bool { return s.items != nil }".
func (l lookedAt) returned(fn *ssa.Function) {
	for _, b := range fn.Blocks {
		switch last := b.Instrs[len(b.Instrs)-1].(type) {
		case *ssa.Return:
			for _, v := range last.Results {
				l.value(v)
			}
		case *ssa.If:
			l.value(last.Cond)
		}
	}
}

// pointedTo returns what a pointer type points to, nil if t is none.
func pointedTo(t types.Type) types.Type {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		return types.Unalias(p.Elem())
	}
	return nil
}

func placeOf(addr *ssa.FieldAddr) place {
	s := addr.X.Type().Underlying().(*types.Pointer).Elem().Underlying().(*types.Struct)
	return place{field: s.Field(addr.Field)}
}

// A filler looks for code that sets what was looked at.
type filler struct {
	looked lookedAt
	seen   map[*ssa.Function]bool
}

func (f filler) block(b *ssa.BasicBlock) bool { return slices.ContainsFunc(b.Instrs, f.instruction) }

func (f filler) function(fn *ssa.Function) bool {
	if fn == nil || f.seen[fn] {
		return false
	}
	f.seen[fn] = true
	return slices.ContainsFunc(fn.Blocks, f.block)
}

func (f filler) instruction(instr ssa.Instruction) bool {
	switch instr := instr.(type) {
	case *ssa.Store:
		// An argument of a variadic function goes into a slice first.
		return f.holds(instr.Addr) || isVariadic(instr.Addr) && f.lent(instr.Val)
	case *ssa.MapUpdate:
		return f.holds(instr.Map)
	case *ssa.MakeClosure:
		return f.function(instr.Fn.(*ssa.Function))
	case ssa.CallInstruction:
		return f.call(instr)
	}
	return false
}

func isVariadic(addr ssa.Value) bool {
	alloc, ok := rootOf(addr).(*ssa.Alloc)
	return ok && alloc.Comment == "varargs"
}

// holds reports whether an address or map lies in a place that was looked at.
func (f filler) holds(v ssa.Value) bool {
	for {
		switch x := v.(type) {
		case *ssa.Global:
			return f.looked.places[place{global: x}]
		case *ssa.FieldAddr:
			if f.looked.places[placeOf(x)] {
				return true
			}
			v = x.X
		case *ssa.IndexAddr:
			v = x.X
		case *ssa.UnOp:
			if x.Op != token.MUL {
				return false
			}
			v = x.X
		default:
			return false
		}
	}
}

// setters are the methods by which caches are filled.
var setters = []string{"Add", "LoadOrStore", "Put", "Set", "SetDefault", "SetWithTTL", "Store", "Swap", "CompareAndSwap"}

func (f filler) call(call ssa.CallInstruction) bool {
	common := call.Common()
	fn := common.StaticCallee()
	if fn != nil && len(fn.Blocks) > 0 {
		return f.function(fn)
	}
	args := common.Args
	name := ""
	switch {
	case common.IsInvoke():
		name = common.Method.Name()
		if slices.Contains(setters, name) && f.holds(common.Value) {
			return true
		}
	case common.Signature().Recv() != nil && len(args) > 0:
		name = fn.Name()
		if slices.Contains(setters, name) && f.holds(args[0]) {
			return true
		}
		args = args[1:]
	}
	return slices.ContainsFunc(args, f.lent)
}

// lent reports whether code out of sight gets a pointer through which it can
// set what was looked at, as json.Unmarshal does.
func (f filler) lent(arg ssa.Value) bool {
	if mi, ok := arg.(*ssa.MakeInterface); ok {
		arg = mi.X
	}
	if f.looked.owners[pointedTo(arg.Type())] {
		return true
	}
	switch arg.(type) {
	case *ssa.Global, *ssa.FieldAddr:
		return f.holds(arg)
	}
	return false
}
