package callgraph

import "testing"

func TestServes(t *testing.T) {
	closer := func(authority string, hosts ...string) { // each is closer than the next
		t.Helper()
		for i := range hosts {
			m := RouteMatch{Hosts: hosts[i : i+1]}
			if got := m.serves(authority); got == 0 {
				t.Errorf("%s is not for %s", hosts[i], authority)
			} else if i > 0 {
				if before := (&RouteMatch{Hosts: hosts[i-1 : i]}); before.serves(authority) <= got {
					t.Errorf("for %s, %s is not closer than %s", authority, hosts[i-1], hosts[i])
				}
			}
		}
	}
	closer("shop.example.com", "shop.example.com", "*.example.com", "*.com", "shop.example.*", "shop.*", "*")
	closer("SHOP.example.com:8080", "shop.Example.com:8080", "*.example.com:8080", "*.example.com", "shop.*", "*")
	for _, host := range []string{"example.com", "op.example.com", "*.shop.example.com", "shop.example.com:8080", "*.example.com:8080", "hop.*", "shop.example"} {
		if got := (&RouteMatch{Hosts: []string{host}}).serves("shop.example.com"); got != 0 {
			t.Errorf("%s is for shop.example.com (%d)", host, got)
		}
	}
}

// What names the method, or the host, goes before what does not, as in net/http.
func TestMoreSpecificPatterns(t *testing.T) {
	pkg := Package{Path: "x/alpha", Dir: "alpha", Main: true}
	for i, pattern := range []string{"/health", "GET /health", "alpha/v/{id}", "/v/{id}", "GET /v/{id}", "/files/", "GET /files/{name}"} {
		id := "x/alpha.f" + Count(i).String()
		pkg.Functions = append(pkg.Functions, fn(id, Handler, func(b *builder) { b.send("http", "GET db/"+pattern) }))
		pkg.Served = append(pkg.Served, Served{Operation: pattern, Func: id, At: Posn{File: "alpha/main.go", Line: i}})
	}
	for operation, wanted := range map[string]string{
		"GET alpha/health": "x/alpha.f1", "PUT alpha/health": "x/alpha.f0", "GET alpha/v/7": "x/alpha.f2",
		"GET alpha/files/a": "x/alpha.f6", "GET alpha/files/a/b": "x/alpha.f5",
	} {
		p := LinkSystem(append(client(operation, 1), pkg), System{})
		got := p.linker.link("c.main", &Request{Protocol: "http", Operation: operation}, Posn{})
		if len(got.handlers) != 1 || got.handlers[0] != wanted {
			t.Errorf("%s: served by %v, want %s alone", operation, got.handlers, wanted)
		}
	}
}

// A sidecar's route for a service of one namespace says nothing of those that are called
// the same in another.
func TestNamespacesOfSidecars(t *testing.T) {
	hosts := func(ns string) []string {
		return []string{"pay", "pay." + ns, "pay." + ns + ".svc", "pay." + ns + ".svc.cluster.local"}
	}
	estate := Estate{
		Workloads: []Workload{{Name: "pay", Hosts: hosts("prod")}, {Name: "pay", Hosts: hosts("dev")}},
		Routes: []Route{{
			ID: "istio:1", System: "istio", RouteMatch: RouteMatch{Sidecar: true, Hosts: hosts("prod")[1:]},
			Layers: retries(2), To: []Upstream{{Name: "up", Addresses: []string{"up:80"}}},
		}},
	}
	for host, wanted := range map[string]bool{
		"pay.prod": true, "pay.prod.svc:80": true, "pay.prod.svc.cluster.local": true, "pay": true,
		"pay.dev": false, "pay.dev.svc.cluster.local:8080": false, "PAY.dev.svc": false, "other.prod": false,
	} {
		p := LinkSystem(client("GET "+host+"/x", 1), System{Estate: estate})
		v, _ := p.Value("c.main")
		if got := v.Rows[0].Target.Name == "GET up:80/x"; got != wanted {
			t.Errorf("a request to %s takes the route of prod: %t, want %t (it goes to %s)", host, got, wanted, v.Rows[0].Target.Name)
		}
	}
}
