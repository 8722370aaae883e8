package grpcconfig

import (
	"fmt"
	"slices"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/tree"
)

// config reads the config as a whole.
func (l *loader) config(root *tree.Node) {
	if !l.object(root, "a service config", configFields) {
		return
	}
	l.methodList = get(root, "methodConfig")
	for i, entry := range l.array(l.methodList, "methodConfig") {
		l.method(entry, fmt.Sprintf("methodConfig[%d]", i))
	}
	l.uniqueNames()
	l.throttle = get(root, "retryThrottling")
	l.decodedOnly = l.methodList == nil
	l.throttling()
	l.decodedOnly = false
	l.balancers = get(root, "loadBalancingConfig")
	l.policies()
	if l.balancer = get(root, "loadBalancingPolicy"); l.text(l.balancer, "loadBalancingPolicy") == "" {
		l.balancer = nil
	}
	if health := get(root, "healthCheckConfig"); l.object(health, "healthCheckConfig", []string{"serviceName"}) {
		l.text(get(health, "serviceName"), "healthCheckConfig.serviceName")
	}
}

func (l *loader) method(n *tree.Node, what string) {
	m := &MethodConfig{node: n}
	if !l.object(n, what, methodFields) {
		return
	}
	l.Methods = append(l.Methods, m)
	names := get(n, "name")
	l.decodedOnly = names == nil
	defer func() { l.decodedOnly = false }()
	for i, name := range l.array(names, what+".name") {
		l.name(m, name, fmt.Sprintf("%s.name[%d]", what, i))
	}
	if names == nil || names.Kind == tree.Array && len(names.Items) == 0 {
		l.nameless(m, what)
	}
	m.WaitForReady = l.boolean(get(n, "waitForReady"), what+".waitForReady")
	if m.timeout = get(n, "timeout"); m.timeout != nil {
		l.timeoutOf(m, what+".timeout")
	}
	for _, field := range []string{"maxRequestMessageBytes", "maxResponseMessageBytes"} {
		l.integer(get(n, field), what+"."+field)
	}
	l.retry(m, get(n, "retryPolicy"), what+".retryPolicy")
	l.hedging(m, get(n, "hedgingPolicy"), what+".hedgingPolicy")
	if m.Retry != nil && m.Hedging != nil {
		l.add(problem{Finding: finding.Finding{
			Rule: retryAndHedging, Location: l.keyOf(n, "hedgingPolicy"),
			Message: what + " has both retryPolicy and hedgingPolicy, of which one is allowed: clients refuse it, or leave one out",
			Related: []finding.Related{{Location: l.keyOf(n, "retryPolicy"), Message: "retryPolicy"}},
		}})
	}
}

func (l *loader) nameless(m *MethodConfig, what string) {
	l.add(problem{Finding: finding.Finding{
		Rule: emptyName, Location: l.keyOf(m.node, "name"),
		Message: what + ` names no method, and holds for none: name methods, or write [{}] to mean all`,
	}})
}

func (l *loader) name(m *MethodConfig, n *tree.Node, what string) {
	if !l.object(n, what, nameFields) {
		return
	}
	name := Name{node: n, serviceNode: get(n, "service"), methodNode: get(n, "method")}
	name.Service, name.Method = l.text(name.serviceNode, what+".service"), l.text(name.methodNode, what+".method")
	if name.Service == "" && name.Method != "" {
		l.refused(methodWithoutService, l.locate(name.methodNode), "%s has the method %q without a service: clients refuse the whole config", what, name.Method)
		return
	}
	m.Names = append(m.Names, name)
}

// uniqueNames reports names that come a second time.
func (l *loader) uniqueNames() {
	type key struct{ service, method string }
	first := map[key]Name{}
	for _, m := range l.Methods {
		for _, n := range m.Names {
			k := key{n.Service, n.Method}
			earlier, ok := first[k]
			if !ok {
				first[k] = n
				continue
			}
			l.add(problem{refused: true, Finding: finding.Finding{
				Rule: duplicateName, Location: l.locate(n.node),
				Message: fmt.Sprintf("%s is named twice: clients refuse the whole config", n),
				Related: []finding.Related{{Location: l.locate(earlier.node), Message: "the first time"}},
			}})
		}
	}
}

func (l *loader) timeoutOf(m *MethodConfig, what string) {
	d, ok := l.duration(m.timeout, what)
	if !ok {
		return
	}
	m.Timeout = &d
	if d <= 0 {
		l.add(problem{Finding: finding.Finding{
			Rule: timeoutRule, Location: l.locate(m.timeout),
			Message: fmt.Sprintf("%s is %s: every call fails with DEADLINE_EXCEEDED before it is sent", what, m.timeout.Text),
		}})
	}
}

func (l *loader) retry(m *MethodConfig, n *tree.Node, what string) {
	if !l.object(n, what, retryFields) {
		return
	}
	before := len(l.problems)
	p := &RetryPolicy{node: n, codes: get(n, "retryableStatusCodes")}
	p.MaxAttempts = l.attempts(n, what)
	p.InitialBackoff, _ = l.wait(n, what, "initialBackoff")
	p.MaxBackoff, _ = l.wait(n, what, "maxBackoff")
	p.Multiplier = l.multiplier(n, what)
	p.Codes = l.codeList(p.codes, what+".retryableStatusCodes")
	if p.codes == nil || p.codes.Kind == tree.Array && len(p.codes.Items) == 0 {
		l.refused(retryCode, l.keyOf(n, "retryableStatusCodes"), "%s has no retryableStatusCodes: clients refuse the whole config", what)
	}
	p.valid = !slices.ContainsFunc(l.problems[before:], func(p problem) bool { return p.AtMost == "" && p.Rule != unknownField })
	m.Retry = p
}

func (l *loader) hedging(m *MethodConfig, n *tree.Node, what string) {
	l.unread = true // by grpc-go, which leaves it out
	defer func() { l.unread = false }()
	if !l.object(n, what, hedgingFields) {
		return
	}
	p := &HedgingPolicy{node: n, MaxAttempts: l.attempts(n, what)}
	if delay := get(n, "hedgingDelay"); delay != nil {
		if p.Delay, _ = l.duration(delay, what+".hedgingDelay"); p.Delay < 0 {
			l.malformed(delay, "%s.hedgingDelay is %s; expected 0s or more", what, delay.Text)
		}
	}
	p.Codes = l.codeList(get(n, "nonFatalStatusCodes"), what+".nonFatalStatusCodes")
	m.Hedging = p
}
