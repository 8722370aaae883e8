package subschema

import (
	"encoding/binary"
	"slices"

	"github.com/commslint/commslint/openapi/schema"
)

// A literal is a schema that an instance must be valid against or, if negated, must not.
type literal struct {
	class   class
	negated bool
	role    role
}

// code packs a literal; two literals of one schema are neighbours.
func (l literal) code() int64 {
	code := int64(l.class)<<3 | int64(l.role)<<1
	if l.negated {
		code |= 1
	}
	return code
}

func (l literal) not() literal {
	l.negated = !l.negated
	return l
}

// status is the answer to: is there an instance that fulfils all these literals?
type status uint8

const (
	unsatisfiable status = iota // proven
	satisfiable                 // there is a witness
	undecided
)

// A solution is an answer with what it rests on.
type solution struct {
	status  status
	witness any
	reason  string // why undecided
	// open is the depth of the lowest goal on the stack that was taken to be unsatisfiable
	// while it was being solved itself; maxDepth or more if there is none.
	open int
}

// maxDepth bounds the nesting of goals, and so the depth of witnesses.
const maxDepth = 400

var (
	none      = solution{status: unsatisfiable, open: maxDepth}
	exhausted = solution{status: undecided, reason: "the search was given up: too many combinations", open: maxDepth}
)

func unknown(reason string) solution {
	return solution{status: undecided, reason: reason, open: maxDepth}
}

func found(witness any) solution {
	return solution{status: satisfiable, witness: witness, open: maxDepth}
}

// or joins the answers for two ways of which one suffices, the second being asked only if the
// first did not do.
func (s solution) or(t solution) solution {
	if t.status == satisfiable {
		return t
	}
	low := min(s.open, t.open)
	if s.status != undecided {
		s = t
	}
	s.open = low
	return s
}

// A solver decides goals: conjunctions of literals.
//
// It is a tableau. A goal is tried for each JSON type in turn; literals are taken apart into
// constraints of that type and into disjunctions; disjunctions are branched on; what is left
// when all are decided is solved by arithmetic, by automata, and by new goals for items and
// properties.
//
// Being satisfiable is the least fixed point: a witness is finite, so it contains no instance of
// the goal that it is built for as a part that it needs. A goal met again while it is being
// solved is therefore taken to be unsatisfiable there. If everything fails under that
// assumption, no goal of the cycle has a finite witness. Such an answer is only remembered
// where no assumption is open any more; a witness is always remembered, since it rests on none.
type solver struct {
	c     *Checker
	dir   Direction
	steps int // what is left of the budget
	stack map[string]int
	// assumed is the open of the answers that alternatives of the present goal were struck out
	// for: such an answer is used without being passed on.
	assumed int
}

// goalKey identifies a goal in the memo.
func goalKey(dir Direction, goal []literal) string {
	key := make([]byte, 1, 1+5*len(goal))
	key[0] = byte(dir)
	for _, l := range goal {
		key = binary.AppendUvarint(key, uint64(l.code()))
	}
	return string(key)
}

// normalise sorts a goal and drops what says nothing; false if it contradicts itself.
func (sv *solver) normalise(goal []literal) ([]literal, bool) {
	kept := make([]literal, 0, len(goal))
	for _, l := range goal {
		always := sv.c.constant(l.class)
		if l.negated {
			always = always.not()
		}
		switch always {
		case no:
			return nil, false
		case maybe:
			kept = append(kept, l)
		}
	}
	slices.SortFunc(kept, func(a, b literal) int { return int(a.code() - b.code()) })
	kept = slices.Compact(kept)
	for i := 1; i < len(kept); i++ {
		for j := i - 1; j >= 0 && kept[j].class == kept[i].class; j-- {
			if kept[j].negated != kept[i].negated {
				return nil, false
			}
		}
	}
	return kept, true
}

// constant is yes for schemas that accept everything, no for the schema false.
func (c *Checker) constant(id class) truth {
	s := c.classes.member[id]
	switch {
	case acceptsAll(s):
		return yes
	case acceptsNone(s):
		return no
	}
	return maybe
}

func (sv *solver) solve(goal []literal) solution {
	goal, consistent := sv.normalise(goal)
	if !consistent {
		return none
	}
	key := goalKey(sv.dir, goal)
	if known, ok := sv.c.solved[key]; ok {
		return known
	}
	if depth, ok := sv.stack[key]; ok {
		return solution{status: unsatisfiable, open: depth}
	}
	depth := len(sv.stack)
	if sv.steps <= 0 || depth >= maxDepth {
		return exhausted
	}
	sv.steps--
	sv.stack[key] = depth
	outer := sv.assumed
	sv.assumed = maxDepth
	result := sv.search(goal)
	result.open = min(result.open, sv.assumed)
	sv.assumed = outer
	delete(sv.stack, key)
	if result.open >= depth {
		result.open = maxDepth
	}
	if result.status == satisfiable {
		result.open = maxDepth
	}
	if result.open == maxDepth && (result.status != undecided || sv.steps > 0) {
		sv.c.remember(key, result)
	}
	return result
}

// searchOrder tries the types whose witnesses read best first.
var searchOrder = [...]kind{kindNumber, kindString, kindBoolean, kindObject, kindArray, kindNull}

func (sv *solver) search(goal []literal) solution {
	if values, ok := sv.finite(goal); ok {
		return sv.choose(values, goal)
	}
	hidden, unknown := sv.objectScope(goal)
	result := none
	for _, k := range searchOrder {
		if sv.excludesKind(goal, k) {
			continue
		}
		b := &branch{sv: sv, goal: goal, kind: k, hidden: hidden, unlisted: unknown}
		b.object.absent = slices.Clip(hidden[sender])
		live := true
		for _, l := range goal {
			if live = b.add(l); !live {
				break
			}
		}
		if !live {
			continue
		}
		result = result.or(b.run())
		if result.status == satisfiable {
			return result
		}
	}
	return result
}

// excludesKind is a cheap test: some positive literal has a type keyword without the kind.
func (sv *solver) excludesKind(goal []literal, k kind) bool {
	for _, l := range goal {
		s := sv.c.classes.member[l.class]
		if !l.negated && s.Types != 0 && s.Types&k.types() == 0 {
			return true
		}
	}
	return false
}

// finite returns the few values that a positive literal allows, if one does.
func (sv *solver) finite(goal []literal) ([]any, bool) {
	var best []any
	ok := false
	for _, l := range goal {
		if l.negated {
			continue
		}
		if values, finite := finiteValues(sv.c.classes.member[l.class]); finite && (!ok || len(values) < len(best)) {
			best, ok = values, true
		}
	}
	return best, ok
}

// choose evaluates every value against the goal: exact as far as evaluation is.
func (sv *solver) choose(values []any, goal []literal) solution {
	result := none
	for _, v := range values {
		sv.steps--
		switch sv.fulfils(v, goal) {
		case yes:
			return found(v)
		case maybe:
			result = unknown("a value could not be evaluated" + sv.c.doubt(goal))
		}
		if sv.steps <= 0 {
			return exhausted
		}
	}
	return result
}

// evaluationsPerStep is how many schemas are applied to an instance in the time of a step.
const evaluationsPerStep = 10

// fulfils evaluates all literals.
func (sv *solver) fulfils(v any, goal []literal) truth {
	result := yes
	for _, l := range goal {
		t, applied := sv.c.evaluateWithin(v, sv.c.classes.member[l.class], sv.dir, l.role, maxEvaluation)
		sv.steps -= applied / evaluationsPerStep
		if l.negated {
			t = t.not()
		}
		if result = result.and(t); result == no {
			return no
		}
	}
	return result
}

// objectScope collects, for objects at the goal's place, the properties hidden by readOnly or
// writeOnly, by role, and those that the receiver declares, which in the tolerant reading are
// only sent by who declares them too.
func (sv *solver) objectScope(goal []literal) (hidden [roleCount][]string, declared []string) {
	sends := false
	for _, l := range goal {
		s := sv.c.surfaceOf(sv.c.classes.member[l.class])
		if sv.dir != Plain && l.role != neutral {
			hidden[l.role] = append(hidden[l.role], s.hidden[sv.dir]...)
		}
		switch l.role {
		case sender:
			sends = true
		case receiver:
			declared = append(declared, s.declared...)
		}
	}
	for r := range hidden {
		hidden[r] = sortedSet(hidden[r])
	}
	if !sends || !sv.c.options.Tolerant {
		return hidden, nil
	}
	return hidden, sortedSet(declared)
}

// literal makes a literal of a schema.
func (sv *solver) literal(s *schema.Schema, negated bool, r role) literal {
	return literal{class: sv.c.classes.get(s), negated: negated, role: r}
}
