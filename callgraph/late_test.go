package callgraph

import "testing"

// A helper sends what it is told: who serves it is known at its calls.
func TestLateOperations(t *testing.T) {
	helper := fn("shop/api.(*Client).do", NoEntry, func(b *builder) {
		method, path := Place(Param{Index: 1}, "{method}"), Place(Param{Index: 2}, "{path}")
		b.add(Node{Kind: Send, At: Posn{File: "api/client.go", Line: 9}, Request: &Request{
			Protocol: "http", Operation: method + " " + Place(Param{Path: "base"}, "{c.base}") + path,
		}})
	})
	ask := func(b *builder, method, path string) Ref {
		return b.call(Call{Func: helper.ID, Args: []Arg{{To: Param{Index: 1}, Text: method}, {To: Param{Index: 2}, Text: path}}})
	}
	packages := []Package{
		{Path: "shop/web", Dir: "web", Functions: []Function{fn("shop/web.page", Handler, func(b *builder) {
			b.seq(b.tries(3, ask(b, "POST", "/orders")), ask(b, "GET", "/stock"), ask(b, "GET", "/unknown"))
		})}},
		{Path: "shop/api", Dir: "api", Functions: []Function{helper}, Peers: []Peer{
			{At: Posn{File: "api/client.go", Line: 9}, Text: Text{Parts: []Text{{Env: &Text{Const: "ORDERS_URL"}}, {Slot: ParameterSlot(helper.ID, 2)}}}},
		}},
		{Path: "shop/orders", Dir: "orders", Functions: []Function{
			fn("shop/orders.place", Handler, func(b *builder) { b.tries(4, b.send("sql", "sql:exec in place")) }),
			fn("shop/orders.stock", Handler, func(b *builder) { b.send("sql", "sql:query in stock") }),
		}, Served: []Served{
			{Operation: "POST /orders", Func: "shop/orders.place", At: Posn{File: "orders/http.go", Line: 1}},
			{Operation: "GET /stock", Func: "shop/orders.stock", At: Posn{File: "orders/http.go", Line: 2}},
		}},
	}
	p := LinkSystem(packages, System{Estate: Estate{Services: []ServiceNames{{Name: "orders", Env: []string{"ORDERS_URL"}, Dir: "orders"}}}})
	want(t, "orders", hardOf(t, p, "shop/web.page", "POST {c.base}/orders"), "3")
	want(t, "its database", hardOf(t, p, "shop/web.page", "sql:exec in place"), "12")
	want(t, "the other database", hardOf(t, p, "shop/web.page", "sql:query in stock"), "1")
	edges := map[string]string{}
	for _, e := range p.Graph(GraphOptions{}).Edges {
		if e.Why != "" {
			edges[e.From] = e.To
		}
	}
	want(t, "edge", edges["POST {c.base}/orders"], "shop/orders.place")
	want(t, "edge", edges["GET {c.base}/stock"], "shop/orders.stock")
}
