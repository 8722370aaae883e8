package grpcconfig_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/protocheck/grpcconfig"
)

// TestConnection turns policies into layers.
func TestConnection(t *testing.T) {
	text := `{
  "methodConfig": [{
    "name": [{"service": "a.A", "method": "B"}, {"service": "a.A", "method": "C"}],
    "timeout": "10s",
    "retryPolicy": {
      "maxAttempts": 9, "initialBackoff": "1s", "maxBackoff": "3s", "backoffMultiplier": 2,
      "retryableStatusCodes": ["UNAVAILABLE", "ABORTED"]
    }
  }, {
    "name": [{"service": "a.A"}],
    "hedgingPolicy": {"maxAttempts": 3, "hedgingDelay": "0.5s"}
  }, {
    "name": [{}],
    "timeout": "1s"
  }],
  "retryThrottling": {"maxTokens": 10, "tokenRatio": 0.1}
}`
	retry := callgraph.Layer{
		Kind: callgraph.ConfigLayer, Name: "gRPC service config", At: callgraph.Posn{File: "a.json", Line: 5, Col: 5},
		Attempts: callgraph.Amount{N: 5},
		Modes:    callgraph.GRPCUnavailable | callgraph.Refused | callgraph.Reset | callgraph.GRPCAborted,
		Growth:   callgraph.Growing, Jitter: callgraph.Yes, Context: callgraph.Yes, RetryAfter: callgraph.Yes,
		Budget: callgraph.Yes, Throttled: callgraph.Yes, ByTime: true,
		Overall: 10 * time.Second,
		MaxWait: 10800 * time.Millisecond, // 1 + 2 + 3 + 3 seconds, and a fifth
	}
	hedge := callgraph.Layer{
		Kind: callgraph.ConfigLayer, Name: "gRPC hedging", At: callgraph.Posn{File: "a.json", Line: 11, Col: 5},
		Attempts: callgraph.Amount{N: 3},
		Growth:   callgraph.Constant, Jitter: callgraph.No, Context: callgraph.Yes, RetryAfter: callgraph.Yes,
		Budget: callgraph.Yes, Throttled: callgraph.Yes, ByTime: true,
		PerTry: 500 * time.Millisecond,
	}
	want := callgraph.Connection{
		At: callgraph.Posn{File: "a.json", Line: 1, Col: 1},
		Layers: []callgraph.MethodLayer{
			{Service: "a.A", Method: "B", Layers: []callgraph.Layer{retry}, Timeout: 10 * time.Second},
			{Service: "a.A", Method: "C", Layers: []callgraph.Layer{retry}, Timeout: 10 * time.Second},
			{Service: "a.A", Layers: []callgraph.Layer{hedge}},
			{Timeout: time.Second},
		},
	}
	if got := load(t, grpcconfig.Source{Name: "a.json", Text: []byte(text)}).Connection(0); !reflect.DeepEqual(got, want) {
		t.Errorf("found %+v\nwant  %+v", got, want)
	}
	byGo := load(t, grpcconfig.Source{Name: "a.json", Text: []byte(text), ByGo: true}).Connection(9)
	if n := byGo.Layers[0].Layers[0].Attempts.N; n != 9 {
		t.Errorf("%d attempts of a client that makes nine", n)
	}
	if layers := byGo.Layers[2].Layers; len(layers) != 0 {
		t.Errorf("grpc-go has no hedging, and repeats %+v", layers)
	}
	bad := load(t, grpcconfig.Source{Name: "a.json", Text: []byte(strings.Replace(text, `"10s"`, `10`, 1))}).Connection(0)
	if bad.Rejected == "" || len(bad.Layers) != 0 {
		t.Errorf("a config that clients refuse gives %+v", bad)
	}
}

// TestHedgesArrive sends a request through a connection that hedges: as many arrive as
// it sends, in whatever way they fail.
func TestHedgesArrive(t *testing.T) {
	cfg := load(t, grpcconfig.Source{Name: "a.json", Text: []byte(`{"methodConfig": [{"name": [{}], "hedgingPolicy": {"maxAttempts": 4}}]}`)})
	pkg := callgraph.Package{
		Path:        "a",
		Connections: []callgraph.Connection{cfg.Connection(0)},
		Functions: []callgraph.Function{{ID: "a.F", Name: "F", Entry: callgraph.Exported, Body: callgraph.Effects{
			Nodes: []callgraph.Node{{}, {Kind: callgraph.Send, Request: &callgraph.Request{
				Protocol: "grpc", Operation: "/a.A/B", Callee: "(google.golang.org/grpc.ClientConnInterface).Invoke", Resolved: true,
			}}},
			Root: 1,
		}}},
	}
	graph := callgraph.Link([]callgraph.Package{pkg}).Graph(callgraph.GraphOptions{})
	if len(graph.Amplification) != 1 || graph.Amplification[0].Hard != 4 {
		t.Errorf("found %+v; want 4 requests of one", graph.Amplification)
	}
}
