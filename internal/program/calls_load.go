package program

import (
	"slices"
	"strings"
	"time"

	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/report"
)

// configuredTimeout is the deadline that service configs give a gRPC method, if
// all connections that it may use give the same.
func (p *Program) configuredTimeout(req *callgraph.Request) (d time.Duration, at callgraph.Posn, ok bool) {
	if req.Protocol != "grpc" {
		return 0, at, false
	}
	for i := range p.packages {
		for j := range p.packages[i].Connections {
			c := &p.packages[i].Connections[j]
			if req.Conn != (callgraph.Posn{}) && c.At != req.Conn {
				continue
			}
			m := mostSpecific(c.Layers, req.Operation)
			if m == nil {
				continue
			}
			if ok && m.Timeout != d || m.Timeout == 0 {
				return 0, callgraph.Posn{}, false
			}
			d, at, ok = m.Timeout, c.At, true
		}
	}
	return d, at, ok
}

// mostSpecific finds what a connection says of a method by name.
func mostSpecific(layers []callgraph.MethodLayer, operation string) *callgraph.MethodLayer {
	service, method, _ := strings.Cut(strings.TrimPrefix(operation, "/"), "/")
	var best *callgraph.MethodLayer
	for i := range layers {
		m := &layers[i]
		switch {
		case m.Service != service || m.Calls == callgraph.StreamCall:
		case m.Method == method:
			return m
		case m.Method == "":
			best = m
		}
	}
	return best
}

// attempts fills in what repeats a call, and what one request to an entry makes of
// its targets in the worst case. The way is the worst that is known to lead here;
// where none is, because other calls of the same target are worse from everywhere,
// only the figure of the target is known.
func (s *sheetMaker) attempts(c *report.Call, n *callgraph.Node) {
	here := place(n.At)
	ways := s.ways[here]
	loads := ways
	if len(loads) == 0 {
		loads = s.loads[c.Operation]
	}
	if len(loads) == 0 {
		return // nothing that the outside starts leads here
	}
	worst := loads[0]
	c.Load = &report.Load{Entry: worst.Entry, Requests: worst.Hard, Symbolic: worst.Symbolic, Mode: worst.Mode}
	if len(ways) == 0 {
		return
	}
	c.Targets = targetsOf(ways)
	if len(c.Targets) == 1 {
		c.Operation = c.Targets[0]
	}
	c.Attempts = &report.Attempts{N: callgraph.Times{N: 1}, Entry: worst.Entry}
	for _, step := range worst.Path {
		if step.Attempts != nil {
			c.Attempts.Add(s.layer(step))
		}
	}
}

func targetsOf(ways []*callgraph.Amplification) []string {
	var targets []string
	for _, a := range ways {
		targets = append(targets, a.Target)
	}
	slices.Sort(targets)
	return slices.Compact(targets)
}

// lastRequest is the place that a way leads to.
func lastRequest(path []callgraph.GraphStep) (callgraph.Posn, bool) {
	for _, step := range slices.Backward(path) {
		if step.Kind == callgraph.RequestStep {
			return callgraph.Posn{File: step.File, Line: step.Line}, true
		}
	}
	return callgraph.Posn{}, false
}

// layer describes a step that repeats, with what its retry policy is known to do.
func (s *sheetMaker) layer(step callgraph.GraphStep) report.Layer {
	out := report.Layer{Kind: string(step.Layer), Name: step.Name, Attempts: *step.Attempts, File: step.File, Line: step.Line}
	if step.Kind == callgraph.LoopStep {
		out.Kind = "data"
		return out
	}
	l := s.layers[callgraph.Posn{File: step.File, Line: step.Line}]
	if l == nil {
		out.Backoff, out.Jitter, out.Budget = report.Unknown, report.Unknown, report.Unknown
		return out
	}
	out.Backoff = growthText(l.Growth)
	out.Jitter, out.Budget = triText(l.Jitter), triText(l.Budget)
	if l.Throttled == callgraph.Yes || l.BudgetShare > 0 || l.BudgetRatio > 0 {
		out.Budget = "yes"
	}
	return out
}

func growthText(g callgraph.Growth) string {
	switch g {
	case callgraph.NoWait:
		return "none"
	case callgraph.Constant:
		return "constant"
	case callgraph.Growing:
		return "growing"
	}
	return report.Unknown
}

func triText(t callgraph.Tri) string {
	switch t {
	case callgraph.Yes:
		return "yes"
	case callgraph.No:
		return "no"
	}
	return report.Unknown
}

// backpressure lists what limits how many of a call run at once: in its function,
// in the entry that makes most of it, and in the pools of its package.
func (s *sheetMaker) backpressure(f *callgraph.Function, c *report.Call) []report.Guard {
	var found []report.Guard
	for i := range s.program.sheets {
		sheet := &s.program.sheets[i]
		for _, g := range sheet.Guards {
			pool := g.Func == "" && (g.Protocol == "" || g.Protocol == c.Protocol) && slices.Contains(packagesOf(f.ID), sheet.Path)
			entry := c.Load != nil && g.Func == c.Load.Entry
			if g.Func == f.ID || entry || pool {
				found = append(found, report.Guard{Name: g.Name, File: g.At.File, Line: g.At.Line})
			}
		}
	}
	return found
}

func durationText(d time.Duration) string {
	if d <= 0 {
		return ""
	}
	return d.String()
}
