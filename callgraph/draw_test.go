package callgraph

import "testing"

// What a helper repeats is shown at the edge to the function that it is given, with
// the number of attempts that the call passes.
func TestLayersOfHelperAreDrawn(t *testing.T) {
	p := linked(
		fn("charge", Handler, func(b *builder) {
			b.call(Call{Func: "retry.Do", Args: []Arg{
				{To: Param{Index: 0}, Amount: &Amount{N: 3}}, {To: Param{Index: 1}, Func: "charge$1"},
			}})
		}),
		fn("charge$1", NoEntry, func(b *builder) { b.send("http", "POST bank/charges") }),
		fn("retry.Do", NoEntry, func(b *builder) {
			b.repeat(Layer{Kind: LoopLayer, Attempts: Amount{Param: &Param{Index: 0}}}, b.call(Call{Param: &Param{Index: 1}}))
		}),
	)
	for _, e := range p.Graph(GraphOptions{}).Edges {
		if e.From == "charge" && e.To == "charge$1" {
			if len(e.Layers) != 1 || e.Layers[0].Attempts.String() != "3" || e.Via != "retry.Do" {
				t.Errorf("got %+v, want 3 attempts via retry.Do", e)
			}
			return
		}
	}
	t.Error("no edge leads to the function that is given")
}
