//go:build proxies

package proxytest_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/envoycfg/haproxy"
	"github.com/commslint/commslint/envoycfg/nginx"
	"github.com/commslint/commslint/envoycfg/policy"
	"github.com/commslint/commslint/envoycfg/proxytest"
)

const haproxyConfig = `defaults
  mode http
  timeout connect 1s
  timeout client 5s
  timeout server 5s
listen edge
  bind 127.0.0.1:%s
  retry-on 503
  server nginx 127.0.0.1:%s
`

const nginxConfig = `daemon off;
master_process off;
pid %[1]s/nginx.pid;
events {}
http {
  access_log off;
  client_body_temp_path %[1]s; proxy_temp_path %[1]s; fastcgi_temp_path %[1]s; uwsgi_temp_path %[1]s; scgi_temp_path %[1]s;
  upstream shop { server %[3]s max_fails=0; server %[4]s max_fails=0; server %[5]s max_fails=0; }
  server {
    listen 127.0.0.1:%[2]s;
    location / {
      proxy_pass http://shop;
      proxy_next_upstream error timeout http_503;
    }
  }
}
`

// TestRealChain is vector 7 of the definition of amplification: HAProxy before nginx before three servers that answer 503. The layers
// multiply: 4 × 3.
func TestRealChain(t *testing.T) {
	up := proxytest.Start(t, 3, proxytest.Answers503)
	dir, front, back := t.TempDir(), proxytest.FreePort(t), proxytest.FreePort(t)
	outer := fmt.Sprintf(haproxyConfig, front, back)
	inner := fmt.Sprintf(nginxConfig, dir, back, up.Addresses[0], up.Addresses[1], up.Addresses[2])
	routes := slices.Concat(
		nginx.Check([]nginx.File{{Name: "nginx.conf", Text: []byte(inner)}}, policy.DefaultOptions()).Routes[:1],
		haproxy.Check("haproxy.cfg", []byte(outer), policy.DefaultOptions()).Routes)
	predicted := figure(routes)
	for name, text := range map[string]string{"nginx.conf": inner, "haproxy.cfg": outer} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	proxytest.Run(t, back, "nginx", "-c", filepath.Join(dir, "nginx.conf"), "-p", dir, "-e", filepath.Join(dir, "error.log"))
	proxytest.Run(t, front, "haproxy", "-db", "-f", filepath.Join(dir, "haproxy.cfg"))
	proxytest.Ask(t, "GET", front)
	if got := strconv.Itoa(up.Arrived()); got != predicted || predicted != "12" {
		t.Errorf("%s requests arrived, %s were predicted; want 12", got, predicted)
	}
	t.Logf("%d arrived, %s predicted", up.Arrived(), predicted)
}

// figure evaluates the layers of routes, the innermost first.
func figure(routes []callgraph.Route) string {
	e := callgraph.Effects{Nodes: []callgraph.Node{
		{Kind: callgraph.Nothing},
		{Kind: callgraph.Send, Request: &callgraph.Request{Protocol: "http", Operation: "target", Method: "GET", Resolved: true}},
	}, Root: 1}
	for _, r := range routes {
		for _, l := range r.Layers {
			e.Nodes = append(e.Nodes, callgraph.Node{Kind: callgraph.Repeat, Layer: &l, Parts: []callgraph.Ref{e.Root}})
			e.Root = callgraph.Ref(len(e.Nodes) - 1)
		}
	}
	row := callgraph.Evaluate(e, nil).Rows[0]
	for _, c := range row.Cases {
		if c.Modes&callgraph.Status503 != 0 {
			return c.Hard.String()
		}
	}
	return "none"
}
