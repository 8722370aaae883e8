package grpcconfig

import (
	"time"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/tree"
)

// A Source is the text of a service config and where it is from.
type Source struct {
	Name string // of the file, as findings call it
	Text []byte
	// Go tells of a text that stands in Go code; nil for a file.
	Go *Literal
	// ByGo says that Go code is known to read it, as it does a Literal.
	ByGo bool
	// MaxAttempts is the most attempts that the clients are known to make which have
	// the config; 0 leaves that to the Options.
	MaxAttempts int
}

// A Literal is the place of a service config in Go code.
type Literal struct {
	Line, Column int // where the text begins, from 1, or where the connection is made
	// Inside says that the text stands at that place as it is, so that what is wrong
	// has places of its own.
	Inside bool
}

// A Config is a service config. It holds whatever could be read of it, also if
// clients refuse it.
type Config struct {
	// Methods are the entries of methodConfig, in their order.
	Methods []*MethodConfig
	// Throttled says that retryThrottling is set and valid.
	Throttled bool

	source Source
	file   *tree.File
	// The values of its fields; nil for those that there are not.
	methodList, throttle, balancers, balancer *tree.Node
	problems                                  []problem
}

// A problem is what was wrong with a text, found while it was read.
type problem struct {
	finding.Finding
	// refused says that grpc-go makes no connection with the config.
	refused bool
}

// A MethodConfig is one entry of methodConfig.
type MethodConfig struct {
	Names []Name
	// Timeout is nil if there is none that can be read.
	Timeout      *time.Duration
	WaitForReady bool
	Retry        *RetryPolicy   // nil if there is none
	Hedging      *HedgingPolicy // nil if there is none

	node    *tree.Node
	timeout *tree.Node // nil if there is none
}

// A Name tells which methods an entry is for: all if Service is empty, all of the
// service if Method is.
type Name struct {
	Service, Method string

	node                    *tree.Node
	serviceNode, methodNode *tree.Node // nil if they are empty
}

func (n Name) String() string {
	switch {
	case n.Service == "" && n.Method == "":
		return "every method"
	case n.Method == "":
		return n.Service
	}
	return n.Service + "/" + n.Method
}

// A RetryPolicy says when a client sends a call again.
type RetryPolicy struct {
	MaxAttempts                int // 0 if missing or no number
	InitialBackoff, MaxBackoff time.Duration
	Multiplier                 float64
	Codes                      []Code

	node  *tree.Node
	codes *tree.Node // value of retryableStatusCodes; nil if there is none
	valid bool       // by gRFC A6
}

// A HedgingPolicy says when a client sends a call more than once without waiting for
// a failure.
type HedgingPolicy struct {
	MaxAttempts int // 0 if missing or no number
	Delay       time.Duration
	Codes       []Code // that let it go on

	node *tree.Node
}

// repeats reports whether a client that takes the config may send a call more than
// once by this policy.
func (p *RetryPolicy) repeats() bool {
	return p != nil && (p.MaxAttempts > 1 || p.MaxAttempts == 0) && len(p.Codes) > 0
}

func (p *HedgingPolicy) repeats() bool { return p != nil && (p.MaxAttempts > 1 || p.MaxAttempts == 0) }

// Refused says why grpc-go makes no connection with the config; empty if it does.
func (c *Config) Refused() string {
	for _, p := range c.problems {
		if p.refused {
			return p.Message
		}
	}
	return ""
}

// location turns a place in the text into one in the file.
func (c *Config) location(at finding.Location) finding.Location {
	lit := c.source.Go
	switch {
	case lit == nil:
		return at
	case !lit.Inside || at.Line == 0:
		return finding.Location{File: c.source.Name, Line: lit.Line, Column: lit.Column}
	}
	shift := func(line, column int) (int, int) {
		if line == 1 {
			column += lit.Column - 1
		}
		return line + lit.Line - 1, column
	}
	at.Line, at.Column = shift(at.Line, at.Column)
	if at.EndLine > 0 {
		end := at.EndLine
		at.EndLine, at.EndColumn = shift(end, at.EndColumn)
	}
	return at
}

// locate is the place of a value in the file.
func (c *Config) locate(n *tree.Node) finding.Location { return c.location(n.Location()) }
