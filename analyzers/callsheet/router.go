package callsheet

import (
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/rules/clients"
)

// A router is a library whose values are told which requests go to which handlers.
type router struct {
	path  string   // import path, up to the major version
	types []string // that have the methods
	// verbs are methods named after HTTP methods, which take pattern and handlers.
	verbs []string
	// any takes pattern and handlers for all methods; with is told the method first.
	any, with []string
	// group makes, or fills, a router for what begins with a pattern. mount hands what
	// begins with a pattern to another router.
	group, mount []string
	// same gives the same router, with something around its handlers.
	same []string
}

var upperVerbs = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

// routers are those of which the routes are read. That of net/http has its own code,
// as its patterns are told with the method.
var routers = []router{
	{
		path: "github.com/go-chi/chi", types: []string{"Mux", "Router"},
		verbs: []string{"Get", "Head", "Post", "Put", "Patch", "Delete", "Options"},
		any:   []string{"Handle", "HandleFunc"}, with: []string{"Method", "MethodFunc"},
		group: []string{"Route"}, mount: []string{"Mount"}, same: []string{"With", "Group"},
	},
	{
		path: "github.com/gin-gonic/gin", types: []string{"RouterGroup", "IRoutes", "IRouter", "Engine"},
		verbs: upperVerbs, any: []string{"Any"}, with: []string{"Handle"}, group: []string{"Group"}, same: []string{"Use"},
	},
	{
		path: "github.com/labstack/echo", types: []string{"Echo", "Group"},
		verbs: upperVerbs, any: []string{"Any"}, with: []string{"Add"}, group: []string{"Group"},
	},
	{
		path: "github.com/gorilla/mux", types: []string{"Router", "Route"},
		any: []string{"Handle", "HandleFunc"}, group: []string{"PathPrefix"}, same: []string{"Subrouter", "StrictSlash", "Host", "Schemes", "Methods"},
	},
}

// routerOf finds the library of a method, and the method's name.
func routerOf(fn *types.Func) (*router, string) {
	recv := fn.Signature().Recv()
	if recv == nil || fn.Pkg() == nil {
		return nil, ""
	}
	t := types.Unalias(recv.Type())
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	n, ok := t.(*types.Named)
	if !ok {
		return nil, ""
	}
	for i := range routers {
		r := &routers[i]
		rest, ok := strings.CutPrefix(fn.Pkg().Path(), r.path)
		if ok && (rest == "" || strings.HasPrefix(rest, "/v")) && slices.Contains(r.types, n.Obj().Name()) {
			return r, fn.Name()
		}
	}
	return nil, ""
}

// routed notes a handler that a call of a router's method registers.
func (r *reader) routed(call ssa.CallInstruction) {
	fn := netcall.Callee(call)
	if fn == nil {
		return
	}
	lib, name := routerOf(fn)
	if lib == nil {
		return
	}
	method, pattern, handlers := "", clients.Operand("arg0"), 1
	switch {
	case slices.Contains(lib.verbs, name):
		method = strings.ToUpper(name)
	case slices.Contains(lib.with, name):
		if method = r.text(netcall.Operand(call, "arg0")); method == "" {
			return
		}
		pattern, handlers = "arg1", 2
	case !slices.Contains(lib.any, name):
		return
	}
	path, ok := r.pathOf(call, pattern)
	if !ok {
		return
	}
	if method == "" {
		method = r.methodAfter(call)
	}
	ids := handlersAmong(arguments(call)[min(handlers, len(arguments(call))):])
	if len(ids) == 0 {
		return
	}
	text := netPattern(path)
	if method != "" {
		text = strings.ToUpper(method) + " " + text
	}
	r.sheet.Routes = append(r.sheet.Routes, Route{Pattern: text, Funcs: ids, At: r.at(call.Pos())})
}

// arguments are what a call passes besides its receiver.
func arguments(call ssa.CallInstruction) []ssa.Value {
	args := call.Common().Args
	if !call.Common().IsInvoke() && call.Common().Signature().Recv() != nil && len(args) > 0 {
		return args[1:]
	}
	return args
}

// pathOf is the whole path that a call registers: that of the router, and its own.
func (r *reader) pathOf(call ssa.CallInstruction, operand clients.Operand) (string, bool) {
	own := ""
	if v := netcall.Operand(call, operand); v != nil {
		if c, ok := v.(*ssa.Const); !ok || c.Value == nil || c.Value.ExactString() != `""` {
			if own = r.text(v); own == "" {
				return "", false
			}
		}
	}
	prefix, ok := r.prefix(netcall.Operand(call, "recv"), 0)
	return prefix + own, ok
}

// maxRouters bounds how far the origin of a router is followed.
const maxRouters = 16

// prefix is what the paths of a router begin with; false if that is not known.
func (r *reader) prefix(v ssa.Value, depth int) (string, bool) {
	if depth > maxRouters || v == nil {
		return "", false
	}
	switch v := v.(type) {
	case *ssa.FieldAddr: // the RouterGroup of gin's Engine
		return r.prefix(v.X, depth+1)
	case *ssa.ChangeInterface:
		return r.prefix(v.X, depth+1)
	case *ssa.MakeInterface:
		return r.prefix(v.X, depth+1)
	case *ssa.Call:
		return r.prefixOfCall(v, depth)
	case *ssa.Parameter:
		return r.prefixOfParameter(v, depth)
	case *ssa.UnOp:
		if cell, ok := v.X.(*ssa.Alloc); ok {
			return r.prefixOfCell(cell, depth)
		}
		return "", true // of a field or variable: a router of the program, most likely its only one
	case *ssa.FreeVar:
		return r.prefixOfFreeVar(v, depth)
	}
	return "", true
}

// prefixOfCell is that of the one router that a variable holds.
func (r *reader) prefixOfCell(cell *ssa.Alloc, depth int) (string, bool) {
	var stored ssa.Value
	for _, ref := range *cell.Referrers() {
		if st, ok := ref.(*ssa.Store); ok && st.Addr == cell {
			if stored != nil {
				return "", false
			}
			stored = st.Val
		}
	}
	return r.prefix(stored, depth+1)
}

func (r *reader) prefixOfFreeVar(v *ssa.FreeVar, depth int) (string, bool) {
	fn := v.Parent()
	at := slices.Index(fn.FreeVars, v)
	if fn.Parent() == nil || at < 0 {
		return "", false
	}
	for _, b := range fn.Parent().Blocks {
		for _, instr := range b.Instrs {
			if mc, ok := instr.(*ssa.MakeClosure); ok && mc.Fn == fn && at < len(mc.Bindings) {
				if cell, ok := mc.Bindings[at].(*ssa.Alloc); ok {
					return r.prefixOfCell(cell, depth+1)
				}
				return r.prefix(mc.Bindings[at], depth+1)
			}
		}
	}
	return "", false
}

// prefixOfCall is that of a router that a call gives: a group of another, the same
// with something around it, or a new one, which may be mounted.
func (r *reader) prefixOfCall(call *ssa.Call, depth int) (string, bool) {
	fn := netcall.Callee(call)
	if fn == nil {
		return "", false
	}
	lib, name := routerOf(fn)
	switch {
	case lib == nil:
		return r.mounted(call.Parent(), depth)
	case slices.Contains(lib.group, name):
		own := r.text(netcall.Operand(call, "arg0"))
		above, ok := r.prefix(netcall.Operand(call, "recv"), depth+1)
		return above + own, ok && own != ""
	case slices.Contains(lib.same, name):
		return r.prefix(netcall.Operand(call, "recv"), depth+1)
	}
	return "", false
}

// prefixOfParameter is that of a router that a function is given: by the call that it
// is passed to as a literal, or by its only caller.
func (r *reader) prefixOfParameter(p *ssa.Parameter, depth int) (string, bool) {
	fn := p.Parent()
	at := slices.Index(fn.Params, p)
	found, prefix, ok := 0, "", false
	for _, other := range r.net.Funcs {
		for _, b := range other.Blocks {
			for _, instr := range b.Instrs {
				call, isCall := instr.(ssa.CallInstruction)
				if !isCall {
					continue
				}
				if text, known, is := r.passes(call, fn, at, depth); is {
					found++
					prefix, ok = text, known
				}
			}
		}
	}
	if found == 0 {
		return "", true // called from elsewhere, with the router itself most likely
	}
	return prefix, ok && found == 1
}

// passes tells which router a call hands to a parameter of a function, if it does.
func (r *reader) passes(call ssa.CallInstruction, fn *ssa.Function, at, depth int) (prefix string, known, is bool) {
	if call.Common().StaticCallee() == fn && at < len(call.Common().Args) {
		prefix, known = r.prefix(call.Common().Args[at], depth+1)
		return prefix, known, true
	}
	if !slices.ContainsFunc(arguments(call), func(v ssa.Value) bool { return functionIn(v) == fn }) {
		return "", false, false
	}
	callee := netcall.Callee(call)
	if callee == nil {
		return "", false, true
	}
	lib, name := routerOf(callee)
	switch {
	case lib != nil && slices.Contains(lib.group, name):
		own := r.text(netcall.Operand(call, "arg0"))
		above, ok := r.prefix(netcall.Operand(call, "recv"), depth+1)
		return above + own, ok && own != "", true
	case lib != nil && slices.Contains(lib.same, name):
		above, ok := r.prefix(netcall.Operand(call, "recv"), depth+1)
		return above, ok, true
	}
	return "", false, true
}

// mounted is where the router that a function makes is mounted, the root if it is
// nowhere in the package.
func (r *reader) mounted(fn *ssa.Function, depth int) (string, bool) {
	for _, other := range r.net.Funcs {
		for _, b := range other.Blocks {
			for _, instr := range b.Instrs {
				call, ok := instr.(ssa.CallInstruction)
				if !ok || netcall.Callee(call) == nil {
					continue
				}
				lib, name := routerOf(netcall.Callee(call))
				if lib == nil || !slices.Contains(lib.mount, name) || !madeBy(netcall.Operand(call, "arg1"), fn) {
					continue
				}
				own := r.text(netcall.Operand(call, "arg0"))
				above, known := r.prefix(netcall.Operand(call, "recv"), depth+1)
				return above + own, known && own != ""
			}
		}
	}
	return "", true
}

// madeBy reports whether a value is what a function returns.
func madeBy(v ssa.Value, fn *ssa.Function) bool {
	switch v := v.(type) {
	case *ssa.MakeInterface:
		return madeBy(v.X, fn)
	case *ssa.ChangeInterface:
		return madeBy(v.X, fn)
	case *ssa.Call:
		return v.Call.StaticCallee() == fn
	}
	return false
}

// methodAfter is the method that gorilla/mux is told after the handler:
// r.HandleFunc(…).Methods("GET").
func (r *reader) methodAfter(call ssa.CallInstruction) string {
	v := call.Value()
	if v == nil || v.Referrers() == nil {
		return ""
	}
	for _, ref := range *v.Referrers() {
		next, ok := ref.(*ssa.Call)
		if !ok {
			continue
		}
		if fn := netcall.Callee(next); fn != nil && fn.Name() == "Methods" && len(next.Call.Args) == 2 {
			if all := elements(next.Call.Args[1]); len(all) == 1 {
				return r.text(all[0])
			}
		}
	}
	return ""
}

// elements are those of a list of arguments.
func elements(v ssa.Value) []ssa.Value {
	slice, ok := v.(*ssa.Slice)
	if !ok {
		return nil
	}
	array, ok := slice.X.(*ssa.Alloc)
	if !ok {
		return nil
	}
	var all []ssa.Value
	for _, ref := range *array.Referrers() {
		addr, ok := ref.(*ssa.IndexAddr)
		if !ok {
			continue
		}
		for _, use := range *addr.Referrers() {
			if st, ok := use.(*ssa.Store); ok && st.Addr == addr {
				all = append(all, st.Val)
			}
		}
	}
	return all
}

// handlersAmong are the handlers among arguments: the last of a list, which those
// before it let through.
func handlersAmong(args []ssa.Value) []string {
	var ids []string
	for _, a := range args {
		if list := elements(a); len(list) > 0 {
			for _, e := range list {
				ids = append(ids, handlersIn(e, 0)...)
			}
			continue
		}
		ids = append(ids, handlersIn(a, 0)...)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

func functionIn(v ssa.Value) *ssa.Function {
	switch v := v.(type) {
	case *ssa.Function:
		return v
	case *ssa.MakeClosure:
		fn, _ := v.Fn.(*ssa.Function)
		return fn
	case *ssa.ChangeType:
		return functionIn(v.X)
	}
	return nil
}

// netPattern writes a path as net/http has it: gin's and echo's ":id" and "*rest", chi's
// and gorilla's "{id:[0-9]+}" and "/*". A slash at the end makes no difference there.
func netPattern(path string) string {
	segments := strings.Split(path, "/")
	kept := segments[:0]
	for i, s := range segments {
		switch {
		case s == "" && i > 0 && i < len(segments)-1:
			continue // "/api/" and "/orders" joined
		case strings.HasPrefix(s, ":"):
			s = "{" + s[1:] + "}"
		case strings.HasPrefix(s, "*"):
			s = "{rest...}"
		case strings.HasPrefix(s, "{") && strings.Contains(s, ":"):
			s = s[:strings.IndexByte(s, ':')] + "}"
		}
		kept = append(kept, s)
	}
	text := strings.Join(kept, "/")
	if !strings.HasPrefix(text, "/") {
		text = "/" + text
	}
	if text == "/" {
		return "/{$}"
	}
	return strings.TrimSuffix(text, "/") // the routers answer, or redirect, both
}
