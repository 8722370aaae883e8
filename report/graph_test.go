package report

import (
	"bytes"
	"strings"
	"testing"

	"github.com/commslint/commslint/callgraph"
)

// shopProgram is a checkout that repeats a payment, which its client repeats too,
// asks for each item, and calls something that is not in sight.
func shopProgram() *callgraph.Program {
	at := func(line int) callgraph.Posn { return callgraph.Posn{File: "shop/checkout.go", Line: line} }
	checkout := callgraph.Effects{Root: 6, Nodes: []callgraph.Node{
		{},
		{Kind: callgraph.Invoke, At: at(20), Call: &callgraph.Call{Func: "shop.charge", Name: "s.charge"}},
		{Kind: callgraph.Repeat, At: at(19), Parts: []callgraph.Ref{1}, Layer: &callgraph.Layer{
			Kind: callgraph.LoopLayer, At: at(19), Attempts: callgraph.Amount{N: 3},
		}},
		{Kind: callgraph.Send, At: at(31), Request: &callgraph.Request{
			Protocol: "http", Operation: "GET stock/items",
		}},
		{Kind: callgraph.Loop, At: at(30), Parts: []callgraph.Ref{3}, Count: &callgraph.Amount{Var: "len(order.Items)"}},
		{Kind: callgraph.Unresolved, At: at(40), Text: "h.next"},
		{Kind: callgraph.Seq, Parts: []callgraph.Ref{2, 4, 5}},
	}}
	charge := callgraph.Effects{Root: 2, Nodes: []callgraph.Node{
		{},
		{Kind: callgraph.Send, At: callgraph.Posn{File: "shop/pay.go", Line: 9}, Request: &callgraph.Request{
			Protocol: "http", Operation: `POST payments/v1/"charges"`, Resolved: true, Bound: 2e9,
		}},
		{Kind: callgraph.Repeat, Parts: []callgraph.Ref{1}, Layer: &callgraph.Layer{
			Kind: callgraph.ClientLayer, Name: "retryablehttp.Client", Attempts: callgraph.Amount{N: 4},
			At: callgraph.Posn{File: "shop/pay.go", Line: 5}, Modes: callgraph.Status5xx | callgraph.Reset, Growth: callgraph.NoWait,
		}},
	}}
	return callgraph.Link([]callgraph.Package{{Functions: []callgraph.Function{
		{ID: "shop.Checkout", Name: "Checkout", Entry: callgraph.Handler, At: at(12), Body: checkout},
		{ID: "shop.charge", Name: "charge", At: callgraph.Posn{File: "shop/pay.go", Line: 3}, Body: charge},
	}}})
}

func TestWriteGraph(t *testing.T) {
	g := shopProgram().Graph(callgraph.GraphOptions{})
	for _, format := range GraphFormats() {
		if format == "html" {
			continue // its script and style are no expectation; see package picture
		}
		t.Run(format, func(t *testing.T) {
			var got bytes.Buffer
			if err := WriteGraph(&got, format, g, GraphOptions{}); err != nil {
				t.Fatal(err)
			}
			golden(t, "graph."+format, got.Bytes())
		})
	}
}

func TestWriteGraphOfNothing(t *testing.T) {
	g := callgraph.Link(nil).Graph(callgraph.GraphOptions{})
	for _, format := range GraphFormats() {
		var got bytes.Buffer
		if err := WriteGraph(&got, format, g, GraphOptions{}); err != nil || got.Len() == 0 {
			t.Errorf("%s: got %q, %v", format, got.String(), err)
		}
	}
}

func TestWriteGraphRefusesFormat(t *testing.T) {
	err := WriteGraph(&bytes.Buffer{}, "sarif", &callgraph.Graph{}, GraphOptions{})
	if err == nil || !strings.Contains(err.Error(), "text, json, dot, mermaid, svg, html") {
		t.Errorf("got %v, want an error that lists the formats", err)
	}
}

// Functions out of sight, most of them in libraries, must not stand before the requests.
func TestRequestsBeforeWhatIsOutOfSight(t *testing.T) {
	unbounded := callgraph.Infinity
	g := &callgraph.Graph{
		Nodes: []callgraph.GraphNode{
			{ID: "shop.Run"}, {ID: "shop.Walk"}, {ID: "GET stock/items", Kind: callgraph.OperationNode},
			{ID: "unresolved:lib.fn", Kind: callgraph.UnresolvedNode, Name: "lib.fn"},
		},
		Amplification: []callgraph.Amplification{
			{Entry: "shop.Walk", Target: "unresolved:lib.fn", Hard: unbounded, Path: []callgraph.GraphStep{{Name: "lib.walk"}}},
			{Entry: "shop.Run", Target: "unresolved:lib.fn", Hard: unbounded, Path: []callgraph.GraphStep{{Name: "lib.walk"}}},
			{Entry: "shop.Run", Target: "GET stock/items", Hard: 3, Symbolic: "3", Path: []callgraph.GraphStep{{Name: "Stock"}}},
		},
	}
	write := func(o GraphOptions) string {
		var b strings.Builder
		if err := WriteGraph(&b, "text", g, o); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	text := write(GraphOptions{})
	last := -1
	for _, want := range []string{"shop.Run", "GET stock/items", "unresolved:lib.fn", "shop.Walk"} {
		at := strings.Index(text, want)
		if at <= last {
			t.Fatalf("%s is not where it is expected:\n%s", want, text)
		}
		last = at
	}
	if strings.Contains(text, "lib.walk") {
		t.Errorf("the way to what is out of sight is shown:\n%s", text)
	}
	if text := write(GraphOptions{Paths: true}); !strings.Contains(text, "lib.walk") {
		t.Errorf("the way to what is out of sight is not shown when it is asked for:\n%s", text)
	}
}

// A figure of many loops is not written out in text: nobody reads it, and it makes all lines wide.
func TestWideFigures(t *testing.T) {
	long := strings.Repeat("len(items) × ", 40) + "2"
	g := &callgraph.Graph{Amplification: []callgraph.Amplification{{
		Entry: "shop.Run", Target: "GET stock/items", Hard: 2, Symbolic: long,
		Path: []callgraph.GraphStep{{Name: "Run", Attempts: &callgraph.Times{N: 2, Text: long}}},
	}}}
	var b strings.Builder
	if err := WriteGraph(&b, "text", g, GraphOptions{}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "2, more by loops") {
		t.Errorf("the figure is not told:\n%s", b.String())
	}
	for line := range strings.Lines(b.String()) {
		if len(line) > 200 {
			t.Errorf("a line of %d bytes: %.80s…", len(line), line)
		}
	}
	b.Reset()
	if err := WriteGraph(&b, "json", g, GraphOptions{}); err != nil || !strings.Contains(b.String(), long) {
		t.Errorf("JSON lacks the whole figure: %v", err)
	}
}
