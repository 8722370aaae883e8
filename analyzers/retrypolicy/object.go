package retrypolicy

import (
	"go/token"
	"go/types"
	"path"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/constflow"
	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/analyzers/typequery"
	"github.com/commslint/commslint/rules/clients"
)

// changes indexes what a package does to objects that carry policies, by the
// place where the object begins.
type changes struct {
	stores  map[ssa.Value][]store
	setters map[ssa.Value][]setter
	leaks   map[ssa.Value]bool // passed to code out of sight, which may change them
}

// A store assigns to a field of an object, or to all of it.
type store struct {
	path string // "RetryMax", "Producer.Retry.Max"; empty for all of it
	*ssa.Store
}

// A setter is a call that changes the policy of one of its operands.
type setter struct {
	call   ssa.CallInstruction
	change *clients.Change
}

func newChanges(r *Reader, funcs []*ssa.Function) *changes {
	c := &changes{
		stores:  make(map[ssa.Value][]store),
		setters: make(map[ssa.Value][]setter),
		leaks:   make(map[ssa.Value]bool),
	}
	for _, fn := range funcs {
		for _, b := range fn.Blocks {
			for _, instr := range b.Instrs {
				switch instr := instr.(type) {
				case *ssa.Store:
					c.addStore(r, instr)
				case ssa.CallInstruction:
					c.addCall(r, instr)
				}
			}
		}
	}
	return c
}

func (c *changes) addStore(r *Reader, st *ssa.Store) {
	root, fields, modelled := rootOf(st.Addr)
	if !modelled && !holdsModel(st.Val.Type(), 4) {
		return
	}
	for _, o := range originsOfAddress(r, root) {
		c.stores[o] = append(c.stores[o], store{fields, st})
	}
}

// holdsModel reports whether the catalogue knows a type or, for a struct, that of
// one of its fields, so many levels deep.
func holdsModel(t types.Type, depth int) bool {
	if typeModel(t) != nil {
		return true
	}
	s, ok := t.Underlying().(*types.Struct)
	if !ok || depth == 0 {
		return false
	}
	for f := range s.Fields() {
		if holdsModel(f.Type(), depth-1) {
			return true
		}
	}
	return false
}

// originsOfAddress returns where the object at an address begins. Setters that
// return their receiver are looked through.
func originsOfAddress(r *Reader, addr ssa.Value) (found []ssa.Value) {
	seen := make(map[ssa.Value]bool)
	for todo := []ssa.Value{addr}; len(todo) > 0; {
		v := todo[0]
		todo = todo[1:]
		if seen[v] {
			continue
		}
		seen[v] = true
		switch v.(type) {
		case *ssa.Alloc, *ssa.Global:
			found = append(found, v)
			continue
		}
		origins, _ := r.tracer.AllOrigins(v)
		for _, o := range origins {
			found = append(found, o)
			if recv := fluent(o); recv != nil {
				todo = append(todo, recv)
			}
		}
	}
	return found
}

// fluent returns the receiver of a call that returns it, nil for other values.
func fluent(v ssa.Value) ssa.Value {
	call, ok := v.(*ssa.Call)
	if !ok {
		return nil
	}
	model := modelOf(call)
	if model == nil || len(model.Makes) == 0 || model.Makes[0].From != "recv" || len(model.Makes[0].Parts) > 0 {
		return nil
	}
	recv := netcall.Operand(call, "recv")
	if recv == nil || !types.Identical(recv.Type(), call.Type()) {
		return nil
	}
	return recv
}

// rootOf splits the address of a field into the pointer to the outermost struct
// and the path to the field, and reports whether the catalogue knows one of the
// structs on the way.
func rootOf(addr ssa.Value) (root ssa.Value, fields string, modelled bool) {
	for {
		fa, ok := addr.(*ssa.FieldAddr)
		if !ok {
			return addr, fields, modelled
		}
		modelled = modelled || typeModel(fa.X.Type()) != nil
		fields = joinPath(netcall.FieldName(fa), fields)
		addr = fa.X
	}
}

func joinPath(a, b string) string {
	switch {
	case a == "":
		return b
	case b == "":
		return a
	}
	return a + "." + b
}

func (c *changes) addCall(r *Reader, call ssa.CallInstruction) {
	if model := modelOf(call); model != nil {
		for i := range model.Sets {
			target := netcall.Operand(call, model.Sets[i].Target)
			if target == nil {
				continue
			}
			for _, o := range originsOfAddress(r, target) {
				c.setters[o] = append(c.setters[o], setter{call, &model.Sets[i]})
			}
		}
		return
	}
	if !mayChange(call) {
		return
	}
	for _, arg := range call.Common().Args {
		if _, pointer := arg.Type().Underlying().(*types.Pointer); !pointer {
			continue
		}
		if m := typeModel(arg.Type()); m == nil || len(m.Fields) == 0 {
			continue
		}
		for _, o := range originsOfAddress(r, arg) {
			c.leaks[o] = true
		}
	}
}

// mayChange reports whether a call runs code out of sight that may set fields of
// what it is given: the standard library and modelled ones do not.
func mayChange(call ssa.CallInstruction) bool {
	common := call.Common()
	if _, builtin := common.Value.(*ssa.Builtin); builtin {
		return false
	}
	if fn := common.StaticCallee(); fn != nil && (len(fn.Blocks) > 0 || fn.Origin() != nil && len(fn.Origin().Blocks) > 0) {
		return false
	}
	fn := netcall.Callee(call)
	if fn == nil || fn.Pkg() == nil {
		return true
	}
	first, _, _ := strings.Cut(fn.Pkg().Path(), "/")
	return strings.Contains(first, ".") &&
		clients.LookupLibrary(fn.Pkg().Path()) == nil && clients.LookupRetryLibrary(fn.Pkg().Path()) == nil
}

// objectAt returns the policy of the struct at an address.
func (r *Reader) objectAt(addr ssa.Value) policy {
	root, fields, _ := rootOf(addr)
	t := addr.Type()
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	switch root := root.(type) {
	case *ssa.Alloc:
		return r.object(root, fields, t)
	case *ssa.Global:
		if p, ok := r.ofVariable(root); ok && fields == "" {
			return r.changed(p, root, "")
		}
		if exportedElsewhere(root) {
			return r.unknownOf(t)
		}
		return r.object(root, fields, t)
	}
	origins, complete := r.tracer.AllOrigins(root)
	if !complete || len(origins) == 0 {
		return r.unknownOf(t)
	}
	var found []policy
	for _, o := range origins {
		if a, ok := o.(*ssa.Alloc); ok {
			found = append(found, r.object(a, fields, t))
		} else {
			found = append(found, r.unknownOf(t))
		}
	}
	return joinAll(found)
}

func exportedElsewhere(g *ssa.Global) bool {
	return g.Pkg == nil || g.Pkg.Pkg.Name() != "main" && token.IsExported(g.Name())
}

// object returns the policy of a struct that is made in the package: what is
// assigned to all of it, or else its type's default, and then its fields.
func (r *Reader) object(root ssa.Value, at string, t types.Type) policy {
	model := typeModel(t)
	if model == nil {
		return r.unknownOf(t)
	}
	var base []policy
	for _, st := range r.changes().stores[root] {
		switch c, zero := st.Val.(*ssa.Const); {
		case zero && c.Value == nil:
		case st.path == at:
			base = append(base, r.policyOf(st.Val))
		case st.path == "" || strings.HasPrefix(at, st.path+"."):
			base = append(base, r.unknownOf(t)) // a part of what is assigned as a whole
		}
	}
	var p policy
	if len(base) == 0 {
		p = r.evalPolicy(site{}, &model.Default)
		pkg, _ := typequery.Names(t)
		p.name, p.pos = lastElement(pkg), root.Pos()
	} else {
		p = joinAll(base)
	}
	return r.changed(p, root, at)
}

// changed returns a policy with what the package does to the object, or to the
// struct at a path within it: fields that are set, and setters that are called.
func (r *Reader) changed(p policy, root ssa.Value, at string) policy {
	t := typeAt(root, at)
	if t == nil {
		return p
	}
	all := r.changes()
	if model := typeModel(t); model != nil {
		for i := range model.Fields {
			p = r.fieldSet(p, root, at, t, &model.Fields[i])
		}
		if all.leaks[root] {
			for i := range model.Fields {
				p = r.mayChange(p, t, &model.Fields[i])
			}
		}
	}
	if at == "" {
		for _, set := range all.setters[root] {
			p = apply(p, r.evalPolicy(site{call: set.call}, &set.change.Policy), always(set.call, root))
		}
	}
	return p
}

// fieldSet returns a policy with what is assigned to a field.
func (r *Reader) fieldSet(p policy, root ssa.Value, at string, t types.Type, field *clients.RetryField) policy {
	full := joinPath(at, field.Name)
	within := false
	for _, st := range r.changes().stores[root] {
		if st.path == full {
			p = apply(p, r.evalPolicy(site{value: st.Val, at: st.Store}, &field.Policy), always(st.Store, root))
		}
		within = within || strings.HasPrefix(st.path, full+".")
	}
	if !within || field.From == "" {
		return p
	}
	if ft := fieldType(t, field.Name); ft != nil && isStruct(ft) && !assigned(r.changes().stores[root], full) {
		p = p.over(r.object(root, full, ft).only(field.Only))
	}
	return p
}

func assigned(stores []store, full string) bool {
	for _, st := range stores {
		if st.path == full {
			return true
		}
	}
	return false
}

// apply returns a policy with a change that is made always or only sometimes.
func apply(p, change policy, always bool) policy {
	changed := p.over(change)
	if !always {
		return join(p, changed)
	}
	return changed
}

// always reports whether an instruction runs whenever the object is made.
func always(instr ssa.Instruction, root ssa.Value) bool {
	switch root := root.(type) {
	case *ssa.Global:
		return instr.Parent().Name() == "init"
	case ssa.Instruction:
		if root.Parent() != instr.Parent() {
			return false
		}
		made := constflow.Guards(root)
		return !slices.ContainsFunc(constflow.Guards(instr), func(g *ssa.If) bool { return !slices.Contains(made, g) })
	case *ssa.Parameter:
		if root.Parent() != instr.Parent() {
			return false
		}
	}
	return len(constflow.Guards(instr)) == 0
}

// typeAt returns the type of the struct at a path within an object.
func typeAt(root ssa.Value, at string) types.Type {
	t := root.Type()
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	if at == "" {
		return t
	}
	return fieldType(t, at)
}

// fieldType returns the type of the field at a path, nil if there is none.
func fieldType(t types.Type, at string) types.Type {
	for name := range strings.SplitSeq(at, ".") {
		if p, ok := t.Underlying().(*types.Pointer); ok {
			t = p.Elem()
		}
		s, ok := t.Underlying().(*types.Struct)
		if !ok {
			return nil
		}
		t = nil
		for f := range s.Fields() {
			if f.Name() == name {
				t = f.Type()
			}
		}
		if t == nil {
			return nil
		}
	}
	return t
}

func fieldName(f *ssa.Field) string {
	return f.X.Type().Underlying().(*types.Struct).Field(f.Field).Name()
}

// lastElement returns the name that a package most likely has: the last element
// of its path that is not a version.
func lastElement(pkg string) string {
	base := path.Base(pkg)
	if len(base) > 1 && base[0] == 'v' && strings.Trim(base[1:], "0123456789") == "" {
		base = path.Base(path.Dir(pkg))
	}
	return strings.TrimPrefix(base, "go-")
}
