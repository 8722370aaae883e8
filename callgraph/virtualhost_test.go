package callgraph

import (
	"fmt"
	"testing"
)

// A proxy is often called as what it stands before. What it sends on does not come back to
// it, and what is asked at another port does not come to it at all.
func TestProxyNamedAsItsUpstream(t *testing.T) {
	app := func(address string) Route {
		return Route{
			ID: "nginx:1", System: "nginx", At: Posn{File: "app/nginx.conf", Line: 3}, Layers: retries(1), To: []Upstream{{Name: "app", Addresses: []string{address}}},
			RouteMatch: RouteMatch{Hosts: []string{"app"}, Listens: []string{"0.0.0.0:80"}},
		}
	}
	elsewhere := app("app:3000")
	elsewhere.Hosts = []string{"app.example.com"}
	for _, tt := range []struct {
		name, operation string
		route           Route
		services        []ServiceNames
		want            map[string]string
	}{
		{"by name", "GET app/x", app("app:3000"), nil, map[string]string{"GET app/x": "1", "GET app:3000/x": "2"}},
		{"by name and port", "GET app:80/x", app("app:3000"), nil, map[string]string{"GET app:80/x": "1", "GET app:3000/x": "2"}},
		{"past it", "GET app:3000/x", app("app:3000"), nil, map[string]string{"GET app:3000/x": "1"}},
		{"to its own port", "GET app/x", app("127.0.0.1:80"), nil, map[string]string{"GET app/x": "1", "GET 127.0.0.1:80/x": "2"}},
		{"by folder", "GET app/x", elsewhere, []ServiceNames{{Name: "app", Dir: "app"}}, map[string]string{"GET app/x": "1", "GET app:3000/x": "2"}},
	} {
		p := LinkSystem(client(tt.operation, 1), System{Estate: Estate{Routes: []Route{tt.route}, Services: tt.services}})
		v, _ := p.Value("c.main")
		got := map[string]string{}
		for i := range v.Rows {
			hard := v.Rows[i].Hard()
			got[v.Rows[i].Target.Name] = hard.String()
		}
		if fmt.Sprint(got) != fmt.Sprint(tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
		for _, f := range p.Check(nil, DefaultLimits) {
			t.Errorf("%s: %s: %s", tt.name, f.Rule, f.Message)
		}
	}
}

// What a sidecar or a gateway of a mesh sends on goes to the upstream, and by no other route
// for the same host, as several documents may have.
func TestMeshRoutesOnce(t *testing.T) {
	route := func(id, host string, sidecar bool) Route {
		return Route{
			ID: id, System: "istio", At: Posn{File: id + ".yaml", Line: 1}, Layers: retries(2), To: []Upstream{{Name: "page", Addresses: []string{"page"}}},
			RouteMatch: RouteMatch{Sidecar: sidecar, Hosts: []string{host}},
		}
	}
	for _, tt := range []struct {
		name, operation string
		routes          []Route
	}{
		{"two sidecars of one host", "GET page/x", []Route{route("a", "page", true), route("b", "page", true)}},
		{"two gateways of one host", "GET page/x", []Route{route("a", "page", false), route("b", "page", false)}},
		{"a gateway before a sidecar's host", "GET www.example.com/x", []Route{route("a", "www.example.com", false), route("b", "page", true)}},
	} {
		p := LinkSystem(client(tt.operation, 1), System{Estate: Estate{Routes: tt.routes}})
		v, _ := p.Value("c.main")
		most := Count(0)
		for i := range v.Rows {
			hard := v.Rows[i].Hard()
			most = max(most, hard.At(1))
		}
		if most != 3 {
			t.Errorf("%s: %s at most, want 3", tt.name, most)
		}
		for _, f := range p.Check(nil, Limits{}) {
			if f.Rule == "graph/retry-cycle" {
				t.Errorf("%s: %s", tt.name, f.Message)
			}
		}
	}
}

// Linking takes time that grows with the routes and the requests, and not with their
// product: 5000 of each, compared with each other, are 25 million.
func TestManyRoutes(t *testing.T) {
	const n = 5000
	estate := Estate{}
	pkg := Package{Path: "c"}
	for i := range n {
		host := fmt.Sprintf("svc%d", i)
		estate.Routes = append(estate.Routes, Route{
			ID: host, System: "istio", At: Posn{File: "mesh.yaml", Line: i}, RouteMatch: RouteMatch{Sidecar: true, Hosts: []string{host}},
			Layers: retries(1), To: []Upstream{{Name: host, Addresses: []string{host + ":80"}}},
		})
		pkg.Functions = append(pkg.Functions, fn("c.f"+host, Exported, func(b *builder) { b.send("http", "GET "+host+"/x") }))
	}
	p := LinkSystem([]Package{pkg}, System{Estate: estate})
	want(t, "the last", hardOf(t, p, fmt.Sprintf("c.fsvc%d", n-1), fmt.Sprintf("GET svc%d:80/x", n-1)), "2")
}
