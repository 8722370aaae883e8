// Package textflow notes which strings of a package may say whom its requests go to:
// what flows into its fields, variables and parameters from constants, the environment
// and each other, and which of it the URL of a request or the address of a connection
// is made of.
//
// It reports nothing by itself, and looks at the syntax alone, whatever the order of
// statements: the commslint command has each package's part printed, and package
// callgraph follows the flows through the program.
package textflow

import (
	"encoding/json"
	"go/ast"
	"go/types"
	"path/filepath"
	"slices"

	"golang.org/x/tools/go/analysis"

	"github.com/commslint/commslint/callgraph"
)

const name = "textflow"

const doc = `note which strings say whom requests go to

The textflow analyzer reports nothing. It collects, for the commslint command, the
strings of which URLs and addresses are made.`

// Analyzer prints a callgraph.Package that holds the texts of a package, if it is
// asked to.
var Analyzer = &analysis.Analyzer{
	Name: name,
	Doc:  doc,
	URL:  "https://pkg.go.dev/github.com/commslint/commslint/analyzers/textflow",
	Run:  run,
}

// emit is set by the commslint command.
var emit bool

func init() {
	Analyzer.Flags.BoolVar(&emit, "emit", false, "print which strings flow where in the package, as JSON (for the commslint command)")
}

func run(pass *analysis.Pass) (any, error) {
	if !emit || len(pass.Files) == 0 {
		return nil, nil
	}
	text, err := json.Marshal(Read(pass))
	if err != nil {
		return nil, err
	}
	pass.Report(analysis.Diagnostic{Pos: pass.Files[0].Package, Category: name, Message: string(text)})
	return nil, nil
}

// Read collects the texts of a package. Test files are left out.
func Read(pass *analysis.Pass) *callgraph.Package {
	r := &reader{pass: pass, info: pass.TypesInfo, pkg: &callgraph.Package{
		Path: pass.Pkg.Path(),
		Dir:  filepath.Dir(pass.Fset.Position(pass.Files[0].Package).Filename),
		Main: pass.Pkg.Name() == "main",
	}}
	for _, p := range pass.Pkg.Imports() {
		r.pkg.Imports = append(r.pkg.Imports, p.Path())
	}
	slices.Sort(r.pkg.Imports)
	for _, file := range pass.Files {
		r.file(file)
	}
	return r.pkg
}

// A reader is the working state for one package.
type reader struct {
	pass *analysis.Pass
	info *types.Info
	pkg  *callgraph.Package
	// function is the one that is read, nil outside and in literals, whose results
	// are not its own.
	function *types.Func
}

func (r *reader) file(file *ast.File) {
	for _, decl := range file.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			r.function, _ = r.info.Defs[d.Name].(*types.Func)
			if d.Body != nil {
				r.statements(d.Body)
			}
			r.function = nil
		case *ast.GenDecl:
			r.statements(d)
		}
	}
}

// statements collects what flows in a part of the syntax.
func (r *reader) statements(root ast.Node) {
	ast.Inspect(root, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			outer := r.function
			r.function = nil
			r.statements(n.Body)
			r.function = outer
			return false
		case *ast.AssignStmt:
			r.assign(n.Lhs, n.Rhs)
		case *ast.ValueSpec:
			lhs := make([]ast.Expr, len(n.Names))
			for i, name := range n.Names {
				lhs[i] = name
			}
			r.assign(lhs, n.Values)
		case *ast.ReturnStmt:
			r.returns(n)
		case *ast.CompositeLit:
			r.literal(n)
		case *ast.StructType:
			r.tags(n)
		case *ast.CallExpr:
			r.call(n)
		}
		return true
	})
}

// flow notes that a slot may hold a text.
func (r *reader) flow(to string, from callgraph.Text) {
	if to == "" || isZero(&from) || from.Slot == to {
		return
	}
	r.pkg.Texts = append(r.pkg.Texts, callgraph.TextFlow{To: to, From: from})
}

func isZero(t *callgraph.Text) bool {
	return t.Const == "" && t.Slot == "" && t.Env == nil && t.Call == "" && t.Vague == "" && len(t.Parts) == 0 && len(t.Any) == 0
}

func (r *reader) assign(lhs, rhs []ast.Expr) {
	switch {
	case len(lhs) == len(rhs):
		for i := range lhs {
			r.store(lhs[i], rhs[i])
		}
	case len(rhs) == 1:
		for _, l := range lhs {
			if r.carries(l) {
				r.store(l, rhs[0]) // the result that matters, and an error or a bool
				return
			}
		}
	}
}

func (r *reader) store(to, from ast.Expr) {
	if !r.carries(to) && !r.pointsToText(to) {
		return
	}
	slot := r.slot(to)
	if star, ok := ast.Unparen(to).(*ast.StarExpr); ok {
		slot = r.storedThrough(star.X)
	}
	r.flow(slot, r.text(from))
}

// pointsToText reports whether an expression is a pointer to a string, as flags are.
func (r *reader) pointsToText(e ast.Expr) bool {
	t := r.info.TypeOf(e)
	if t == nil {
		return false
	}
	p, ok := t.Underlying().(*types.Pointer)
	return ok && carries(p.Elem()) && typeName(p.Elem()) == ""
}

// storedThrough names what is stored where a pointer parameter points.
func (r *reader) storedThrough(pointer ast.Expr) string {
	if i, ok := r.parameter(pointer); ok {
		return callgraph.StoredSlot(r.function.Origin().FullName(), i)
	}
	return ""
}

func (r *reader) returns(n *ast.ReturnStmt) {
	if r.function == nil {
		return
	}
	for _, e := range n.Results {
		if r.carries(e) {
			r.flow(callgraph.ResultSlot(r.function.Origin().FullName()), r.text(e))
			return
		}
	}
}

// literal notes what the fields of a struct literal hold.
func (r *reader) literal(n *ast.CompositeLit) {
	t := r.info.TypeOf(n)
	if t == nil {
		return
	}
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	st, ok := t.Underlying().(*types.Struct)
	if !ok {
		return
	}
	for i, elt := range n.Elts {
		value, name := elt, ""
		if kv, ok := elt.(*ast.KeyValueExpr); ok {
			key, _ := kv.Key.(*ast.Ident)
			if key == nil {
				continue
			}
			value, name = kv.Value, key.Name
		} else if i < st.NumFields() {
			name = st.Field(i).Name()
		}
		if r.carries(value) {
			r.flow(fieldSlot(t, name), r.text(value))
		}
	}
}

// call notes what a call passes, what it stores for its caller, and whom a request
// goes to.
func (r *reader) call(n *ast.CallExpr) {
	r.peer(n)
	fn := r.callee(n)
	if fn == nil {
		return
	}
	r.flag(fn, n)
	if isStandard(fn.Pkg()) {
		return
	}
	id := fn.Origin().FullName()
	args := r.arguments(fn, n)
	for i, arg := range args {
		switch {
		case arg == nil:
		case r.carries(arg):
			r.flow(callgraph.ParameterSlot(id, i), r.text(arg))
		default:
			r.output(id, i, arg, fn, n)
		}
	}
}

// output notes what a call stores through a pointer that it is given.
func (r *reader) output(id string, i int, arg ast.Expr, fn *types.Func, n *ast.CallExpr) {
	t := r.info.TypeOf(arg)
	if t == nil {
		return
	}
	p, ok := t.Underlying().(*types.Pointer)
	if !ok || !carries(p.Elem()) {
		return
	}
	to := ""
	if addr, ok := ast.Unparen(arg).(*ast.UnaryExpr); ok {
		to = r.slot(addr.X)
	} else {
		to = r.storedThrough(arg)
	}
	if to != "" {
		r.flow(to, callgraph.Text{Call: id, Out: i + 1, Args: r.texts(r.arguments(fn, n))})
	}
}

// arguments lists what a call passes by the numbers of parameters, of which the
// receiver is the first.
func (r *reader) arguments(fn *types.Func, n *ast.CallExpr) []ast.Expr {
	var all []ast.Expr
	if fn.Signature().Recv() != nil {
		var receiver ast.Expr
		if sel, ok := ast.Unparen(n.Fun).(*ast.SelectorExpr); ok {
			receiver = sel.X
		}
		all = append(all, receiver)
	}
	return append(all, n.Args...)
}

func (r *reader) texts(exprs []ast.Expr) []callgraph.Text {
	all := make([]callgraph.Text, len(exprs))
	for i, e := range exprs {
		if e != nil && r.carries(e) {
			all[i] = r.text(e)
		}
	}
	return all
}
