//go:build proxies

package nginx_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/envoycfg/nginx"
	"github.com/commslint/commslint/envoycfg/policy"
	"github.com/commslint/commslint/envoycfg/proxytest"
)

// TestRealNginx starts nginx with the configuration of each vector before servers that fail, counts what arrives for one
// request, and expects what the configuration tells.
func TestRealNginx(t *testing.T) {
	for _, tt := range vectors {
		if tt.wall > 10*time.Second {
			continue
		}
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			measure(t, tt)
		})
	}
}

// TestRealNginxRandom does so with configurations that are drawn, always the same ones.
func TestRealNginxRandom(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 40 {
		tt := draw(random)
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			measure(t, tt)
		})
	}
}

func draw(random *rand.Rand) vector {
	pick := func(words ...string) string { return words[random.IntN(len(words))] }
	tt := vector{method: pick("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD")}
	tt.mode = []callgraph.ModeSet{callgraph.Status503, callgraph.Reset, callgraph.Hang, callgraph.Refused}[random.IntN(4)]
	for range 1 + random.IntN(4) {
		tt.upstream += "server 10.0.0.1:81" + pick("", "", "", " weight=3", " backup", " down", " max_fails=0") + "; "
	}
	tt.upstream = "server 10.0.0.1:81; " + tt.upstream
	words := []string{"error", "timeout", "http_503", "http_502", "invalid_header", "non_idempotent"}
	random.Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
	tt.location = "proxy_read_timeout 400ms; "
	if random.IntN(4) > 0 {
		tt.location += "proxy_next_upstream " + strings.Join(words[:1+random.IntN(len(words))], " ") + "; "
	}
	tt.location += pick("", "", "proxy_next_upstream_tries 2; ", "proxy_next_upstream_tries 3; ", "proxy_next_upstream_timeout 600ms; ")
	tt.name = tt.method + " " + tt.mode.String() + ": " + tt.upstream + tt.location
	return tt
}

// measure runs nginx for one request.
func measure(t *testing.T, tt vector) {
	failure := map[callgraph.ModeSet]proxytest.Failure{
		callgraph.Status503: proxytest.Answers503, callgraph.Reset: proxytest.Resets,
		callgraph.Hang: proxytest.Hangs, callgraph.Refused: proxytest.Refuses,
	}[tt.mode]
	up := proxytest.Start(t, strings.Count(tt.upstream, "server "), failure)
	port := proxytest.FreePort(t)
	dir := t.TempDir()
	text := realConfig(dir, port, servers(tt.upstream, up.Addresses), tt.location)
	result := nginx.Check([]nginx.File{{Name: "nginx.conf", Text: []byte(text)}}, policy.DefaultOptions())
	predicted, wall := predict(t, result.Routes, tt.method, tt.mode)
	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	proxytest.Run(t, port, "nginx", "-c", file, "-p", dir, "-e", filepath.Join(dir, "error.log"))
	took := proxytest.Ask(t, tt.method, port)
	arrived := up.Arrived()
	if tt.mode == callgraph.Refused {
		arrived = tried(t, filepath.Join(dir, "access.log"))
	}
	if strconv.Itoa(arrived) != predicted {
		t.Errorf("%s\n%d requests arrived; %s were predicted", tt.name, arrived, predicted)
	}
	if tt.mode == callgraph.Hang && (took > wall+time.Second || tt.wall != 0 && took < wall-200*time.Millisecond) {
		t.Errorf("%s\nit took %v; %v were predicted", tt.name, took, wall)
	}
	t.Logf("%s: %d arrived, %s predicted, in %v", tt.name, arrived, predicted, took.Round(10*time.Millisecond))
}

// servers puts the addresses of real servers in the place of those of an upstream.
func servers(upstream string, addresses []string) string {
	parts := strings.Split(upstream, "server ")
	text := parts[0]
	for i, p := range parts[1:] {
		_, options, _ := strings.Cut(p, ":81")
		text += "server " + addresses[i] + options
	}
	return text
}

func realConfig(dir, port, upstream, location string) string {
	text := config(upstream, location)
	text = strings.Replace(text, "listen 8080;", "listen 127.0.0.1:"+port+";", 1)
	text = strings.Replace(text, "http {\n", fmt.Sprintf("http {\n  log_format tries '$upstream_addr';\n  access_log %[1]s/access.log tries;\n"+
		"  client_body_temp_path %[1]s; proxy_temp_path %[1]s; fastcgi_temp_path %[1]s; uwsgi_temp_path %[1]s; scgi_temp_path %[1]s;\n", dir), 1)
	return "daemon off;\nmaster_process off;\npid " + dir + "/nginx.pid;\n" + text
}

// tried is how many servers nginx turned to, from its log: connections that are refused arrive nowhere.
func tried(t *testing.T, log string) int {
	t.Helper()
	for range 50 {
		if text, err := os.ReadFile(log); err == nil && strings.Contains(string(text), "\n") {
			return strings.Count(string(text), "127.0.0.1:")
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("nothing in the log of nginx")
	return 0
}
