package netcall

import (
	"bytes"
	"encoding/gob"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// The properties below must hold for all values. Each check takes a seed, so
// that a failure names the values that it is about and a fuzzer can look on.

const rounds = 3000

func eachSeed(t *testing.T, check func(*testing.T, uint64)) {
	for seed := range uint64(rounds) {
		if check(t, seed); t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func TestJoin(t *testing.T)       { eachSeed(t, checkJoin) }
func TestWith(t *testing.T)       { eachSeed(t, checkWith) }
func TestSubstitute(t *testing.T) { eachSeed(t, checkSubstitute) }
func TestPrune(t *testing.T)      { eachSeed(t, checkPrune) }
func TestEncoding(t *testing.T)   { eachSeed(t, checkEncoding) }

func FuzzValue(f *testing.F) {
	for seed := range uint64(4) {
		f.Add(seed + rounds)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		for _, check := range []func(*testing.T, uint64){checkJoin, checkWith, checkSubstitute, checkPrune, checkEncoding} {
			check(t, seed)
		}
	})
}

func checkJoin(t *testing.T, seed uint64) {
	g := newGenerator(seed)
	a, b, c := g.value(2), g.value(2), g.value(2)
	if l, r := join(a, b), join(b, a); !equal(l, r) {
		t.Errorf("join is not commutative:\na   %+v\nb   %+v\na b %+v\nb a %+v", a, b, l, r)
	}
	if got := join(a, a); !equal(got, opaque(a)) {
		t.Errorf("join is not idempotent:\na   %+v\na a %+v", a, got)
	}
	for _, identity := range []Value{{Kind: Zero}, {Kind: pending}} {
		if l, r := join(identity, a), join(a, identity); !equal(l, a) || !equal(r, a) {
			t.Errorf("kind %d is no identity of join:\na   %+v\n. a %+v\na . %+v", identity.Kind, a, l, r)
		}
	}
	if l, r := join(Value{}, a), join(a, Value{}); a.Kind != Zero && (l.Kind != Unknown || r.Kind != Unknown) {
		t.Errorf("something is known of what is unknown:\na   %+v\n? a %+v\na ? %+v", a, l, r)
	}
	if l, r := join(join(a, b), c), join(a, join(b, c)); !associates(l, r) {
		t.Errorf("join is not associative:\na     %+v\nb     %+v\nc     %+v\n(a b) c %+v\na (b c) %+v", a, b, c, l, r)
	}
	if a.bound().Kind == Bounded && join(a, b).bound().Kind == Unbounded {
		t.Errorf("a bound got lost:\na   %+v\nb   %+v\na b %+v", a, b, join(a, b))
	}
	if got := join(a, b); !sorted(got) {
		t.Errorf("fields are not sorted: %+v", got)
	}
}

// opaque is what joining a value with itself gives: slices and functions are
// not compared, so of two of them nothing is known.
func opaque(v Value) Value {
	switch v.Kind {
	case Slice, Function:
		return Value{}
	case Object:
		v.Fields = slices.Clone(v.Fields)
		for i := range v.Fields {
			v.Fields[i].Value = opaque(v.Fields[i].Value)
		}
		if v.Base != nil {
			base := opaque(*v.Base)
			v.Base = &base
		}
	}
	return v
}

// associates reports whether two ways of joining three values agree. They may
// differ in one thing: a parameter stands in for what a caller did not pass, so
// where it meets two values that contradict each other, it depends on which
// come first whether the callers are asked or nothing is known.
func associates(l, r Value) bool {
	if l.Kind == Unknown && r.Kind == Param || l.Kind == Param && r.Kind == Unknown {
		return true
	}
	if l.Kind != Object || r.Kind != Object {
		return equal(l, r)
	}
	return l.Type == r.Type && equalSets(l.Apply, r.Apply) &&
		(l.Base == nil) == (r.Base == nil) && (l.Base == nil || associates(*l.Base, *r.Base)) &&
		slices.EqualFunc(l.Fields, r.Fields, func(f, g Field) bool {
			return f.Name == g.Name && associates(f.Value, g.Value)
		})
}

func checkWith(t *testing.T, seed uint64) {
	g := newGenerator(seed)
	v, x := g.object(2), g.value(1)
	v.Apply = nil // options may set any field, so that none can be relied on
	path := g.path(1, 1)
	got := v.with(path, x)
	if !equal(got.fieldPath(path), x) {
		t.Errorf("field %v of %+v\nset to  %+v\nreads as %+v", path, v, x, got.fieldPath(path))
	}
	for _, name := range fieldNames {
		if name != path[0] && !equal(got.field(name), v.field(name)) {
			t.Errorf("setting %v in %+v changed %s to %+v", path, v, name, got.field(name))
		}
	}
	if !sorted(got) {
		t.Errorf("fields are not sorted: %+v", got)
	}
	deep := append(slices.Clip(path), fieldNames[g.IntN(len(fieldNames))])
	for _, name := range fieldNames {
		if name == deep[1] {
			continue
		}
		was, is := v.fieldPath([]string{deep[0], name}), v.with(deep, x).fieldPath([]string{deep[0], name})
		if v.field(deep[0]).Kind == Zero {
			was = Value{Kind: Zero} // a struct of which nothing is set
		}
		if is.Kind != Unknown && !equal(was, is) {
			t.Errorf("setting %v in %+v\nchanged %s.%s from %+v\nto %+v", deep, v, deep[0], name, was, is)
		}
	}
}

func checkSubstitute(t *testing.T, seed uint64) {
	g := newGenerator(seed)
	v := g.value(3)
	args := make([]Value, params)
	for i := range args {
		args[i] = Value{Kind: Param, Index: i, root: g.root}
	}
	if got := v.substitute(g.root, args); !equal(got, v) {
		t.Errorf("every parameter stands for itself, yet\n%+v became\n%+v", v, got)
	}
	other := new(int)
	if got := v.substitute(other, nil); !equal(got, v) {
		t.Errorf("a call of another function changed\n%+v to\n%+v", v, got)
	}
	known := make([]Value, params)
	for i := range known {
		known[i] = Value{Kind: Zero}
	}
	walk(v.substitute(g.root, known), 0, func(got Value, _ int) {
		if got.Kind == Param && got.root == g.root {
			t.Errorf("a parameter is left in %+v", got)
		}
	})
}

func checkPrune(t *testing.T, seed uint64) {
	g := newGenerator(seed)
	v := g.value(maxDepth + 3)
	own, foreign := g.root, new(int)
	walk(v.prune(own, 0), 0, func(got Value, depth int) {
		if got.root != nil {
			t.Errorf("%+v has a root", got)
		}
		if depth > maxDepth && got.Kind != Unknown {
			t.Errorf("%+v lies %d deep", got, depth)
		}
	})
	walk(v.prune(foreign, 0), 0, func(got Value, _ int) {
		if got.Kind == Param {
			t.Errorf("%+v is a parameter of another function", got)
		}
	})
}

func checkEncoding(t *testing.T, seed uint64) {
	g := newGenerator(seed)
	sum := &Summary{Remote: []Leaf{{Protocol: "http", Callee: "(*net/http.Client).Do", At: Posn{"a.go", 1, 2}, Via: []Step{{"f", Posn{"b.go", 3, 4}}}}}}
	for range 2 {
		sum.Results = append(sum.Results, g.value(3).prune(g.root, 0))
		sum.Needs = append(sum.Needs, Need{AnyOf: []Value{g.value(1).prune(g.root, 0)}, Leaf: sum.Remote[0]})
		sum.Sets = append(sum.Sets, Set{Param: g.IntN(params), Path: g.path(0, 2), Value: g.value(1).prune(g.root, 0)})
	}
	var buf bytes.Buffer
	if err := gob.NewEncoder(&buf).Encode(sum); err != nil {
		t.Fatal(err)
	}
	got := new(Summary)
	if err := gob.NewDecoder(&buf).Decode(got); err != nil {
		t.Fatal(err)
	}
	needs := func(a, b Need) bool { return slices.EqualFunc(a.AnyOf, b.AnyOf, identical) && sameLeaf(a.Leaf, b.Leaf) }
	if !slices.EqualFunc(got.Results, sum.Results, identical) || !slices.EqualFunc(got.Needs, sum.Needs, needs) ||
		!slices.EqualFunc(got.Sets, sum.Sets, equalSet) || !slices.EqualFunc(got.Remote, sum.Remote, sameLeaf) {
		t.Errorf("%+v\nis decoded as\n%+v", sum, got)
	}
}

func sameLeaf(a, b Leaf) bool {
	return a.Protocol == b.Protocol && a.Callee == b.Callee && a.At == b.At && slices.Equal(a.Via, b.Via)
}

// identical is equal including the provenance.
func identical(a, b Value) bool { return equal(a, b) && a.What == b.What && a.At == b.At }

// equal compares what values say, leaving out where they come from.
func equal(a, b Value) bool {
	return a.Kind == b.Kind && a.Dur == b.Dur && a.Weak == b.Weak && a.Index == b.Index && a.root == b.root &&
		a.Type == b.Type && slices.Equal(a.Path, b.Path) &&
		(a.Base == nil) == (b.Base == nil) && (a.Base == nil || equal(*a.Base, *b.Base)) &&
		slices.EqualFunc(a.Fields, b.Fields, func(f, g Field) bool { return f.Name == g.Name && equal(f.Value, g.Value) }) &&
		slices.EqualFunc(a.Elems, b.Elems, equal) && slices.EqualFunc(a.Sets, b.Sets, equalSet) &&
		equalSets(a.Apply, b.Apply)
}

func equalSet(a, b Set) bool {
	return a.Param == b.Param && slices.Equal(a.Path, b.Path) && equal(a.Value, b.Value)
}

// equalSets compares options, whose order and number do not matter.
func equalSets(a, b []Value) bool {
	within := func(a, b []Value) bool {
		return !slices.ContainsFunc(a, func(x Value) bool {
			return !slices.ContainsFunc(b, func(y Value) bool { return equal(x, y) })
		})
	}
	return within(a, b) && within(b, a)
}

func sorted(v Value) bool {
	return slices.IsSortedFunc(v.Fields, func(f, g Field) int { return compareNames(f.Name, g.Name) })
}

// compareNames orders names; equal ones count as out of order.
func compareNames(a, b string) int {
	if a < b {
		return -1
	}
	return 1
}

// walk calls f for v and every value in it, with its depth below v.
func walk(v Value, depth int, f func(Value, int)) {
	f(v, depth)
	if v.Base != nil {
		walk(*v.Base, depth+1, f)
	}
	for _, field := range v.Fields {
		walk(field.Value, depth+1, f)
	}
	for _, set := range v.Sets {
		walk(set.Value, depth+1, f)
	}
	for _, inner := range slices.Concat(v.Apply, v.Elems) {
		walk(inner, depth+1, f)
	}
}

// A generator makes values as eval could, all in terms of the parameters of
// one function.
type generator struct {
	*rand.Rand
	root any
}

// params is the number of parameters of the function.
const params = 3

// typeNames has two modelled types, one that is not, and an unnamed one.
var typeNames = []string{"net/http.Client", "net/http.Transport", "example.com/shop.Client", ""}

// fieldNames has fields that the models of typeNames know and others.
var fieldNames = []string{"Jar", "Name", "Timeout", "Transport"}

func newGenerator(seed uint64) *generator {
	return &generator{rand.New(rand.NewPCG(seed, 0)), new(int)}
}

func (g *generator) value(depth int) Value {
	kinds := []Kind{Unknown, Zero, Unbounded, Bounded, Param}
	if depth > 0 {
		kinds = append(kinds, Object, Object, Slice, Function)
	}
	switch kind := kinds[g.IntN(len(kinds))]; kind {
	case Unbounded:
		v := unbounded([]string{"context.Background()", "nil"}[g.IntN(2)], Posn{"a.go", g.IntN(9), 1})
		v.Weak = g.IntN(2) == 0
		return v
	case Bounded:
		return bounded(time.Duration(g.IntN(3)) * time.Second)
	case Param:
		return g.param(g.path(0, maxPath-1))
	case Object:
		return g.object(depth)
	case Slice:
		v := Value{Kind: Slice}
		for range g.IntN(3) {
			v.Elems = append(v.Elems, g.value(depth-1))
		}
		return v
	case Function:
		v := Value{Kind: Function}
		for range g.IntN(3) {
			v.Sets = append(v.Sets, Set{g.IntN(params), g.path(0, 2), g.value(depth - 1)})
		}
		return v
	default:
		return Value{Kind: kind}
	}
}

func (g *generator) param(path []string) Value {
	return Value{Kind: Param, Index: g.IntN(params), Path: path, root: g.root}
}

// path returns between least and most field names.
func (g *generator) path(least, most int) []string {
	var path []string
	for range least + g.IntN(most-least+1) {
		path = append(path, fieldNames[g.IntN(len(fieldNames))])
	}
	return path
}

func (g *generator) object(depth int) Value {
	v := Value{Kind: Object, Type: typeNames[g.IntN(len(typeNames))], At: Posn{"a.go", 1 + g.IntN(9), 1}, Weak: g.IntN(4) == 0}
	for _, name := range fieldNames {
		if g.IntN(2) == 0 {
			v.Fields = append(v.Fields, Field{name, g.value(depth - 1)})
		}
	}
	if g.IntN(3) == 0 {
		base := g.value(0)
		v.Base = &base
	}
	for range g.IntN(6) / 4 {
		v.Apply = append(v.Apply, g.param(append(g.path(0, 1), "[]")))
	}
	return v
}
