package callgraph

import (
	"testing"
	"time"
)

// A builder puts Effects together.
type builder struct{ e Effects }

func (b *builder) add(n Node) Ref {
	if len(b.e.Nodes) == 0 {
		b.e.Nodes = append(b.e.Nodes, Node{})
	}
	b.e.Nodes = append(b.e.Nodes, n)
	b.e.Root = Ref(len(b.e.Nodes) - 1)
	return b.e.Root
}

func (b *builder) send(protocol, operation string) Ref {
	return b.add(Node{Kind: Send, Request: &Request{Protocol: protocol, Operation: operation, Resolved: true}})
}

func (b *builder) bounded(protocol, operation string, bound time.Duration) Ref {
	return b.add(Node{Kind: Send, Request: &Request{Protocol: protocol, Operation: operation, Resolved: true, Bound: bound}})
}

func (b *builder) repeat(l Layer, body ...Ref) Ref {
	return b.add(Node{Kind: Repeat, Layer: &l, Parts: body})
}

func (b *builder) tries(n int, body ...Ref) Ref {
	return b.repeat(Layer{Kind: LoopLayer, Attempts: Amount{N: n}}, body...)
}

func (b *builder) seq(parts ...Ref) Ref { return b.add(Node{Kind: Seq, Parts: parts}) }
func (b *builder) alt(parts ...Ref) Ref { return b.add(Node{Kind: Alt, Parts: parts}) }
func (b *builder) call(c Call) Ref      { return b.add(Node{Kind: Invoke, Call: &c}) }
func (b *builder) fn(id string) Ref     { return b.call(Call{Func: id}) }

func (b *builder) loop(count Amount, body ...Ref) Ref {
	return b.add(Node{Kind: Loop, Count: &count, Parts: body})
}

// row is the row of the only target of a name.
func row(t *testing.T, v Value, name string) Row {
	t.Helper()
	for _, r := range v.Rows {
		if r.Target.Name == name {
			return r
		}
	}
	t.Fatalf("no target %s in %+v", name, v.Rows)
	return Row{}
}

func wantHard(t *testing.T, v Value, target, want string) {
	t.Helper()
	r := row(t, v, target)
	if got := r.Hard().String(); got != want {
		t.Errorf("hard of %s: got %s, want %s", target, got, want)
	}
}

func TestNestedLayersMultiply(t *testing.T) {
	var b builder
	ref := b.send("http", "db")
	for range 3 {
		ref = b.tries(4, ref)
	}
	v := Evaluate(b.e, nil)
	wantHard(t, v, "db", "64")
}

func TestParameterIsFilled(t *testing.T) {
	// func Do(attempts int, fn func() error) repeats fn
	var do builder
	do.repeat(Layer{Kind: LoopLayer, Attempts: Amount{Param: &Param{Index: 0}}},
		do.call(Call{Param: &Param{Index: 1}, Name: "fn"}))
	// func Charge() { Do(3, literal) }, where the literal has a retrying client
	var lit builder
	lit.tries(4, lit.send("http", "payments"))
	var charge builder
	charge.call(Call{Func: "Do", Name: "Do", Args: []Arg{
		{To: Param{Index: 0}, Amount: &Amount{N: 3}},
		{To: Param{Index: 1}, Func: "Charge$1"},
	}})
	bodies := map[string]Effects{"Do": do.e, "Charge$1": lit.e}
	var callee func(c Call) (Value, bool)
	callee = func(c Call) (Value, bool) {
		e, ok := bodies[c.Func]
		return Evaluate(e, callee), ok
	}
	wantHard(t, Evaluate(charge.e, callee), "payments", "12")
	open := Evaluate(do.e, callee)
	wantHard(t, open, "fn", "argument 1")
}
