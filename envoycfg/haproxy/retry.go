package haproxy

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/envoycfg/policy"
)

// retry is how often a backend sends a request again, and after what.
func (c *config) retry(back *section, http bool) *policy.Retry {
	r := &policy.Retry{
		Origin: haproxyDefault, OnOrigin: haproxyDefault, Retries: policy.DefaultCount(haproxyRetries, haproxyDefault),
		On: []policy.Condition{{Word: "conn-failure", Modes: callgraph.Refused}}, Growth: callgraph.NoWait, Jitter: callgraph.No,
	}
	if l, ok := back.get("retries"); ok && len(l.words) > 1 {
		n, err := strconv.Atoi(l.words[1])
		if err != nil || n < 0 {
			c.report.Addf(policy.Invalid, l.places[1], "", "%q is no number of retries", l.words[1])
			r.Retries = policy.Count{At: l.places[1]}
		} else {
			r.Retries = policy.Count{N: n, Known: true, At: l.places[1]}
		}
	}
	l, ok := back.get("retry-on")
	if !ok || !http {
		return r
	}
	r.At, r.OnAt, r.Origin, r.OnOrigin, r.On = l.places[0], l.places[0], "", "", nil
	for i, word := range l.words[1:] {
		if word == "none" {
			continue
		}
		r.On = append(r.On, condition(word, l.places[i+1]))
	}
	return r
}

// retryable are the words of retry-on that are no statuses (configuration.txt 4.2, retry-on).
var retryable = []policy.Condition{
	{Word: "conn-failure", Modes: callgraph.Refused},
	{Word: "empty-response", Modes: callgraph.Reset, Danger: policy.Proven},
	{Word: "junk-response", Danger: policy.Proven}, // an answer that is none, which is no reset
	{Word: "response-timeout", Modes: callgraph.Hang, Danger: policy.Proven},
	{Word: "0rtt-rejected", Modes: callgraph.Refused},
	{Word: "all-retryable-errors", Danger: policy.Proven, Modes: callgraph.Refused | callgraph.Reset | callgraph.Hang |
		callgraph.Status500 | callgraph.Status502 | callgraph.Status503 | callgraph.Status504},
}

// statuses are those that retry-on takes.
var statuses = []string{"401", "403", "404", "408", "421", "425", "429", "500", "501", "502", "503", "504"}

func condition(word string, at policy.Place) policy.Condition {
	for _, c := range retryable {
		if c.Word == word {
			c.At = at
			return c
		}
	}
	if code, err := strconv.Atoi(word); err == nil && slices.Contains(statuses, word) {
		return policy.StatusCondition(code, at)
	}
	return policy.Condition{Word: word, At: at, Unknown: !strings.Contains(word, "$")}
}

// byMethod makes two routes of one where disable-l7-retry lets some methods be repeated and others not: those are sent again only if
// no connection was made.
func (c *config) byMethod(r policy.Route, front, back *section) []policy.Route {
	if !r.Retry.Repeats(callgraph.AllModes &^ callgraph.Refused) {
		return []policy.Route{r}
	}
	for _, s := range []*section{front, back} {
		for _, l := range s.lines {
			if !l.is("http-request", "disable-l7-retry") {
				continue
			}
			methods, inverted, known := s.methods(l.words[2:])
			if !known {
				r.Keyed = true // something else tells those apart that may be done twice
				continue
			}
			return disabled(r, methods, inverted)
		}
	}
	return []policy.Route{r}
}

// disabled parts the methods that are not repeated, or all others, from the rest.
func disabled(r policy.Route, methods []string, inverted bool) []policy.Route {
	spared := r.OnlyBeforeSending()
	spared.Variant = "spared"
	if len(methods) == 0 {
		return []policy.Route{spared}
	}
	first, second := spared, r
	if inverted {
		first, second = r, spared
	}
	if own := r.Matches[0].Methods; len(own) > 0 {
		methods = slices.DeleteFunc(slices.Clone(methods), func(m string) bool { return !slices.Contains(own, m) })
		if len(methods) == 0 {
			return []policy.Route{second} // the frontend sends none of them here
		}
	}
	order := 2 * r.Matches[0].Order
	first.Matches, second.Matches = slices.Clone(r.Matches), slices.Clone(r.Matches)
	first.Matches[0].Methods, first.Matches[0].Order = methods, order
	second.Matches[0].Order = order + 1
	if !inverted {
		first.Implicit = true                           // its rules are asked of the other one
		second.Keyed = slices.Contains(methods, "POST") // what creates things is spared
	} else {
		second.Implicit = true
	}
	return []policy.Route{first, second}
}

// methods reads the condition of disable-l7-retry: which methods it holds for, or (inverted) for all but which. No methods are all.
func (s *section) methods(words []string) (methods []string, inverted, known bool) {
	if len(words) == 0 {
		return nil, false, true
	}
	inverted = words[0] == "unless"
	words = words[1:]
	negated := len(words) > 0 && strings.HasPrefix(words[0], "!")
	if negated {
		inverted = !inverted
		words = slices.Clone(words)
		words[0] = words[0][1:]
		if words[0] == "" {
			words = words[1:]
		}
	}
	if len(words) > 2 && words[0] == "{" && words[1] == "method" && words[len(words)-1] == "}" {
		return words[2 : len(words)-1], inverted, true
	}
	if negated && len(words) != 1 {
		return nil, false, false // the one is negated, and not the whole
	}
	for i, w := range words {
		if i%2 == 1 {
			if w != "||" && w != "or" {
				return nil, false, false
			}
			continue
		}
		of, ok := s.methodsOf(w)
		if !ok {
			return nil, false, false
		}
		methods = append(methods, of...)
	}
	return methods, inverted, len(methods) > 0
}

// methodsOf are the methods of an access list: one of those that HAProxy defines, or one of the section.
func (s *section) methodsOf(acl string) ([]string, bool) {
	if method, ok := strings.CutPrefix(acl, "METH_"); ok {
		if method == "GET" {
			return []string{"GET", "HEAD"}, true // as HAProxy defines it
		}
		return []string{method}, true
	}
	var methods []string
	for _, l := range s.acl(acl) {
		if !l.is("acl", acl, "method") {
			return nil, false
		}
		methods = append(methods, slices.DeleteFunc(slices.Clone(l.words[3:]), func(w string) bool { return strings.HasPrefix(w, "-") })...)
	}
	return methods, len(methods) > 0
}

// duration is the time of a keyword.
func (c *config) duration(s *section, words ...string) policy.Time {
	l, ok := s.get(words...)
	if !ok || len(l.words) <= len(words) {
		return policy.DefaultTime(0, haproxyDefault)
	}
	text, at := l.words[len(words)], l.places[len(words)]
	value, ok := parseTime(text)
	if !ok {
		if !strings.ContainsAny(text, "${") {
			c.report.Addf(policy.Invalid, at, "", "%q is no time: expected one such as 500ms, 5s or 1m", text)
		}
		return policy.Time{At: at}
	}
	return policy.Time{Value: value, Known: true, At: at}
}

var timeUnits = []struct {
	suffix string
	unit   time.Duration
}{{"us", time.Microsecond}, {"ms", time.Millisecond}, {"s", time.Second}, {"m", time.Minute}, {"h", time.Hour}, {"d", 24 * time.Hour}, {"", time.Millisecond}}

// parseTime reads a time: in milliseconds where no unit is given.
func parseTime(text string) (time.Duration, bool) {
	for _, u := range timeUnits {
		number, ok := strings.CutSuffix(text, u.suffix)
		if n, err := strconv.Atoi(number); ok && err == nil && n >= 0 {
			return time.Duration(n) * u.unit, true
		}
	}
	return 0, false
}
