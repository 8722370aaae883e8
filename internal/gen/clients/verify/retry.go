package main

import (
	"go/types"
	"regexp"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/commslint/commslint/rules/clients"
)

// checkRetries checks what the catalogue says of how one library repeats.
func checkRetries(lib *clients.RetryLibrary, loaded []*packages.Package) []string {
	c := &checker{lib: &clients.Library{ID: lib.ID, Packages: lib.Packages, Source: lib.Source}}
	for _, path := range lib.Packages {
		matches := matching(path, loaded)
		if len(matches) == 0 {
			c.problem(path, "no such package is imported by the module to check against")
		}
		c.pkgs = append(c.pkgs, matches...)
	}
	if len(c.problems) > 0 {
		return c.problems
	}
	for i := range lib.Funcs {
		c.checkRetryFunc(lib, &lib.Funcs[i])
	}
	for i := range lib.Types {
		c.checkRetryType(&lib.Types[i])
	}
	if root := c.sourceRoot(); root != "" {
		for _, f := range lib.Funcs {
			c.checkSource(root, f.Name, f.Source)
		}
		for _, t := range lib.Types {
			c.checkSource(root, t.Name, t.Source)
		}
	}
	return c.problems
}

func (c *checker) checkRetryFunc(lib *clients.RetryLibrary, f *clients.RetryFunc) {
	found := false
	for _, pkg := range c.pkgs {
		for _, callee := range functions(pkg.Types) {
			if !callee.fn.Exported() || lib.Func(callee.recv, callee.fn.Name()) != f {
				continue
			}
			found = true
			if !strings.Contains(f.Name[strings.LastIndex(f.Name, ".")+1:], "*") {
				s := &signature{checker: c, name: f.Name, callee: callee}
				s.checkRetry(f)
			}
		}
		if _, ok := pkg.Types.Scope().Lookup(f.Name).(*types.Var); ok {
			found = true
		}
	}
	if !found {
		c.problem(f.Name, "there is no such function, method or variable in %s", strings.Join(c.lib.Packages, ", "))
	}
}

func (s *signature) checkRetry(f *clients.RetryFunc) {
	if f.Repeats != nil {
		s.want("invokes", f.Repeats.Invokes, func(t types.Type) bool { return !isPlain(t) })
		s.checkPolicy(&f.Repeats.Policy)
	}
	for i := range f.Makes {
		if f.Makes[i].Index >= s.sig().Results().Len() {
			s.bad("result %d is out of range", f.Makes[i].Index)
		}
		s.checkPolicy(&f.Makes[i].Policy)
	}
	for i := range f.Sets {
		s.operand("sets", f.Sets[i].Target)
		s.checkPolicy(&f.Sets[i].Policy)
	}
	if f.Delay != nil {
		s.checkPolicy(f.Delay)
	}
	if f.Wait != nil {
		s.want("wait.duration", f.Wait.Duration, isDuration)
		s.want("wait.context", f.Wait.Context, carriesContext)
	}
}

func (s *signature) checkPolicy(p *clients.Policy) {
	for _, op := range []clients.Operand{p.From, p.Wraps, p.Layers, p.Options, p.Combines} {
		s.want("policy", op, func(t types.Type) bool { return !isPlain(t) })
	}
	for _, part := range p.Parts {
		if op := partOperand.FindString(part.Expr); op != "" {
			s.want(string(part.Part), clients.Operand(op), fitsPart(part))
		}
	}
}

var partOperand = regexp.MustCompile(`\b(recv|args?[0-9])\b`)

// fitsPart returns what the type of a part's operand must be.
func fitsPart(part clients.PartExpr) func(types.Type) bool {
	if strings.HasPrefix(part.Expr, "if(") || strings.HasPrefix(part.Expr, "len(") {
		return func(types.Type) bool { return true }
	}
	switch part.Part {
	case clients.Attempts:
		return func(t types.Type) bool { return isNumber(t) && !isDuration(t) }
	case clients.Overall, clients.PerTry, clients.First, clients.Cap:
		return isDuration
	case clients.Factor, clients.Spread:
		return isNumber
	}
	return func(types.Type) bool { return true }
}

func isDuration(t types.Type) bool { return types.Unalias(t).String() == "time.Duration" }

// isNumber reports whether the type is a number or a pointer to one.
func isNumber(t types.Type) bool {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	basic, ok := t.Underlying().(*types.Basic)
	return ok && basic.Info()&types.IsNumeric != 0
}

func (c *checker) checkRetryType(t *clients.RetryType) {
	if t.Name == "*" {
		return
	}
	var typ types.Type
	for _, pkg := range c.pkgs {
		if obj, ok := pkg.Types.Scope().Lookup(t.Name).(*types.TypeName); ok {
			typ = obj.Type()
			break
		}
	}
	if typ == nil {
		c.problem(t.Name, "there is no such type in %s", strings.Join(c.lib.Packages, ", "))
		return
	}
	for _, field := range t.Fields {
		c.checkRetryField(t.Name, typ, &field)
	}
}

func (c *checker) checkRetryField(typeName string, typ types.Type, field *clients.RetryField) {
	at := typeName
	for name := range strings.SplitSeq(field.Name, ".") {
		structure, ok := typ.Underlying().(*types.Struct)
		if !ok {
			c.problem(at, "is not a struct, so it has no fields")
			return
		}
		typ = nil
		for v := range structure.Fields() {
			if v.Name() == name {
				typ = v.Type()
			}
		}
		at += "." + name
		if typ == nil {
			c.problem(at, "there is no such field")
			return
		}
	}
	for _, part := range field.Parts {
		if strings.Contains(part.Expr, "value") && !fitsPart(part)(typ) {
			c.problem(at, "%s: the field is a %s, which cannot be that", part.Part, typ)
		}
	}
}
