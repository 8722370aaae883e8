package callgraph

import "testing"

// fn is a function whose body build puts together.
func fn(id string, entry Entry, build func(b *builder)) Function {
	var b builder
	b.add(Node{})
	build(&b)
	return Function{ID: id, Name: id, Entry: entry, Body: b.e}
}

func link(functions ...Function) *Program {
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
		"a bounded one below a layer": {[]Function{
			fn("f", Main, func(b *builder) { b.tries(3, b.fn("g")) }),
			fn("g", NoEntry, func(b *builder) { b.alt(b.fn("g"), b.send("http", "t")) }),
		}, "3"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			want(t, "hard", hardOf(t, link(tt.functions...), "f", "t"), tt.want)
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
	p := link(functions...)
	want(t, "hard", hardOf(t, p, name(depth-1), "t"), "1")
}
