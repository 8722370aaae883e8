package callgraph

import (
	"math"
	"time"
)

// A BackoffPolicy is when a gRPC client sends a call again: the retryPolicy of a
// service config (gRFC A6).
type BackoffPolicy struct {
	Attempts                   int // the first included
	InitialBackoff, MaxBackoff time.Duration
	Multiplier                 float64
	Codes                      []int // gRPC status codes, by number
}

// backoffJitter is how much longer than computed a wait may be: clients multiply it by
// 0.8 to 1.2 (gRFC A6; google.golang.org/grpc@v1.85.0/stream.go:886).
const backoffJitter = 1.2

// Layer is the retry layer that the policy is; nil if it never repeats anything. Where
// it is, its deadline and what throttles it are for the caller to add.
func (p *BackoffPolicy) Layer() *Layer {
	modes := CodeModes(p.Codes)
	if modes == 0 {
		return nil // OK is no failure, and no modes would stand for all
	}
	l := &Layer{
		Kind: ConfigLayer, Name: "gRPC service config", Attempts: Amount{N: p.Attempts},
		Modes: modes, Growth: Constant, Jitter: Yes, Context: Yes, ByTime: true,
		RetryAfter: Yes, // grpc-retry-pushback-ms
		Budget:     No, Throttled: No,
	}
	if p.Multiplier > 1 && p.MaxBackoff > p.InitialBackoff {
		l.Growth = Growing
	}
	for i := range p.Attempts - 1 {
		wait := min(float64(p.InitialBackoff)*math.Pow(p.Multiplier, float64(i)), float64(p.MaxBackoff))
		if l.MaxWait = longer(l.MaxWait, wait*backoffJitter); l.MaxWait == math.MaxInt64 {
			break
		}
	}
	return l
}

// longer adds to a duration what may be more than one can hold.
func longer(d time.Duration, more float64) time.Duration {
	if sum := float64(d) + more; sum < math.MaxInt64 {
		return time.Duration(math.Round(sum))
	}
	return math.MaxInt64
}

// CodeModes returns the failures that end with one of some gRPC status codes, by number.
// The deadline of a call holds for all its attempts, so a server that does not answer
// gives no code in time to try again.
func CodeModes(codes []int) (modes ModeSet) {
	const (
		ok                = 0
		unknown           = 2
		deadlineExceeded  = 4
		resourceExhausted = 8
		aborted           = 10
		internal          = 13
		unavailable       = 14
	)
	for _, c := range codes {
		switch c {
		case ok:
		case unavailable:
			modes |= GRPCUnavailable | Refused | Reset // what a broken connection gives too
		case deadlineExceeded:
			modes |= GRPCDeadlineExceeded
		case resourceExhausted:
			modes |= GRPCResourceExhausted
		case aborted:
			modes |= GRPCAborted
		case internal:
			modes |= GRPCInternal
		case unknown:
			modes |= GRPCUnknown
		default:
			modes |= GRPCPermanent
		}
	}
	return modes
}
