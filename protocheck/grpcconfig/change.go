package grpcconfig

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/tree"
)

// Ids of the rules about changes, which rules/catalogue/grpc.cue describes.
const (
	retryAdded          = "grpc/retry-added"
	timeoutShortened    = "grpc/timeout-shortened"
	throttlingRemoved   = "grpc/throttling-removed"
	idempotencyWeakened = "grpc/idempotency-weakened"
)

var changeIDs = []string{retryAdded, timeoutShortened, throttlingRemoved, idempotencyWeakened}

// ImplementsChange reports whether a rule is about what changed since an earlier state.
func ImplementsChange(rule string) bool { return slices.Contains(changeIDs, rule) }

// A State is one of two states that are compared. Services may be nil if none are in
// sight.
type State struct {
	Config   *Config
	Services *Services
}

// Compare reports what a change of a service config, or of the services that it is
// for, does to those who call them, sorted. Of services that did not change, both
// states may have the same.
func Compare(old, new State) []finding.Finding {
	c := &comparison{old: old, new: new}
	for _, m := range new.Config.Methods {
		c.repeats(m)
	}
	c.timeouts()
	c.throttling()
	c.refusals()
	finding.Sort(c.findings)
	return c.findings
}

// A comparison is one run of Compare.
type comparison struct {
	old, new State
	findings []finding.Finding
}

func (c *comparison) report(f finding.Finding) {
	if f.Strength == "" {
		f.Strength = finding.Proven
	}
	f.Level = finding.Error
	c.findings = append(c.findings, f)
}

// refusals reports what makes clients refuse a config that they took before.
func (c *comparison) refusals() {
	if c.old.Config.Refused() != "" {
		return
	}
	for _, p := range c.new.Config.problems {
		if p.refused {
			c.report(p.Finding)
		}
	}
}

// before points at an old place.
func (c *comparison) before(at finding.Location) []finding.Related {
	if at.File == "" {
		return nil
	}
	return []finding.Related{{Location: at, Message: "before"}}
}

// repeats compares what an entry repeats of each method that it holds for.
func (c *comparison) repeats(m *MethodConfig) {
	after := repetitionOf(m)
	if len(after.codes) == 0 && !after.hedged {
		return
	}
	added := map[string][]unsafeMethod{} // by what was added
	var weakened []unsafeMethod
	var reasons []string
	at := c.new.Config.location(startOf(after.node))
	k := &checker{Config: c.new.Config, services: c.new.Services}
	for _, method := range k.methods(m) {
		d, unsafe := doubtOf(method)
		if !unsafe {
			continue
		}
		was := c.old.Services.method(method)
		if was == nil {
			continue // nobody calls it yet
		}
		if saferThan(was, method) {
			weakened = append(weakened, unsafeMethod{method, d})
			reasons = append(reasons, lost(was, method))
			continue
		}
		before := repetitionOf(c.old.Config.entryOf(method))
		if what := after.beyond(before); what != "" {
			added[what] = append(added[what], unsafeMethod{method, d})
		}
	}
	for _, what := range sortedKeys(added) {
		c.added(at, what, added[what])
	}
	if len(weakened) > 0 {
		c.weakened(at, weakened, reasons)
	}
}

// A repetition is with what an entry sends a call again.
type repetition struct {
	codes  []string // doubtful ones
	hedged bool
	node   *tree.Node // of the policy
}

func repetitionOf(m *MethodConfig) (r repetition) {
	if m == nil {
		return r
	}
	if m.Retry.repeats() {
		r.node = m.Retry.node
		for _, code := range m.Retry.Codes {
			if slices.Contains(doubtful, code.Number) {
				r.codes = append(r.codes, code.String())
			}
		}
	}
	if m.Hedging.repeats() {
		r.node, r.hedged = m.Hedging.node, true
	}
	return r
}

// beyond says what a repetition does that an earlier one did not; empty for nothing.
func (r repetition) beyond(before repetition) string {
	if r.hedged && !before.hedged {
		return "hedged"
	}
	var more []string
	for _, code := range r.codes {
		if !slices.Contains(before.codes, code) {
			more = append(more, code)
		}
	}
	if len(more) == 0 {
		return ""
	}
	return "sent again after " + list(more)
}

func (c *comparison) added(at finding.Location, what string, methods []unsafeMethod) {
	f, names := unsafeFinding(retryAdded, at, methods, what != "sent again after UNAVAILABLE")
	was := "was"
	if len(names) > 1 {
		was = "were"
	}
	f.Message = fmt.Sprintf("%s %s %s now, and %s not before; %s", list(names), verbFor(names), what, was, f.Message)
	c.report(f)
}

func (c *comparison) weakened(at finding.Location, methods []unsafeMethod, reasons []string) {
	f := finding.Finding{Rule: idempotencyWeakened, Location: methods[0].At, Strength: c.certainty(methods), Properties: map[string]any{}}
	var names, full []string
	for i, m := range methods {
		names = append(names, m.Name)
		full = append(full, "/"+m.FullName())
		if was := c.old.Services.method(m.Method); i < maxRelated && was != nil {
			f.Related = append(f.Related, finding.Related{Location: was.At, Message: "before: " + reasons[i]})
		}
	}
	f.Related = append(f.Related, finding.Related{Location: at, Message: "sent again by this policy"})
	f.Properties["operations"] = full
	f.Message = fmt.Sprintf("%s %s no longer safe to repeat (%s), and the service config repeats %s all the same",
		list(names), verbFor(names), reasons[0], pronoun(names))
	c.report(f)
}

func pronoun(names []string) string {
	if len(names) == 1 {
		return "it"
	}
	return "them"
}

// certainty is how sure it is that methods are no longer safe. What was declared was
// meant; an HTTP verb may have changed for the sake of HTTP alone, so that the name has
// to say that the method does something.
func (c *comparison) certainty(methods []unsafeMethod) finding.Strength {
	best := finding.Possible
	for _, m := range methods {
		was := c.old.Services.method(m.Method)
		switch {
		case was.Level != LevelUnknown || was.KeyField != "":
			return finding.Proven
		case does(m.Name):
			best = finding.Likely
		}
	}
	return best
}

// method finds the same method of another state; nil if there is none.
func (s *Services) method(m *Method) *Method {
	if service := s.Lookup(m.Service); service != nil {
		return service.Method(m.Name)
	}
	return nil
}

// saferThan reports whether the contract promised that a method is safe to repeat, and
// promises it no more.
func saferThan(was, is *Method) bool {
	_, wasUnsafe := doubtOf(was)
	_, isUnsafe := doubtOf(is)
	return !wasUnsafe && isUnsafe
}

// lost says what made a method safe.
func lost(was, is *Method) string {
	switch {
	case was.Level != LevelUnknown:
		return "its idempotency_level was " + levelNames[was.Level]
	case was.KeyField != "":
		return "its request had " + was.KeyField
	}
	return fmt.Sprintf("it was %s and is %s", was.Verb, cmp.Or(is.Verb, "no HTTP request"))
}

var levelNames = [...]string{LevelUnknown: "IDEMPOTENCY_UNKNOWN", Idempotent: "IDEMPOTENT", NoSideEffects: "NO_SIDE_EFFECTS"}

// timeouts compares the time that calls have: of the methods that are in sight, what
// holds for each, and of other names, what is written for them.
func (c *comparison) timeouts() {
	k := &checker{Config: c.new.Config, services: c.new.Services}
	for _, m := range c.new.Config.Methods {
		if m.Timeout == nil {
			continue
		}
		var was *MethodConfig
		var names []string
		note := func(method *Method, name string) {
			before := c.old.Config.entryOf(method)
			if before == nil || before.Timeout == nil || *before.Timeout <= *m.Timeout {
				return
			}
			if was == nil {
				was = before
			}
			if *was.Timeout == *before.Timeout {
				names = append(names, name)
			}
		}
		for _, method := range k.methods(m) {
			note(method, method.Name)
		}
		for _, n := range m.Names {
			if c.new.Services.Lookup(n.Service) == nil {
				note(&Method{Service: n.Service, Name: n.Method}, n.String())
			}
		}
		if was != nil {
			c.report(finding.Finding{
				Rule: timeoutShortened, Location: c.new.Config.locate(m.timeout), Related: c.before(c.old.Config.locate(was.timeout)),
				Message: fmt.Sprintf("calls of %s end after %s now, and had %s before", list(names), seconds(*m.Timeout), seconds(*was.Timeout)),
			})
		}
	}
}

// throttling reports that retryThrottling is gone while something is still repeated.
func (c *comparison) throttling() {
	if c.old.Config.throttle == nil || c.new.Config.throttle != nil {
		return
	}
	for _, m := range c.new.Config.Methods {
		if r := repetitionOf(m); r.node != nil {
			c.report(finding.Finding{
				Rule: throttlingRemoved, Location: c.new.Config.location(startOf(c.new.Config.file.Root)),
				Related: c.before(c.old.Config.locate(c.old.Config.throttle)),
				Message: "retryThrottling is gone, and calls are still repeated: nothing limits that any more while most of them fail",
			})
			return
		}
	}
}

func sortedKeys[V any](m map[string]V) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
