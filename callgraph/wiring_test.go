package callgraph

import "testing"

const charge = "/pay.v1.Payments/Charge"

func unavailable(n int) Layer {
	return Layer{Kind: ConfigLayer, Attempts: Amount{N: n}, Modes: GRPCUnavailable}
}

func perService(service string, layers ...Layer) []MethodLayer {
	return []MethodLayer{{Service: service, Layers: layers}}
}

var here, there = Posn{File: "a.go", Line: 3}, Posn{File: "b.go", Line: 4}

// connectionTests are calls over conn, by what is configured.
var connectionTests = map[string]struct {
	conn        Posn
	connections []Connection
	want        string
}{
	"none known": {here, nil, "1"},
	"the one it is made of": {there, []Connection{
		{At: here, Layers: perService("", unavailable(5))},
		{At: there, Layers: perService("", unavailable(2))},
	}, "2"},
	"one that names the service": {Posn{}, []Connection{
		{At: here, Layers: perService("", unavailable(5))},
		{At: there, Layers: perService("pay.v1.Payments", unavailable(3))},
	}, "3"},
	"the worst of those that name it": {Posn{}, []Connection{
		{At: here, Layers: perService("pay.v1.Payments", unavailable(4))},
		{At: there, Layers: perService("pay.v1.Payments", unavailable(3))},
	}, "4"},
	"all agree": {Posn{}, []Connection{
		{At: here, Layers: perService("", unavailable(4))},
		{At: there, Layers: perService("", unavailable(4))},
	}, "4"},
	"they do not agree": {Posn{}, []Connection{
		{At: here, Layers: perService("", unavailable(4))},
		{At: there},
	}, "1"},
	"a method without layers inside a service with some": {here, []Connection{
		{At: here, Layers: []MethodLayer{
			{Service: "pay.v1.Payments", Layers: []Layer{unavailable(4)}},
			{Service: "pay.v1.Payments", Method: "Charge"},
		}},
	}, "1"},
	"streams are something else": {here, []Connection{
		{At: here, Layers: []MethodLayer{
			{Calls: StreamCall, Layers: []Layer{unavailable(4)}}, {Calls: UnaryCall, Layers: []Layer{unavailable(2)}},
		}},
	}, "2"},
	"an interceptor and a service config": {here, []Connection{
		{At: here, Layers: perService("", unavailable(2)), Interceptors: []Interceptor{{Func: "intercept"}}},
	}, "6"},
}

func TestConnections(t *testing.T) {
	for name, tt := range connectionTests {
		t.Run(name, func(t *testing.T) {
			p := Link([]Package{{
				Functions: []Function{
					fn("main", Main, func(b *builder) {
						b.add(Node{Kind: Send, Request: &Request{Protocol: "grpc", Operation: charge, Conn: tt.conn}})
					}),
					fn("intercept", NoEntry, func(b *builder) {
						b.tries(3, b.call(Call{Param: &Param{Index: 5}, Name: "invoker"}))
					}),
				},
				Connections: tt.connections,
			}})
			want(t, "hard", hardOf(t, p, "main", charge), tt.want)
		})
	}
}

func TestHandlerFailureReachesTheClientAsAnyCode(t *testing.T) {
	p := Link([]Package{{
		Functions: []Function{
			fn("checkout", Handler, func(b *builder) {
				b.repeat(unavailable(3), b.send("grpc", charge))
			}),
			fn("server.Charge", Handler, func(b *builder) { b.tries(2, b.send("sql", "db")) }),
		},
		Served: []Served{{Operation: charge, Func: "server.Charge"}},
	}})
	want(t, "db", hardOf(t, p, "checkout", "db"), "6")
	want(t, "operation", hardOf(t, p, "checkout", charge), "3")
}
