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

// Of commands that are called the same none is known by that name, unless something else
// has it.
func TestCommandsOfOneName(t *testing.T) {
	api := func(name string) Package {
		path := "shop/" + name + "/cmd/api"
		return Package{Path: path, Dir: name + "/cmd/api", Main: true, Served: []Served{
			{Operation: "GET /v1/things", Func: path + ".list", At: Posn{File: name + "/cmd/api/main.go", Line: 1}},
		}}
	}
	for _, tt := range []struct {
		packages []Package
		host     string
		want     []string
	}{
		{[]Package{api("orders")}, "api", []string{"shop/orders/cmd/api.list"}},
		{[]Package{api("orders"), api("users")}, "api", nil},
		{[]Package{api("orders"), api("users")}, "orders", nil},
	} {
		l := newLinker(&Estate{}, tt.packages)
		got := l.link("web.f", &Request{Protocol: "http", Operation: "GET " + tt.host + "/v1/things"}, Posn{})
		if !slices.Equal(got.handlers, tt.want) {
			t.Errorf("%d commands, host %s: served by %q, want %q", len(tt.packages), tt.host, got.handlers, tt.want)
		}
	}
	l := newLinker(&Estate{}, []Package{api("orders"), api("users")})
	if a, b := l.services.owners["shop/orders/cmd/api"], l.services.owners["shop/users/cmd/api"]; a == nil || b == nil || a == b || a.Name == b.Name {
		t.Errorf("commands of several folders are one service: %v, %v", a, b)
	}
}

// A path that every service may have tells nothing of who serves it.
func TestUsualPaths(t *testing.T) {
	packages := served()[:1]
	l := newLinker(&Estate{}, packages)
	for operation, wanted := range map[string]int{"GET {base}/healthz": 0, "POST {base}/v1/orders": 1} {
		if got := l.link("shop/web.f", &Request{Protocol: "http", Operation: operation}, Posn{}); len(got.handlers) != wanted {
			t.Errorf("%s is served by %q, want %d handlers", operation, got.handlers, wanted)
		}
	}
}
