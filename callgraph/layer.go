package callgraph

import (
	"cmp"
	"fmt"
	"math"
	"time"
)

// A repeater applies a Layer to rows.
type repeater struct {
	*Layer
	triggers ModeSet
	attempts Figure
	step     Step
}

func newRepeater(l *Layer) repeater {
	r := repeater{Layer: l, triggers: l.triggers(), attempts: l.attempts()}
	r.step = Step{Kind: LayerStep, Name: l.title(), Layer: l.Kind, At: l.At}
	return r
}

// title names a layer for people.
func (l *Layer) title() string { return cmp.Or(l.Name, layerNames[l.Kind], "retry layer") }

var layerNames = map[LayerKind]string{
	LoopLayer:      "retry loop",
	RecursionLayer: "recursion",
	AgainLayer:     "second try",
	HelperLayer:    "retry helper",
	ClientLayer:    "client library",
	ConfigLayer:    "service config",
}

// attempts is the most times that the layer sends one request. It sends it at
// least once, whatever it is configured to.
func (l *Layer) attempts() Figure {
	name := l.title()
	if l.Name == "" {
		name = "the " + name
		if l.At.File != "" {
			name += fmt.Sprintf(" at %s:%d", l.At.File, l.At.Line)
		}
	}
	p := l.Attempts.polynomial("attempts of " + name)
	if p.IsConstant() && p.Eval(nil) < 1 {
		p = Number(1)
	}
	return figureOf(p)
}

// row is what a run of the layer sends to the target of r.
func (l repeater) row(r Row) Row {
	out := Row{Target: r.Target, Base: r.Base, key: r.key}
	out.Bystander = r.Bystander
	if r.Others&l.triggers&^hangs != 0 {
		out.Bystander = l.attempts.Mul(r.Bystander)
	}
	out.Others = l.passedUp(r.Others)
	repeats := false
	for i := range r.Cases {
		for _, c := range l.split(&r.Cases[i]) {
			factor := l.factor(&r, &c)
			repeats = repeats || !factor.Equal(Exactly(1))
			out.Cases = append(out.Cases, l.repeat(c, factor))
		}
	}
	out.Cases = mergeCases(out.Cases)
	out.Wall = l.wall(r.Wall, repeats)
	return out
}

// split divides a case into parts whose failures the layer treats alike.
func (l repeater) split(c *Case) []Case {
	var parts []Case
	add := func(m ModeSet) {
		if m != 0 {
			part := *c
			part.Modes = m
			parts = append(parts, part)
		}
	}
	(c.Modes & hangs).each(add)
	plain := c.Modes &^ hangs
	if c.Same && c.Also&l.triggers&^hangs == 0 {
		add(plain & l.triggers)
		add(plain &^ l.triggers)
		return parts
	}
	add(plain)
	return parts
}

// factor is how often the layer runs its body in the case.
func (l repeater) factor(r *Row, c *Case) Figure {
	// A hang that a handler gave up waiting for is seen as an answer.
	if c.Modes&hangs == 0 || c.seen()&hangs == 0 {
		if c.seen()&l.triggers&^hangs == 0 {
			return Exactly(1)
		}
		return l.attempts
	}
	seen := c.seen() & l.triggers & hangs
	if seen == 0 {
		return Exactly(1)
	}
	return l.hangAttempts(r, seen&endedHangs != 0)
}

// hangAttempts is how often the layer tries while each try hangs: once if
// nothing ends a try, else as often as tries fit into its limit of time.
func (l repeater) hangAttempts(r *Row, ended bool) Figure {
	try := l.PerTry
	if ended {
		if below, ok := r.Wall.Known(); ok && below > 0 && (try == 0 || below < try) {
			try = below
		}
	}
	switch {
	case try == 0 && !ended:
		return Exactly(1)
	case try == 0 || l.Overall == 0:
		return l.attempts
	}
	fit := (l.Overall + try - 1) / try
	if n, ok := l.attempts.constant(); ok {
		return Exactly(min(n, Count(fit)))
	}
	return Exactly(Count(fit))
}

// repeat is the case seen from above the layer.
func (l repeater) repeat(c Case, factor Figure) Case {
	steady := c.steady()
	if up := l.passedUp(c.seen()); up != c.seen() {
		c.Same, c.Also = false, up
	}
	if factor.Equal(Exactly(1)) {
		return c
	}
	c.Hard = factor.Mul(c.Hard)
	c.setSteady(l.withBudget(factor).Mul(steady))
	step := l.step
	step.Times, step.Factor = factor.String(), factor
	c.Path = step.under(c.Path)
	return c
}

// withBudget is the factor that is left while every request of a fleet fails.
func (l repeater) withBudget(factor Figure) Figure {
	limit := Infinity
	if l.Throttled == Yes {
		limit = 1
	}
	if l.BudgetShare > 0 && l.BudgetShare < 1 {
		// The active requests that the share is taken of count the retries.
		limit = min(limit, Count(1/(1-l.BudgetShare)))
	}
	if l.BudgetRatio > 0 {
		limit = min(limit, Count(1+l.BudgetRatio))
	}
	n, ok := factor.constant()
	if math.IsInf(float64(limit), 1) || ok && n <= limit {
		return factor
	}
	return Exactly(limit)
}

// wall is the longest time that the layer takes.
func (l repeater) wall(body Wall, repeats bool) Wall {
	w := body.capped(l.PerTry)
	if repeats {
		w = l.repeatedWall(w)
	}
	return w.capped(l.Overall)
}

func (l repeater) repeatedWall(w Wall) Wall {
	n, ok := l.attempts.constant()
	if !ok {
		return Wall{Unknown: true}
	}
	waits := l.MaxWait
	w = w.repeated(n, waits)
	if waits == 0 && l.Growth != NoWait && n > 1 {
		return Wall{Unknown: true}
	}
	return w
}

// loopStep is the step of a loop over data.
func loopStep(n Node, count Figure) Step {
	return Step{Kind: LoopStep, Name: "loop", Times: count.String(), At: n.At, Factor: count}
}

// loop is what a loop around r sends.
func (r Row) loop(count Figure, step Step) Row {
	out := r
	out.Base, out.Bystander = count.Mul(r.Base), count.Mul(r.Bystander)
	out.Cases = make([]Case, len(r.Cases))
	for i, c := range r.Cases {
		steady := c.steady()
		c.Hard = count.Mul(c.Hard)
		c.setSteady(count.Mul(steady))
		c.Path = step.under(c.Path)
		out.Cases[i] = c
	}
	out.Wall = Wall{Unknown: true}
	if n, ok := count.constant(); ok {
		out.Wall = r.Wall.repeated(n, time.Duration(0))
	}
	return out
}
