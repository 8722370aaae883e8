package textflow

import (
	"fmt"
	"go/ast"
	"go/types"
	"reflect"
	"strconv"
	"strings"

	"golang.org/x/tools/go/types/typeutil"

	"github.com/commslint/commslint/callgraph"
)

// carriers are the types, besides strings, that are followed as the address in them.
var carriers = []string{
	"net/url.URL", "net/http.Request",
	"google.golang.org/grpc.ClientConn", "google.golang.org/grpc.ClientConnInterface",
}

// carries reports whether the values of a type are followed.
func carries(t types.Type) bool {
	if t == nil {
		return false
	}
	if b, ok := t.Underlying().(*types.Basic); ok {
		return b.Info()&types.IsString != 0
	}
	name := typeName(t)
	for _, c := range carriers {
		if name == c {
			return true
		}
	}
	return isStub(t)
}

func (r *reader) carries(e ast.Expr) bool { return carries(r.info.TypeOf(e)) }

// typeName is the full name of a type, or of what it points to.
func typeName(t types.Type) string {
	t = types.Unalias(t)
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	n, ok := t.(*types.Named)
	if !ok || n.Obj().Pkg() == nil {
		return ""
	}
	return n.Obj().Pkg().Path() + "." + n.Obj().Name()
}

// isStub reports whether a type is the interface of a generated gRPC client: its
// methods take options of calls.
func isStub(t types.Type) bool {
	n, ok := types.Unalias(t).(*types.Named)
	if !ok || !strings.HasSuffix(n.Obj().Name(), "Client") {
		return false
	}
	i, ok := n.Underlying().(*types.Interface)
	return ok && i.NumMethods() > 0 && takesCallOptions(i.Method(0).Signature())
}

func takesCallOptions(sig *types.Signature) bool {
	if !sig.Variadic() {
		return false
	}
	last, ok := sig.Params().At(sig.Params().Len() - 1).Type().(*types.Slice)
	return ok && typeName(last.Elem()) == "google.golang.org/grpc.CallOption"
}

// slot names what holds the value of an expression, "" if nothing that is followed.
func (r *reader) slot(e ast.Expr) string {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		if i, ok := r.parameter(e); ok {
			return callgraph.ParameterSlot(r.function.Origin().FullName(), i)
		}
		v, ok := r.object(e).(*types.Var)
		if !ok || v.Pkg() == nil {
			return ""
		}
		if v.Parent() == v.Pkg().Scope() {
			return v.Pkg().Path() + "." + v.Name()
		}
		return fmt.Sprintf("%s.%s@%d", v.Pkg().Path(), v.Name(), v.Pos())
	case *ast.SelectorExpr:
		if v, ok := r.info.Uses[e.Sel].(*types.Var); ok && !v.IsField() && v.Pkg() != nil {
			return v.Pkg().Path() + "." + v.Name()
		}
		return fieldSlot(r.fieldOwner(e), e.Sel.Name)
	case *ast.StarExpr:
		return r.slot(e.X)
	}
	return ""
}

func (r *reader) object(e *ast.Ident) types.Object {
	if o := r.info.Uses[e]; o != nil {
		return o
	}
	return r.info.Defs[e]
}

// parameter is the number of the parameter of the function that an expression is.
func (r *reader) parameter(e ast.Expr) (int, bool) {
	ident, ok := ast.Unparen(e).(*ast.Ident)
	if !ok || r.function == nil {
		return 0, false
	}
	sig, v := r.function.Signature(), r.info.Uses[ident]
	first := 0
	if recv := sig.Recv(); recv != nil {
		if v == recv {
			return 0, true
		}
		first = 1
	}
	for i := range sig.Params().Len() {
		if v == sig.Params().At(i) {
			return first + i, true
		}
	}
	return 0, false
}

// fieldOwner is the struct that holds the selected field itself, which may be
// embedded in another.
func (r *reader) fieldOwner(e *ast.SelectorExpr) types.Type {
	sel := r.info.Selections[e]
	if sel == nil {
		return nil
	}
	t := sel.Recv()
	for _, i := range sel.Index()[:len(sel.Index())-1] {
		if p, ok := t.Underlying().(*types.Pointer); ok {
			t = p.Elem()
		}
		if st, ok := t.Underlying().(*types.Struct); ok && i < st.NumFields() {
			t = st.Field(i).Type()
		}
	}
	return t
}

// fieldSlot names a field of a named struct.
func fieldSlot(t types.Type, field string) string {
	if t == nil || field == "" {
		return ""
	}
	if name := typeName(t); name != "" {
		return name + "." + field
	}
	return ""
}

// envTags are the struct tags by which libraries fill fields from the environment:
// caarlos0/env, sethvargo/go-envconfig; kelseyhightower/envconfig.
var envTags = []string{"env", "envconfig"}

// tags notes the fields of a named struct that libraries fill from the environment.
func (r *reader) tags(n *ast.StructType) {
	t := r.info.TypeOf(n)
	st, ok := t.(*types.Struct)
	if !ok {
		return
	}
	owner := r.namedAs(st)
	if owner == nil {
		return
	}
	for i := range st.NumFields() {
		if !carries(st.Field(i).Type()) {
			continue
		}
		for _, key := range envTags {
			name, _, _ := strings.Cut(reflect.StructTag(st.Tag(i)).Get(key), ",")
			if name != "" {
				r.flow(fieldSlot(owner, st.Field(i).Name()), callgraph.Text{Env: &callgraph.Text{Const: name}})
			}
		}
	}
}

// namedAs finds the type of the package that a struct is the definition of.
func (r *reader) namedAs(st *types.Struct) types.Type {
	scope := r.pass.Pkg.Scope()
	for _, name := range scope.Names() {
		if tn, ok := scope.Lookup(name).(*types.TypeName); ok && tn.Type().Underlying() == st {
			return tn.Type()
		}
	}
	return nil
}

// callee is the function or method that a call names.
func (r *reader) callee(n *ast.CallExpr) *types.Func {
	fn, _ := typeutil.Callee(r.info, n).(*types.Func)
	return fn
}

func isStandard(p *types.Package) bool {
	if p == nil {
		return true
	}
	first, _, _ := strings.Cut(p.Path(), "/")
	return !strings.Contains(first, ".") && !strings.HasPrefix(p.Path(), "vendor/") && stdRoots[first]
}

// stdRoots are the first elements of the standard library's paths that take or make
// strings which could be addresses.
var stdRoots = map[string]bool{
	"bufio": true, "bytes": true, "cmp": true, "context": true, "crypto": true, "database": true, "encoding": true,
	"errors": true, "expvar": true, "flag": true, "fmt": true, "hash": true, "html": true, "io": true, "iter": true,
	"log": true, "maps": true, "math": true, "mime": true, "net": true, "os": true, "path": true, "reflect": true,
	"regexp": true, "runtime": true, "slices": true, "sort": true, "strconv": true, "strings": true, "sync": true,
	"syscall": true, "testing": true, "text": true, "time": true, "unicode": true, "unsafe": true,
}

func unquote(text string) string {
	if s, err := strconv.Unquote(text); err == nil {
		return s
	}
	return text
}
