package subschema

import "github.com/commslint/commslint/openapi/schema"

// A Verdict is one of three answers.
type Verdict uint8

const (
	Included    Verdict = iota // proven
	NotIncluded                // there is a witness, confirmed by an independent validator
	Unknown                    // with the reason
)

func (v Verdict) String() string {
	return [...]string{"included", "not included", "unknown"}[v]
}

// An Answer is what Includes found.
type Answer struct {
	Verdict Verdict
	// Witness is an instance of a that is none of b; only if NotIncluded.
	Witness any
	// Reason is why the answer is Unknown.
	Reason string
	// Causes are the edits that break the inclusion, or may; in the order of the document of b.
	// Nil if Included.
	Causes []*Cause
}

// A Cause is the deepest place at which a and b part: an edit. It is the same *Cause for all
// questions to one Checker that come upon it, so that findings can be grouped by it.
type Cause struct {
	// A and B are the schemas that differ; B is the one whose keyword is violated. Either may
	// be nil or have no Node if nothing stands there.
	A, B *schema.Schema
	// Keyword is the keyword of B (maximum, required, type …).
	Keyword string
	// Name is what in the keyword: the property, or empty.
	Name string
	// Message is a short sentence without a full stop: `maximum lowered from 10 to 5`.
	Message string
	// Witness is an instance of A that is none of B, at their own place; nil if Unproven.
	Witness any
	// Unproven says that it is not known whether this edit breaks anything, for the Reason.
	Unproven bool
	Reason   string
}

// Includes says whether every instance of a is an instance of b. Nil schemas accept everything.
// In a Request, a is what clients send and b what the server takes; in a Response, a is what
// the server sends and b what clients take.
func (c *Checker) Includes(a, b *schema.Schema, dir Direction) Answer {
	if a == nil {
		a = trueSchema
	}
	if b == nil {
		b = trueSchema
	}
	if c.classes.get(a) == c.classes.get(b) {
		return Answer{Verdict: Included}
	}
	return c.comparer.answer(a, b, dir)
}

// answer compares the schemas and collects the causes of a failure.
func (m *comparer) answer(a, b *schema.Schema, dir Direction) Answer {
	m.room = maxPairs
	m.c.question = perQuestion * m.c.options.Budget
	m.matches = maxMatches
	p := m.pair(m.conjoin(a), b, false, dir)
	for i := 0; i < len(m.fresh); i++ {
		if m.fresh[i].status == open {
			m.explore(m.fresh[i])
		}
	}
	m.settle()
	if p == nil || p.status == open || p.status == settled {
		return Answer{Verdict: Included}
	}
	answer := Answer{Verdict: Unknown, Reason: p.reason, Causes: p.causes()}
	if p.status == failing {
		if !p.confirmed {
			p.confirmed, p.problem = true, m.c.confirm(p.witness, a, b, dir)
		}
		if p.problem != "" {
			answer.Reason = p.problem
			return answer
		}
		answer.Verdict, answer.Witness, answer.Reason = NotIncluded, p.witness, ""
	}
	return answer
}

// causes collects the edits that the failure or the doubt about a pair rests on.
func (p *pair) causes() []*Cause {
	var causes []*Cause
	seen, known := map[*pair]bool{p: true}, map[*Cause]bool{}
	queue := []*pair{p}
	for len(queue) > 0 {
		p := queue[0]
		queue = queue[1:]
		for _, c := range p.findings {
			if !known[c] {
				known[c] = true
				causes = append(causes, c)
			}
		}
		for i := range p.edges {
			e := &p.edges[i]
			if to := e.to; !seen[to] && (e.live && to.status == failing || !e.dead && to.status == doubtful) {
				seen[to] = true
				queue = append(queue, to)
			}
		}
	}
	sortCauses(causes)
	return causes
}
