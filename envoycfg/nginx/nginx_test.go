package nginx_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/envoycfg/manifest"
	"github.com/commslint/commslint/envoycfg/nginx"
	"github.com/commslint/commslint/envoycfg/policy"
	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/rules"
)

func check(t *testing.T, files ...nginx.File) *nginx.Result {
	t.Helper()
	for _, f := range files {
		if !nginx.Sniff(f.Text) {
			t.Errorf("%s is not recognised", f.Name)
		}
	}
	result := nginx.Check(files, policy.DefaultOptions())
	for _, f := range result.Failures {
		t.Fatalf("%+v", f)
	}
	return result
}

func show(findings []finding.Finding) []string {
	var all []string
	for _, f := range findings {
		r, _ := rules.Lookup(f.Rule)
		all = append(all, fmt.Sprintf("%s:%d:%d %s %s", f.File, f.Line, f.Column, f.Strength.Cap(r.Level), f.Rule))
	}
	return all
}

// config is a server before an upstream of three servers, of which one is a backup.
func config(upstream, location string) string {
	return `events {}
http {
  upstream shop { ` + upstream + ` }
  server {
    listen 8080;
    server_name shop.example.com;
    location / {
      proxy_pass http://shop;
      ` + location + `
    }
  }
}
`
}

const (
	three = "server 10.0.0.1:81; server 10.0.0.2:81; server 10.0.0.3:81;"
	two   = "server 10.0.0.1:81; server 10.0.0.2:81; server 10.0.0.3:81 backup;"
	one   = "server shop.default.svc.cluster.local:81;"
)

// A vector is a configuration, a request and a failure, and what arrives then.
type vector struct {
	name, upstream, location string
	method                   string
	mode                     callgraph.ModeSet
	attempts                 string
	wall                     time.Duration
}

// vectors are the vectors of nginx in the definition of amplification, which were measured with nginx 1.22.1. proxies_test.go
// measures them again where nginx is installed.
var vectors = []vector{
	{"22 GET", two, "proxy_next_upstream error timeout http_503;", "GET", callgraph.Status503, "3", 0},
	{"22 POST", two, "proxy_next_upstream error timeout http_503;", "POST", callgraph.Status503, "1", 0},
	{"23 GET", three, "", "GET", callgraph.Reset, "3", 0},
	{"23 POST", three, "", "POST", callgraph.Reset, "1", 0},
	{"23 POST non_idempotent", three, "proxy_next_upstream error timeout non_idempotent;", "POST", callgraph.Reset, "3", 0},
	{"24 POST refused", three, "", "POST", callgraph.Refused, "3", 0},
	{"25 hang", three, "proxy_read_timeout 1s;", "GET", callgraph.Hang, "3", 3 * time.Second},
	{"25 hang by default", three, "", "GET", callgraph.Hang, "3", 180 * time.Second},
	{"26 one server", one, "proxy_next_upstream error timeout invalid_header http_500 http_502 http_503 http_504 non_idempotent;", "GET", callgraph.Status503, "1", 0},
	{"27", three, "proxy_read_timeout 1s; proxy_next_upstream_timeout 1s;", "GET", callgraph.Hang, "1", time.Second},
	{"a window of two attempts", three, "proxy_read_timeout 1s; proxy_next_upstream_timeout 1500ms;", "GET", callgraph.Hang, "2", 2 * time.Second},
	{"a window ends no attempt", three, "proxy_read_timeout 2s; proxy_next_upstream_timeout 1s;", "GET", callgraph.Hang, "1", 2 * time.Second},
	{"tries", three, "proxy_next_upstream_tries 2;", "GET", callgraph.Refused, "2", 0},
	{"off", three, "proxy_next_upstream off;", "GET", callgraph.Refused, "1", 0},
}

func TestVectors(t *testing.T) {
	for _, tt := range vectors {
		t.Run(tt.name, func(t *testing.T) {
			result := check(t, nginx.File{Name: "nginx.conf", Text: []byte(config(tt.upstream, tt.location))})
			got, wall := predict(t, result.Routes, tt.method, tt.mode)
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
		name, upstream, location string
		want                     []string
	}{
		{"the default", three, "proxy_read_timeout 5s;", nil},
		{"nobody chose the time", three, "", []string{"nginx.conf:8:7 note mesh/no-timeout"}},
		{"POST again", three, "proxy_read_timeout 5s; proxy_next_upstream error timeout non_idempotent;", []string{"nginx.conf:9:64 error mesh/retry-nonidempotent"}},
		{"one server has no next", one, "proxy_read_timeout 5s; proxy_next_upstream error non_idempotent;", nil},
		{"unknown word", three, "proxy_read_timeout 5s; proxy_next_upstream error http_501;", []string{"nginx.conf:9:56 error mesh/unknown-retry-on"}},
		{"no room", three, "proxy_read_timeout 5s; proxy_next_upstream error timeout; proxy_next_upstream_timeout 8s;", []string{"nginx.conf:9:93 note mesh/retry-bound-by-timeout"}},
		{"a window below an attempt", three, "proxy_read_timeout 5s; proxy_next_upstream error timeout; proxy_next_upstream_timeout 2s;", []string{"nginx.conf:9:93 note mesh/retry-bound-by-timeout"}},
		{"no time", three, "proxy_read_timeout 5 s;", nil},
		{"no time at all", three, "proxy_read_timeout soon;", []string{"nginx.conf:9:26 error mesh/invalid"}},
		{"a copy of each", three, "proxy_read_timeout 5s; mirror /copy;", []string{"nginx.conf:9:30 warning mesh/mirror-amplification"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			result := check(t, nginx.File{Name: "nginx.conf", Text: []byte(config(tt.upstream, tt.location))})
			got := slices.DeleteFunc(show(result.Findings), func(s string) bool {
				return strings.HasSuffix(s, "note mesh/hang-bound") || strings.HasSuffix(s, "note mesh/default-retries")
			})
			if !slices.Equal(got, tt.want) {
				t.Errorf("found\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
		})
	}
}

// TestParts joins what one file includes from others, by the ends of paths.
func TestParts(t *testing.T) {
	main := "http {\n  proxy_read_timeout 7s;\n  include /etc/nginx/conf.d/*.conf;\n  server { location / { proxy_pass http://shop; } }\n}\n"
	result := check(t,
		nginx.File{Name: "web/nginx.conf", Text: []byte(main)},
		nginx.File{Name: "web/conf.d/upstreams.conf", Text: []byte("upstream shop { server a; server b; }\n")},
		nginx.File{Name: "web/conf.d/site.conf", Text: []byte("server {\n  listen 81;\n  server_name a.example.com;\n  location = /v1 { proxy_pass http://shop; }\n  location ~ ^/v(\\d+)/ { proxy_pass http://$host; }\n}\n")},
	)
	var got []string
	for _, r := range result.Routes {
		line := fmt.Sprintf("%s:%d %v %v %s%s %v", r.At.File, r.At.Line, r.Hosts, r.Listens, r.Path.Kind, r.Path.Text, r.Methods)
		for _, l := range r.Layers {
			line += fmt.Sprintf(" %d × %v", l.Attempts.N, l.PerTry)
		}
		got = append(got, line+" "+r.Dynamic)
	}
	want := []string{
		"web/conf.d/site.conf:4 [a.example.com] [0.0.0.0:81] exact/v1 [GET HEAD PUT DELETE OPTIONS TRACE] 2 × 7s ",
		"web/conf.d/site.conf:4 [a.example.com] [0.0.0.0:81] exact/v1 [] 2 × 0s ",
		"web/conf.d/site.conf:5 [a.example.com] [0.0.0.0:81] regex.*(?:^/v(\\d+)/).* [GET HEAD PUT DELETE OPTIONS TRACE] 1 × 7s the variable in $host",
		"web/conf.d/site.conf:5 [a.example.com] [0.0.0.0:81] regex.*(?:^/v(\\d+)/).* [] 1 × 0s the variable in $host",
		"web/nginx.conf:4 [] []  [GET HEAD PUT DELETE OPTIONS TRACE] 2 × 7s ",
		"web/nginx.conf:4 [] []  [] 2 × 0s ",
	}
	if !slices.Equal(got, want) {
		t.Errorf("routes\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestRewrites has what becomes of paths where the address of a pass has one.
func TestRewrites(t *testing.T) {
	for location, want := range map[string]callgraph.Rewrite{
		"location /shop/ { proxy_pass http://a/v1/; }":    {Prefix: "/shop/", To: "/v1/"},
		"location /shop/ { proxy_pass http://a; }":        {},
		"location = /shop { proxy_pass http://a/; }":      {Prefix: "/shop", To: "/"},
		"location ~ ^/shop { proxy_pass http://a; }":      {},
		"location / { proxy_pass http://a/v1/; }":         {Prefix: "/", To: "/v1/"},
		"location /shop { proxy_pass http://$host/v1/; }": {},
	} {
		routes := check(t, nginx.File{Name: "nginx.conf", Text: []byte("server { " + location + " }")}).Routes
		if got := routes[0].Rewrite; got != want {
			t.Errorf("%s: %+v; want %+v", location, got, want)
		}
	}
}

// TestLua names what decides where nginx itself sends nothing on: that is no route without retries.
func TestLua(t *testing.T) {
	text := "http { server { location /api { content_by_lua '\n local client = require \"compose\"\n client.Compose();\n '; } } }\n"
	routes := check(t, nginx.File{Name: "nginx.conf", Text: []byte(text)}).Routes
	if len(routes) != 1 || routes[0].Dynamic != "content_by_lua" || len(routes[0].To) != 0 || len(routes[0].Layers) != 0 {
		t.Errorf("%+v", routes)
	}
}

func TestSniff(t *testing.T) {
	for text, want := range map[string]bool{
		"server { location / { proxy_pass http://a; } }":             true,
		"upstream a {\n server b;\n}\n":                              true,
		"# proxy_pass http://a;\nserver { root /srv; }\n":            false,
		`{"a": "proxy_pass http://a;"}`:                              false,
		"The directive proxy_pass sends requests on; see { below }.": false,
		"[Service]\nExecStart=/bin/true\n":                           false,
		"location / {\n  grpc_pass grpc://a:50051;\n}\n":             true,
	} {
		if got := nginx.Sniff([]byte(text)); got != want {
			t.Errorf("%q: %v; want %v", text, got, want)
		}
	}
}

// TestTemplate reads what a template says around what is filled in.
func TestTemplate(t *testing.T) {
	text := "upstream a { {% for s in servers %}\n  server {{ s }};\n{% endfor %}\n}\nserver {\n  listen {{ port }};\n  location / {\n{{- if .x }}\n    proxy_pass http://a;\n    proxy_next_upstream error non_idempotent;\n{{- end }}\n  }\n}\n"
	if got, want := show(check(t, nginx.File{Name: "a.conf.j2", Text: []byte(text)}).Findings), "a.conf.j2:10:31 error mesh/retry-nonidempotent"; !slices.Contains(got, want) {
		t.Errorf("found %v; want %s", got, want)
	}
}

// TestFailures names the line of what cannot be read, and tells templates.
func TestFailures(t *testing.T) {
	for text, template := range map[string]bool{
		"server {\n  location / {\n    proxy_pass http://a;\n":                           false,
		"server {\n  {% if a %}\n  location / { proxy_pass http://a; }\n  {% endif %}\n": true, // the template closes it elsewhere
		strings.Repeat("a {", 5000):                                                      false,
	} {
		result := nginx.Check([]nginx.File{{Name: "nginx.conf", Text: []byte(text)}}, policy.DefaultOptions())
		if len(result.Failures) != 1 || result.Failures[0].Template != template || result.Failures[0].Message == "" {
			t.Errorf("%.60q: %+v", text, result.Failures)
		}
	}
}

// TestConfigMap reads a configuration where it stands in a ConfigMap.
func TestConfigMap(t *testing.T) {
	text := "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata:\n  other: a\n  nginx.conf: |\n    upstream shop { server a; server b; }\n" +
		"    server {\n      location / {\n        proxy_pass http://shop;\n        proxy_next_upstream error non_idempotent;\n      }\n    }\n  last: b\n"
	embedded := manifest.EmbeddedTexts(manifest.Read("web.yaml", []byte(text)).Objects)
	if len(embedded) != 1 || embedded[0].Key != "nginx.conf" {
		t.Fatalf("%d texts", len(embedded))
	}
	got := show(check(t, nginx.File{Name: embedded[0].File, Text: embedded[0].Text}).Findings)
	if want := "web.yaml:11:35 error mesh/retry-nonidempotent"; !slices.Contains(got, want) {
		t.Errorf("found %v; want %s", got, want)
	}
}

// TestCorpus reads real configurations whose routes Lua serves: nothing may be said of what they send on.
func TestCorpus(t *testing.T) {
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for ; len(names) == 0 && dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		names, _ = filepath.Glob(filepath.Join(dir, "shared/corpus/envoy/nginx/delimitrou*.conf"))
	}
	if len(names) == 0 {
		t.Skip("needs the configurations of shared/corpus/envoy beside the repository")
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		result := check(t, nginx.File{Name: filepath.Base(name), Text: text})
		if len(result.Routes) == 0 || len(result.Findings) != 0 {
			t.Errorf("%s: %d routes, findings %v", filepath.Base(name), len(result.Routes), show(result.Findings))
		}
		for _, r := range result.Routes {
			if !strings.HasPrefix(r.Dynamic, "content_by_lua") || len(r.Layers)+len(r.To) != 0 {
				t.Errorf("%s: %+v", filepath.Base(name), r)
			}
		}
	}
}

// TestHostileIncludes bounds the time for files that all include each other.
func TestHostileIncludes(t *testing.T) {
	var files []nginx.File
	for i := range 60 {
		files = append(files, nginx.File{Name: fmt.Sprintf("conf/%d.conf", i), Text: []byte("include conf/*.conf;\nserver { location / { proxy_pass http://a; include ../conf/*.conf; } }\n")})
	}
	start := time.Now()
	nginx.Check(files, policy.DefaultOptions())
	if took := time.Since(start); took > 10*time.Second {
		t.Error(took)
	}
}
