package program

import (
	"slices"
	"testing"

	"github.com/commslint/commslint/analyzers/callsheet"
	"github.com/commslint/commslint/callgraph"
)

func TestHandlersOf(t *testing.T) {
	at := func(file string) callgraph.Posn { return callgraph.Posn{File: file, Line: 1} }
	sheets := []callsheet.Sheet{
		{Path: "shop/orders", Routes: []callsheet.Route{
			{Pattern: "POST /v1/orders", Funcs: []string{"place"}, At: at("orders/http.go")},
			{Pattern: "GET /v1/orders/{id}", Funcs: []string{"get"}, At: at("orders/http.go")},
			{Pattern: "GET /v1/orders/latest", Funcs: []string{"latest"}, At: at("orders/http.go")},
			{Pattern: "GET /healthz", Funcs: []string{"orders.health"}, At: at("orders/http.go")},
			{Pattern: "/any", Funcs: []string{"any"}, At: at("orders/http.go")},
			{Pattern: "/files/", Funcs: []string{"files"}, At: at("orders/http.go")},
			{Pattern: "/", Funcs: []string{"root"}, At: at("orders/http.go")},
		}},
		{Path: "shop/stock", Routes: []callsheet.Route{
			{Pattern: "GET /healthz", Funcs: []string{"stock.health"}, At: at("stock/http.go")},
		}},
	}
	services := []Service{
		{Name: "orders", Hosts: []string{"orders.internal"}, Dir: "orders"},
		{Name: "stock", Hosts: []string{"stock.internal:8080"}, Dir: "stock"},
	}
	for _, tt := range []struct {
		operation, from string
		want            []string
	}{
		{"POST {base}/v1/orders", "shop/web", []string{"place"}},
		{"POST localhost:8080/v1/orders", "shop/web", []string{"place"}},
		{"POST orders.internal/v1/orders", "shop/web", []string{"place"}},
		{"GET {base}/v1/orders/{id}", "shop/web", []string{"get"}},
		{"GET {base}/v1/orders/latest", "shop/web", []string{"latest"}},
		{"PUT {base}/any", "shop/web", []string{"any"}},
		{"GET orders.internal/healthz", "shop/web", []string{"orders.health"}},
		{"GET stock.internal:8080/healthz", "shop/web", []string{"stock.health"}},

		{"GET {base}/healthz", "shop/web", nil},                 // of two services
		{"DELETE {base}/v1/orders", "shop/web", nil},            // not served
		{"POST api.example.com/v1/orders", "shop/web", nil},     // of others
		{"POST stock.internal:8080/v1/orders", "shop/web", nil}, // of another service
		{"POST {base}/v1/orders", "shop/orders", nil},           // perhaps a proxy
		{"GET {base}/files/a", "shop/web", nil},                 // too little to go on
		{"GET {url}", "shop/web", nil},
		{"HTTP request in f", "shop/web", nil},
	} {
		if got := handlersOf(tt.operation, tt.from, routesOf(sheets), services); !slices.Equal(got, tt.want) {
			t.Errorf("%s from %s is served by %q, want %q", tt.operation, tt.from, got, tt.want)
		}
	}
}
