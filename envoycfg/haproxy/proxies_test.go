//go:build proxies

package haproxy_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/envoycfg/haproxy"
	"github.com/commslint/commslint/envoycfg/policy"
	"github.com/commslint/commslint/envoycfg/proxytest"
)

// TestRealHAProxy starts HAProxy with the configuration of each vector before a server that fails, counts what arrives for one
// request, and expects what the configuration tells.
func TestRealHAProxy(t *testing.T) {
	failures := map[callgraph.ModeSet]proxytest.Failure{
		callgraph.Status503: proxytest.Answers503, callgraph.Reset: proxytest.Resets, callgraph.Hang: proxytest.Hangs,
	}
	for _, tt := range vectors {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			up := proxytest.Start(t, 1, failures[tt.mode])
			port := proxytest.FreePort(t)
			text := strings.Replace(config(tt.backend), "10.0.0.1:81", up.Addresses[0], 1)
			text = strings.Replace(text, "*:8080", "127.0.0.1:"+port, 1)
			result := haproxy.Check("haproxy.cfg", []byte(text), policy.DefaultOptions())
			predicted, wall := predict(t, result.Routes, tt.method, tt.mode)
			file := filepath.Join(t.TempDir(), "haproxy.cfg")
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			proxytest.Run(t, port, "haproxy", "-db", "-f", file)
			took := proxytest.Ask(t, tt.method, port)
			if strconv.Itoa(up.Arrived()) != predicted {
				t.Errorf("%d requests arrived; %s were predicted", up.Arrived(), predicted)
			}
			if tt.mode == callgraph.Hang && (took < wall-200*time.Millisecond || took > wall+time.Second) {
				t.Errorf("it took %v; %v were predicted", took, wall)
			}
			t.Logf("%s: %d arrived, %s predicted, in %v", tt.name, up.Arrived(), predicted, took.Round(10*time.Millisecond))
		})
	}
}
