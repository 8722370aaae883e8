package retrypolicy

import (
	"go/token"
	"math"
	"time"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/rules/clients"
)

// layer states a policy as the call graph does, as seen from a function.
func (r *Reader) layer(p policy, in *ssa.Function) callgraph.Layer {
	overall := p.facts[clients.Overall]
	l := callgraph.Layer{
		Name:       p.name,
		Attempts:   r.amount(p.facts[clients.Attempts], in),
		Modes:      p.modes(),
		Opaque:     p.tri(clients.Opaque) == callgraph.Yes,
		Growth:     p.growth(),
		Jitter:     p.tri(clients.Jitter),
		Context:    p.tri(clients.Context),
		RetryAfter: p.tri(clients.RetryAfter),
		Budget:     p.tri(clients.Budget),
		PerTry:     p.facts[clients.PerTry].dur,
		Overall:    overall.dur,
	}
	l.ByTime = overall.dur > 0 || overall.unknown || l.Context == callgraph.Yes
	l.MaxWait = p.maxWait(l.Attempts)
	return l
}

// maxTries bounds the sum of waits: with more tries it says nothing.
const maxTries = 1000

// maxWait returns the sum of the longest waits between tries, 0 if unknown.
func (p *policy) maxWait(attempts callgraph.Amount) (sum time.Duration) {
	first, set := p.facts[clients.First]
	factor, limit, spread := p.facts[clients.Factor], p.facts[clients.Cap], p.facts[clients.Spread]
	if !set || first.unknown || factor.unknown || limit.unknown || spread.unknown ||
		attempts.Var != "" || attempts.Param != nil || attempts.N < 2 || attempts.N > maxTries {
		return 0
	}
	for i := range attempts.N - 1 {
		wait := float64(first.dur) * factor.power(i)
		if limit.dur > 0 {
			wait = min(wait, float64(limit.dur))
		}
		if spread.number > 0 {
			wait *= spread.number
		}
		if float64(sum)+wait > math.MaxInt64/2 {
			return 0
		}
		sum += time.Duration(wait)
	}
	return sum
}

// power returns by what the wait after try i, from 0, is longer than the first.
func (f fact) power(i int) float64 {
	switch f.text {
	case "linear":
		return float64(i + 1)
	case "square":
		return float64((i + 1) * (i + 1))
	}
	if f.number == 0 {
		return 1
	}
	return math.Pow(f.number, float64(i))
}

func (r *Reader) posn(pos token.Pos) callgraph.Posn {
	if !pos.IsValid() {
		return callgraph.Posn{}
	}
	p := r.pass.Fset.Position(pos)
	return callgraph.Posn{File: p.Filename, Line: p.Line, Col: p.Column}
}

// amount states a number as seen from a function: the most that it can be if all
// that it can be is known.
func (r *Reader) amount(f fact, in *ssa.Function) callgraph.Amount {
	var most callgraph.Amount
	for i, c := range f.counts {
		if c == endless {
			return callgraph.Amount{N: callgraph.Unbounded}
		}
		if c.v != nil {
			return r.open(c, in)
		}
		if i == 0 || c.n > most.N {
			most.N = c.n
		}
	}
	if f.unknown {
		return callgraph.Amount{}
	}
	return most
}

// open states a number that is n more than a value which is not known.
func (r *Reader) open(c count, in *ssa.Function) callgraph.Amount {
	if param := paramOf(c.v, in); param != nil {
		return callgraph.Amount{N: c.n, Param: param}
	}
	if text := textOf(c.v); text != "" {
		return callgraph.Amount{N: c.n, Var: text}
	}
	return callgraph.Amount{}
}
