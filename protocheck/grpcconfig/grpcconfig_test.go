package grpcconfig_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/protocheck/grpcconfig"
	"github.com/commslint/commslint/tree"
)

// line writes a finding as it is compared in tests.
func line(f finding.Finding) string {
	level := string(f.Strength)
	if f.AtMost != "" {
		level += "," + string(f.AtMost)
	}
	return fmt.Sprintf("%s:%d:%d: %s: %s [%s]", f.File, f.Line, f.Column, level, f.Message, f.Rule)
}

// rulesOf lists the rules of findings, with their strength or limit where that is not
// the rule's own: "retry-code(warning) backoff(note)".
func rulesOf(findings []finding.Finding) string {
	var all []string
	for _, f := range findings {
		text := strings.TrimPrefix(f.Rule, "grpc/")
		switch {
		case f.AtMost != "":
			text += "(" + string(f.AtMost) + ")"
		case f.Strength != finding.Proven:
			text += "(" + string(f.Strength) + ")"
		}
		all = append(all, text)
	}
	return strings.Join(all, " ")
}

func checkText(t *testing.T, text string, services *grpcconfig.Services) []finding.Finding {
	t.Helper()
	return grpcconfig.Check(load(t, grpcconfig.Source{Name: "a.json", Text: []byte(text)}), services, grpcconfig.DefaultOptions())
}

// limited puts entries into a config that limits retries.
func limited(entries ...string) string {
	return `{"methodConfig": [` + strings.Join(entries, ", ") + `], "retryThrottling": {"maxTokens": 10, "tokenRatio": 0.1}}`
}

const named = `{"name": [{"service": "a.A", "method": "Get"}], "timeout": "2s", `

// retrying is an entry whose retry policy is right but for some fields.
func retrying(fields ...string) string {
	text := policy(strings.Join(fields, "\x00"))
	if len(fields) != 1 {
		text = policy("")
	}
	text = text[strings.Index(text, `"retryPolicy"`):]
	return named + strings.TrimSuffix(text, "]}")
}

// TestOneConfig has configs on both sides of each rule that needs no .proto file.
func TestOneConfig(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"right":                        {limited(retrying()), ""},
		"nothing":                      {`{}`, ""},
		"no attempts":                  {limited(named + `"retryPolicy": {"initialBackoff": "1s", "maxBackoff": "2s", "backoffMultiplier": 2, "retryableStatusCodes": ["UNAVAILABLE"]}}`), "max-attempts"},
		"one attempt":                  {limited(retrying(`"maxAttempts": 1`)), "max-attempts"},
		"five attempts":                {limited(retrying(`"maxAttempts": 5`)), ""},
		"six attempts":                 {limited(retrying(`"maxAttempts": 6`)), "max-attempts(warning)"},
		"nothing of a policy":          {limited(named + `"retryPolicy": {}}`), "backoff backoff backoff max-attempts retry-code"},
		"no wait":                      {limited(retrying(`"initialBackoff": "0s"`)), "backoff"},
		"the same wait":                {limited(retrying(`"backoffMultiplier": 1`)), "backoff(note)"},
		"shorter waits":                {limited(retrying(`"backoffMultiplier": 0.5`)), "backoff(warning)"},
		"the most below the first":     {limited(retrying(`"maxBackoff": "0.01s"`)), "backoff(warning)"},
		"the most is the first":        {limited(retrying(`"maxBackoff": "0.1s"`)), "backoff(note)"},
		"waits that fit":               {limited(retrying(`"maxBackoff": "1.5s"`)), ""},
		"waits as long as the call":    {limited(retrying(`"initialBackoff": "1.9s"`)), "backoff-exceeds-timeout backoff(warning)"},
		"a code of the wrong request":  {limited(retrying(`"retryableStatusCodes": ["UNAVAILABLE", "NOT_FOUND", "OK"]`)), "retry-code(warning)"},
		"a code that may pass":         {limited(retrying(`"retryableStatusCodes": ["ABORTED", "UNAVAILABLE"]`)), "retry-code(note)"},
		"both kinds":                   {limited(retrying(`"retryableStatusCodes": ["INTERNAL", "CANCELLED"]`)), "retry-code(note) retry-code(warning)"},
		"a code in lowercase":          {limited(retrying(`"retryableStatusCodes": ["unavailable"]`)), "retry-code(warning)"},
		"a code by its number":         {limited(retrying(`"retryableStatusCodes": [14]`)), ""},
		"no throttling":                {`{"methodConfig": [` + retrying() + `]}`, "retry-throttling-missing"},
		"nothing to throttle":          {`{"methodConfig": [` + named + `"waitForReady": false}]}`, ""},
		"too many tokens":              {`{"retryThrottling": {"maxTokens": 1001, "tokenRatio": 0.1}}`, "retry-throttling"},
		"no tokens":                    {`{"retryThrottling": {"maxTokens": 0, "tokenRatio": 0.1}}`, "retry-throttling"},
		"no timeout":                   {`{"methodConfig": [{"name": [{"service": "a.A"}]}]}`, "no-deadline"},
		"no timeout, and waiting":      {`{"methodConfig": [{"name": [{}], "waitForReady": true}]}`, "wait-for-ready"},
		"waiting, with a timeout":      {`{"methodConfig": [{"name": [{}], "waitForReady": true, "timeout": "1s"}]}`, ""},
		"not waiting":                  {`{"methodConfig": [{"name": [{}], "waitForReady": false, "timeout": "1s"}]}`, ""},
		"no time":                      {`{"methodConfig": [{"name": [{}], "timeout": "0s"}]}`, "timeout"},
		"less than no time":            {`{"methodConfig": [{"name": [{}], "timeout": "-1s"}]}`, "timeout"},
		"a name twice":                 {`{"methodConfig": [{"name": [{"service": "a.A"}, {"service": "a.A", "method": ""}], "timeout": "1s"}]}`, "duplicate-name"},
		"a name in two entries":        {`{"methodConfig": [{"name": [{}], "timeout": "1s"}, {"name": [{}], "timeout": "1s"}]}`, "duplicate-name"},
		"a service and its method":     {`{"methodConfig": [{"name": [{"service": "a.A"}, {"service": "a.A", "method": "B"}, {}], "timeout": "1s"}]}`, ""},
		"no names":                     {`{"methodConfig": [{"name": [], "timeout": "1s"}, {"timeout": "1s"}]}`, "empty-name empty-name"},
		"a method alone":               {`{"methodConfig": [{"name": [{"method": "B"}], "timeout": "1s"}]}`, "method-without-service"},
		"a slip":                       {`{"methodconfig": [{"name": [{}], "timeout": "1s"}]}`, "unknown-field"},
		"an underscore":                {`{"method_config": [{"name": [{}], "timeout": "1s"}]}`, "unknown-field"},
		"a key of one's own":           {`{"$comment": "retries"}`, "unknown-field"},
		"unknown keys below":           {limited(named + `"hedgingPolicy": {"maxAttempts": 2, "delay": "1s"}}`), "unknown-field"},
		"a key of later versions":      {`{"connectionScaling": {"maxConnectionsPerSubchannel": 2}}`, ""},
		"a key twice":                  {`{"methodConfig": [], "methodConfig": [{"name": [{}], "timeout": "1s"}]}`, "invalid(warning)"},
		"a wrong type":                 {`{"methodConfig": [{"name": [{}], "timeout": 1}]}`, "invalid"},
		"a wrong type below":           {`{"methodConfig": [{"name": {}, "timeout": "1s"}]}`, "invalid"},
		"a number in quotes":           {limited(retrying(`"maxAttempts": "3"`)), "invalid(warning)"},
		"a number with decimals":       {limited(retrying(`"maxAttempts": 3.0`)), "invalid(warning)"},
		"half an attempt":              {limited(retrying(`"maxAttempts": 2.5`)), "invalid"},
		"throttling in an entry":       {limited(strings.TrimSuffix(retrying(), "}") + `, "retryThrottling": {}}`), "unknown-field"},
		"a policy beside the entries":  {`{"retryPolicy": {"maxAttempts": 3}, "retryThrottling": {"maxTokens": 1, "tokenRatio": 1}}`, "unknown-field"},
		"milliseconds":                 {`{"methodConfig": [{"name": [{}], "timeout": "100ms"}]}`, "invalid"},
		"a policy that there is":       {`{"loadBalancingConfig": [{"round_robin": {}}], "loadBalancingPolicy": "ROUND_ROBIN"}`, ""},
		"one of several":               {`{"loadBalancingConfig": [{"mine": {}}, {"pick_first": {}}]}`, ""},
		"none of several":              {`{"loadBalancingConfig": [{"mine": {}}, {"yours": {}}]}`, "load-balancing(likely)"},
		"two in one":                   {`{"loadBalancingConfig": [{"round_robin": {}, "pick_first": {}}]}`, "load-balancing"},
		"no policy":                    {`{"loadBalancingConfig": []}`, "load-balancing"},
		"a policy by its old name":     {`{"loadBalancingPolicy": "roundrobin"}`, "load-balancing(likely)"},
		"hedging":                      {limited(named + `"hedgingPolicy": {"maxAttempts": 2, "hedgingDelay": "0s"}}`), ""},
		"hedging and retries":          {limited(strings.TrimSuffix(retrying(), "}") + `, "hedgingPolicy": {"maxAttempts": 2}}`), "retry-and-hedging"},
		"hedging without attempts":     {limited(named + `"hedgingPolicy": {}}`), "max-attempts"},
		"a negative delay":             {limited(named + `"hedgingPolicy": {"maxAttempts": 2, "hedgingDelay": "-1s"}}`), "invalid"},
		"a Create, of which no more":   {limited(strings.Replace(retrying(), "Get", "CreateOrder", 1)), "retry-nonidempotent(possible)"},
		"a service, of which no more":  {limited(strings.Replace(retrying(), `, "method": "Get"`, "", 1)), "retry-nonidempotent(possible)"},
		"a hedged Create":              {limited(strings.Replace(named, "Get", "CreateOrder", 1) + `"hedgingPolicy": {"maxAttempts": 2}}`), "hedging-nonidempotent(possible)"},
		"a Create after refusals only": {limited(strings.Replace(retrying(`"retryableStatusCodes": ["RESOURCE_EXHAUSTED"]`), "Get", "CreateOrder", 1)), "retry-code(note)"},
	} {
		if got := rulesOf(checkText(t, test.text, nil)); got != test.want {
			t.Errorf("%s: found %q; want %q\n%s\n%s", name, got, test.want, test.text, show(checkText(t, test.text, nil)))
		}
	}
}

const orders = `syntax = "proto3";
package shop.v1;
import "google/api/annotations.proto";
import "google/api/field_behavior.proto";
service Orders {
  rpc GetOrder(Order) returns (Order) { option (google.api.http) = {get: "/v1/orders"}; }
  rpc PutOrder(Order) returns (Order) { option (google.api.http) = {put: "/v1/orders" body: "*"}; }
  rpc CreateOrder(CreateOrderRequest) returns (Order) { option (google.api.http) = {post: "/v1/orders" body: "*"}; }
  rpc CreateKeyed(Keyed) returns (Order) { option (google.api.http) = {post: "/v1/keyed" body: "*"}; }
  rpc BatchCreateKeyeds(Batch) returns (Order) { option (google.api.http) = {post: "/v1/keyed:batchCreate" body: "*"}; }
  rpc CreateShop(CreateShopRequest) returns (Order) { option (google.api.http) = {post: "/v1/shops" body: "*"}; }
  rpc CreateTable(CreateTableRequest) returns (Order) { option (google.api.http) = {post: "/v1/tables" body: "*"}; }
  // Creates a cart, or overwrites the one that is there.
  rpc CreateCart(Order) returns (Order) { option (google.api.http) = {post: "/v1/carts" body: "*"}; }
  rpc CreateOrUpdateOrder(Order) returns (Order) { option (google.api.http) = {post: "/v1/orders:upsert" body: "*"}; }
  rpc ChargeOrder(Order) returns (Order);
  rpc CancelOrder(Order) returns (Order) { option (google.api.http) = {post: "/v1/orders:cancel" body: "*"}; }
  rpc SendSafely(Order) returns (Order) { option idempotency_level = IDEMPOTENT; }
  rpc Upload(stream Order) returns (Order) { option idempotency_level = IDEMPOTENT; }
  rpc Watch(Order) returns (stream Order) { option idempotency_level = NO_SIDE_EFFECTS; }
}
service Empty {}
message Order { string id = 1; }
message CreateOrderRequest { string parent = 1; Order order = 2; string parent_id = 3; }
message Keyed { string request_id = 1; }
message Batch { repeated Keyed requests = 1; }
message CreateShopRequest { string shop_id = 1; Order shop = 2; }
message CreateTableRequest { Table table = 1; }
message Table { string name = 1 [(google.api.field_behavior) = REQUIRED]; }
`

// TestMethods judges methods by what the contract says of them.
func TestMethods(t *testing.T) {
	s := services(t, memory{"orders.proto": orders})
	for method, want := range map[string]string{
		"GetOrder":            "",
		"PutOrder":            "",
		"CreateOrder":         "(likely)",
		"CreateKeyed":         "",
		"BatchCreateKeyeds":   "",
		"CreateShop":          "(possible)",
		"CreateTable":         "(possible)",
		"CreateCart":          "(possible)",
		"CreateOrUpdateOrder": "(possible)",
		"ChargeOrder":         "(likely)",
		"CancelOrder":         "(possible)",
		"SendSafely":          "",
		"Watch":               "",
	} {
		if want != "" {
			want = "retry-nonidempotent" + want
		}
		if got := found(t, method, s, `["UNAVAILABLE"]`, "retry-nonidempotent"); got != want {
			t.Errorf("%s after UNAVAILABLE: found %q; want %q", method, got, want)
		}
		if want == "retry-nonidempotent(likely)" && method == "CreateOrder" {
			want = "retry-nonidempotent"
		}
		if got := found(t, method, s, `["UNKNOWN"]`, "retry-nonidempotent"); got != want {
			t.Errorf("%s after UNKNOWN: found %q; want %q", method, got, want)
		}
		if got := found(t, method, s, `["ABORTED", "RESOURCE_EXHAUSTED"]`, "retry-nonidempotent"); got != "" {
			t.Errorf("%s after refusals: found %q", method, got)
		}
	}
	if got := found(t, "Upload", s, `["UNAVAILABLE"]`, "retry-streaming"); got != "retry-streaming" {
		t.Errorf("a stream that the client sends: found %q", got)
	}
	if got := found(t, "Watch", s, `["UNAVAILABLE"]`, "retry-streaming"); got != "" {
		t.Errorf("a stream that the server sends: found %q", got)
	}
}

// found lists the findings of a rule about a method that is retried after some codes.
func found(t *testing.T, method string, s *grpcconfig.Services, codes, rule string) string {
	t.Helper()
	text := strings.Replace(retrying(`"retryableStatusCodes": `+codes), `"service": "a.A", "method": "Get"`, `"service": "shop.v1.Orders", "method": "`+method+`"`, 1)
	var of []finding.Finding
	for _, f := range checkText(t, limited(text), s) {
		if f.Rule == "grpc/"+rule {
			of = append(of, f)
		}
	}
	return rulesOf(of)
}

// TestOneFindingForAllMethods wants the methods of an entry in one finding, without
// those that another entry is for.
func TestOneFindingForAllMethods(t *testing.T) {
	s := services(t, memory{"orders.proto": orders})
	all := strings.Replace(retrying(), `"service": "a.A", "method": "Get"`, `"service": "shop.v1.Orders"`, 1)
	apart := `{"name": [{"service": "shop.v1.Orders", "method": "CreateOrder"}], "timeout": "1s"}`
	for name, test := range map[string]struct {
		text string
		want []string
	}{
		"a service":              {limited(all), []string{"/shop.v1.Orders/CreateOrder", "/shop.v1.Orders/ChargeOrder"}},
		"a service but a method": {limited(all, apart), []string{"/shop.v1.Orders/ChargeOrder"}},
	} {
		var operations [][]string
		for _, f := range checkText(t, test.text, s) {
			if f.Rule == "grpc/retry-nonidempotent" {
				operations = append(operations, f.Properties["operations"].([]string))
				if len(f.Related) != len(test.want) || f.Related[0].File != "orders.proto" || f.Related[0].Line == 0 {
					t.Errorf("%s: related places %v", name, f.Related)
				}
			}
		}
		if fmt.Sprint(operations) != fmt.Sprint([][]string{test.want}) {
			t.Errorf("%s: found %v; want one finding of %v", name, operations, test.want)
		}
	}
}

// TestNames tells slips from what is out of sight.
func TestNames(t *testing.T) {
	s := services(t, memory{"orders.proto": orders})
	for name, want := range map[string]string{
		`{"service": "shop.v1.Orders", "method": "GetOrder"}`:    "",
		`{"service": "shop.v1.Orders"}`:                          "",
		`{"service": "shop.v1.Orders", "method": "GetOrders"}`:   `did you mean "GetOrder"?`,
		`{"service": "shop.v1.Orders", "method": " GetOrder"}`:   `did you mean "GetOrder"?`,
		`{"service": "shop.v1.Orders", "method": "Frobnicate"}`:  "holds for no call",
		`{"service": "shop.v1.OrderService"}`:                    "no .proto file here defines the service",
		`{"service": "shop.v1.OrdersService"}`:                   `did you mean "shop.v1.Orders"?`,
		`{"service": "shop.v1.Oders"}`:                           `did you mean "shop.v1.Orders"?`,
		`{"service": "shop.v1Orders"}`:                           `did you mean "shop.v1.Orders"?`,
		`{"service": "/shop.v1.Orders"}`:                         `did you mean "shop.v1.Orders"?`,
		`{"service": "com.shop.v1.Orders"}`:                      `did you mean "shop.v1.Orders"?`,
		`{"service": "shop.v2.Orders"}`:                          "", // may be anywhere
		`{"service": "Orders"}`:                                  "",
		`{"service": "grpc.health.v1.Health", "method": "Echo"}`: "",
	} {
		text := `{"methodConfig": [{"name": [` + name + `], "timeout": "1s"}]}`
		got := ""
		for _, f := range checkText(t, text, s) {
			if f.Rule == "grpc/unknown-method" {
				got += f.Message
			}
		}
		if (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("%s: found %q; want %q", name, got, want)
		}
	}
	s.Hide("shop.v1")
	if got := rulesOf(checkText(t, `{"methodConfig": [{"name": [{"service": "shop.v1.Other"}], "timeout": "1s"}]}`, s)); got != "" {
		t.Errorf("a package of which not all is in sight: found %q", got)
	}
}

// TestDeadlines wants methods without a timeout named once, and streams left out.
func TestDeadlines(t *testing.T) {
	s := services(t, memory{"orders.proto": orders})
	text := `{"methodConfig": [{"name": [{"service": "shop.v1.Orders", "method": "GetOrder"}], "timeout": "1s"}]}`
	got := checkText(t, text, s)
	if rulesOf(got) != "no-deadline" || strings.Contains(got[0].Message, "Watch") || len(got[0].Related) != 10 {
		t.Errorf("found\n%s", show(got))
	}
	text = `{"methodConfig": [{"name": [{"service": "shop.v1.Orders"}], "timeout": "1s"}, {"name": [{"service": "shop.v1.Orders", "method": "Watch"}]}]}`
	if got := checkText(t, text, s); len(got) != 0 {
		t.Errorf("a stream without a timeout: found\n%s", show(got))
	}
}

// TestUnreadable says of texts that cannot be read where that is, and how to mend it.
func TestUnreadable(t *testing.T) {
	for text, want := range map[string]string{
		``:                            "a.json:1:1: the service config is empty: write {} for one that says nothing",
		`[]`:                          "a.json:1:1: expected a service config, an object with methodConfig or loadBalancingConfig",
		`null`:                        "a.json:1:1: expected a service config, an object with methodConfig or loadBalancingConfig",
		"{\n\"methodConfig\": [],\n}": "a.json:3:1: this is no JSON",
		"{\n  // none\n}":             "a.json:2:3: ",
		"{\"methodConfig\": [}":       "a.json:1:19: expected a JSON value",
		"methodConfig: []\n":          "a.json:1:1: this is no JSON",
		"\xff\xfe{":                   "a.json:1:1: this is UTF-16 text: save it as UTF-8",
	} {
		_, err := grpcconfig.Load(grpcconfig.Source{Name: "a.json", Text: []byte(text)})
		parse, ok := errors.AsType[*tree.Error](err)
		if !ok || !strings.HasPrefix(parse.Error(), want) {
			t.Errorf("%q: %v; want %s", text, err, want)
		}
		cfg, findings := grpcconfig.Inspect(grpcconfig.Source{Name: "a.json", Text: []byte(text)}, nil, grpcconfig.DefaultOptions())
		if cfg != nil || len(findings) != 1 || findings[0].Rule != grpcconfig.InputConfig {
			t.Errorf("%q: inspected, it gives\n%s", text, show(findings))
		}
	}
	for _, deep := range []string{strings.Repeat("[", 100_000), strings.Repeat(`{"a":`, 100_000)} {
		if _, err := grpcconfig.Load(grpcconfig.Source{Name: "a.json", Text: []byte(deep)}); err == nil {
			t.Error("a text of endless depth is read")
		}
	}
}

// TestLiteral wants places inside of a raw string where it stands in the code.
func TestLiteral(t *testing.T) {
	text := "{\"methodConfig\": [{\"name\": [{}],\n  \"timeout\": 1}],\n\"x\": 1}"
	for literal, want := range map[grpcconfig.Literal]string{
		{Line: 10, Column: 20, Inside: true}: "dial.go:11:14: proven: methodConfig[0].timeout is a number; expected seconds with an s, in quotes: \"0.1s\" [grpc/invalid]\n" +
			"dial.go:12:1: proven: a service config has no field \"x\": clients leave it out without a word [grpc/unknown-field]\n",
		{Line: 10, Column: 20}: "dial.go:10:20: proven: methodConfig[0].timeout is a number; expected seconds with an s, in quotes: \"0.1s\" [grpc/invalid]\n" +
			"dial.go:10:20: proven: a service config has no field \"x\": clients leave it out without a word [grpc/unknown-field]\n",
	} {
		cfg := load(t, grpcconfig.Source{Name: "dial.go", Text: []byte(text), Go: &literal})
		if got := show(grpcconfig.Check(cfg, nil, grpcconfig.DefaultOptions())); got != want {
			t.Errorf("%+v: found\n%swant\n%s", literal, got, want)
		}
	}
	first := grpcconfig.Source{Name: "dial.go", Text: []byte(`{"x": 1}`), Go: &grpcconfig.Literal{Line: 3, Column: 30, Inside: true}}
	if got := grpcconfig.Check(load(t, first), nil, grpcconfig.DefaultOptions()); len(got) != 1 || got[0].Line != 3 || got[0].Column != 31 || got[0].EndColumn != 34 || got[0].Fixes != nil {
		t.Errorf("on the first line: found %+v", got)
	}
}

// TestYAML reads configs that are written in YAML, from which JSON is made.
func TestYAML(t *testing.T) {
	text := "methodConfig:\n  - name: [{service: a.A}]\n    timeout: 2s\n    retryPolcy: {}\n"
	if !grpcconfig.Sniff([]byte(text)) {
		t.Error("not taken for a service config")
	}
	cfg := load(t, grpcconfig.Source{Name: "a.yaml", Text: []byte(text)})
	if got := show(grpcconfig.Check(cfg, nil, grpcconfig.DefaultOptions())); got != "a.yaml:4:5: proven: methodConfig[0] has no field \"retryPolcy\": clients leave it out without a word; did you mean \"retryPolicy\"? [grpc/unknown-field]\n" {
		t.Errorf("found\n%s", got)
	}
}

func TestSniff(t *testing.T) {
	for text, want := range map[string]bool{
		`{"methodConfig": [{"name": [{"service": "a"}]}]}`:                     true,
		`{"methodConfig": [{"name": [{}]}], "$comment": "x"}`:                  true,
		`{"methodConfig": [{"retryPolicy": {}}]}`:                              true,
		`{"loadBalancingConfig": [{"round_robin": {}}]}`:                       true,
		`{"retryThrottling": {"maxTokens": 1, "tokenRatio": 1}}`:               true,
		`{"methodConfig": []}`:                                                 false,
		`{"methodConfig": {"name": "x"}}`:                                      false,
		`{"methodConfig": [{"name": "x", "path": "/y"}]}`:                      false,
		`{"methodConfig": [{"name": ["x"]}]}`:                                  false,
		`{"methodConfig": ["get"]}`:                                            false,
		`{"kind": "x", "loadBalancingConfig": [{"round_robin": {}}]}`:          false,
		`{"loadBalancingConfig": {"policy": "x"}}`:                             false,
		`{"retryThrottling": true}`:                                            false,
		`{"text": "methodConfig: [{name: [{}]}]"}`:                             false,
		`[{"methodConfig": [{"name": [{}]}]}]`:                                 false,
		`{"methodConfig": [{"name": [{}]}]`:                                    false,
		"apiVersion: v1\ndata:\n  a: |\n    methodConfig: [{name: [{}]}]\n":    false,
		"# methodConfig: see the manual\nmethodConfigs: [{name: [{}]}]\n":      false,
		"methodConfig:\n- name:\n  - service: a.A\n    method: B\n":            true,
		`{"methodConfig": [{"name": [{"first": "Ada", "last": "Lovelace"}]}]}`: false,
	} {
		if got := grpcconfig.Sniff([]byte(text)); got != want {
			t.Errorf("%s: %v; want %v", text, got, want)
		}
	}
}

// FuzzInspect wants no panic, and places that are in the text.
func FuzzInspect(f *testing.F) {
	for _, text := range refused {
		f.Add(text)
	}
	for _, text := range accepted {
		f.Add(text)
	}
	f.Add(limited(retrying(), named+`"hedgingPolicy": {"maxAttempts": 2}}`))
	f.Fuzz(func(t *testing.T, text string) {
		grpcconfig.Sniff([]byte(text))
		for _, name := range []string{"a.json", "a.yaml"} {
			cfg, findings := grpcconfig.Inspect(grpcconfig.Source{Name: name, Text: []byte(text)}, nil, grpcconfig.DefaultOptions())
			lines := 1 + strings.Count(text, "\n")
			for _, f := range findings {
				if f.File != name || f.Line > lines || f.Message == "" || f.Line > 0 && f.Column == 0 {
					t.Errorf("%+v", f)
				}
			}
			if cfg != nil {
				cfg.Connection(0)
				grpcconfig.Compare(grpcconfig.State{Config: cfg}, grpcconfig.State{Config: cfg})
			}
		}
	})
}

// TestDeclaredMethods leaves alone what the user says is safe, in sight or not.
func TestDeclaredMethods(t *testing.T) {
	text := limited(strings.Replace(retrying(), `"service": "a.A", "method": "Get"`, `"service": "shop.v1.Orders", "method": "CreateOrder"`, 1))
	opt := grpcconfig.DefaultOptions()
	for declared, want := range map[string]string{
		"":                           "retry-nonidempotent(possible)",
		"shop.v1.Orders":             "",
		"shop.v1.Orders/CreateOrder": "",
		"shop.v1.Orders/DeleteOrder": "retry-nonidempotent(possible)",
		"CreateOrder":                "retry-nonidempotent(possible)",
	} {
		opt.Idempotent = []string{declared}
		cfg := load(t, grpcconfig.Source{Name: "a.json", Text: []byte(text)})
		if got := rulesOf(grpcconfig.Check(cfg, nil, opt)); got != want {
			t.Errorf("out of sight, with %q declared: found %q; want %q", declared, got, want)
		}
		s := servicesWith(t, memory{"orders.proto": orders}, opt)
		found := false
		for _, f := range grpcconfig.Check(cfg, s, opt) {
			found = found || f.Rule == "grpc/retry-nonidempotent"
		}
		if found != (want != "") {
			t.Errorf("in sight, with %q declared: found is %v", declared, found)
		}
	}
}
