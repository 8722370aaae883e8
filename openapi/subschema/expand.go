package subschema

import "github.com/commslint/commslint/openapi/schema"

// maxBranches bounds the branches of a oneOf whose pairs are listed when it is negated.
const maxBranches = 64

// assume takes apart a schema that the instance is valid against.
func (b *branch) assume(s *schema.Schema, r role) bool {
	if s.Always != nil && !*s.Always || s.Types != 0 && s.Types&b.kind.types() == 0 {
		return false
	}
	if s.Unresolved != "" {
		b.doubt(s.Unresolved)
	}
	if s.Enum != nil || s.Const != nil {
		values, _ := finiteValues(s)
		b.restrict(values)
	}
	switch b.kind {
	case kindNumber:
		if !b.assumeNumber(s) {
			return false
		}
	case kindString:
		if !b.assumeText(s) {
			return false
		}
	case kindArray:
		if !b.assumeArray(s, r) {
			return false
		}
	case kindObject:
		if !b.assumeObject(s, r) {
			return false
		}
	}
	return b.assumeLogic(s, r)
}

// doubt notes that a constraint was left out. Leaving one out of a conjunction only adds
// instances: that there are none stays proven, that there is one does not.
func (b *branch) doubt(reason string) {
	if b.vague == "" {
		b.vague = reason
	}
}

func (b *branch) assumeLogic(s *schema.Schema, r role) bool {
	if s.Ref != nil && !b.add(b.sv.literal(s.Ref, false, r)) || !b.addAll(s.AllOf, false, r) {
		return false
	}
	if s.Not != nil && !b.add(b.sv.literal(s.Not, true, r)) {
		return false
	}
	if len(s.AnyOf) > 0 {
		var d disjunction
		for _, branch := range s.AnyOf {
			d = append(d, b.literals(r, []*schema.Schema{branch}, nil))
		}
		if !b.require(d) {
			return false
		}
	}
	if len(s.OneOf) > 0 && !b.require(b.exactlyOne(s.OneOf, r)) {
		return false
	}
	if s.If != nil && (s.Then != nil || s.Else != nil) {
		return b.require(disjunction{
			b.literals(r, []*schema.Schema{s.If, s.Then}, nil),
			b.literals(r, []*schema.Schema{s.Else}, []*schema.Schema{s.If}),
		})
	}
	return true
}

// literals makes an alternative of schemas that hold and schemas that do not; nil ones are
// left out.
func (b *branch) literals(r role, hold, fail []*schema.Schema) alternative {
	var a alternative
	for _, s := range hold {
		if s != nil {
			a.literals = append(a.literals, b.sv.literal(s, false, r))
		}
	}
	for _, s := range fail {
		if s != nil {
			a.literals = append(a.literals, b.sv.literal(s, true, r))
		}
	}
	return a
}

// exactlyOne leaves the branches that must fail to a constraint: writing them out for each
// branch would be quadratic.
func (b *branch) exactlyOne(branches []*schema.Schema, r role) disjunction {
	b.sv.steps -= len(branches) / 4
	all := b.literals(r, branches, nil).literals
	d := make(disjunction, len(all))
	for i, l := range all {
		d[i] = alternative{literals: []literal{l}, constraints: []constraint{func(b *branch) bool {
			for j, other := range all {
				if j != i && !b.add(other.not()) {
					return false
				}
			}
			return true
		}}}
	}
	return d
}

// refute takes apart a schema that the instance is not valid against: one keyword fails.
func (b *branch) refute(s *schema.Schema, r role) bool {
	if s.Always != nil && !*s.Always || s.Types != 0 && s.Types&b.kind.types() == 0 {
		return true
	}
	var d disjunction
	if s.Unresolved != "" {
		d = append(d, alternative{constraints: []constraint{func(b *branch) bool {
			b.doubt(s.Unresolved)
			return true
		}}})
	}
	if s.Enum != nil {
		d = append(d, excluding(s.Enum))
	}
	if s.Const != nil {
		d = append(d, excluding([]any{s.Const.V}))
	}
	switch b.kind {
	case kindNumber:
		d = append(d, b.refuteNumber(s)...)
	case kindString:
		d = append(d, b.refuteText(s)...)
	case kindArray:
		d = append(d, b.refuteArray(s, r)...)
	case kindObject:
		d = append(d, b.refuteObject(s, r)...)
	}
	d = append(d, b.refuteLogic(s, r)...)
	b.sv.steps -= len(d) / 4
	return b.require(d)
}

func excluding(values []any) alternative {
	return alternative{constraints: []constraint{func(b *branch) bool { return b.exclude(values) }}}
}

func (b *branch) refuteLogic(s *schema.Schema, r role) disjunction {
	var d disjunction
	if s.Ref != nil {
		d = append(d, b.literals(r, nil, []*schema.Schema{s.Ref}))
	}
	for _, part := range s.AllOf {
		d = append(d, b.literals(r, nil, []*schema.Schema{part}))
	}
	if len(s.AnyOf) > 0 {
		d = append(d, b.literals(r, nil, s.AnyOf))
	}
	if len(s.OneOf) > 0 {
		d = append(d, b.notExactlyOne(s.OneOf, r)...)
	}
	if s.Not != nil {
		d = append(d, b.literals(r, []*schema.Schema{s.Not}, nil))
	}
	if s.If != nil && s.Then != nil {
		d = append(d, b.literals(r, []*schema.Schema{s.If}, []*schema.Schema{s.Then}))
	}
	if s.If != nil && s.Else != nil {
		d = append(d, b.literals(r, nil, []*schema.Schema{s.If, s.Else}))
	}
	return d
}

// notExactlyOne: none holds, or some two do.
func (b *branch) notExactlyOne(branches []*schema.Schema, r role) disjunction {
	d := disjunction{b.literals(r, nil, branches)}
	if len(branches) > maxBranches {
		return append(d, alternative{constraints: []constraint{func(b *branch) bool {
			b.doubt("oneOf has too many branches")
			return true
		}}})
	}
	for i, first := range branches {
		for _, second := range branches[i+1:] {
			d = append(d, b.literals(r, []*schema.Schema{first, second}, nil))
		}
	}
	return d
}
