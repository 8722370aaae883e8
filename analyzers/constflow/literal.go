package constflow

import (
	"cmp"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"sync"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"
)

// literals finds the expression that a constant string comes from. SSA form
// does not keep it: all constants of equal text look the same.
type literals struct {
	pass  *analysis.Pass
	exprs func() map[string][]ast.Expr
}

func newLiterals(pass *analysis.Pass) *literals {
	return &literals{pass, sync.OnceValue(func() map[string][]ast.Expr { return constantExprs(pass) })}
}

// constantExprs indexes the constant expressions of a package by value, without
// mere references to named constants.
func constantExprs(pass *analysis.Pass) map[string][]ast.Expr {
	found := make(map[string][]ast.Expr)
	for e, tv := range pass.TypesInfo.Types {
		if tv.Value == nil || tv.Value.Kind() != constant.String {
			continue
		}
		switch e.(type) {
		case *ast.BasicLit, *ast.BinaryExpr:
			s := constant.StringVal(tv.Value)
			found[s] = append(found[s], e)
		}
	}
	for _, exprs := range found {
		slices.SortFunc(exprs, func(a, b ast.Expr) int { return cmp.Compare(a.Pos(), b.Pos()) })
	}
	return found
}

// of returns the expression of a constant that an instruction uses: the operand
// in the syntax of the instruction, or what is assigned to the variable that
// stands there, or else the last one in the function before the use, or else
// the first outside of it. It returns nil if there is none.
func (l *literals) of(c constant.Value, at ssa.Instruction) ast.Expr {
	if c.Kind() != constant.String {
		return nil
	}
	equal := l.exprs()[constant.StringVal(c)]
	if len(equal) == 0 || at == nil {
		return first(equal)
	}
	site := l.site(at)
	var names []string
	for _, op := range operandsOf(site) {
		op = ast.Unparen(op)
		if slices.Contains(equal, op) {
			return op
		}
		switch obj := l.object(op).(type) {
		case *types.Const:
			if obj.Val().Kind() == c.Kind() && constant.Compare(obj.Val(), token.EQL, c) {
				return l.declared(obj, equal)
			}
		case *types.Var:
			names = append(names, obj.Name())
		}
	}
	if phi, ok := at.(*ssa.Phi); ok {
		names = append(names, phi.Comment)
	}
	return l.before(equal, at, site, names)
}

func first(exprs []ast.Expr) ast.Expr {
	if len(exprs) == 0 {
		return nil
	}
	return exprs[0]
}

// object returns what a name refers to, nil if the expression is not a name.
func (l *literals) object(e ast.Expr) types.Object {
	if sel, ok := e.(*ast.SelectorExpr); ok {
		e = sel.Sel
	}
	if id, ok := e.(*ast.Ident); ok {
		return l.pass.TypesInfo.ObjectOf(id)
	}
	return nil
}

// declared returns the expression in the declaration of a named constant.
func (l *literals) declared(obj *types.Const, equal []ast.Expr) ast.Expr {
	spec := Syntax(l.pass, obj.Pos(), func(*ast.ValueSpec) bool { return true })
	if spec == nil {
		return nil
	}
	return within(spec, equal)
}

// within returns the first of some expressions that is part of a node.
func within(n ast.Node, exprs []ast.Expr) ast.Expr {
	for _, e := range exprs {
		if n.Pos() <= e.Pos() && e.End() <= n.End() {
			return e
		}
	}
	return nil
}

// before chooses among expressions outside of the operands of an instruction.
func (l *literals) before(equal []ast.Expr, at ssa.Instruction, site ast.Node, names []string) ast.Expr {
	if site != nil {
		if e := within(site, equal); e != nil {
			return e
		}
	}
	if at.Parent() == nil || at.Parent().Syntax() == nil {
		return first(equal)
	}
	fn := at.Parent().Syntax()
	end := fn.End()
	if site != nil {
		end = site.End()
	}
	best, named := first(equal), false
	for _, e := range equal {
		if e.Pos() < fn.Pos() || end < e.End() {
			continue
		}
		if is := l.assignedTo(e, names); is || !named {
			best, named = e, is
		}
	}
	return best
}

// assignedTo reports whether an expression is the value given to a variable of
// one of some names.
func (l *literals) assignedTo(e ast.Expr, names []string) bool {
	for _, name := range names {
		assigns := Syntax(l.pass, e.Pos(), func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				return gives(n.Lhs, n.Rhs, name, e)
			case *ast.ValueSpec:
				lhs := make([]ast.Expr, len(n.Names))
				for i, id := range n.Names {
					lhs[i] = id
				}
				return gives(lhs, n.Values, name, e)
			}
			return false
		})
		if assigns != nil {
			return true
		}
	}
	return false
}

func gives(lhs, rhs []ast.Expr, name string, value ast.Expr) bool {
	i := slices.Index(rhs, value)
	if i < 0 || i >= len(lhs) {
		return false
	}
	id, ok := lhs[i].(*ast.Ident)
	return ok && id.Name == name
}

// site returns the syntax of an instruction, nil if it is not known.
func (l *literals) site(at ssa.Instruction) ast.Node {
	pos := at.Pos()
	if call, ok := at.(ssa.CallInstruction); ok {
		pos = call.Common().Pos()
	}
	if _, ok := at.(*ssa.Phi); ok || !pos.IsValid() {
		return nil // the position of a phi is that of its variable
	}
	_, store := at.(*ssa.Store)
	return Syntax(l.pass, pos, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BinaryExpr:
			return n.OpPos == pos
		case *ast.CallExpr:
			return n.Lparen == pos
		case *ast.ReturnStmt:
			return n.Return == pos
		case *ast.AssignStmt:
			return store || n.TokPos == pos || n.Pos() == pos
		case *ast.KeyValueExpr, *ast.ValueSpec:
			return store
		}
		return false
	})
}

// operandsOf returns the values that the syntax of an instruction uses.
func operandsOf(site ast.Node) []ast.Expr {
	switch n := site.(type) {
	case *ast.BinaryExpr:
		return []ast.Expr{n.X, n.Y}
	case *ast.CallExpr:
		return n.Args
	case *ast.ReturnStmt:
		return n.Results
	case *ast.AssignStmt:
		return n.Rhs
	case *ast.KeyValueExpr:
		return []ast.Expr{n.Value}
	case *ast.ValueSpec:
		return n.Values
	}
	return nil
}
