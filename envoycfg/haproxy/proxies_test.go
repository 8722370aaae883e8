//go:build proxies

package haproxy_test

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
	"github.com/commslint/commslint/envoycfg/haproxy"
	"github.com/commslint/commslint/envoycfg/policy"
	"github.com/commslint/commslint/envoycfg/proxytest"
)

// TestRealHAProxy starts HAProxy with the configuration of each vector before a server that fails, counts what arrives for one
// request, and expects what the configuration tells.
func TestRealHAProxy(t *testing.T) {
	for _, tt := range vectors {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			measure(t, tt)
		})
	}
}

// TestRealHAProxyRandom does so with configurations that are drawn, always the same ones.
func TestRealHAProxyRandom(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
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
	tt := vector{method: pick("GET", "POST", "PUT", "DELETE", "PATCH")}
	tt.mode = []callgraph.ModeSet{callgraph.Status503, callgraph.Reset, callgraph.Hang}[random.IntN(3)]
	words := []string{"conn-failure", "empty-response", "junk-response", "response-timeout", "0rtt-rejected", "503", "500", "all-retryable-errors"}
	random.Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
	tt.backend = "timeout server 400ms\n"
	if random.IntN(5) > 0 {
		tt.backend += "  retry-on " + strings.Join(words[:1+random.IntN(3)], " ") + "\n"
	}
	tt.backend += pick("", "  retries 1\n", "  retries 5\n", "  retries 0\n", "  option redispatch\n")
	tt.backend += pick("", "", "  http-request disable-l7-retry if METH_POST\n", "  http-request disable-l7-retry unless METH_GET\n",
		"  http-request disable-l7-retry if { method PUT PATCH }\n", "  http-request disable-l7-retry\n", "  acl w method POST PATCH\n  http-request disable-l7-retry if !w\n")
	tt.name = tt.method + " " + tt.mode.String() + ": " + tt.backend
	return tt
}

// measure runs HAProxy for one request.
func measure(t *testing.T, tt vector) {
	failure := map[callgraph.ModeSet]proxytest.Failure{
		callgraph.Status503: proxytest.Answers503, callgraph.Reset: proxytest.Resets, callgraph.Hang: proxytest.Hangs,
	}[tt.mode]
	up := proxytest.Start(t, 1, failure)
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
		t.Errorf("%s\n%d requests arrived; %s were predicted", tt.name, up.Arrived(), predicted)
	}
	if tt.mode == callgraph.Hang && (took < wall-200*time.Millisecond || took > wall+time.Second) {
		t.Errorf("%s\nit took %v; %v were predicted", tt.name, took, wall)
	}
	t.Logf("%s: %d arrived, %s predicted, in %v", tt.name, up.Arrived(), predicted, took.Round(10*time.Millisecond))
}
