//go:build proxies

package nginx_test

import (
	"fmt"
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
	failures := map[callgraph.ModeSet]proxytest.Failure{
		callgraph.Status503: proxytest.Answers503, callgraph.Reset: proxytest.Resets,
		callgraph.Hang: proxytest.Hangs, callgraph.Refused: proxytest.Refuses,
	}
	for _, tt := range vectors {
		if tt.wall > 10*time.Second {
			continue
		}
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			up := proxytest.Start(t, strings.Count(tt.upstream, "server "), failures[tt.mode])
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
				t.Errorf("%d requests arrived; %s were predicted", arrived, predicted)
			}
			if tt.mode == callgraph.Hang && (took < wall-200*time.Millisecond || took > wall+time.Second) {
				t.Errorf("it took %v; %v were predicted", took, wall)
			}
			t.Logf("%s: %d arrived, %s predicted, in %v", tt.name, arrived, predicted, took.Round(10*time.Millisecond))
		})
	}
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
