package callgraph

import (
	"fmt"
	"testing"
)

// fn is a function whose body build puts together.
func fn(id string, entry Entry, build func(b *builder)) Function {
	var b builder
	b.add(Node{})
	build(&b)
	return Function{ID: id, Name: id, Entry: entry, Body: b.e}
}

func linked(functions ...Function) *Program {
	return Link([]Package{{Path: "example.com/shop", Functions: functions}})
}

func hardOf(t *testing.T, p *Program, id, target string) string {
	t.Helper()
	v, ok := p.Value(id)
	if !ok {
		t.Fatalf("no value of %s", id)
	}
	r := row(t, v, target)
	return r.Hard().String()
}

func want(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %s, want %s", what, got, want)
	}
}

func TestRecursion(t *testing.T) {
	tests := map[string]struct {
		functions []Function
		want      string
	}{
		"sends each turn": {[]Function{
			fn("f", Main, func(b *builder) { b.seq(b.send("http", "t"), b.fn("f")) }),
		}, "unbounded"},
		"sends at its end only": {[]Function{
			fn("f", Main, func(b *builder) { b.alt(b.send("http", "t"), b.fn("f")) }),
		}, "1"},
		"calls itself twice": {[]Function{
			fn("f", Main, func(b *builder) { b.alt(b.send("http", "t"), b.seq(b.fn("f"), b.fn("f"))) }),
		}, "unbounded"},
		"two functions, vector 48": {[]Function{
			fn("f", Main, func(b *builder) { b.seq(b.send("http", "t"), b.tries(2, b.fn("g"))) }),
			fn("g", NoEntry, func(b *builder) { b.tries(2, b.fn("f")) }),
		}, "unbounded"},
		"two functions that send at the end only": {[]Function{
			fn("f", Main, func(b *builder) { b.alt(b.seq(b.send("http", "t"), b.send("http", "t")), b.fn("g")) }),
			fn("g", NoEntry, func(b *builder) { b.alt(b.fn("f"), b.send("http", "t")) }),
		}, "2"},
		"many functions, each of which may send more than the next": {chain(12), "12"},
		"a bounded one below a layer": {[]Function{
			fn("f", Main, func(b *builder) { b.tries(3, b.fn("g")) }),
			fn("g", NoEntry, func(b *builder) { b.alt(b.fn("g"), b.send("http", "t")) }),
		}, "3"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			want(t, "hard", hardOf(t, linked(tt.functions...), "f", "t"), tt.want)
		})
	}
}

// Decorators implement the interface that they call. That is no recursion.
func TestDecorators(t *testing.T) {
	get := Call{Iface: "(shop.Store).Get"}
	p := Link([]Package{{
		Functions: []Function{
			fn("main", Main, func(b *builder) { b.call(get) }),
			fn("retry.Get", NoEntry, func(b *builder) { b.tries(3, b.call(get)) }),
			fn("again.Get", NoEntry, func(b *builder) { b.tries(2, b.call(get)) }),
			fn("log.Get", NoEntry, func(b *builder) { b.call(get) }),
			fn("pg.Get", NoEntry, func(b *builder) { b.send("sql", "db") }),
		},
		Conversions: []Conversion{
			{Iface: "shop.Store", Type: "retry", Methods: map[string]string{"Get": "retry.Get"}},
			{Iface: "shop.Store", Type: "again", Methods: map[string]string{"Get": "again.Get"}},
			{Iface: "shop.Store", Type: "log", Methods: map[string]string{"Get": "log.Get"}},
			{Iface: "shop.Store", Type: "pg", Methods: map[string]string{"Get": "pg.Get"}},
		},
	}})
	want(t, "hard", hardOf(t, p, "main", "db"), "6")
}

func TestDeepChain(t *testing.T) {
	const depth = 20000
	functions := []Function{fn("f0", Main, func(b *builder) { b.send("http", "t") })}
	name := func(i int) string { return "f" + string(rune('0'+i%10)) + Count(i).String() }
	functions[0].ID = name(0)
	for i := 1; i < depth; i++ {
		functions = append(functions, fn(name(i), NoEntry, func(b *builder) { b.fn(name(i - 1)) }))
	}
	p := linked(functions...)
	want(t, "hard", hardOf(t, p, name(depth-1), "t"), "1")
}

// A function of another module calls back through an interface that the program
// implements.
func TestKnownValuesLeadBack(t *testing.T) {
	var b builder
	b.tries(3, b.call(Call{Iface: "(lib.Store).Get", Args: []Arg{{To: Param{Index: 1}, Amount: &Amount{N: 5}}}}))
	p := Link([]Package{{
		Functions: []Function{
			fn("main", Main, func(b *builder) { b.fn("lib.Run") }),
			fn("pg.Get", NoEntry, func(b *builder) {
				b.repeat(Layer{Attempts: Amount{Param: &Param{Index: 1}}}, b.send("sql", "db"))
			}),
		},
		Known:       map[string]Value{"lib.Run": Evaluate(b.e, nil)},
		Conversions: []Conversion{{Iface: "lib.Store", Type: "pg", Methods: map[string]string{"Get": "pg.Get"}}},
	}})
	want(t, "hard", hardOf(t, p, "main", "db"), "15")
	for _, n := range p.Graph(GraphOptions{}).Nodes {
		if n.Kind == UnresolvedNode {
			t.Errorf("unresolved: %+v", n)
		}
	}
}

func TestEntries(t *testing.T) {
	send := func(b *builder) { b.send("http", "t") }
	p := linked(
		fn("main", Main, func(b *builder) { b.fn("called") }),
		fn("called", Exported, send),
		fn("free", Exported, send),
		fn("handler", Handler, send),
		fn("helper", NoEntry, send),
	)
	list := func(fs []*Function) string {
		text := ""
		for _, f := range fs {
			text += f.ID + " "
		}
		return text
	}
	want(t, "entries", list(p.Entries()), "free handler main ")
	want(t, "all entries", list(p.AllEntries()), "called free handler main ")
	g := p.Graph(GraphOptions{From: func(id string) bool { return id == "main" }})
	if len(g.Amplification) != 1 || len(g.Nodes) != 3 || len(g.Edges) != 2 {
		t.Errorf("graph from main: %+v", g)
	}
	g = p.Graph(GraphOptions{To: func(id string) bool { return id == "nowhere" }})
	if len(g.Amplification)+len(g.Nodes)+len(g.Edges) != 0 {
		t.Errorf("graph to nowhere: %+v", g)
	}
}

func TestSlots(t *testing.T) {
	p := Link([]Package{{
		Functions: []Function{
			fn("main", Main, func(b *builder) { b.tries(2, b.call(Call{Slot: "shop.next"}), b.call(Call{Slot: "shop.other"})) }),
			fn("one", NoEntry, func(b *builder) { b.send("http", "t") }),
			fn("three", NoEntry, func(b *builder) { b.tries(3, b.send("http", "t")) }),
		},
		Assignments: []Assignment{{Slot: "shop.next", Func: "three"}, {Slot: "shop.next", Func: "one"}},
	}})
	want(t, "hard", hardOf(t, p, "main", "t"), "6")
	want(t, "what is never assigned", hardOf(t, p, "main", "shop.other"), "2")
}

// A helper whose literal captures its parameter sends what each caller passes, and
// nothing of other callers.
func TestLiteralCapturesParameter(t *testing.T) {
	op := Param{Index: 0}
	p := linked(
		fn("retry", NoEntry, func(b *builder) {
			b.call(Call{Func: "lib.Do", Name: "lib.Do", Args: []Arg{{To: Param{Index: 0}, Func: "retry$1"}}})
		}),
		fn("retry$1", NoEntry, func(b *builder) {
			b.call(Call{Func: "run", Args: []Arg{{To: Param{Index: 0}, Func: "retry$1$1"}}})
		}),
		fn("retry$1$1", NoEntry, func(b *builder) {
			b.repeat(Layer{Attempts: Amount{Param: &Param{Index: -102}}}, b.call(Call{Param: &Param{Index: -101}, Name: "op"}))
		}),
		fn("run", NoEntry, func(b *builder) { b.call(Call{Param: &op, Name: "f"}) }),
		fn("lib.Do", NoEntry, func(b *builder) { b.tries(3, b.call(Call{Param: &op, Name: "f"})) }),
		fn("a", Handler, func(b *builder) {
			b.call(Call{Func: "retry", Args: []Arg{{To: op, Func: "a$1"}, {To: Param{Index: 1}, Amount: &Amount{N: 2}}}})
		}),
		fn("a$1", NoEntry, func(b *builder) { b.send("http", "cheap") }),
		fn("b", Handler, func(b *builder) {
			b.call(Call{Func: "retry", Args: []Arg{{To: op, Func: "b$1"}, {To: Param{Index: 1}, Amount: &Amount{N: 1}}}})
		}),
		fn("b$1", NoEntry, func(b *builder) { b.tries(5, b.send("http", "dear")) }),
	)
	want(t, "a", hardOf(t, p, "a", "cheap"), "6")
	want(t, "b", hardOf(t, p, "b", "dear"), "15")
	if v, _ := p.Value("a"); len(v.Rows) != 1 {
		t.Errorf("a sends more than it passes: %+v", v.Rows)
	}
}

// Twelve decorators cannot be followed in every order: the calls between them are
// listed instead.
func TestManyDecorators(t *testing.T) {
	get := Call{Iface: "(shop.Store).Get"}
	pkg := Package{Functions: []Function{
		fn("main", Main, func(b *builder) { b.call(get) }),
		fn("pg.Get", NoEntry, func(b *builder) { b.send("sql", "db") }),
	}, Conversions: []Conversion{{Iface: "shop.Store", Type: "pg", Methods: map[string]string{"Get": "pg.Get"}}}}
	for i := range 12 {
		id := "d" + Count(i).String()
		pkg.Functions = append(pkg.Functions, fn(id, NoEntry, func(b *builder) { b.tries(2, b.call(get)) }))
		pkg.Conversions = append(pkg.Conversions, Conversion{Iface: "shop.Store", Type: id, Methods: map[string]string{"Get": id}})
	}
	p := Link([]Package{pkg})
	want(t, "hard", hardOf(t, p, "main", "db"), "2")
	want(t, "what is left out", hardOf(t, p, "main", "(shop.Store).Get"), "2")
}

func TestRecursionNamesItsFunctions(t *testing.T) {
	p := linked(
		fn("f", Main, func(b *builder) { b.seq(b.send("http", "t"), b.fn("g")) }),
		fn("g", NoEntry, func(b *builder) { b.fn("f") }),
	)
	a := p.Amplification("f", 1)
	if len(a) != 1 || len(a[0].Path) == 0 {
		t.Fatalf("got %+v", a)
	}
	seen := ""
	for _, s := range a[0].Path {
		if s.Layer == RecursionLayer {
			seen += s.Name
		}
	}
	want(t, "steps of recursion", seen, "recursion of f, g")
}

// chain makes n functions that call each other in a ring; the i-th sends i requests
// or calls the next.
func chain(n int) (functions []Function) {
	for i := range n {
		kind := NoEntry
		if i == 0 {
			kind = Main
		}
		name := func(i int) string {
			if i %= n; i > 0 {
				return fmt.Sprintf("f%d", i)
			}
			return "f"
		}
		functions = append(functions, fn(name(i), kind, func(b *builder) {
			b.alt(b.tries(i+1, b.send("http", "t")), b.fn(name(i+1)))
		}))
	}
	return functions
}
