package subschema

import (
	"slices"

	"github.com/commslint/commslint/openapi/schema"
)

// objectSearch builds an object for a branch. Properties that nothing asks for are left out:
// leaving one out only matters to minProperties, which is filled up at the end.
type objectSearch struct {
	b        *branch
	known    []string // every name that some constraint mentions
	patterns []string // every pattern, without duplicates
	vague    string
}

// maxPatterns bounds the patterns whose combinations are tried for a new name.
const maxPatterns = 8

// maxFill bounds the properties that are made up for minProperties.
const maxFill = 500

func (b *branch) solveObject() solution {
	o := &b.object
	if o.bounded && len(o.present) > o.high {
		return none
	}
	for _, name := range o.present {
		if slices.Contains(o.absent, name) {
			return none
		}
	}
	s := &objectSearch{b: b}
	s.collect()
	slots := make([]slot, 0, len(o.present)+len(o.some))
	for _, name := range o.present {
		slots = append(slots, slot{name: name})
	}
	result := s.assign(slots, o.some)
	if result.status == satisfiable && s.vague != "" {
		b.doubt(s.vague)
	}
	return result
}

// leaveOut is the tolerant reading: of the properties that only the receiver declares, who sends
// does not know, and leaving additional properties open without a schema of their own was never
// meant as a promise about them. It waits until no choice is left that could make the sender know
// more; false if one of the properties is needed.
func (b *branch) leaveOut() bool {
	if b.kind != kindObject || len(b.unlisted) == 0 || slices.ContainsFunc(b.open, sends) {
		return true
	}
	var missing []string
	for _, name := range b.unlisted {
		if !b.maySend(name) {
			missing = append(missing, name)
		}
	}
	b.unlisted = nil
	return b.presence(nil, missing)
}

// sends says whether a disjunction has an alternative with a schema of the sender.
func sends(d disjunction) bool {
	return slices.ContainsFunc(d, func(a alternative) bool {
		return slices.ContainsFunc(a.literals, func(l literal) bool { return l.role == sender && !l.negated })
	})
}

// maySend says whether one of the schemas of the sender that hold in this branch knows a name.
func (b *branch) maySend(name string) bool {
	for i := range b.object.shapes {
		shape := &b.object.shapes[i]
		if shape.role != sender {
			continue
		}
		if shape.has && b.sv.c.constant(shape.rest.class) == maybe ||
			shape.schema != nil && b.sv.c.property(shape.schema, name) != nil {
			return true
		}
		for _, pattern := range shape.patterns {
			if b.sv.c.matches(pattern, name) != no {
				return true
			}
		}
	}
	return false
}

// A slot is a property that the object will have.
type slot struct {
	name  string
	extra []literal // on the value
}

func (s *objectSearch) collect() {
	o := &s.b.object
	add := func(names ...string) { s.known = append(s.known, names...) }
	add(o.present...)
	for i := range o.shapes {
		shape := &o.shapes[i]
		add(shape.names...)
		s.patterns = append(s.patterns, shape.patterns...)
		if shape.schema != nil {
			for j := range shape.schema.Properties {
				add(shape.schema.Properties[j].Name)
			}
		}
	}
	for i := range o.some {
		add(o.some[i].except...)
		s.patterns = append(s.patterns, o.some[i].not...)
		if o.some[i].hasMatch {
			s.patterns = append(s.patterns, o.some[i].pattern)
		}
	}
	add(o.absent...)
	s.known = sortedSet(s.known)
	s.patterns = sortedSet(s.patterns)
	s.b.sv.steps -= len(s.known) / 8
}

// assign gives every property that must exist for a reason a name: one that is there, one that
// is known, or a new one.
func (s *objectSearch) assign(slots []slot, some []someProperty) solution {
	if s.b.sv.steps <= 0 {
		return exhausted
	}
	s.b.sv.steps--
	if len(some) == 0 {
		return s.complete(slots)
	}
	want, rest := some[0], some[1:]
	result := none
	names := slices.Clone(s.known)
	for _, p := range slots {
		names = append(names, p.name)
	}
	for _, name := range sortedSet(names) {
		fits := s.fits(name, want)
		if fits == no || slices.Contains(s.b.object.absent, name) {
			continue
		}
		if fits == maybe {
			s.vague = "a pattern of property names is not understood"
		}
		result = result.or(s.assign(s.with(slots, name, want), rest))
		if result.status == satisfiable {
			return result
		}
	}
	fresh, reason := s.newNames(slots, want)
	if reason != "" {
		result = result.or(unknown(reason))
	}
	for _, name := range fresh {
		result = result.or(s.assign(s.with(slots, name, want), rest))
		if result.status == satisfiable {
			return result
		}
	}
	return result
}

// with adds a property, or what is wanted of it if it is there already.
func (s *objectSearch) with(slots []slot, name string, want someProperty) []slot {
	slots = slices.Clone(slots)
	at := slices.IndexFunc(slots, func(p slot) bool { return p.name == name })
	if at < 0 {
		at = len(slots)
		slots = append(slots, slot{name: name})
	}
	if want.hasValue {
		slots[at].extra = append(slices.Clip(slots[at].extra), want.value)
	}
	return slots
}

func (s *objectSearch) fits(name string, want someProperty) truth {
	if slices.Contains(want.except, name) {
		return no
	}
	result := yes
	if want.hasMatch {
		result = s.b.sv.c.matches(want.pattern, name)
	}
	for _, pattern := range want.not {
		result = result.and(s.b.sv.c.matches(pattern, name).not())
	}
	if want.hasName && result != no {
		result = result.and(s.b.sv.fulfils(name, []literal{want.name}))
	}
	return result
}

// newNames finds names that no constraint mentions, one for each combination of patterns that
// they can match: names of one combination are all alike to the constraints.
func (s *objectSearch) newNames(slots []slot, want someProperty) (names []string, reason string) {
	if len(s.patterns) > maxPatterns {
		return nil, "too many patterns of property names"
	}
	taken := slices.Clone(s.known)
	for _, p := range slots {
		taken = append(taken, p.name)
	}
	goal := append([]literal(nil), s.b.object.names...)
	goal = append(goal, s.b.sv.literal(&schema.Schema{Types: schema.String}, false, neutral))
	goal = append(goal, s.b.sv.literal(enumOf(sortedSet(taken)), true, neutral))
	if want.hasName {
		goal = append(goal, want.name)
	}
	for combination := range 1 << len(s.patterns) {
		if !s.allows(combination, want) {
			continue
		}
		full := slices.Clip(goal)
		for i, pattern := range s.patterns {
			full = append(full, s.b.sv.literal(&schema.Schema{Pattern: &pattern}, combination>>i&1 == 0, neutral))
		}
		switch found := s.readableName(full); found.status {
		case satisfiable:
			names = append(names, found.witness.(string))
		case undecided:
			reason = found.reason
		}
	}
	return names, reason
}

// readableName prefers names that are not empty.
func (s *objectSearch) readableName(goal []literal) solution {
	one := 1
	longer := s.b.sv.literal(&schema.Schema{MinLength: &one}, false, neutral)
	if found := s.b.sv.solve(append(slices.Clip(goal), longer)); found.status == satisfiable {
		return found
	}
	return s.b.sv.solve(goal)
}

// allows says whether a combination of patterns has the one that is wanted and none of those
// that are not.
func (s *objectSearch) allows(combination int, want someProperty) bool {
	for i, pattern := range s.patterns {
		matched := combination>>i&1 == 1
		if want.hasMatch && pattern == want.pattern && !matched || matched && slices.Contains(want.not, pattern) {
			return false
		}
	}
	return true
}

func enumOf(names []string) *schema.Schema {
	values := make([]any, len(names))
	for i, name := range names {
		values[i] = name
	}
	return &schema.Schema{Enum: values}
}

// complete solves the values and adds properties until there are enough.
func (s *objectSearch) complete(slots []slot) solution {
	o := &s.b.object
	if o.bounded && len(slots) > o.high {
		return none
	}
	result := none
	witness := make(map[string]any, len(slots))
	for _, p := range slots {
		value := s.value(p.name, p.extra)
		if value.status != satisfiable {
			if value.status == unsatisfiable {
				return value
			}
			result = result.or(value)
			continue
		}
		witness[p.name] = value.witness
	}
	if result.status == undecided {
		return result
	}
	if filled := s.fill(witness); filled.status != satisfiable {
		return filled
	}
	return found(witness)
}

// value solves one property.
func (s *objectSearch) value(name string, extra []literal) solution {
	for _, l := range s.b.object.names {
		switch s.b.sv.fulfils(name, []literal{l}) {
		case no:
			return none
		case maybe:
			s.vague = "propertyNames could not be evaluated"
		}
	}
	return s.b.sv.solve(append(s.literals(name), extra...))
}

// literals collects what is demanded of the value of a property.
func (s *objectSearch) literals(name string) []literal {
	var list []literal
	for i := range s.b.object.shapes {
		shape := &s.b.object.shapes[i]
		if !s.b.isHidden(name, shape.role) {
			list = s.shapeLiterals(list, shape, name)
		}
	}
	for _, v := range s.b.object.values {
		if v.name == name {
			list = append(list, v.literal)
		}
	}
	return list
}

func (s *objectSearch) shapeLiterals(list []literal, shape *objectShape, name string) []literal {
	sv := s.b.sv
	listed := truthOf(slices.Contains(shape.names, name))
	if shape.schema != nil {
		if p := sv.c.property(shape.schema, name); p != nil {
			listed = yes
			list = append(list, sv.literal(p, false, shape.role))
		}
	}
	for i, pattern := range shape.patterns {
		matched := sv.c.matches(pattern, name)
		listed = listed.or(matched)
		switch {
		case matched == maybe:
			s.vague = "the pattern " + pattern + " is not understood"
		case matched == yes && shape.schema != nil:
			list = append(list, sv.literal(shape.schema.PatternProperties[i].Schema, false, shape.role))
		}
	}
	if listed == no && shape.has {
		list = append(list, shape.rest)
	}
	return list
}

// fill adds properties until minProperties is met. Each has a name of its own and a value that
// nothing else asks anything of, so that any that can be had will do.
func (s *objectSearch) fill(witness map[string]any) solution {
	o := &s.b.object
	missing := o.low - len(witness)
	if missing <= 0 {
		return found(nil)
	}
	if missing > maxFill {
		return unknown("the smallest witness has too many properties")
	}
	result := none
	for _, name := range s.known {
		if _, there := witness[name]; there || slices.Contains(o.absent, name) || missing == 0 {
			continue
		}
		value := s.value(name, nil)
		if value.status == satisfiable {
			witness[name] = value.witness
			missing--
			continue
		}
		result = result.or(value)
	}
	for missing > 0 {
		added := s.fillNew(witness)
		if added.status != satisfiable {
			return result.or(added)
		}
		missing--
	}
	return found(nil)
}

func (s *objectSearch) fillNew(witness map[string]any) solution {
	slots := make([]slot, 0, len(witness))
	for _, name := range sortedKeys(witness) {
		slots = append(slots, slot{name: name})
	}
	result := none
	names, reason := s.newNames(slots, someProperty{})
	if reason != "" {
		result = unknown(reason)
	}
	for _, name := range names {
		value := s.value(name, nil)
		if value.status == satisfiable {
			witness[name] = value.witness
			return value
		}
		result = result.or(value)
	}
	return result
}
