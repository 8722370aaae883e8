package perrequestclient

import (
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/rules/clients"
)

// A visit is how a request comes to a function.
type visit struct {
	fn   *ssa.Function
	from *visit // nil for a handler
	at   token.Pos
	only *ssa.If // decides whether the request comes here, nil if it does anyway
}

// choice returns the condition nearest to the function that decides whether a
// request comes to it, nil if each one does.
func (v *visit) choice() *ssa.If {
	for ; v != nil; v = v.from {
		if v.only != nil {
			return v.only
		}
	}
	return nil
}

func (v *visit) root() *ssa.Function {
	for v.from != nil {
		v = v.from
	}
	return v.fn
}

// served returns the functions that run for requests: the handlers and what
// they call within the package. Where there are several ways, one that each
// request takes goes before one that depends on a condition.
func (pk *pkg) served() map[*ssa.Function]*visit {
	if pk.visits != nil {
		return pk.visits
	}
	pk.visits = make(map[*ssa.Function]*visit)
	var todo, conditional []*visit
	for _, fn := range pk.res.Funcs {
		if pk.isHandler(fn) {
			todo = append(todo, &visit{fn: fn})
		}
	}
	for len(todo)+len(conditional) > 0 {
		if len(todo) == 0 {
			todo, conditional = conditional[:1], conditional[1:]
		}
		v := todo[0]
		todo = todo[1:]
		if pk.visits[v.fn] != nil || len(v.fn.Blocks) == 0 {
			continue
		}
		pk.visits[v.fn] = v
		for _, next := range pk.next(v) {
			if next.choice() != nil {
				conditional = append(conditional, next)
			} else {
				todo = append(todo, next)
			}
		}
	}
	return pk.visits
}

// next returns what runs again and again with a function: its literals, unless
// they run once only, and what it calls, unless that fills what stays.
func (pk *pkg) next(v *visit) []*visit {
	var found []*visit
	add := func(fn *ssa.Function, instr ssa.Instruction, at token.Pos) {
		if again, only := pk.condition(instr); again {
			found = append(found, &visit{fn: fn, from: v, at: at, only: only})
		}
	}
	literals := literalsOf(v.fn)
	for _, lit := range v.fn.AnonFuncs {
		if made := literals[lit]; made != nil && !runsOnce(v.fn, lit) {
			add(lit, made, token.NoPos)
		}
	}
	for _, b := range v.fn.Blocks {
		for _, instr := range b.Instrs {
			call, ok := instr.(ssa.CallInstruction)
			if !ok {
				continue
			}
			callee := call.Common().StaticCallee()
			if callee != nil && callee.Parent() == nil && len(callee.Blocks) > 0 && pk.visits[callee] == nil {
				add(callee, call, call.Common().Pos())
			}
		}
	}
	return found
}

// literalsOf returns the first instruction that each literal of a function
// stands in.
func literalsOf(fn *ssa.Function) map[*ssa.Function]ssa.Instruction {
	found := make(map[*ssa.Function]ssa.Instruction)
	for _, b := range fn.Blocks {
		for _, instr := range b.Instrs {
			for _, op := range instr.Operands(nil) {
				if lit, ok := (*op).(*ssa.Function); ok && lit.Parent() == fn && found[lit] == nil {
					found[lit] = instr
				}
			}
		}
	}
	return found
}

// runsOnce reports whether a literal is run by package sync once only.
func runsOnce(fn, lit *ssa.Function) bool {
	for _, b := range fn.Blocks {
		for _, instr := range b.Instrs {
			call, ok := instr.(ssa.CallInstruction)
			if !ok {
				continue
			}
			callee := netcall.Callee(call)
			if callee == nil || callee.Pkg() == nil || callee.Pkg().Path() != "sync" {
				continue
			}
			for _, arg := range call.Common().Args {
				if mc, ok := arg.(*ssa.MakeClosure); ok && mc.Fn == lit || arg == ssa.Value(lit) {
					return true
				}
			}
		}
	}
	return false
}

// isHandler reports whether a function has the shape of a request handler or is
// a method of a gRPC service.
func (pk *pkg) isHandler(fn *ssa.Function) bool {
	writer, request := false, false
	for p := range fn.Signature.Params().Variables() {
		switch typeString(p.Type()) {
		case "net/http.ResponseWriter":
			writer = true
		case "*net/http.Request":
			request = true
		case "*github.com/gin-gonic/gin.Context",
			"github.com/labstack/echo/v4.Context", "*github.com/labstack/echo/v5.Context",
			"*github.com/gofiber/fiber/v2.Ctx", "github.com/gofiber/fiber/v3.Ctx",
			"*github.com/valyala/fasthttp.RequestCtx",
			"*connectrpc.com/connect.Request":
			return true
		}
	}
	return writer && request || pk.isService(fn)
}

// typeString names a type without type arguments, by its real import path if
// it is vendored.
func typeString(t types.Type) string {
	star := ""
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		star, t = "*", p.Elem()
	}
	n, ok := types.Unalias(t).(*types.Named)
	if !ok || n.Obj().Pkg() == nil {
		return ""
	}
	return star + n.Obj().Pkg().Path() + "." + n.Obj().Name()
}

// isService reports whether a function is a method that a generated gRPC
// service interface asks of a type which implements it.
func (pk *pkg) isService(fn *ssa.Function) bool {
	recv := fn.Signature.Recv()
	if recv == nil || fn.Parent() != nil || !token.IsExported(fn.Name()) {
		return false
	}
	for _, service := range pk.serviceInterfaces() {
		if obj, _, _ := types.LookupFieldOrMethod(service, false, nil, fn.Name()); obj == nil {
			continue
		}
		t := recv.Type()
		if _, ok := t.Underlying().(*types.Pointer); !ok {
			t = types.NewPointer(t)
		}
		if types.Implements(t, service) {
			return true
		}
	}
	return false
}

// serviceInterfaces returns the interfaces XServer, of this package and those
// it imports, which come with a function RegisterXServer.
func (pk *pkg) serviceInterfaces() []*types.Interface {
	if pk.services != nil {
		return pk.services
	}
	pk.services = []*types.Interface{}
	for _, p := range slices.Concat(pk.pass.Pkg.Imports(), []*types.Package{pk.pass.Pkg}) {
		for _, name := range p.Scope().Names() {
			service, ok := strings.CutPrefix(name, "Register")
			if !ok || !strings.HasSuffix(service, "Server") {
				continue
			}
			if tn, ok := p.Scope().Lookup(service).(*types.TypeName); ok {
				if i, ok := tn.Type().Underlying().(*types.Interface); ok {
					pk.services = append(pk.services, i)
				}
			}
		}
	}
	return pk.services
}

// setupNames begin the names of functions that, by convention, are called once
// or now and then: at start-up, by an operator, by a health check.
var setupNames = []string{
	"new", "init", "setup", "migrate", "run", "start", "serve", "listen", "main", "wait",
	"check", "health", "ping", "probe", "test", "bootstrap", "seed", "open", "connect", "load", "must",
}

// isPerCall reports whether a library function may be taken to be called once
// for each request of its callers: it ends, and it is not part of starting up.
func (pk *pkg) isPerCall(fn *ssa.Function) bool {
	if pk.pass.Pkg.Name() == "main" {
		return false
	}
	fn = outermost(fn)
	if fn.Synthetic != "" || isSetup(fn.Name()) || waits(fn) {
		return false
	}
	if token.IsExported(fn.Name()) {
		return true
	}
	for _, other := range pk.res.Funcs {
		if caller := outermost(other); caller != fn && calls(other, fn) && !isSetup(caller.Name()) && caller.Synthetic == "" {
			return true
		}
	}
	return false
}

// probeNames end the names of functions that look whether a peer can be reached:
// a connection of their own is what they are about.
var probeNames = []string{"Check", "Checks", "Probe", "Ping"}

func isSetup(name string) bool {
	for _, suffix := range probeNames {
		if strings.HasSuffix(name, suffix) {
			return true
		}
	}
	name = strings.ToLower(name)
	for _, prefix := range setupNames {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

func calls(caller, callee *ssa.Function) bool {
	for _, b := range caller.Blocks {
		for _, instr := range b.Instrs {
			if call, ok := instr.(ssa.CallInstruction); ok && call.Common().StaticCallee() == callee {
				return true
			}
		}
	}
	return false
}

// waits reports whether a function serves or waits for events: what it makes
// may well live as long as the process.
func waits(fn *ssa.Function) bool {
	for _, b := range fn.Blocks {
		for _, instr := range b.Instrs {
			switch instr := instr.(type) {
			case *ssa.Select:
				return true
			case *ssa.UnOp:
				if instr.Op == token.ARROW {
					return true
				}
			case ssa.CallInstruction:
				if netcall.HasRole(netcall.ModelOf(instr), clients.Listen) {
					return true
				}
			}
		}
	}
	return false
}
