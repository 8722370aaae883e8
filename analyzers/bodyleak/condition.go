package bodyleak

import (
	"fmt"
	"go/token"

	"golang.org/x/tools/go/ssa"
)

// conditions knows which branches of a function ask the same question, so that
// a path that has answered it once is followed only where the answer is the
// same:
//
//	if !opts.stream {
//		defer resp.Body.Close()
//	}
//	…
//	if opts.stream {
//		return resp, nil
//	}
type conditions struct {
	keys map[*ssa.If]condition
	deps map[ssa.Value][]string // keys whose answer changes with a value
}

type condition struct {
	key     string
	negated bool
}

func newConditions(fn *ssa.Function) *conditions {
	c := &conditions{keys: make(map[*ssa.If]condition), deps: make(map[ssa.Value][]string)}
	asked := make(map[string][]*ssa.If)
	for _, b := range fn.Blocks {
		if len(b.Instrs) == 0 {
			continue
		}
		if instr, ok := b.Instrs[len(b.Instrs)-1].(*ssa.If); ok {
			key, negated := question(instr.Cond)
			asked[key] = append(asked[key], instr)
			c.keys[instr] = condition{key, negated}
		}
	}
	for key, ifs := range asked {
		if len(ifs) == 1 {
			delete(c.keys, ifs[0])
			continue
		}
		for _, instr := range ifs {
			c.depend(instr.Cond, key, 0)
		}
	}
	return c
}

// of returns the question that a branch asks, if another branch asks it too.
func (c *conditions) of(instr *ssa.If) (key string, negated, asked bool) {
	cond, ok := c.keys[instr]
	return cond.key, cond.negated, ok
}

// forget drops the answers that rest on a value which is computed anew.
func (c *conditions) forget(p *path, v ssa.Value) {
	for _, key := range c.deps[v] {
		delete(p.conds, key)
	}
}

// before returns the answers that must have been given to reach a block.
func (c *conditions) before(b *ssa.BasicBlock) map[string]bool {
	known := make(map[string]bool)
	for d := b.Idom(); d != nil; d = d.Idom() {
		instr, ok := d.Instrs[len(d.Instrs)-1].(*ssa.If)
		if !ok {
			continue
		}
		key, negated, asked := c.of(instr)
		if !asked {
			continue
		}
		for i, succ := range d.Succs {
			if len(succ.Preds) == 1 && succ.Dominates(b) {
				known[key] = (i == 0) != negated
			}
		}
	}
	return known
}

// question renders a condition so that two that read the same in the source
// render the same. Fields are taken not to change in between.
func question(v ssa.Value) (key string, negated bool) {
	switch v := v.(type) {
	case *ssa.UnOp:
		if v.Op == token.NOT {
			key, negated = question(v.X)
			return key, !negated
		}
	case *ssa.BinOp:
		if v.Op == token.NEQ {
			return term(v.X, 0) + " == " + term(v.Y, 0), true
		}
	}
	return term(v, 0), false
}

func term(v ssa.Value, depth int) string {
	if depth > 6 {
		return v.Name()
	}
	depth++
	switch v := v.(type) {
	case *ssa.Const:
		return v.String()
	case *ssa.UnOp:
		return v.Op.String() + term(v.X, depth)
	case *ssa.BinOp:
		return "(" + term(v.X, depth) + " " + v.Op.String() + " " + term(v.Y, depth) + ")"
	case *ssa.FieldAddr:
		return fmt.Sprintf("%s.%d", term(v.X, depth), v.Field)
	case *ssa.Field:
		return fmt.Sprintf("%s.%d", term(v.X, depth), v.Field)
	case *ssa.Call:
		fn := v.Call.StaticCallee()
		if fn == nil {
			return v.Name()
		}
		s := fn.String() + "("
		for _, a := range v.Call.Args {
			s += term(a, depth) + ","
		}
		return s + ")"
	}
	return v.Name()
}

// depend notes the phis and parameters-like values that a condition rests on;
// what is merely loaded again does not change the answer.
func (c *conditions) depend(v ssa.Value, key string, depth int) {
	if depth > 6 {
		return
	}
	switch v.(type) {
	case *ssa.UnOp, *ssa.BinOp, *ssa.FieldAddr, *ssa.Field:
	case *ssa.Call:
		if v.(*ssa.Call).Call.StaticCallee() == nil {
			c.deps[v] = append(c.deps[v], key)
			return
		}
	case *ssa.Const:
		return
	default:
		c.deps[v] = append(c.deps[v], key)
		return
	}
	var ops [8]*ssa.Value
	for _, op := range v.(ssa.Instruction).Operands(ops[:0]) {
		if *op != nil {
			c.depend(*op, key, depth+1)
		}
	}
}
