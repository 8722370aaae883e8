package effective

import (
	"slices"
	"strings"
	"time"

	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/envoycfg/policy"
	"github.com/commslint/commslint/envoycfg/xds"
	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/tree"
)

// A Retry is the retry policy that is in force for a route.
type Retry struct {
	*xds.Message
	// From says whose it is: "the route", "the virtual host", "cluster payments". A policy of the cluster wins
	// over that of the route, and that over the virtual host's; nothing is merged.
	From string
	// RetryOn is the field with the conditions. Conditions are its words, with those that Envoy does not know,
	// and the statuses of retriable_status_codes, if a word asks for them.
	RetryOn    xds.Value
	Conditions []policy.Condition

	Retries Setting[uint64] // beyond the first attempt
	// PerTry is the limit of one attempt as it is written; 0 is none. PerTryIgnored says that Envoy drops it,
	// because the timeout of the route is not longer.
	PerTry        Setting[time.Duration]
	PerTryIgnored bool
	PerTryIdle    Setting[time.Duration]
	BaseInterval  Setting[time.Duration]
	MaxInterval   Setting[time.Duration]
	// Methods are those of the requests that are sent again; empty for all. Restricted says that the policy
	// has matchers of requests, whether or not they exclude a method.
	Methods    []string
	Restricted bool
}

// Defaults of RetryPolicy, by the comments of its proto.
const (
	DefaultRetries      = policy.EnvoyRetries
	DefaultBaseInterval = policy.EnvoyBaseWait
	// DefaultMaxFactor times the base interval is the longest wait.
	DefaultMaxFactor = policy.EnvoyWaitFactor
)

// Active reports whether the policy may send anything again: it has a condition that Envoy knows, and
// is not known to have no retries.
func (p *Retry) Active() bool {
	return p != nil && p.Modes() != 0 && (!p.Retries.Known || p.Retries.Value > 0)
}

// Modes are the failures after which a request is sent again.
func (p *Retry) Modes() callgraph.ModeSet {
	var modes callgraph.ModeSet
	if p != nil {
		for _, c := range p.Conditions {
			modes |= c.Modes
		}
	}
	return modes
}

// EffectivePerTry is the limit of one attempt that is in force; 0 if there is none, false if it is not
// known.
func (p *Retry) EffectivePerTry() (time.Duration, bool) {
	if p.PerTryIgnored {
		return 0, true
	}
	return p.PerTry.Value, p.PerTry.Known
}

// retries finds the policy in force.
func (r *Route) retries() {
	v, from := r.Action.Get("retry_policy"), "the route"
	if !v.Set() {
		v, from = r.Host.Get("retry_policy"), "the virtual host"
	}
	for _, t := range r.Targets {
		if t.Cluster != nil && t.Cluster.HTTP.Has("retry_policy") {
			v, from = t.Cluster.HTTP.Get("retry_policy"), "cluster "+t.Name
			break
		}
	}
	if v.Message() != nil {
		r.Retry = NewRetry(v.Message(), from)
		limit := r.Timeout
		r.Retry.PerTryIgnored = r.Retry.PerTry.Known && r.Retry.PerTry.Chosen && limit.Known && limit.Value > 0 &&
			r.Retry.PerTry.Value >= limit.Value
	}
}

// NewRetry reads a policy that stands for itself, such as one that an EnvoyFilter merges into routes which
// are not known: no timeout of a route is set against it.
func NewRetry(m *xds.Message, from string) *Retry {
	p := &Retry{
		Message: m, From: from, RetryOn: m.Get("retry_on"),
		Retries:      numberSetting(m.Get("num_retries"), DefaultRetries),
		PerTry:       durationSetting(m.Get("per_try_timeout"), 0),
		PerTryIdle:   durationSetting(m.Get("per_try_idle_timeout"), 0),
		BaseInterval: durationSetting(m.Get("retry_back_off.base_interval"), DefaultBaseInterval),
	}
	p.MaxInterval = durationSetting(m.Get("retry_back_off.max_interval"), DefaultMaxFactor*p.BaseInterval.Value)
	p.conditions()
	p.restriction()
	return p
}

// conditions reads retry_on and, where a word asks for them, the status codes.
func (p *Retry) conditions() {
	if !p.RetryOn.Known() {
		return
	}
	statuses := false
	for word, at := range words(p.RetryOn.Node) {
		c := policy.EnvoyCondition(word, at)
		switch word {
		case "retriable-status-codes":
			statuses = true
		case "retriable-headers":
			if !p.Has("retriable_headers") {
				c.Modes, c.Danger = 0, policy.Safe // Envoy has nothing to compare with
			}
		}
		p.Conditions = append(p.Conditions, c)
	}
	if !statuses {
		return
	}
	for _, code := range p.Get("retriable_status_codes").List() {
		if n, ok := code.Uint(); ok && n < 1000 {
			p.Conditions = append(p.Conditions, policy.StatusCondition(int(n), policy.At(code.Node)))
		}
	}
}

// words yields the words of a list between commas, with the place of each where the text is written as it
// is read, or else with that of the whole list.
func words(n *tree.Node) func(func(string, policy.Place) bool) {
	return func(yield func(string, policy.Place) bool) {
		whole := policy.At(n)
		offset := -1
		if written := string(n.File.Text[n.Start:n.End]); strings.Contains(written, n.Text) {
			offset = int(n.Start) + strings.Index(written, n.Text)
		}
		at := 0
		for part := range strings.SplitSeq(n.Text, ",") {
			word := strings.TrimSpace(part)
			start := at + strings.Index(part, word)
			at += len(part) + 1
			if word == "" {
				continue
			}
			place := whole
			if offset >= 0 {
				from, to := offset+start, offset+start+len(word)
				place = policy.Place{Location: n.File.Location(int32(from), int32(to)), Start: from, End: to}
			}
			if !yield(word, place) {
				return
			}
		}
	}
}

// restriction finds the methods that retriable_request_headers leaves. Its matchers are alternatives, so
// that one of any other header lets every method through.
func (p *Retry) restriction() {
	matchers := p.Get("retriable_request_headers").Messages()
	p.Restricted = len(matchers) > 0
	var methods []string
	for _, h := range matchers {
		if !strings.EqualFold(h.Get("name").String(), ":method") {
			return
		}
		for _, method := range MethodsOf(h) {
			if !slices.Contains(methods, method) {
				methods = append(methods, method)
			}
		}
	}
	if p.Restricted && len(methods) < len(allMethods) {
		p.Methods = methods
	}
}

// RetriedMethods are the methods of the requests of the route that are sent again: those that both the
// match and the policy let through; empty for all. None reports that there are none at all.
func (r *Route) RetriedMethods() (methods []string, none bool) {
	if !r.Retry.Active() {
		return nil, true
	}
	switch {
	case len(r.Match.Methods) == 0:
		return r.Retry.Methods, false
	case len(r.Retry.Methods) == 0:
		return r.Match.Methods, false
	}
	methods = intersect(r.Match.Methods, r.Retry.Methods)
	return methods, len(methods) == 0
}

// At is the place of the policy.
func (p *Retry) At() finding.Location { return p.Message.At() }
