package haproxy_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/envoycfg/haproxy"
	"github.com/commslint/commslint/envoycfg/policy"
	"github.com/commslint/commslint/rules"
)

func check(t *testing.T, text string) *haproxy.Result {
	t.Helper()
	if !haproxy.Sniff([]byte(text)) {
		t.Errorf("not recognised:\n%s", text)
	}
	return haproxy.Check("haproxy.cfg", []byte(text), policy.DefaultOptions())
}

// config is a frontend before a backend of one server.
func config(backend string) string {
	return `global
  maxconn 100

defaults
  mode http
  timeout connect 1s
  timeout client 60s
  timeout server 1s

frontend edge
  bind *:8080
  default_backend shop

backend shop
  ` + backend + `
  server one 10.0.0.1:81
`
}

// byMethod is a frontend with rules before a backend that repeats everything, and one that repeats nothing that was sent.
func byMethod(rules string) string {
	return "defaults\n  mode http\n  timeout connect 1s\n  timeout client 9s\n  timeout server 1s\nfrontend edge\n  bind :80\n  " + rules +
		"\nbackend again\n  retry-on all-retryable-errors\n  server a a:81\nbackend once\n  server a a:81\n"
}

// A vector is a configuration, a request and a failure, and what arrives then.
type vector struct {
	name, backend, method string
	mode                  callgraph.ModeSet
	attempts              string
	wall                  time.Duration
}

// vectors are the vectors of HAProxy in the definition of amplification, which were measured with HAProxy 2.6.12. proxies_test.go
// measures them again where HAProxy is installed.
var vectors = []vector{
	{"28 503", "", "GET", callgraph.Status503, "1", 0},
	{"28 reset", "", "GET", callgraph.Reset, "1", 0},
	{"28 hang", "", "GET", callgraph.Hang, "1", time.Second},
	{"29 GET", "retry-on all-retryable-errors", "GET", callgraph.Status503, "4", 0},
	{"29 POST", "retry-on all-retryable-errors", "POST", callgraph.Status503, "4", 0},
	{"29 POST reset", "retry-on all-retryable-errors", "POST", callgraph.Reset, "4", 0},
	{"29 POST disabled", "retry-on all-retryable-errors\n  http-request disable-l7-retry if METH_POST", "POST", callgraph.Status503, "1", 0},
	{"29 GET with POST disabled", "retry-on all-retryable-errors\n  http-request disable-l7-retry if METH_POST", "GET", callgraph.Status503, "4", 0},
	{"30", "retry-on all-retryable-errors\n  retries 5", "GET", callgraph.Hang, "6", 6 * time.Second},
	{"only GET", "retry-on 503\n  http-request disable-l7-retry unless METH_GET", "POST", callgraph.Status503, "1", 0},
	{"7: one status", "retry-on 503", "GET", callgraph.Status503, "4", 0},
	{"none", "retry-on none", "GET", callgraph.Status503, "1", 0},
}

func TestVectors(t *testing.T) {
	for _, tt := range vectors {
		t.Run(tt.name, func(t *testing.T) {
			got, wall := predict(t, check(t, config(tt.backend)).Routes, tt.method, tt.mode)
			if got != tt.attempts {
				t.Errorf("%s attempts; want %s", got, tt.attempts)
			}
			if tt.wall != 0 && wall != tt.wall {
				t.Errorf("it takes up to %v; want %v", wall, tt.wall)
			}
		})
	}
}

// predict is how often a request of a method arrives while the upstream fails in one way, and how long that takes.
func predict(t *testing.T, routes []callgraph.Route, method string, mode callgraph.ModeSet) (string, time.Duration) {
	t.Helper()
	for _, r := range routes {
		if len(r.Methods) > 0 && !slices.Contains(r.Methods, method) {
			continue
		}
		e := callgraph.Effects{Nodes: []callgraph.Node{
			{Kind: callgraph.Nothing},
			{Kind: callgraph.Send, Request: &callgraph.Request{Protocol: "http", Operation: "target", Method: method, Resolved: true}},
		}, Root: 1}
		for _, l := range slices.Backward(r.Layers) {
			e.Nodes = append(e.Nodes, callgraph.Node{Kind: callgraph.Repeat, Layer: &l, Parts: []callgraph.Ref{e.Root}})
			e.Root = callgraph.Ref(len(e.Nodes) - 1)
		}
		row := callgraph.Evaluate(e, nil).Rows[0]
		wall, _ := row.Wall.Known()
		if mode == callgraph.Hang {
			return row.Hang().String(), wall
		}
		for _, c := range row.Cases {
			if c.Modes&mode != 0 {
				return c.Hard.String(), wall
			}
		}
	}
	t.Fatalf("no route for %s in %+v", method, routes)
	return "", 0
}

func TestFindings(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       []string
	}{
		{"the defaults", config("balance roundrobin"), nil},
		{"POST again", config("retry-on all-retryable-errors"), []string{"haproxy.cfg:15:12 error mesh/retry-nonidempotent"}},
		{"POST again after 503", config("retry-on conn-failure 503"), []string{"haproxy.cfg:15:25 warning mesh/retry-nonidempotent"}},
		{"POST spared", config("retry-on all-retryable-errors\n  http-request disable-l7-retry if METH_POST"), nil},
		{"GET alone", config("retry-on all-retryable-errors\n  http-request disable-l7-retry unless { method GET HEAD }"), nil},
		{"told apart otherwise", config("retry-on all-retryable-errors\n  http-request disable-l7-retry unless is_read"), nil},
		{"an access list", config("acl writes method POST PUT\n  retry-on all-retryable-errors\n  http-request disable-l7-retry if writes"), nil},
		{"the backend of reads", byMethod("use_backend again if METH_GET\n  default_backend once"), nil},
		{"the backend of what is left", byMethod("acl write method POST PUT\n  acl write method PATCH\n  use_backend once if write\n  default_backend again"), nil},
		{"a path and a method", byMethod("acl v1 path_beg /v1\n  use_backend again if v1 METH_GET\n  default_backend once"), nil},
		{"a path and methods in braces", byMethod("acl v1 path_beg /v1\n  use_backend again if v1 { method GET HEAD }\n  default_backend once"), nil},
		{"no writes", byMethod("acl v1 path_beg /v1\n  acl write method POST PUT PATCH DELETE\n  use_backend again if v1 !write\n  default_backend once"), nil},
		{"all but reads", byMethod("use_backend again unless METH_GET"), []string{"haproxy.cfg:10:12 error mesh/retry-nonidempotent"}},
		{"an address of reads", byMethod("use_backend once if { src 10.0.0.0/8 } METH_POST\n  default_backend again"), []string{"haproxy.cfg:11:12 error mesh/retry-nonidempotent"}},
		{"for connections alone", config("retry-on conn-failure"), nil},
		{"a word that is none", config("retry-on conn-failure timeout"), []string{"haproxy.cfg:15:25 error mesh/unknown-retry-on"}},
		{"not in mode tcp", config("mode tcp\n  retry-on all-retryable-errors"), nil},
		{"many", config("retries 10\n  retry-on conn-failure 0rtt-rejected"), []string{"haproxy.cfg:15:11 warning mesh/retry-count"}},
		{"no timeout", "defaults\n  mode http\n  timeout connect 5s\nlisten a\n  bind :80\n  server s 10.0.0.1:80\n", []string{"haproxy.cfg:4:8 warning mesh/no-timeout"}},
		{"a part of a file", "backend a\n  server s 10.0.0.1:80\n", nil},
		{"off", config("timeout server 0"), []string{"haproxy.cfg:15:18 warning mesh/timeout-disabled"}},
		{"no time", config("timeout server soon"), []string{"haproxy.cfg:15:18 error mesh/invalid"}},
		{"a template", "{{/* with\nbackend for all */}}\nbackend a\n{{ if .x }}\n  timeout server {{ .t }}\n{{ end }}\n  server s 10.0.0.1:80\n", nil},
		{"in milliseconds", config("timeout server 500"), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, f := range check(t, tt.text).Findings {
				r, _ := rules.Lookup(f.Rule)
				if level := f.Strength.Cap(r.Level); level != "note" {
					got = append(got, fmt.Sprintf("%s:%d:%d %s %s", f.File, f.Line, f.Column, level, f.Rule))
				}
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("found\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
		})
	}
}

func TestRoutes(t *testing.T) {
	text := `defaults
  mode http
  timeout connect 1s
  timeout client 5s
  timeout server 5s
frontend edge
  bind *:80,*:443
  acl is_pay hdr(host) pay.example.com
  acl is_v1 path_beg /v1
  use_backend pay if is_pay
  use_backend v1 if is_v1
  use_backend %[req.hdr(x-team)] if { req.hdr(x-team) -m found }
  default_backend web
backend pay
  server a pay:81 check
backend v1
  server a v1:82
  server b v1b:82 disabled
backend web
  server-template web 3 web.local:83
`
	var got []string
	for _, r := range check(t, text).Routes {
		line := fmt.Sprintf("%d %s %v %s%s conditional=%v %s", r.At.Line, r.Name, r.Hosts, r.Path.Kind, r.Path.Text, r.Conditional, r.Dynamic)
		for _, to := range r.To {
			line += fmt.Sprintf(" -> %v", to.Addresses)
		}
		got = append(got, line)
	}
	want := []string{
		"10 backend pay [pay.example.com]  conditional=false  -> [pay:81]",
		"11 backend v1 [] prefix/v1 conditional=false  -> [v1:82]",
		"12 backend %[req.hdr(x-team)] of frontend edge []  conditional=true the expression %[req.hdr(x-team)]",
		"13 backend web []  conditional=false  -> [web.local:83]",
	}
	if !slices.Equal(got, want) {
		t.Errorf("routes\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestSniff(t *testing.T) {
	for text, want := range map[string]bool{
		"listen stats\n  bind :8404\n":                  true,
		"defaults\n\ttimeout server 5s\n":               true,
		"backend:\n  server: a\n":                       false,
		"http {\n  upstream backend { server a; }\n}\n": false,
		"The backend server listens.\n":                 false,
		"frontend = { mode = 1 }\n":                     false,
		"[backend]\nmode = \"http\"\n":                  false,
	} {
		if got := haproxy.Sniff([]byte(text)); got != want {
			t.Errorf("%q: %v; want %v", text, got, want)
		}
	}
}
