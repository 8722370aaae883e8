package policy

import (
	"strconv"
	"strings"

	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/finding"
)

// A Danger says how sure it is that a condition makes a proxy send a request again that the
// upstream has done.
type Danger uint8

const (
	Safe     Danger = iota // nothing was sent, or the request was turned away
	Possible               // the upstream says that it is not available, which it may say after it began
	Likely                 // as 503 of a gateway, which may stand for an answer that was lost
	Proven                 // the upstream had the request when it failed
)

// A Condition is a failure after which a request is sent again.
type Condition struct {
	Word   string
	At     Place
	Modes  callgraph.ModeSet
	Danger Danger
	// Unknown says that the proxy does not know the word.
	Unknown bool
}

// The failures that Envoy calls resets: no whole answer came, in time or at all. Of per-try
// timeouts it makes a reset, too (wouldRetryFromReset in retry_state_impl.cc).
const reset = callgraph.Refused | callgraph.Reset | callgraph.Hang

// envoyWords are the words of retry_on and of x-envoy-retry-grpc-on, of which one field holds both
// (router_filter.rst, retry_policy_impl.cc). What they stand for is that of facts in the same place.
var envoyWords = []Condition{
	{Word: "5xx", Modes: reset | callgraph.Status500 | callgraph.Status502 | callgraph.Status503 | callgraph.Status504 | callgraph.Status5xx, Danger: Proven},
	{Word: "gateway-error", Modes: reset | callgraph.Status502 | callgraph.Status503 | callgraph.Status504, Danger: Proven},
	{Word: "reset", Modes: reset, Danger: Proven},
	{Word: "reset-before-request", Modes: callgraph.Refused},
	{Word: "connect-failure", Modes: callgraph.Refused},
	{Word: "http3-post-connect-failure", Modes: callgraph.Refused},
	{Word: "envoy-ratelimited", Modes: callgraph.Status429},
	{Word: "retriable-4xx", Modes: callgraph.Status4xx},
	{Word: "refused-stream", Modes: callgraph.Refused},
	{Word: "retriable-headers", Modes: callgraph.Status500 | callgraph.Status502 | callgraph.Status503 | callgraph.Status504 | callgraph.Status5xx, Danger: Possible},
	{Word: "retriable-status-codes"}, // the codes are conditions of their own
	{Word: "cancelled", Danger: Possible},
	{Word: "deadline-exceeded", Modes: callgraph.GRPCDeadlineExceeded, Danger: Proven},
	{Word: "internal", Modes: callgraph.GRPCInternal, Danger: Proven},
	{Word: "resource-exhausted", Modes: callgraph.GRPCResourceExhausted, Danger: Possible},
	{Word: "unavailable", Modes: callgraph.GRPCUnavailable, Danger: Possible},
}

// EnvoyWords lists the words that Envoy knows.
func EnvoyWords() []string {
	words := make([]string, len(envoyWords))
	for i, w := range envoyWords {
		words[i] = w.Word
	}
	return words
}

// EnvoyCondition is what a word of Envoy's retry_on means. Case counts, and a word that Envoy does
// not know means nothing to it.
func EnvoyCondition(word string, at Place) Condition {
	for _, w := range envoyWords {
		if w.Word == word {
			w.At = at
			return w
		}
	}
	return Condition{Word: word, At: at, Unknown: true}
}

// StatusCondition is a status of HTTP after which requests are sent again.
func StatusCondition(code int, at Place) Condition {
	c := Condition{Word: strconv.Itoa(code), At: at}
	switch {
	case code == 408:
		c.Modes = callgraph.Status408
	case code == 425:
		c.Modes = callgraph.Status425
	case code == 429:
		c.Modes = callgraph.Status429
	case code == 500:
		c.Modes, c.Danger = callgraph.Status500, Proven
	case code == 502:
		c.Modes, c.Danger = callgraph.Status502, Proven
	case code == 503:
		// Istio took it out of its default after a payment was made twice (istio issue 50506).
		c.Modes, c.Danger = callgraph.Status503, Likely
	case code == 504:
		c.Modes, c.Danger = callgraph.Status504, Proven
	case code >= 500 && code < 600:
		c.Modes, c.Danger = callgraph.Status5xx, Proven
	case code >= 400 && code < 500:
		c.Modes = callgraph.Status4xx // the request was turned away
	default:
		c.Unknown = code < 100 || code > 599
	}
	return c
}

// Conditions reads words of Envoy between commas.
func Conditions(list string, at Place) []Condition {
	var all []Condition
	for word := range strings.SplitSeq(list, ",") {
		if word = strings.TrimSpace(word); word != "" {
			all = append(all, EnvoyCondition(word, at))
		}
	}
	return all
}

// Strength is how sure a finding is that rests on the danger alone.
func (d Danger) Strength() finding.Strength {
	switch d {
	case Proven:
		return finding.Proven
	case Likely:
		return finding.Likely
	}
	return finding.Possible
}

// Worst is the most dangerous of some conditions, the first of them; the zero Condition if none is dangerous.
func Worst(conditions []Condition) Condition {
	var worst Condition
	for _, c := range conditions {
		if c.Danger > worst.Danger {
			worst = c
		}
	}
	return worst
}
