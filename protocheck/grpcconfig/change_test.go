package grpcconfig_test

import (
	"strings"
	"testing"

	"github.com/commslint/commslint/protocheck/grpcconfig"
)

// TestCompare has changes that matter to callers, and the same ones the other way.
func TestCompare(t *testing.T) {
	s := services(t, memory{"orders.proto": orders})
	weaker := services(t, memory{"orders.proto": strings.Replace(strings.Replace(orders, "string request_id = 1;", "string id = 1;", 1),
		"option idempotency_level = IDEMPOTENT;", "", 1)})
	entry := func(method, timeout, policy string) string {
		return limited(`{"name": [{"service": "shop.v1.Orders", "method": "` + method + `"}], "timeout": "` + timeout + `"` + policy + `}`)
	}
	again := func(codes string) string {
		text := policy(`"retryableStatusCodes": ` + codes)
		return ", " + strings.TrimSuffix(text[strings.Index(text, `"retryPolicy"`):], "}]}")
	}
	hedged := `, "hedgingPolicy": {"maxAttempts": 2}`
	for name, test := range map[string]struct {
		old, new   string
		to         *grpcconfig.Services
		there, way string // what is found, and what the other way
	}{
		"nothing":                       {entry("CreateOrder", "1s", again(`["UNAVAILABLE"]`)), entry("CreateOrder", "1s", again(`["UNAVAILABLE"]`)), s, "", ""},
		"a retry":                       {entry("CreateOrder", "1s", ""), entry("CreateOrder", "1s", again(`["UNAVAILABLE"]`)), s, "retry-added(likely)", ""},
		"a retry of a safe method":      {entry("CreateKeyed", "1s", ""), entry("CreateKeyed", "1s", again(`["UNAVAILABLE"]`)), s, "", ""},
		"a worse code":                  {entry("CreateOrder", "1s", again(`["UNAVAILABLE"]`)), entry("CreateOrder", "1s", again(`["UNAVAILABLE", "INTERNAL"]`)), s, "retry-added", ""},
		"a refusal":                     {entry("CreateOrder", "1s", again(`["UNAVAILABLE"]`)), entry("CreateOrder", "1s", again(`["UNAVAILABLE", "ABORTED"]`)), s, "", ""},
		"a hedge":                       {entry("CreateOrder", "1s", ""), entry("CreateOrder", "1s", hedged), s, "retry-added", ""},
		"less time":                     {entry("GetOrder", "2s", ""), entry("GetOrder", "1s", ""), s, "timeout-shortened", ""},
		"less time out of sight":        {entry("GetOrder", "2s", ""), entry("GetOrder", "1s", ""), nil, "timeout-shortened", ""},
		"no time limit any more":        {entry("GetOrder", "2s", ""), `{"methodConfig": [{"name": [{"service": "shop.v1.Orders", "method": "GetOrder"}]}]}`, s, "", ""},
		"the time of the service":       {`{"methodConfig": [{"name": [{"service": "shop.v1.Orders"}], "timeout": "5s"}]}`, entry("GetOrder", "1s", ""), s, "timeout-shortened", ""},
		"throttling":                    {entry("GetOrder", "1s", again(`["UNAVAILABLE"]`)), strings.Replace(entry("GetOrder", "1s", again(`["UNAVAILABLE"]`)), `, "retryThrottling": {"maxTokens": 10, "tokenRatio": 0.1}`, "", 1), s, "throttling-removed", ""},
		"throttling, and retries":       {entry("GetOrder", "1s", again(`["UNAVAILABLE"]`)), `{}`, s, "", ""},
		"what clients refuse":           {entry("GetOrder", "1s", ""), entry("GetOrder", "500ms", ""), s, "invalid", ""},
		"a key":                         {entry("CreateKeyed", "1s", again(`["UNAVAILABLE"]`)), entry("CreateKeyed", "1s", again(`["UNAVAILABLE"]`)), weaker, "idempotency-weakened", ""},
		"a promise":                     {entry("SendSafely", "1s", again(`["UNAVAILABLE"]`)), entry("SendSafely", "1s", again(`["UNAVAILABLE"]`)), weaker, "idempotency-weakened", ""},
		"a promise of what is not sent": {entry("SendSafely", "1s", ""), entry("SendSafely", "1s", ""), weaker, "", ""},
	} {
		from := s
		if test.to == nil {
			from = nil
		}
		old := grpcconfig.State{Config: load(t, grpcconfig.Source{Name: "old.json", Text: []byte(test.old)}), Services: from}
		new := grpcconfig.State{Config: load(t, grpcconfig.Source{Name: "new.json", Text: []byte(test.new)}), Services: test.to}
		if got := rulesOf(grpcconfig.Compare(old, new)); got != test.there {
			t.Errorf("%s: found %q; want %q\n%s", name, got, test.there, show(grpcconfig.Compare(old, new)))
		}
		if got := rulesOf(grpcconfig.Compare(new, old)); got != test.way {
			t.Errorf("%s, the other way: found %q; want %q", name, got, test.way)
		}
	}
}
