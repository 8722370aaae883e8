package subschema

import (
	"slices"

	"github.com/commslint/commslint/openapi/schema"
)

// settle finds out the status of all pairs explored for a question. Failures climb from the
// pairs where they arise: a witness of a child becomes part of a witness of its parent. Where
// that cannot be done for any failing child, the solver is asked about the parent as a whole.
func (m *comparer) settle() {
	fresh := m.fresh
	m.fresh = nil
	var queue []*pair
	for _, p := range fresh {
		if p.status == failing {
			queue = append(queue, p)
		}
		for i := range p.edges { // of pairs known before, this is a new parent
			if p.edges[i].to.status == failing {
				queue = append(queue, p.edges[i].to)
			}
		}
	}
	for {
		m.climb(queue)
		queue = nil
		for _, p := range fresh {
			if p.status == open && slices.ContainsFunc(p.edges, func(e edge) bool { return e.dead }) {
				if m.askWhole(p); p.status == failing {
					queue = append(queue, p)
				}
			}
		}
		if len(queue) == 0 {
			break
		}
	}
	m.spreadDoubt(fresh)
}

// climb lifts the witnesses of the pairs in a queue as far as they go.
func (m *comparer) climb(queue []*pair) {
	for len(queue) > 0 {
		child := queue[0]
		queue = queue[1:]
		for _, up := range child.parents {
			e := &up.pair.edges[up.edge]
			if e.live || e.dead || up.pair.status == settled {
				continue
			}
			if !m.liftable(child) {
				up.pair.doubt("the witness is too large")
				continue
			}
			witness, ok := m.lift(up.pair, e, child)
			e.live, e.dead = ok, !ok
			if ok && e.weak {
				m.blameUnion(up.pair, e, witness)
			}
			if ok && up.pair.status != failing {
				up.pair.fail(witness)
				up.pair.depth = child.depth + 1
				queue = append(queue, up.pair)
			}
		}
	}
}

// maxLift bounds how far a witness is lifted: with every level it grows, and so does the cost of
// the next one.
const maxLift = 200

// liftable says whether a witness is small enough to become part of another, and what is left for
// the question allows it.
func (m *comparer) liftable(child *pair) bool {
	n := size(child.witness, maxWitnessSize)
	m.c.question -= n / evaluationsPerStep
	return child.depth < maxLift && n <= maxWitnessSize && m.c.question > 0
}

// askWhole asks the solver about a pair some of whose children fail in a way that does not
// reach it.
func (m *comparer) askWhole(p *pair) {
	b := p.b
	if p.part {
		b = (&check{}).partOf(b)
	}
	goal := append(m.literals(p.a), literal{class: m.c.classes.get(b), negated: true, role: receiver})
	switch s := m.c.satisfy(p.dir, goal); s.status {
	case unsatisfiable:
		p.status = settled
	case satisfiable:
		p.fail(s.witness)
		for i := range p.edges { // what is wrong below is the best explanation there is
			p.edges[i].live = p.edges[i].live || p.edges[i].dead
		}
	default:
		p.doubt(s.reason)
	}
}

// spreadDoubt makes the parents of doubtful pairs doubtful, unless it is known better.
func (m *comparer) spreadDoubt(fresh []*pair) {
	var queue []*pair
	for _, p := range fresh {
		if p.status == open && slices.ContainsFunc(p.edges, func(e edge) bool { return e.to.status == doubtful && e.to != p }) {
			p.doubt(firstDoubt(p))
		}
		if p.status == doubtful {
			queue = append(queue, p)
		}
	}
	for len(queue) > 0 {
		p := queue[0]
		queue = queue[1:]
		for _, up := range p.parents {
			if up.pair.status == open {
				up.pair.doubt(p.reason)
				queue = append(queue, up.pair)
			}
		}
	}
}

func firstDoubt(p *pair) string {
	for i := range p.edges {
		if p.edges[i].to.status == doubtful {
			return p.edges[i].to.reason
		}
	}
	return ""
}

// lift makes an instance of a parent's a, and none of its b, from the witness of a child.
func (m *comparer) lift(p *pair, e *edge, child *pair) (any, bool) {
	w := child.witness
	switch e.kind {
	case edgeBranch:
		return w, true
	case edgeChoice:
		return m.liftChoice(p, e, w)
	}
	pin := literal{class: m.c.classes.get(m.pin(p, e, w)), negated: e.kind == edgeAdditional, role: neutral}
	s := m.c.satisfy(p.dir, append(m.literals(p.a), pin))
	if s.status != satisfiable {
		return nil, false
	}
	if m.c.evaluate(s.witness, p.b, p.dir, receiver) != no {
		return nil, false
	}
	return s.witness, true
}

// liftChoice: what is invalid against the branch that was compared may be valid against another.
func (m *comparer) liftChoice(p *pair, e *edge, w any) (any, bool) {
	restricted := &schema.Schema{AnyOf: e.branches()}
	if m.c.evaluate(w, restricted, p.dir, receiver) == no {
		return w, true
	}
	goal := append(m.literals(p.a), literal{class: m.c.classes.get(restricted), negated: true, role: receiver})
	s := m.c.satisfy(p.dir, goal)
	return s.witness, s.status == satisfiable
}

func (e *edge) branches() []*schema.Schema {
	if e.name == "oneOf" {
		return e.union.OneOf
	}
	return e.union.AnyOf
}

// blameUnion makes the union the cause, instead of what is wrong with the branch that was
// guessed.
func (m *comparer) blameUnion(p *pair, e *edge, witness any) {
	e.live, e.dead = false, true
	cause, known := m.cause(p, counterpart(p.a, e.name, ""), e.union, e.name, "")
	if !known || cause.Unproven {
		m.prove(cause, p, witness)
	}
	p.findings = append(p.findings, cause)
}

// pin is a schema whose instances have a value at the place of an edge; for an additional
// property, whose instances do not, so that its negation finds the name.
func (m *comparer) pin(p *pair, e *edge, w any) *schema.Schema {
	constant := &schema.Schema{Const: &schema.Value{V: w}}
	switch e.kind {
	case edgeProperty:
		return &schema.Schema{
			Types: schema.Object, Required: []string{e.name}, Properties: []schema.Property{{Name: e.name, Schema: constant}},
		}
	case edgeItem:
		n := e.index + 1
		return &schema.Schema{Types: schema.Array, MinItems: &n, PrefixItems: append(anything(e.index), constant)}
	}
	var listed []schema.Property
	names := append(p.a.view.declares(), m.c.surfaceOf(p.b).declared...)
	for _, name := range sortedSet(names) {
		listed = append(listed, schema.Property{Name: name, Schema: trueSchema})
	}
	others := &schema.Schema{Properties: listed, AdditionalProperties: &schema.Schema{Not: constant}}
	return &schema.Schema{AnyOf: []*schema.Schema{{Not: &schema.Schema{Types: schema.Object}}, others}}
}
