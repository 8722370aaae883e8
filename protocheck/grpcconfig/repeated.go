package grpcconfig

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/commslint/commslint/finding"
)

// maxRelated is how many further places a finding names.
const maxRelated = 10

// methods are the methods that an entry holds for, of those that are in sight: what is
// named more exactly elsewhere is another entry's.
func (c *checker) methods(m *MethodConfig) (found []*Method) {
	seen := map[*Method]bool{}
	for _, n := range m.Names {
		service := c.services.Lookup(n.Service)
		if service == nil {
			continue
		}
		for _, method := range service.Methods {
			if c.entryOf(method) == m && !seen[method] {
				seen[method] = true
				found = append(found, method)
			}
		}
	}
	sortMethods(found)
	return found
}

// entryOf finds the entry that holds for a method: the one that names it most exactly.
func (c *Config) entryOf(method *Method) *MethodConfig {
	var best *MethodConfig
	rank := 0
	for _, m := range c.Methods {
		for _, n := range m.Names {
			r := 0
			switch {
			case n.Service == method.Service && n.Method == method.Name:
				r = 3
			case n.Service == method.Service && n.Method == "":
				r = 2
			case n.Service == "" && n.Method == "":
				r = 1
			}
			if r > rank {
				best, rank = m, r
			}
		}
	}
	return best
}

// doubtful are the codes with which the server may have done the work: it does not
// know (UNKNOWN, INTERNAL, DATA_LOSS), or nobody waited for it to end
// (DEADLINE_EXCEEDED, CANCELLED). With UNAVAILABLE it most often has not begun, but
// clients give that code to a connection that broke while they waited, too (gRFC A6;
// https://grpc.io/docs/guides/status-codes/). All others are refusals.
var doubtful = []int{codeUnavailable, codeUnknown, codeInternal, codeDeadlineExceeded, codeDataLoss, codeCancelled}

// repeated judges what an entry repeats by the methods that it does that for.
func (c *checker) repeated(m *MethodConfig) {
	methods := c.methods(m)
	if m.Retry.repeats() {
		var codes []string
		sure := false // that the server may well have done the work
		for _, code := range m.Retry.Codes {
			if slices.Contains(doubtful, code.Number) {
				codes = append(codes, code.String())
				sure = sure || code.Number != codeUnavailable
			}
		}
		if len(codes) > 0 {
			c.unsafe(m, methods, retryNonidempotent, startOf(m.Retry.node), sure, func(names string, verb string) string {
				return fmt.Sprintf("%s %s sent again after %s, with which the server may have done the work", names, verb, list(codes))
			})
		}
		c.streaming(m, methods)
	}
	if m.Hedging.repeats() {
		c.unsafe(m, methods, hedgingNonidempotent, startOf(m.Hedging.node), true, func(names string, verb string) string {
			return fmt.Sprintf("%s %s hedged: sent up to %d times at once", names, verb, max(m.Hedging.MaxAttempts, 2))
		})
	}
}

// An unsafeMethod is one that is repeated and not known to be safe for it.
type unsafeMethod struct {
	*Method
	doubt
}

// unsafe reports the methods of an entry that may be done twice: one finding for all.
func (c *checker) unsafe(m *MethodConfig, methods []*Method, rule string, at finding.Location, sure bool, what func(names, verb string) string) {
	var unsafe []unsafeMethod
	for _, method := range methods {
		if d, ok := doubtOf(method); ok {
			unsafe = append(unsafe, unsafeMethod{method, d})
		}
	}
	if len(unsafe) == 0 {
		c.unknown(m, rule, at, what)
		return
	}
	f, names := unsafeFinding(rule, c.location(at), unsafe, sure)
	f.Message = what(list(names), verbFor(names)) + "; " + f.Message
	c.report(f)
}

// unsafeFinding makes one finding of methods that may be done twice: of those of which
// that is surest, which it names. Its message says why that is so. Not sure means that
// the server most often has not done the work.
func unsafeFinding(rule string, at finding.Location, unsafe []unsafeMethod, sure bool) (f finding.Finding, names []string) {
	slices.SortStableFunc(unsafe, func(a, b unsafeMethod) int { return cmp.Compare(rank(a.strength), rank(b.strength)) })
	f = finding.Finding{Rule: rule, Location: at, Strength: unsafe[0].strength, Message: reason(unsafe)}
	if f.Strength == finding.Proven && !sure {
		f.Strength = finding.Likely
	}
	var operations []string
	for _, u := range unsafe {
		if u.strength == finding.Possible && f.Strength != finding.Possible {
			break
		}
		names = append(names, u.Name)
		operations = append(operations, "/"+u.FullName())
		if len(f.Related) < maxRelated {
			f.Related = append(f.Related, finding.Related{Location: u.At, Message: described(u)})
		}
	}
	f.Properties = map[string]any{"operations": operations}
	return f, names
}

func verbFor(names []string) string {
	if len(names) == 1 {
		return "is"
	}
	return "are"
}

func rank(s finding.Strength) int {
	return slices.Index([]finding.Strength{finding.Proven, finding.Likely, finding.Possible}, s)
}

// described says what a method is and why it is not known to be safe.
func described(u unsafeMethod) string {
	text := "rpc " + u.Name
	if u.Verb != "" {
		text += " (" + u.Verb + " " + u.Path + ")"
	}
	if u.why != "" {
		text += ": " + u.why
	}
	return text
}

func reason(unsafe []unsafeMethod) string {
	if unsafe[0].strength == finding.Possible {
		return "the contract does not say that this is safe: no idempotency_level, no key in the request"
	}
	return "nothing in the contract makes that safe (no idempotency_level, no request_id), so it may be done twice"
}

// unknown reports methods of which no .proto file is in sight, by their names.
func (c *checker) unknown(m *MethodConfig, rule string, at finding.Location, what func(names, verb string) string) {
	var names []string
	for _, n := range m.Names {
		if c.services.Lookup(n.Service) == nil && (n.Method == "" || does(n.Method)) && !c.opt.declares(n.Service, n.Method) {
			names = append(names, n.String())
		}
	}
	if len(names) == 0 {
		return
	}
	c.report(finding.Finding{
		Rule: rule, Location: c.location(at), Strength: finding.Possible,
		Message: what(list(names), verbFor(names)) + "; no .proto file in sight says that this is safe",
	})
}

// streaming reports retries of calls that send a stream.
func (c *checker) streaming(m *MethodConfig, methods []*Method) {
	f := finding.Finding{Rule: retryStreaming, Location: c.location(startOf(m.Retry.node))}
	var names []string
	for _, method := range methods {
		if method.ClientStreams {
			names = append(names, method.Name)
			f.Related = append(f.Related, finding.Related{Location: method.At, Message: "rpc " + method.Name + ", to which the client sends a stream"})
		}
	}
	if len(names) == 0 {
		return
	}
	f.Related = f.Related[:min(len(f.Related), maxRelated)]
	f.Message = fmt.Sprintf("a retry of %s sends everything again that the client has streamed, and is given up when that is more than the client's buffer holds (gRFC A6); AIP-194 wants retries of unary calls", list(names))
	c.report(f)
}

// onlyStreams reports whether all methods of an entry are known to stream: a deadline
// is wrong for those that never end.
func (c *checker) onlyStreams(m *MethodConfig) bool {
	methods := c.methods(m)
	return len(methods) > 0 && !slices.ContainsFunc(methods, func(m *Method) bool { return !m.ClientStreams && !m.ServerStreams })
}

// uncovered reports methods of the services that a config is about for which no entry
// gives a timeout.
func (c *checker) uncovered() {
	reported := map[string]bool{}
	for _, m := range c.Methods {
		for _, n := range m.Names {
			service := c.services.Lookup(n.Service)
			if service == nil || reported[n.Service] {
				continue
			}
			reported[n.Service] = true
			c.uncoveredOf(service, n)
		}
	}
}

func (c *checker) uncoveredOf(service *Service, n Name) {
	f := finding.Finding{Rule: noDeadline, Location: c.locate(n.serviceNode)}
	var names []string
	for _, method := range service.Methods {
		if method.ClientStreams || method.ServerStreams || c.entryOf(method) != nil {
			continue
		}
		names = append(names, method.Name)
		if len(f.Related) < maxRelated {
			f.Related = append(f.Related, finding.Related{Location: method.At, Message: "rpc " + method.Name})
		}
	}
	if len(names) > 0 {
		f.Message = fmt.Sprintf("calls of %s of %s have no deadline unless the caller gives one: no entry is for them", list(names), service.Name)
		c.report(f)
	}
}
