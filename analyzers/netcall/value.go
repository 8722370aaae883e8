package netcall

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/commslint/commslint/rules/clients"
)

// A Kind says what is known of a value.
type Kind uint8

const (
	// Unknown is every value of which nothing is known. Nothing is ever
	// reported because of it.
	Unknown Kind = iota
	// Zero is nil, 0 or an empty struct.
	Zero
	// Unbounded is a context, client or request that nothing limits in time.
	Unbounded
	// Bounded is one that something limits; also a positive duration.
	Bounded
	// Param is a parameter of the function, or a field path below one: whether
	// it is bounded is for the callers to know.
	Param
	// Object is a struct, or a pointer to one, of which some fields are known.
	Object
	// Slice is a slice of which the elements are known, as at a variadic call.
	Slice
	// Function is a function value of which it is known what it does to its
	// parameters, such as a functional option.
	Function

	// pending marks a value that is being computed; it never leaves eval.
	pending
)

// A Value is what is known of a Go value, as far as it bears on time limits.
// It is the abstract domain of this package and is exported in facts.
type Value struct {
	Kind Kind
	Dur  time.Duration // Bounded: how long; 0 if not known
	At   Posn          // Unbounded, Object: where it was made
	What string        // Unbounded, Object: in words: "context.Background()"
	Weak bool          // Unbounded, Object: something that seldom bounds it could not be seen

	Index int      // Param: index, counting the receiver as 0
	Path  []string // Param: field names below it; "[]" for an element

	Type   string  // Object, Unbounded: "net/http.Client"; empty for contexts
	Fields []Field // Object: what is known of its fields, sorted by name
	Base   *Value  // Object: what limits it if no field does
	Apply  []Value // Object: options that callers may have passed (Param)

	Elems []Value // Slice

	Sets []Set // Function

	// root is the function whose parameter Index counts, nil in facts: the
	// function that the fact is about.
	root any
}

// A Field is a field of an Object.
type Field struct {
	Name  string
	Value Value
}

// A Set says that a function sets something below one of its parameters.
type Set struct {
	Param int
	Path  []string // empty: the parameter itself becomes so bounded
	Value Value
}

// Limits that keep facts small; a value beyond them is Unknown.
const (
	maxDepth  = 3 // of Objects in Objects
	maxPath   = 4 // fields below a parameter
	maxFields = 16
	maxElems  = 16
)

func unbounded(what string, at Posn) Value { return Value{Kind: Unbounded, What: what, At: at} }
func bounded(d time.Duration) Value        { return Value{Kind: Bounded, Dur: d} }

// weakened is v where something that could not be seen may bound it after all:
// what is concluded from it is likely rather than proven.
func (v Value) weakened() Value {
	v.Weak = true
	return v
}

// key identifies a value up to its provenance.
func (v Value) key() string {
	switch v.Kind {
	case Param:
		return "p" + strconv.Itoa(v.Index) + "." + strings.Join(v.Path, ".")
	case Unbounded:
		return "u" + v.What
	}
	return strconv.Itoa(int(v.Kind))
}

// sameParam reports whether both are the same path below the same parameter.
func sameParam(a, b Value) bool {
	return a.Kind == Param && b.Kind == Param && a.root == b.root &&
		a.Index == b.Index && slices.Equal(a.Path, b.Path)
}

// join is what is known of a value that is a on some executions and b on others.
// It is optimistic where the zero value or an unbounded default stands in for a
// missing one ("if ctx == nil { ctx = context.Background() }"), because what
// the callers pass is what matters, and Unknown where bounded and unbounded meet.
func join(a, b Value) Value {
	switch {
	case a.Kind == pending:
		return b
	case b.Kind == pending:
		return a
	case a.Kind == Zero:
		return b
	case b.Kind == Zero:
		return a
	case a.Kind == Unknown || b.Kind == Unknown:
		return Value{}
	case a.Kind == Param && b.Kind == Param:
		if sameParam(a, b) {
			return a
		}
		return Value{}
	case a.Kind == Param && b.Kind == Bounded, a.Kind == Bounded && b.Kind == Param:
		// "If there is no deadline, set one": the parameter is not what
		// decides then.
		return Value{}
	case a.Kind == Param:
		return a
	case b.Kind == Param:
		return b
	case a.Kind == Object && b.Kind == Object:
		return joinObjects(a, b)
	case a.Kind != b.Kind:
		return Value{}
	case a.Kind == Bounded:
		if a.Dur == b.Dur {
			return a
		}
		if a.Dur == 0 || b.Dur == 0 {
			return bounded(0)
		}
		return bounded(max(a.Dur, b.Dur))
	case a.Kind == Unbounded:
		a.Weak = a.Weak || b.Weak
		return a
	}
	return Value{}
}

func joinObjects(a, b Value) Value {
	if a.Type != b.Type {
		return Value{}
	}
	out := Value{Kind: Object, Type: a.Type, At: a.At, What: a.What, Weak: a.Weak || b.Weak, Base: a.Base, Apply: joinOptions(a.Apply, b.Apply)}
	if (a.Base == nil) != (b.Base == nil) {
		unknown := Value{}
		out.Base = &unknown
	} else if a.Base != nil {
		base := join(*a.Base, *b.Base)
		out.Base = &base
	}
	for _, f := range a.Fields {
		if g, ok := b.lookup(f.Name); ok {
			out.Fields = append(out.Fields, Field{f.Name, join(f.Value, g)})
		} else {
			out.setOnce(f)
		}
	}
	for _, f := range b.Fields {
		if _, ok := a.lookup(f.Name); !ok {
			out.setOnce(f)
		}
	}
	sortFields(out.Fields)
	return out
}

// joinOptions lists the options of both, each once: lists that grow with every
// join would make the work for a package explode.
func joinOptions(a, b []Value) []Value {
	out := slices.Clip(a)
	for _, opt := range b {
		same := func(v Value) bool { return v.Kind == opt.Kind && (v.Kind != Param || sameParam(v, opt)) }
		if !slices.ContainsFunc(out, same) {
			out = append(out, opt)
		}
	}
	return out
}

// setOnce joins in a field that only one of two objects has set: whether it
// bounds the object depends on which of them it is.
func (v *Value) setOnce(f Field) {
	if modelOfType(v.Type) == nil {
		v.Fields = append(v.Fields, Field{f.Name, Value{}})
	} else if v.modelled(f.Name) {
		v.Base = &Value{}
	}
}

func (v Value) lookup(name string) (Value, bool) {
	for _, f := range v.Fields {
		if f.Name == name {
			return f.Value, true
		}
	}
	return Value{}, false
}

// field is what is known of a field of v.
func (v Value) field(name string) Value {
	if name == "" {
		return Value{}
	}
	switch v.Kind {
	case Param:
		if len(v.Path) >= maxPath {
			return Value{}
		}
		v.Path = append(slices.Clip(v.Path), name)
		return v
	case Object:
		if f, ok := v.lookup(name); ok {
			if len(v.Apply) > 0 && f.bound().Kind != Bounded {
				return Value{} // an option may have set it
			}
			return f
		}
		// A field that was not seen to be set may have been set out of sight:
		// by a decoder, a flag, or a method that applies defaults.
	case Slice:
		if name == "[]" {
			out := Value{Kind: pending}
			for _, e := range v.Elems {
				out = join(out, e)
			}
			if out.Kind != pending {
				return out
			}
		}
	case pending:
		return v
	}
	return Value{}
}

func (v Value) fieldPath(path []string) Value {
	for _, name := range path {
		v = v.field(name)
	}
	return v
}

// with is v after the field at path has been set to x. Setting a field of
// something that is not an Object makes it one; unless it was fresh, nothing
// is known of its other fields.
func (v Value) with(path []string, x Value) Value {
	if len(path) == 0 {
		return x
	}
	if v.Kind != Object {
		return v
	}
	out := v
	if path[0] == anyField {
		return v.opened()
	}
	out.Fields = slices.Clone(v.Fields)
	inner, ok := v.lookup(path[0])
	switch {
	case !ok && len(path) == 1 && x.Kind == Unknown && !v.modelled(path[0]):
		return v // as unknown as it was
	case !ok && len(v.Fields) >= maxFields:
		return v.opened()
	case len(path) > 1 && inner.Kind != Object:
		inner = Value{Kind: Object, Base: &Value{}}
	}
	x = inner.with(path[1:], x)
	if i := slices.IndexFunc(out.Fields, func(f Field) bool { return f.Name == path[0] }); i >= 0 {
		out.Fields[i].Value = x
	} else {
		out.Fields = append(out.Fields, Field{path[0], x})
		sortFields(out.Fields)
	}
	return out
}

// anyField stands in a path for whatever field a function out of sight may set.
const anyField = "*"

// opened is v where its unseen fields may have been set by anyone.
func (v Value) opened() Value {
	if v.Kind == Object {
		v.Base = &Value{}
	}
	return v
}

// openedAll opens every Object in v whose type is one of types.
func (v Value) openedAll(types map[string]bool) Value {
	if v.Kind != Object {
		return v
	}
	if types[v.Type] {
		v = v.opened()
	}
	v.Fields = slices.Clone(v.Fields)
	for i := range v.Fields {
		v.Fields[i].Value = v.Fields[i].Value.openedAll(types)
	}
	return v
}

// modelled reports whether the model of v's type says what a field means.
func (v Value) modelled(field string) bool {
	model := modelOfType(v.Type)
	return model != nil && slices.ContainsFunc(model.Fields, func(f clients.Field) bool { return f.Name == field })
}

func sortFields(fields []Field) {
	slices.SortFunc(fields, func(a, b Field) int { return strings.Compare(a.Name, b.Name) })
}

// informative reports whether knowing v tells a caller anything.
func (v Value) informative() bool {
	switch v.Kind {
	case Unknown, Zero, pending:
		return false
	case Object:
		return v.Base != nil || len(v.Apply) > 0 || v.Type != "" && isModelledType(v.Type) ||
			slices.ContainsFunc(v.Fields, func(f Field) bool { return f.Value.informative() })
	case Slice:
		return slices.ContainsFunc(v.Elems, Value.informative)
	}
	return true
}

// prune cuts v down to what may stand in a fact about the function root: paths
// below other functions' parameters mean nothing to its callers.
func (v Value) prune(root any, depth int) Value {
	if v.Kind == Param && v.root != root || depth > maxDepth {
		return Value{}
	}
	if !v.informative() {
		if v.Kind == Zero {
			return v
		}
		return Value{}
	}
	v.root = nil
	if v.Base != nil {
		base := v.Base.prune(root, depth+1)
		v.Base = &base
	}
	v.Fields = pruneFields(v.Fields, root, depth)
	v.Apply = pruneAll(v.Apply, root, depth)
	v.Elems = pruneAll(v.Elems, root, depth)
	v.Sets = slices.Clone(v.Sets)
	for i := range v.Sets {
		v.Sets[i].Value = v.Sets[i].Value.prune(root, depth+1)
	}
	return v
}

func pruneFields(fields []Field, root any, depth int) []Field {
	var out []Field
	for _, f := range fields {
		// An unknown field stays: that it was set is knowledge too.
		out = append(out, Field{f.Name, f.Value.prune(root, depth+1)})
	}
	return out
}

func pruneAll(vs []Value, root any, depth int) []Value {
	var out []Value
	for _, v := range vs {
		out = append(out, v.prune(root, depth+1))
	}
	return out
}

// substitute replaces the parameters of root in v by the arguments of a call.
func (v Value) substitute(root any, args []Value) Value {
	switch v.Kind {
	case Param:
		if v.root != root {
			return v
		}
		if v.Index >= len(args) {
			return Value{}
		}
		return args[v.Index].fieldPath(v.Path)
	case Object:
		if v.Base != nil {
			base := v.Base.substitute(root, args)
			v.Base = &base
		}
		fields := slices.Clone(v.Fields)
		for i := range fields {
			fields[i].Value = fields[i].Value.substitute(root, args)
		}
		v.Fields = fields
		return v.applyOptions(root, args)
	case Slice:
		elems := slices.Clone(v.Elems)
		for i := range elems {
			elems[i] = elems[i].substitute(root, args)
		}
		v.Elems = elems
	case Function:
		sets := slices.Clone(v.Sets)
		for i := range sets {
			sets[i].Value = sets[i].Value.substitute(root, args)
		}
		v.Sets = sets
	}
	return v
}

// applyOptions resolves the options of an Object against the arguments that a
// constructor was called with.
func (v Value) applyOptions(root any, args []Value) Value {
	options := v.Apply
	v.Apply = nil
	for _, opt := range options {
		if opt.root != root || opt.Kind != Param || opt.Index >= len(args) {
			v.Apply = append(v.Apply, opt)
			continue
		}
		arg := args[opt.Index].fieldPath(strip(opt.Path))
		switch arg.Kind {
		case Zero: // no options
		case Slice:
			for _, e := range arg.Elems {
				v = v.applyOption(e)
			}
		case Param:
			v.Apply = append(v.Apply, arg.field("[]"))
		default:
			v = v.applyOption(arg)
		}
	}
	return v
}

// strip takes the element step off an option's path: options are applied one
// by one.
func strip(path []string) []string {
	if n := len(path); n > 0 && path[n-1] == "[]" {
		return path[:n-1]
	}
	return path
}

func (v Value) applyOption(opt Value) Value {
	switch opt.Kind {
	case Function:
		for _, s := range opt.Sets {
			v = v.with(s.Path, s.Value)
		}
		return v
	case Zero:
		return v
	case Param:
		v.Apply = append(slices.Clip(v.Apply), opt)
		return v
	}
	// An option of which nothing is known may set anything.
	v.Apply = append(slices.Clip(v.Apply), Value{})
	return v
}
