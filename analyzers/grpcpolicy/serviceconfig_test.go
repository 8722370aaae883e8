package grpcpolicy_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/commslint/commslint/analyzers/grpcpolicy"
	"github.com/commslint/commslint/callgraph"
)

const goodPolicy = `"maxAttempts": 4, "initialBackoff": "0.1s", "maxBackoff": "1s", "backoffMultiplier": 2, "retryableStatusCodes": ["UNAVAILABLE"]`

func entry(fields string) string { return `{"methodConfig": [{"name": [{}], ` + fields + `}]}` }

func policy(old, replacement string) string {
	return entry(`"retryPolicy": {` + strings.Replace(goodPolicy, old, replacement, 1) + `}`)
}

// What grpc-go v1.85.0 was seen to refuse, and to accept.
func TestParseServiceConfig(t *testing.T) {
	for _, test := range []struct{ text, err, problems string }{
		{"", "the service config is empty", ""},
		{"{}", "", ""},
		{"{", "line 1, column 1: unexpected end of JSON input", ""},
		{"{}\n{}", "line 2, column 1: invalid character '{' after top-level value", ""},
		{policy("", ""), "", ""},
		{policy(`"maxAttempts": 4, `, ""), "methodConfig[0].retryPolicy: maxAttempts is 0: want 2 or more, the first attempt included", ""},
		{policy("4", "1"), "methodConfig[0].retryPolicy: maxAttempts is 1: want 2 or more, the first attempt included", ""},
		{policy("4", "9"), "", "capped"},
		{policy("4", "4.5"), "line 1, column 67: methodConfig.retryPolicy.maxAttempts is a JSON number 4.5: want a whole number", ""},
		{policy(`"0.1s"`, `"0s"`), "methodConfig[0].retryPolicy: initialBackoff is missing or not positive", ""},
		{policy(`"0.1s"`, `"100ms"`), `"100ms" is no duration: write seconds with an s, such as "0.1s"`, ""},
		{policy(`"0.1s"`, `0.1`), `0.1 is no duration: write seconds in quotes, such as "0.1s"`, ""},
		{policy(`"0.1s"`, `"0.1"`), `"0.1" is no duration: write seconds with an s, such as "0.1s"`, ""},
		{policy(`"0.1s"`, `"0.0000000001s"`), `"0.0000000001s" is no duration: write seconds with an s, such as "0.1s"`, ""},
		{policy(`"0.1s"`, `".5s"`), "", ""},
		{policy(`"1s"`, `"-1s"`), "methodConfig[0].retryPolicy: maxBackoff is missing or not positive", ""},
		{policy(`"1s"`, `"0.05s"`), "", "shrinking-waits"},
		{policy(`"backoffMultiplier": 2`, `"backoffMultiplier": 0`), "methodConfig[0].retryPolicy: backoffMultiplier is missing or not positive", ""},
		{policy(`"UNAVAILABLE"`, ""), "methodConfig[0].retryPolicy: retryableStatusCodes is missing or empty", ""},
		{policy(`"UNAVAILABLE"`, `"unavailable"`), `"unavailable" is no status code: write "UNAVAILABLE"`, ""},
		{policy(`"UNAVAILABLE"`, `14, "OK"`), "", "retries-ok"},
		{policy(`"UNAVAILABLE"`, `17`), "17 is no status code: the largest is 16", ""},
		{entry(`"timeout": "-5s"`), "", "no-time"},
		{entry(`"retryPolcy": {}`), "", "ignored"},
		{entry(`"hedgingPolicy": {"maxAttempts": 3}`), "", "no-hedging"},
		{entry(`"TIMEOUT": "1s"`), "", ""},
		{`{"methodConfig": [{"name": []}, {"retryPolicy": {}}]}`, "", "nameless nameless"},
		{`{"methodConfig": [{"name": [{"method": "M"}]}]}`, `methodConfig[0]: method "M" without a service`, ""},
		{`{"methodConfig": [{"name": [{"service": "s"}]}, {"name": [{"service": "s"}]}]}`, "methodConfig[1]: service s is named twice", ""},
		{`{"retryThrottling": {"maxTokens": 2000}}`, "", ""},
		{`{"methodConfig": [], "retryThrottling": {"maxTokens": 2000, "tokenRatio": 1}}`, "retryThrottling: maxTokens is 2000: want more than 0 and at most 1000", ""},
		{`{"methodConfig": [], "retryThrottling": {"maxTokens": 10}}`, "retryThrottling: tokenRatio is 0: want more than 0", ""},
		{`{"loadBalancingConfig": [{"a": {}, "b": {}}]}`, "loadBalancingConfig[0]: 2 policies in one object: write one object for each", ""},
	} {
		sc, err := grpcpolicy.ParseServiceConfig(test.text, grpcpolicy.DefaultMaxAttempts)
		if got := errorText(err); got != test.err {
			t.Errorf("%s:\ngot  %s\nwant %s", test.text, got, test.err)
		}
		if err != nil {
			continue
		}
		var kinds []string
		for _, p := range sc.Problems {
			kinds = append(kinds, string(p.Kind))
		}
		if got := strings.Join(kinds, " "); got != test.problems {
			t.Errorf("%s: problems %q, want %q", test.text, got, test.problems)
		}
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestRetryPolicyLayer(t *testing.T) {
	sc, err := grpcpolicy.ParseServiceConfig(policy(`"UNAVAILABLE"`, `"UNAVAILABLE", "DEADLINE_EXCEEDED", "CANCELLED"`), grpcpolicy.DefaultMaxAttempts)
	if err != nil {
		t.Fatal(err)
	}
	l := sc.Methods[0].Retry.Layer()
	// 0.1 s + 0.2 s + 0.4 s, each up to a fifth longer.
	if want := 840 * time.Millisecond; l.MaxWait != want {
		t.Errorf("MaxWait = %v, want %v", l.MaxWait, want)
	}
	want := callgraph.GRPCUnavailable | callgraph.Refused | callgraph.Reset | callgraph.GRPCDeadlineExceeded | callgraph.GRPCPermanent
	if l.Modes != want {
		t.Errorf("Modes = %x, want %x", uint32(l.Modes), uint32(want))
	}
	if l.Growth != callgraph.Growing || l.Jitter != callgraph.Yes || l.Context != callgraph.Yes || l.Throttled != callgraph.No {
		t.Errorf("layer %+v: want growing, jittered waits that end with the context, not throttled", l)
	}
}

// A policy that only retries OK never repeats anything, and must not be taken
// for one that retries everything.
func TestRetryingOKIsNoLayer(t *testing.T) {
	sc, err := grpcpolicy.ParseServiceConfig(policy(`"UNAVAILABLE"`, `"OK"`), grpcpolicy.DefaultMaxAttempts)
	if err != nil {
		t.Fatal(err)
	}
	if l := sc.Methods[0].Retry.Layer(); l != nil {
		t.Errorf("layer %+v, want none", l)
	}
}

func FuzzParseServiceConfig(f *testing.F) {
	f.Add(policy("", ""))
	f.Add(`{"methodConfig": [{"name": [{"service": "s"}], "timeout": "315576000000s"}], "retryThrottling": {"maxTokens": 10, "tokenRatio": 0.1}}`)
	f.Add("{\"a\":[[{\"b\":\n{}}]],")
	f.Fuzz(func(t *testing.T, text string) {
		sc, err := grpcpolicy.ParseServiceConfig(text, grpcpolicy.DefaultMaxAttempts)
		if err != nil {
			return
		}
		for _, m := range sc.Methods {
			if m.Offset < 0 || m.Offset > len(text) {
				t.Errorf("offset %d of a text of %d bytes", m.Offset, len(text))
			}
			if l := m.Retry.Layer(); l != nil && (l.Attempts.N < 2 || l.Attempts.N > grpcpolicy.DefaultMaxAttempts || l.MaxWait <= 0) {
				t.Error(fmt.Sprintf("layer %+v", l))
			}
		}
	})
}
