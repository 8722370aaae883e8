package callgraph

import (
	"encoding/json"
	oldrand "math/rand"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"testing/quick"
	"time"
)

// small makes polynomials that stay below all caps when they are combined.
func small(r *rand.Rand) Polynomial {
	counts := []Count{1, 2, 3, 7, Infinity}
	var p Polynomial
	for range r.IntN(3) {
		t := Number(counts[r.IntN(len(counts))])
		for range r.IntN(3) {
			t = t.Times(Variable([]string{"a", "b"}[r.IntN(2)]))
		}
		p = p.Plus(t)
	}
	return p
}

func smallFigure(r *rand.Rand) Figure {
	f := figureOf(small(r))
	if r.IntN(2) == 0 {
		f = f.Max(figureOf(small(r)))
	}
	return f
}

// values are what variables may be when figures are compared as numbers.
var valuations = []map[string]Count{
	{"a": 1, "b": 1}, {"a": 2, "b": 1}, {"a": 1, "b": 5}, {"a": 3, "b": 4}, {"a": Infinity, "b": 1},
}

// check runs a property on three random figures.
func check(t *testing.T, property func(f, g, h Figure) bool) {
	t.Helper()
	seed := func(n int64) bool {
		r := rand.New(rand.NewPCG(uint64(n), 1))
		f, g, h := smallFigure(r), smallFigure(r), smallFigure(r)
		if property(f, g, h) {
			return true
		}
		t.Logf("f = %v, g = %v, h = %v", f, g, h)
		return false
	}
	config := &quick.Config{MaxCount: 3000, Values: func(args []reflect.Value, r *oldrand.Rand) {
		args[0] = reflect.ValueOf(r.Int63())
	}}
	if err := quick.Check(seed, config); err != nil {
		t.Error(err)
	}
}

// equal compares as numbers: maxima of the same value may be written in ways
// that only a comparison of sums of terms would tell to be the same.
func equal(f, g Figure) bool {
	return !slices.ContainsFunc(valuations, func(v map[string]Count) bool { return f.Eval(v, 1) != g.Eval(v, 1) })
}

func atMost(f, g Figure) bool {
	return !slices.ContainsFunc(valuations, func(v map[string]Count) bool { return f.Eval(v, 1) > g.Eval(v, 1) })
}

func TestPolynomialsAreCanonical(t *testing.T) {
	for n := range uint64(3000) {
		r := rand.New(rand.NewPCG(n, 2))
		p, q, s := small(r), small(r), small(r)
		for law, sides := range map[string][2]Polynomial{
			"p + q = q + p":             {p.Plus(q), q.Plus(p)},
			"(p + q) + s = p + (q + s)": {p.Plus(q).Plus(s), p.Plus(q.Plus(s))},
			"p × q = q × p":             {p.Times(q), q.Times(p)},
			"(p × q) × s = p × (q × s)": {p.Times(q).Times(s), p.Times(q.Times(s))},
			"p × (q + s) = pq + ps":     {p.Times(q.Plus(s)), p.Times(q).Plus(p.Times(s))},
			"p × 0 = 0":                 {p.Times(nil), nil},
			"p × 1 = p":                 {p.Times(Number(1)), p},
		} {
			if comparePolynomials(sides[0], sides[1]) != 0 {
				t.Fatalf("%s: p = %v, q = %v, s = %v: %v and %v", law, p, q, s, sides[0], sides[1])
			}
		}
	}
}

func TestFigureLaws(t *testing.T) {
	laws := map[string]func(f, g, h Figure) bool{
		"sum is associative":     func(f, g, h Figure) bool { return equal(f.Add(g).Add(h), f.Add(g.Add(h))) },
		"sum is commutative":     func(f, g, h Figure) bool { return f.Add(g).Equal(g.Add(f)) },
		"product is associative": func(f, g, h Figure) bool { return equal(f.Mul(g).Mul(h), f.Mul(g.Mul(h))) },
		"product is commutative": func(f, g, h Figure) bool { return f.Mul(g).Equal(g.Mul(f)) },
		"product over sum": func(f, g, h Figure) bool {
			h = h[:min(len(h), 1)] // else there are more alternatives than are kept
			return equal(f.Mul(g.Add(h)), f.Mul(g).Add(f.Mul(h)))
		},
		"product over maximum":    func(f, g, h Figure) bool { return equal(f.Mul(g.Max(h)), f.Mul(g).Max(f.Mul(h))) },
		"maximum is associative":  func(f, g, h Figure) bool { return equal(f.Max(g).Max(h), f.Max(g.Max(h))) },
		"maximum is commutative":  func(f, g, h Figure) bool { return f.Max(g).Equal(g.Max(f)) },
		"maximum of itself":       func(f, _, _ Figure) bool { return f.Max(f).Equal(f) },
		"adding never lowers":     func(f, g, _ Figure) bool { return atMost(f, f.Add(g)) },
		"maximum never lowers":    func(f, g, _ Figure) bool { return atMost(f, f.Max(g)) && atMost(g, f.Max(g)) },
		"repeating never lowers":  func(f, g, _ Figure) bool { return g.At(1) < 1 || atMost(f, f.Mul(g.Max(Exactly(1)))) },
		"AtMost holds of numbers": func(f, g, _ Figure) bool { return !f.AtMost(g) || atMost(f, g) },
	}
	for name, law := range laws {
		t.Run(name, func(t *testing.T) { check(t, law) })
	}
}

func TestFiguresEvaluateAsWritten(t *testing.T) {
	check(t, func(f, g, _ Figure) bool {
		return !slices.ContainsFunc(valuations, func(v map[string]Count) bool {
			x, y := f.Eval(v, 1), g.Eval(v, 1)
			return f.Add(g).Eval(v, 1) != x.plus(y) || f.Mul(g).Eval(v, 1) != x.times(y) || f.Max(g).Eval(v, 1) != max(x, y)
		})
	})
}

func TestCapsAreUpperBounds(t *testing.T) {
	var f Figure
	var largest Count
	for i := range 40 {
		p := Variable(string(rune('A' + i))).Times(Number(Count(i + 1)))
		f = f.Max(figureOf(p))
		largest = max(largest, p.Eval(func(string) Count { return 3 }))
	}
	if got := f.At(3); len(f) > maxAlternatives || got < largest {
		t.Errorf("maximum of 40: %d alternatives, %v at 3, want at least %v", len(f), got, largest)
	}
	var p Polynomial
	for i := range 100 {
		p = p.Plus(Variable(string(rune('A' + i))))
	}
	if got := p.Eval(func(string) Count { return 1 }); len(p) > maxTerms || got < 100 {
		t.Errorf("sum of 100: %d terms, %v at 1, want at least 100", len(p), got)
	}
}

func TestFigureText(t *testing.T) {
	n, m := Variable("len(order.Items)"), Variable("cfg.Max")
	tests := []struct {
		figure Figure
		want   string
	}{
		{nil, "0"},
		{Exactly(3), "3"},
		{Exactly(Infinity), "unbounded"},
		{figureOf(n.Times(Number(4)).Plus(Number(2))), "4 × len(order.Items) + 2"},
		{figureOf(n).Max(figureOf(m.Times(Number(3)))), "max(3 × cfg.Max, len(order.Items))"},
		{figureOf(n.Times(Number(Infinity))), "∞ × len(order.Items)"},
		{Exactly(1 << 60), "unbounded"},
	}
	for _, tt := range tests {
		want(t, "text", tt.figure.String(), tt.want)
	}
}

func TestSubstitute(t *testing.T) {
	f := figureOf(Variable("n").Times(Number(4)).Plus(Number(2)))
	got := f.Substitute(func(name string) (Polynomial, bool) { return Variable("m").Plus(Number(1)), name == "n" })
	want(t, "4 × (m + 1) + 2", got.String(), "4 × m + 6")
}

func TestCountJSON(t *testing.T) {
	for _, c := range []Count{0, 1, 24, 1.25, Infinity} {
		data, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		var back Count
		if err := json.Unmarshal(data, &back); err != nil || back != c {
			t.Errorf("%v became %s became %v, %v", c, data, back, err)
		}
	}
	var c Count
	for _, bad := range []string{`-1`, `"many"`, `{}`} {
		if err := json.Unmarshal([]byte(bad), &c); err == nil {
			t.Errorf("%s was read as %v", bad, c)
		}
	}
}

// FuzzEffects evaluates graphs of any shape: no panic, no hang, and no figure
// falls when another call is added and everything is repeated once more.
func FuzzEffects(f *testing.F) {
	f.Add([]byte{5, 0, 0, 3, 1, 0, 1, 2, 1})
	f.Add([]byte{5, 1, 2, 3, 1, 3, 4, 2, 1, 8, 1, 2, 6, 1, 1, 7, 0, 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		e := effectsFrom(data)
		p := Link([]Package{{Functions: []Function{{ID: "f", Body: e}}}})
		v, _ := p.Value("f")
		n := Ref(len(e.Nodes))
		again := Effects{Root: n + 2, Nodes: append(slices.Clone(e.Nodes),
			Node{Kind: Send, Request: &Request{Protocol: "sql", Operation: "another"}},
			Node{Kind: Seq, Parts: []Ref{e.Root, n}},
			Node{Kind: Repeat, Parts: []Ref{n + 1}, Layer: &Layer{Attempts: Amount{N: 2}}},
		)}
		twice := Evaluate(again, func(c Call) (Value, bool) { return p.Value(c.Func) })
		for _, r := range v.Rows {
			if r.Target.IsOpen() {
				continue
			}
			more := row(t, twice, r.Target.Name)
			if more.Hard().At(1) < r.Hard().At(1) {
				t.Errorf("%s: hard %v, repeated %v", r.Target.Name, r.Hard(), more.Hard())
			}
		}
		for _, a := range p.Amplification("f", 1) {
			if a.Steady > a.Hard || a.Hang > a.Hard || a.Base > a.Bystander || a.Bystander > a.Hard {
				t.Errorf("figures out of order: %+v", a)
			}
		}
	})
}

// effectsFrom reads nodes off bytes, three for each.
func effectsFrom(data []byte) Effects {
	e := Effects{Nodes: []Node{{}}}
	for len(data) >= 3 && len(e.Nodes) < 40 {
		kind, a, b := data[0]%10, data[1], data[2]
		data = data[3:]
		n := Node{Kind: NodeKind(kind)}
		n.Parts = []Ref{Ref(int(a) % (len(e.Nodes) + 1)), Ref(int8(b))}
		switch n.Kind {
		case Repeat:
			n.Layer = &Layer{
				Attempts: Amount{N: int(b%5) - 1}, Modes: ModeSet(a) << (b % 20), Opaque: a%2 == 0,
				BudgetShare: float64(b%4) / 4, PerTry: 1e9 * 3 * time.Duration(a), Overall: 1e9 * time.Duration(b),
			}
		case Loop:
			n.Count = &Amount{N: int(a % 4), Param: &Param{Index: int(b % 2)}}
		case Send:
			n.Request = &Request{Protocol: []string{"http", "grpc", "sql"}[b%3], Operation: string(rune('A' + a%8))}
			n.Request.Operation += n.Request.Protocol
		case Invoke:
			n.Call = &Call{Func: "f", Args: []Arg{{To: Param{Index: 0}, Amount: &Amount{N: int(b)}}, {To: Param{Index: 1}, Func: "f"}}}
			if b%3 == 0 {
				n.Call = &Call{Param: &Param{Index: int(a % 3)}}
			}
		}
		e.Nodes = append(e.Nodes, n)
	}
	e.Root = Ref(len(e.Nodes) - 1)
	return e
}
