package main

import (
	"go/types"
	"regexp"
	"strconv"
	"strings"

	"github.com/commslint/commslint/rules/clients"
)

// A signature checks one entry against one function.
type signature struct {
	*checker
	name   string
	callee callee
}

func (s *signature) check(f *clients.Func) {
	if f.Call != nil {
		s.checkCall(f.Call)
	}
	for _, r := range f.Result {
		if r.Index >= s.sig().Results().Len() {
			s.bad("result %d is out of range", r.Index)
		}
		s.bound(r.Bound)
	}
	for _, set := range f.Sets {
		s.operand("sets", set.Target)
		s.bound(set.Bound)
	}
	if f.Address != "" {
		s.want("address", f.Address, isString)
	}
	if f.Request != nil {
		s.checkRequest(f.Request)
	}
}

func (s *signature) checkCall(call *clients.Call) {
	for _, op := range call.BoundedBy {
		s.want("boundedBy", op, func(t types.Type) bool { return !isPlain(t) })
	}
	for _, op := range call.Rarely {
		// A string is a data source name, which may hold a limit.
		s.want("rarely", op, func(t types.Type) bool { return isString(t) || !isPlain(t) })
	}
	s.want("context", call.Context, carriesContext)
	s.want("url", call.URL, func(t types.Type) bool { return isString(t) || !isPlain(t) })
	s.want("method", call.Method, func(t types.Type) bool { return isString(t) || !isPlain(t) })
	if call.Body >= 0 && !s.hasBody(call.Body) {
		s.bad("result %d has no field Body", call.Body)
	}
	if call.WithContext != "" && !strings.Contains(call.WithContext, ".") {
		s.checkVariant(call.WithContext)
	}
}

func (s *signature) checkRequest(r *clients.Request) {
	s.want("request.method", r.Method, isString)
	s.want("request.url", r.URL, isString)
	s.want("request.from", r.From, func(t types.Type) bool { return !isPlain(t) })
	if s.sig().Results().Len() == 0 {
		s.bad("builds a request but has no result")
	}
}

// checkVariant checks that the variant with a context has the same parameters
// after it.
func (s *signature) checkVariant(name string) {
	for _, other := range functions(s.callee.fn.Pkg()) {
		if other.recv != s.callee.recv || other.fn.Name() != name {
			continue
		}
		params, own := other.fn.Signature().Params(), s.sig().Params()
		if params.Len() != own.Len()+1 || !isContext(params.At(0).Type()) {
			s.bad("withContext: %s does not take a context and then the same parameters", name)
		}
		return
	}
	s.bad("withContext: there is no %s", name)
}

var boundOperand = regexp.MustCompile(`^(?:(duration|any)\()?((?:recv|args?[0-9]+))\)?$`)

func (s *signature) bound(b clients.Bound) {
	m := boundOperand.FindStringSubmatch(string(b))
	if m == nil {
		return // a constant; the schema knows the form
	}
	fits := func(t types.Type) bool { return !isPlain(t) }
	if m[1] == "duration" {
		fits = func(t types.Type) bool { return t.String() == "time.Duration" }
	}
	s.want("bound "+string(b), clients.Operand(m[2]), fits)
}

// want checks that the operand exists and that its type fits.
func (s *signature) want(use string, op clients.Operand, fits func(types.Type) bool) {
	if op == "" {
		return
	}
	if typ := s.operand(use, op); typ != nil && !fits(typ) {
		s.bad("%s: %s is a %s, which cannot be that", use, op, typ)
	}
}

// operand returns the operand's type; nil for the zero value and, after
// reporting it, for operands that the function does not have.
func (s *signature) operand(use string, op clients.Operand) types.Type {
	params := s.sig().Params()
	switch {
	case op == "zero":
		return nil
	case op == "recv":
		if recv := s.sig().Recv(); recv != nil {
			return recv.Type()
		}
		s.bad("%s: a package function has no receiver", use)
		return nil
	case strings.HasPrefix(string(op), "args"):
		i, _ := strconv.Atoi(string(op[len("args"):]))
		if !s.sig().Variadic() || i != params.Len()-1 {
			s.bad("%s: %s is not the variadic parameter", use, op)
			return nil
		}
		return params.At(i).Type().(*types.Slice).Elem()
	}
	i, _ := strconv.Atoi(strings.TrimPrefix(string(op), "arg"))
	if i >= params.Len() {
		s.bad("%s: %s is out of range", use, op)
		return nil
	}
	return params.At(i).Type()
}

func (s *signature) hasBody(i int) bool {
	if i >= s.sig().Results().Len() {
		return false
	}
	obj, _, _ := types.LookupFieldOrMethod(s.sig().Results().At(i).Type(), true, nil, "Body")
	_, ok := obj.(*types.Var)
	return ok
}

func (s *signature) sig() *types.Signature { return s.callee.fn.Signature() }

func (s *signature) bad(format string, args ...any) {
	s.problem(s.name+" for "+s.callee.fn.FullName(), format, args...)
}

func isContext(t types.Type) bool { return types.Unalias(t).String() == "context.Context" }

func isString(t types.Type) bool {
	basic, ok := t.Underlying().(*types.Basic)
	return ok && basic.Info()&types.IsString != 0
}

// isPlain reports whether the type is a number, string or bool, which bounds
// nothing; a duration does.
func isPlain(t types.Type) bool {
	_, basic := t.Underlying().(*types.Basic)
	return basic && t.String() != "time.Duration"
}

// carriesContext reports whether the type is a context or something that has
// one, as requests do.
func carriesContext(t types.Type) bool {
	if isContext(t) {
		return true
	}
	obj, _, _ := types.LookupFieldOrMethod(t, true, nil, "Context")
	method, ok := obj.(*types.Func)
	return ok && method.Signature().Results().Len() == 1 && isContext(method.Signature().Results().At(0).Type())
}
