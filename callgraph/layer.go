package callgraph

import (
	"cmp"
	"fmt"
	"time"
)

// A repeater applies a Layer to rows.
type repeater struct {
	*Layer
	conditions Conditions
	triggers   ModeSet
	attempts   Figure
	step       Step
}

func newRepeater(l *Layer, c Conditions) repeater {
	r := repeater{Layer: l, conditions: c, triggers: l.triggers(), attempts: l.attempts()}
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
	ProxyLayer:     "proxy",
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
			if c.Modes&hangs != 0 {
				c = l.paced(c, l.tryTime(&r, c.seen()&l.triggers&endedHangs != 0))
				c = l.cutShort(c, l.PerTry)
			}
			c = l.repeat(c, factor)
			if c.Modes&hangs != 0 {
				c = l.cutShort(c, l.Overall)
			}
			out.Cases = append(out.Cases, c)
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
	try := l.tryTime(r, ended)
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

// tryTime is how long a try takes that hangs, 0 if nothing ends it.
func (l repeater) tryTime(r *Row, ended bool) time.Duration {
	try := l.PerTry
	if ended {
		if below, ok := r.Wall.Known(); ok && below > 0 && (try == 0 || below < try) {
			try = below
		}
	}
	return try
}

// paced is a case whose requests are known to start at most every so often.
func (l repeater) paced(c Case, try time.Duration) Case {
	if try > 0 && (c.Every == 0 || try < c.Every) {
		c.Every = try
	}
	return c
}

// cutShort is what is left of a case if the layer gives it up after a time and what
// lies below stops at once.
func (l repeater) cutShort(c Case, after time.Duration) Case {
	if !l.conditions.Cancels || after <= 0 {
		return c
	}
	wide := max(c.Wide, 1)
	if c.Every > 0 {
		wide = wide.times(Count((after + c.Every - 1) / c.Every))
	}
	steady := c.steady()
	c.Hard = c.Hard.atMostNumber(wide)
	c.setSteady(steady.atMostNumber(wide))
	c.Wide, c.Every = wide, after // the next try does not wait for the pace of the last
	return c
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
	limit := l.steadyLimit(l.conditions)
	n, ok := factor.constant()
	if limit.IsInfinite() || ok && n <= limit {
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
		if c.Modes&hangs != 0 {
			c.Wide = max(c.Wide, 1).times(max(count.At(1), 1)) // or all at once
		}
		c.Path = step.under(c.Path)
		out.Cases[i] = c
	}
	out.Wall = Wall{Unknown: true}
	if n, ok := count.constant(); ok {
		out.Wall = r.Wall.repeated(n, time.Duration(0))
	}
	return out
}
