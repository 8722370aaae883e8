package grpcconfig

import (
	"time"

	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/tree"
)

// Connection is what a connection repeats, and how long its calls may take, that has
// the config. MaxAttempts is the most attempts that the client makes, whatever the
// config says; 0 for the 5 of gRFC A6. At is the place of the config; who knows where
// the connection is made puts that there.
//
// Hedging is part of it, unless the config is known to be read by grpc-go, which has
// none. Of a config that clients refuse, Rejected says why, and there are no layers.
func (c *Config) Connection(maxAttempts int) callgraph.Connection {
	if maxAttempts <= 0 {
		maxAttempts = defaultMaxAttempts
	}
	conn := callgraph.Connection{At: posn(c.location(startOf(c.file.Root)))}
	if conn.Rejected = c.Refused(); conn.Rejected != "" {
		return conn
	}
	for _, m := range c.Methods {
		layers, timeout := c.layers(m, maxAttempts)
		for _, n := range m.Names {
			conn.Layers = append(conn.Layers, callgraph.MethodLayer{Service: n.Service, Method: n.Method, Layers: layers, Timeout: timeout})
		}
	}
	return conn
}

// defaultMaxAttempts is the most attempts that clients make unless they are told
// otherwise (gRFC A6, "Limits on Retries and Hedges").
const defaultMaxAttempts = 5

func (c *Config) layers(m *MethodConfig, maxAttempts int) ([]callgraph.Layer, time.Duration) {
	var timeout time.Duration
	if m.Timeout != nil {
		timeout = max(*m.Timeout, 0)
	}
	var l *callgraph.Layer
	var at *tree.Node
	switch {
	case m.Retry != nil && m.Retry.MaxAttempts > 1:
		l, at = m.Retry.layer(maxAttempts), m.Retry.node
	case m.Hedging != nil && m.Hedging.MaxAttempts > 1 && c.source.Go == nil && !c.source.ByGo:
		l, at = m.Hedging.layer(maxAttempts), m.Hedging.node
	}
	if l == nil || l.Attempts.N < 2 {
		return nil, timeout
	}
	l.At, l.Overall = posn(c.location(startOf(at))), timeout
	if c.Throttled {
		l.Throttled, l.Budget = callgraph.Yes, callgraph.Yes
	}
	return []callgraph.Layer{*l}, timeout
}

func (p *RetryPolicy) layer(maxAttempts int) *callgraph.Layer {
	b := callgraph.BackoffPolicy{
		Attempts: min(p.MaxAttempts, maxAttempts), InitialBackoff: p.InitialBackoff, MaxBackoff: p.MaxBackoff, Multiplier: p.Multiplier,
	}
	for _, code := range p.Codes {
		b.Codes = append(b.Codes, code.Number)
	}
	return b.Layer()
}

// layer is the layer that sends a call again without waiting for its failure: to the
// other side that is as many attempts, also while it hangs, when each is followed by
// the next one after the delay. How long all take is not known, as none is given up.
func (p *HedgingPolicy) layer(maxAttempts int) *callgraph.Layer {
	return &callgraph.Layer{
		Kind: callgraph.ConfigLayer, Name: "gRPC hedging", Attempts: callgraph.Amount{N: min(p.MaxAttempts, maxAttempts)},
		Growth: callgraph.Constant, Jitter: callgraph.No, Context: callgraph.Yes, ByTime: true,
		RetryAfter: callgraph.Yes, Budget: callgraph.No, Throttled: callgraph.No,
		PerTry: max(p.Delay, 1),
	}
}

func posn(at finding.Location) callgraph.Posn {
	return callgraph.Posn{File: at.File, Line: at.Line, Col: at.Column}
}
