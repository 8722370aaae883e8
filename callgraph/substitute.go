package callgraph

import (
	"cmp"
	"slices"
	"strings"
)

// Substitute fills into the Value of a function what a call passes to it:
// numbers for variables, functions for open parameters. What the call does not
// tell becomes a variable or target of its own, as it is no parameter of the
// caller.
func (v Value) Substitute(call Call, callee func(Call) (Value, bool)) Value {
	return Scope{Callee: callee}.Substitute(v, call)
}

// Substitute does it with the functions that the scope knows.
func (s Scope) Substitute(v Value, call Call) Value {
	if !slices.ContainsFunc(v.Rows, func(r Row) bool { return r.dependsOnCall() }) {
		return v
	}
	parts := make([]Value, 0, len(v.Rows))
	amounts := call.amounts()
	for _, r := range v.Rows {
		r = r.substitute(amounts, call)
		if r.Target.Kind == OpenParam {
			parts = append(parts, s.fill(r, call))
			continue
		}
		parts = append(parts, s.bind(r))
	}
	return s.bounded(sum(parts))
}

// amounts is what a call passes for the variables of its callee.
func (c *Call) amounts() func(name string) (Polynomial, bool) {
	return func(name string) (Polynomial, bool) {
		p, ok := variableParam(name)
		if !ok {
			return nil, false
		}
		switch passed, ok := c.passes(p); {
		case !ok:
		case passed.From != nil:
			return Variable(paramVariable(*passed.From)), true
		case passed.Amount.known():
			return passed.Amount.polynomial(""), true
		}
		if p.Slot != "" {
			return Variable(slotVariable(p.Slot, p.String()+" of "+c.target())), true
		}
		return Variable(p.String() + " of " + c.target()), true
	}
}

// target names what is called.
func (c *Call) target() string {
	param := ""
	if c.Param != nil {
		param = c.Param.String()
	}
	return cmp.Or(c.Name, c.Func, c.Iface, c.Slot, param, "a function")
}

// substitute fills the variables of r and of what r passes on. The target of an
// open parameter is left for fill.
func (r Row) substitute(amounts func(string) (Polynomial, bool), call Call) Row {
	if !r.hasVariables() && len(r.Target.Args) == 0 && !strings.Contains(r.Target.Name, placeOpen) {
		return r
	}
	out := r
	out.Base, out.Bystander = r.Base.Substitute(amounts), r.Bystander.Substitute(amounts)
	out.Cases = make([]Case, len(r.Cases))
	for i, c := range r.Cases {
		steady := c.steady().Substitute(amounts)
		c.Hard = c.Hard.Substitute(amounts)
		c.setSteady(steady)
		c.Path = substitutePath(c.Path, amounts)
		out.Cases[i] = c
	}
	if strings.Contains(r.Target.Name, placeOpen) && call.target() != "a function" {
		out.Target.Name = call.fillPlaces(r.Target.Name)
		for i := range out.Cases {
			out.Cases[i].Path = fillPath(out.Cases[i].Path, &call)
		}
		out.key = out.Target.key()
	}
	if len(r.Target.Args) > 0 {
		out.Target.Args = substituteArgs(r.Target.Args, amounts, call)
		out.key = out.Target.key()
	}
	return out
}

// dependsOnCall reports whether anything in the row is for a caller to fill.
func (r *Row) dependsOnCall() bool {
	return strings.Contains(r.Target.Name, placeOpen) || r.Target.Kind == OpenParam || len(r.Target.Args) > 0 || r.hasVariables()
}

// hasVariables reports whether a figure of the row depends on anything. Paths do
// only where figures do.
func (r *Row) hasVariables() bool {
	for i := range r.Cases {
		if c := &r.Cases[i]; c.Hard.hasVariables() || c.Steady.hasVariables() {
			return true
		}
	}
	return r.Base.hasVariables() || r.Bystander.hasVariables()
}

// fillPath is fillPlaces for the operation at the end of a path.
func fillPath(path []*Step, call *Call) []*Step {
	last := len(path) - 1
	if last < 0 || !strings.Contains(path[last].Name, placeOpen) {
		return path
	}
	path = slices.Clone(path)
	step := *path[last]
	step.Name = call.fillPlaces(step.Name)
	path[last] = &step
	return path
}

func substitutePath(path []*Step, amounts func(string) (Polynomial, bool)) []*Step {
	if !slices.ContainsFunc(path, func(s *Step) bool { return s.Factor.hasVariables() }) {
		return path
	}
	path = slices.Clone(path)
	for i, s := range path {
		if s.Factor.hasVariables() {
			filled := *s
			filled.Factor = s.Factor.Substitute(amounts)
			filled.Times = filled.Factor.String()
			path[i] = &filled
		}
	}
	return path
}

// substituteArgs says in the terms of the caller what a callee passes on.
func substituteArgs(args []Arg, amounts func(string) (Polynomial, bool), call Call) []Arg {
	var out []Arg
	for _, a := range args {
		if a.Amount != nil && a.Amount.Param != nil {
			amount := amountOf(a.Amount.polynomial("").Substitute(amounts))
			a.Amount = &amount
		}
		if a.From == nil {
			out = append(out, a)
			continue
		}
		if passed, ok := call.passes(*a.From); ok {
			passed.To = a.To
			out = append(out, passed)
		}
	}
	return out
}

// passes is what the call passes for a parameter of its callee. A literal that is
// called, or passed on, by name is one of the function that is evaluated, whose
// parameters it captures.
func (c *Call) passes(p Param) (Arg, bool) {
	if outer, ok := p.captured(); ok {
		return Arg{From: &outer}, c.Func != ""
	}
	for _, a := range c.Args {
		path, ok := p.below(a.To)
		switch {
		case !ok:
		case a.From != nil:
			from := a.From.field(path)
			return Arg{From: &from, Type: a.Type}, true
		case path == "":
			return a, true
		}
	}
	return Arg{}, false
}

// fill puts into the open parameter of r what the call passes for it.
func (s Scope) fill(r Row, call Call) Value {
	passed, ok := call.passes(*r.Target.Param)
	t := Target{Args: r.Target.Args}
	switch {
	case ok && passed.From != nil:
		t.Kind, t.Param, t.Name = OpenParam, passed.From, r.Target.Name
	case ok && passed.Func != "":
		t.Kind, t.Name = OpenFunc, passed.Func
	case ok && passed.Slot != "":
		t.Kind, t.Name = OpenSlot, passed.Slot
	default:
		t.Kind, t.Args = OpenText, nil
		t.Name = r.Target.Param.String() + " of " + call.target()
	}
	if c, ok := t.call(); ok && s.Callee != nil {
		if v, ok := s.Callee(c); ok {
			return r.around(s.Substitute(v, c))
		}
	}
	r.Target = t
	r.key = t.key()
	return Value{Rows: []Row{r}}
}

// around is what the function sends that calls v where r is: r tells, for every
// failure that v may pass up, how often v runs then.
func (r *Row) around(v Value) Value {
	rows := make([]Row, len(v.Rows))
	for i := range v.Rows {
		rows[i] = r.aroundRow(&v.Rows[i])
	}
	return Value{Rows: rows}
}

func (r *Row) aroundRow(inner *Row) Row {
	out := Row{Target: inner.Target, key: inner.key}
	out.Base = r.Base.Mul(inner.Base)
	others := r.seenAs(inner.Others)
	out.Bystander = others.hard.Max(r.Bystander).Mul(inner.Bystander)
	out.Others = r.Others | others.up
	out.Wall = r.Wall.around(inner.Wall)
	for i := range inner.Cases {
		for _, c := range r.split(&inner.Cases[i]) {
			out.Cases = append(out.Cases, r.aroundCase(c))
		}
	}
	out.Cases = mergeCases(out.Cases)
	return out
}

// split divides a case of what r calls so that r treats each part alike.
func (r *Row) split(c *Case) []Case {
	if !c.Same {
		return []Case{*c}
	}
	var parts []Case
	for _, mine := range r.Cases {
		if m := c.Modes & mine.Modes; m != 0 {
			part := *c
			part.Modes = m
			parts = append(parts, part)
		}
	}
	return parts
}

// seenBy is how a row treats failures of what it calls.
type seenBy struct {
	hard, steady Figure
	up           ModeSet
	path         []*Step
}

func (r *Row) seenAs(failures ModeSet) seenBy {
	var s seenBy
	largest := Count(-1)
	for i := range r.Cases {
		c := &r.Cases[i]
		m := failures & c.Modes
		if m == 0 {
			continue
		}
		s.hard, s.steady = s.hard.Max(c.Hard), s.steady.Max(c.steady())
		s.up |= c.Also
		if c.Same {
			s.up |= m
		}
		if v := c.Hard.At(1); v > largest {
			largest, s.path = v, c.Path
		}
	}
	return s
}

// unseen is how a row treats what it calls while that succeeds.
func (r *Row) unseen() seenBy {
	s := seenBy{hard: r.Base, steady: r.Base}
	least := Infinity
	for i := range r.Cases {
		if v := r.Cases[i].Hard.At(1); s.path == nil || v < least {
			least, s.path = v, r.Cases[i].Path
		}
	}
	return s
}

func (r *Row) aroundCase(c Case) Case {
	seen := r.seenAs(c.seen())
	if c.seen() == 0 {
		seen = r.unseen()
	}
	out := Case{Modes: c.Modes, Hard: seen.hard.Mul(c.Hard)}
	out.setSteady(seen.steady.Mul(c.steady()))
	if c.Modes&hangs != 0 {
		out.Wide, out.Every = max(c.Wide, 1).times(max(seen.hard.At(1), 1)), c.Every
	}
	out.Same = c.Same && c.Also == 0 && seen.up&c.Modes == c.Modes
	if out.Same {
		out.Also = seen.up &^ c.Modes
	} else {
		out.Also = seen.up
	}
	out.Path = joinPaths(seen.path, c.Path)
	return out
}

// joinPaths puts the path in a function after the path to its call.
func joinPaths(outer, inner []*Step) []*Step {
	if len(outer) > 0 {
		outer = outer[:len(outer)-1] // the open call, which inner takes the place of
	}
	for _, s := range slices.Backward(outer) {
		inner = s.under(inner)
	}
	return inner
}

// bounded keeps the size of a value in bounds: of more targets than fit, those
// with the smallest figures become one, which says how many they are.
func (s Scope) bounded(v Value) Value {
	limit := s.MaxTargets
	if limit <= 0 {
		limit = DefaultMaxTargets
	}
	if len(v.Rows) <= limit {
		return v
	}
	rows := slices.Clone(v.Rows)
	slices.SortStableFunc(rows, func(a, b Row) int {
		if c := cmp.Compare(keepRank(&b), keepRank(&a)); c != 0 {
			return c
		}
		return cmp.Compare(b.Hard().At(1), a.Hard().At(1))
	})
	rest := rows[limit-1:]
	rows = rows[:limit-1]
	sum := newRow(Target{Kind: OpenText, Name: overflowName}, everyMode, Step{Kind: RequestStep, Name: overflowName})
	t := table{}
	for _, r := range rest {
		r.Target, r.key = sum.Target, sum.Target.key()
		t.merge(r, inSequence)
	}
	for _, r := range rows {
		t.merge(r, inSequence)
	}
	return t.value()
}

const overflowName = "further targets"

// keepRank puts first what later evaluation needs: parameters, then other open
// calls.
func keepRank(r *Row) int {
	switch r.Target.Kind {
	case OpenParam:
		return 2
	case OpenInterface, OpenSlot, OpenFunc:
		return 1
	}
	return 0
}
