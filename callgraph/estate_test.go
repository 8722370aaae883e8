package callgraph

import (
	"slices"
	"testing"
)

// served is two services with routes, and one that asks them.
func served() []Package {
	route := func(pattern, id, file string) Served {
		return Served{Operation: pattern, Func: id, At: Posn{File: file, Line: len(pattern)}}
	}
	return []Package{
		{Path: "shop/orders", Dir: "orders", Served: []Served{
			route("POST /v1/orders", "shop/orders.place", "orders/http.go"),
			route("GET /v1/orders/{id}", "shop/orders.get", "orders/http.go"),
			route("GET /v1/orders/latest", "shop/orders.latest", "orders/http.go"),
			route("GET /healthz", "shop/orders.health", "orders/http.go"),
			route("/any", "shop/orders.any", "orders/http.go"),
			route("/files/", "shop/orders.files", "orders/http.go"),
			route("/", "shop/orders.root", "orders/http.go"),
			route("/grpc.health.v1.Health/Check", "shop/orders.check", "orders/http.go"),
		}},
		{Path: "shop/stock", Dir: "stock", Served: []Served{
			route("GET /healthz", "shop/stock.health", "stock/http.go"),
			route("/grpc.health.v1.Health/Check", "shop/stock.check", "stock/http.go"),
		}},
	}
}

func TestLinkHTTP(t *testing.T) {
	estate := Estate{
		Services: []ServiceNames{
			{Name: "orders", Hosts: []string{"orders.internal"}, Env: []string{"ORDERS_URL"}, Dir: "orders"},
			{Name: "stock", Hosts: []string{"stock.internal:8080"}, Dir: "stock"},
		},
		Workloads: []Workload{
			{Name: "web", Env: []EnvValue{{Name: "STOCK_URL", Value: "http://stock.shop:9000/"}, {Name: "BANK_URL", Value: "https://bank.example"}}},
			{Name: "stock", Hosts: []string{"stock", "stock.shop", "stock.shop.svc.cluster.local"}},
		},
	}
	env := func(name, path string) string { return "GET " + envOpen + name + envClose + path }
	for _, tt := range []struct {
		operation, from string
		want            []string
		service         string
	}{
		{"POST {base}/v1/orders", "shop/web.f", []string{"shop/orders.place"}, "orders"},
		{"POST localhost:8080/v1/orders", "shop/web.f", []string{"shop/orders.place"}, "orders"},
		{"POST orders.internal/v1/orders", "shop/web.f", []string{"shop/orders.place"}, "orders"},
		{"GET {base}/v1/orders/{id}", "shop/web.f", []string{"shop/orders.get"}, "orders"},
		{"GET {base}/v1/orders/latest", "shop/web.f", []string{"shop/orders.latest"}, "orders"},
		{"PUT {base}/any", "shop/web.f", []string{"shop/orders.any"}, "orders"},
		{"GET orders.internal/healthz", "shop/web.f", []string{"shop/orders.health"}, "orders"},
		{"GET stock.internal:8080/healthz", "shop/web.f", []string{"shop/stock.health"}, "stock"},
		{"GET stock.shop.svc.cluster.local/healthz", "shop/web.f", []string{"shop/stock.health"}, "stock"},
		{"GET orders.internal/files/a", "shop/web.f", []string{"shop/orders.files"}, "orders"},
		{env("ORDERS_URL", "/v1/orders/7"), "shop/web.f", []string{"shop/orders.get"}, "orders"},
		{env("STOCK_URL", "/healthz"), "shop/web.f", []string{"shop/stock.health"}, "stock"},
		{"POST stock.internal:8080/v1/orders", "shop/web.f", nil, "stock"}, // which does not serve it

		{"GET {base}/healthz", "shop/web.f", nil, ""},             // of two services
		{"DELETE {base}/v1/orders", "shop/web.f", nil, ""},        // not served
		{"POST api.example.com/v1/orders", "shop/web.f", nil, ""}, // of others
		{env("BANK_URL", "/v1/orders"), "shop/web.f", nil, ""},
		{"POST {base}/v1/orders", "shop/orders.f", nil, ""}, // perhaps a proxy
		{"GET {base}/files/a", "shop/web.f", nil, ""},       // too little to go on
		{"GET {url}", "shop/web.f", nil, ""},
		{"HTTP request in f", "shop/web.f", nil, ""},
	} {
		l := newLinker(&estate, served())
		got := l.link(tt.from, &Request{Protocol: "http", Operation: tt.operation}, Posn{})
		service := ""
		if got.service != nil {
			service = got.service.Name
		}
		if !slices.Equal(got.handlers, tt.want) || service != tt.service {
			t.Errorf("%q from %s is served by %q of %q (%s), want %q of %q", tt.operation, tt.from, got.handlers, service, got.why, tt.want, tt.service)
		}
	}
}

// Two services register the same gRPC service: the address tells which is asked.
func TestLinkMethodOfOneInstance(t *testing.T) {
	packages := append(served(), Package{Path: "shop/web", Dir: "web", Peers: []Peer{
		{At: Posn{File: "web/a.go", Line: 1}, Text: Text{Slot: "shop/web.conn"}},
	}, Texts: []TextFlow{
		{To: "shop/web.conn", From: Text{Call: "shop/web.dial", Args: []Text{{}, {Env: &Text{Const: "STOCK_ADDR"}}}}},
		{To: ResultSlot("shop/web.dial"), From: Text{Parts: []Text{{Const: "dns:///"}, {Slot: ParameterSlot("shop/web.dial", 1)}}}},
	}})
	estate := Estate{Services: []ServiceNames{
		{Name: "orders", Dir: "orders"}, {Name: "stock", Dir: "stock", Env: []string{"STOCK_ADDR"}},
	}}
	check := Request{Protocol: "grpc", Operation: "/grpc.health.v1.Health/Check"}
	for _, tt := range []struct {
		at   Posn
		want []string
	}{
		{Posn{File: "web/a.go", Line: 1}, []string{"shop/stock.check"}},
		{Posn{File: "web/b.go", Line: 1}, []string{"shop/orders.check", "shop/stock.check"}}, // not known which
	} {
		if got := newLinker(&estate, packages).link("shop/web.f", &check, tt.at); !slices.Equal(got.handlers, tt.want) {
			t.Errorf("from %s: %q, want %q", tt.at.text(), got.handlers, tt.want)
		}
	}
}
