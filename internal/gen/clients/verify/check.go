package main

import (
	"fmt"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/commslint/commslint/rules/clients"
)

// A checker collects what is wrong with one library's models.
type checker struct {
	lib      *clients.Library
	pkgs     []*packages.Package // those of the library that were loaded
	problems []string
}

func checkLibrary(lib *clients.Library, loaded []*packages.Package) []string {
	c := &checker{lib: lib}
	if lib.Local {
		return nil // nothing of it is named
	}
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
		c.checkFunc(&lib.Funcs[i])
	}
	for i := range lib.Types {
		c.checkType(&lib.Types[i])
	}
	c.checkSources()
	return c.problems
}

// matching returns the loaded packages with the path, which may end in /*.
func matching(path string, loaded []*packages.Package) []*packages.Package {
	base, pattern := strings.CutSuffix(path, "*")
	var out []*packages.Package
	for _, pkg := range loaded {
		if pkg.PkgPath == path || pattern && strings.HasPrefix(pkg.PkgPath, base) {
			out = append(out, pkg)
		}
	}
	return out
}

func (c *checker) problem(name, format string, args ...any) {
	c.problems = append(c.problems, fmt.Sprintf("library %q: %s: %s", c.lib.ID, name, fmt.Sprintf(format, args...)))
}

// checkFunc checks a function's entry against every function it is the model of.
func (c *checker) checkFunc(f *clients.Func) {
	found := 0
	for _, pkg := range c.pkgs {
		for _, callee := range functions(pkg.Types) {
			if !callee.fn.Exported() || c.lib.Func(callee.recv, callee.fn.Name()) != f {
				continue
			}
			found++
			s := &signature{checker: c, name: f.Name, callee: callee}
			s.check(f)
		}
		if _, ok := pkg.Types.Scope().Lookup(f.Name).(*types.Var); ok {
			found++
			c.checkVar(f)
		}
	}
	if found == 0 {
		c.problem(f.Name, "there is no such function or method in %s", strings.Join(c.lib.Packages, ", "))
	}
}

// checkVar checks the entry of a package variable, which says what limits its
// value as if a function returned it.
func (c *checker) checkVar(f *clients.Func) {
	if f.Call != nil || len(f.Result) != 1 || f.Result[0].Index != 0 {
		c.problem(f.Name, "is a variable: its entry can have one result and no call")
	}
}

func (c *checker) checkType(t *clients.Type) {
	found := false
	for _, pkg := range c.pkgs {
		obj, ok := pkg.Types.Scope().Lookup(t.Name).(*types.TypeName)
		if !ok {
			continue
		}
		found = true
		structure, ok := obj.Type().Underlying().(*types.Struct)
		if !ok && len(t.Fields) > 0 {
			c.problem(t.Name, "is not a struct, so it has no fields")
			continue
		}
		for _, field := range t.Fields {
			c.checkField(t.Name, structure, field)
		}
	}
	if !found {
		c.problem(t.Name, "there is no such type in %s", strings.Join(c.lib.Packages, ", "))
	}
}

func (c *checker) checkField(typeName string, structure *types.Struct, field clients.Field) {
	i := slices.IndexFunc(slices.Collect(structure.Fields()), func(v *types.Var) bool { return v.Name() == field.Name })
	name := typeName + "." + field.Name
	if i < 0 {
		c.problem(name, "there is no such field")
		return
	}
	typ := structure.Field(i).Type()
	want := map[string]string{"duration": "time.Duration", "disables": "time.Duration", "time": "time.Time", "address": "string"}[field.Kind]
	if want != "" && typ.String() != want {
		c.problem(name, "a field of kind %s must be a %s, is a %s", field.Kind, want, typ)
	}
}

// A callee is a function, or a method as the method set of a type has it: the
// receiver is that type even if the method is declared by an embedded one.
type callee struct {
	recv string
	fn   *types.Func
}

// functions returns the functions of the package and the methods of its types.
func functions(pkg *types.Package) []callee {
	var out []callee
	scope := pkg.Scope()
	for _, name := range scope.Names() {
		switch obj := scope.Lookup(name).(type) {
		case *types.Func:
			out = append(out, callee{"", obj})
		case *types.TypeName:
			out = append(out, methods(obj)...)
		}
	}
	return out
}

func methods(obj *types.TypeName) []callee {
	named, ok := obj.Type().(*types.Named)
	if !ok {
		return nil
	}
	var typ types.Type = named
	if !types.IsInterface(named) {
		typ = types.NewPointer(named)
	}
	set := types.NewMethodSet(typ)
	var out []callee
	for i := range set.Len() {
		out = append(out, callee{obj.Name(), set.At(i).Obj().(*types.Func)})
	}
	return out
}
