package subschema

import (
	"math"
	"slices"

	"github.com/commslint/commslint/openapi/schema"
)

// object is what a branch knows of an object.
type object struct {
	low     int
	high    int
	bounded bool
	shapes  []objectShape
	names   []literal // every name fulfils these
	present []string
	absent  []string
	values  []namedLiteral
	some    []someProperty
}

// An objectShape gives literals to properties: by name, by patterns, and to those that neither
// meets (schema nil leaves them free).
type objectShape struct {
	role     role
	schema   *schema.Schema // properties and patternProperties; nil for a cover
	names    []string       // of a cover: what it leaves out
	patterns []string
	rest     literal
	has      bool
}

// A namedLiteral is a literal on the value of one property, if it is there.
type namedLiteral struct {
	name    string
	literal literal
}

// someProperty says that a property exists whose name matches one pattern, matches none of
// others, is none of some names and is not valid against a schema, and whose value fulfils a
// literal; each as far as it is given.
type someProperty struct {
	pattern  string
	hasMatch bool
	not      []string // patterns
	except   []string // names
	name     literal
	hasName  bool
	value    literal
	hasValue bool
}

func (o object) clone() object {
	o.shapes = slices.Clip(o.shapes)
	o.names = slices.Clip(o.names)
	o.present = slices.Clip(o.present)
	o.absent = slices.Clip(o.absent)
	o.values = slices.Clip(o.values)
	o.some = slices.Clip(o.some)
	return o
}

func (o *object) atMost(n int) bool {
	if !o.bounded || n < o.high {
		o.high, o.bounded = n, true
	}
	return o.low <= o.high
}

func (o *object) atLeast(n int) bool {
	o.low = max(o.low, n)
	return !o.bounded || o.low <= o.high
}

// maxNames bounds the properties of a branch, which are compared each with each.
const maxNames = 5000

// presence demands that some properties exist and others do not.
func (b *branch) presence(present, missing []string) bool {
	o := &b.object
	if len(present)+len(missing)+len(o.present)+len(o.absent) > maxNames {
		b.doubt("too many properties are named")
		return true
	}
	b.sv.steps -= (len(present) + len(missing)) / 16
	for _, name := range present {
		if slices.Contains(o.absent, name) {
			return false
		}
		if !slices.Contains(o.present, name) {
			o.present = append(o.present, name)
		}
	}
	for _, name := range missing {
		if slices.Contains(o.present, name) {
			return false
		}
		if !slices.Contains(o.absent, name) {
			o.absent = append(o.absent, name)
		}
	}
	return !o.bounded || len(o.present) <= o.high
}

// isHidden says whether a property does not exist for who is on this side: nothing is asked of
// it, neither that it is there nor what it holds.
func (b *branch) isHidden(name string, r role) bool { return containsSorted(b.hidden[r], name) }

func (b *branch) visible(names []string, r role) []string {
	if len(b.hidden[r]) == 0 {
		return names
	}
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return b.isHidden(name, r) })
}

func (b *branch) assumeObject(s *schema.Schema, r role) bool {
	o := &b.object
	if s.MinProperties != nil && !o.atLeast(*s.MinProperties) || s.MaxProperties != nil && !o.atMost(*s.MaxProperties) {
		return false
	}
	if !b.presence(b.visible(s.Required, r), nil) {
		return false
	}
	if s.Properties != nil || s.PatternProperties != nil || s.AdditionalProperties != nil {
		shape := objectShape{role: r, schema: s}
		for i := range s.PatternProperties {
			shape.patterns = append(shape.patterns, s.PatternProperties[i].Name)
		}
		if s.AdditionalProperties != nil {
			shape.rest, shape.has = b.sv.literal(s.AdditionalProperties, false, r), true
		}
		o.shapes = append(o.shapes, shape)
	}
	if s.PropertyNames != nil {
		o.names = append(o.names, b.sv.literal(s.PropertyNames, false, r))
	}
	if s.UnevaluatedProperties != nil {
		covers, reason := b.coversProperties(s, r)
		if !b.requireCovers(covers, reason, func(c cover) constraint {
			return func(b *branch) bool { return b.restProperties(c, s.UnevaluatedProperties, r) }
		}) {
			return false
		}
	}
	return b.assumeDependents(s, r)
}

func (b *branch) restProperties(c cover, s *schema.Schema, r role) bool {
	if !c.all {
		b.object.shapes = append(b.object.shapes, objectShape{
			role: r, names: c.names, patterns: c.patterns, rest: b.sv.literal(s, false, r), has: true,
		})
	}
	return true
}

// assumeDependents: the property is missing, or what depends on it holds.
func (b *branch) assumeDependents(s *schema.Schema, r role) bool {
	without := func(name string) alternative {
		return alternative{constraints: []constraint{func(b *branch) bool { return b.presence(nil, []string{name}) }}}
	}
	for _, d := range s.DependentRequired {
		names := append([]string{d.Name}, b.visible(d.Required, r)...)
		with := alternative{constraints: []constraint{func(b *branch) bool { return b.presence(names, nil) }}}
		if len(names) > 1 && !b.require(disjunction{without(d.Name), with}) {
			return false
		}
	}
	for i := range s.DependentSchemas {
		d := &s.DependentSchemas[i]
		with := b.literals(r, []*schema.Schema{d.Schema}, nil)
		with.constraints = []constraint{func(b *branch) bool { return b.presence([]string{d.Name}, nil) }}
		if !b.require(disjunction{without(d.Name), with}) {
			return false
		}
	}
	return true
}

func (b *branch) refuteObject(s *schema.Schema, r role) disjunction {
	var d disjunction
	keyword := func(constrain constraint) {
		d = append(d, alternative{constraints: []constraint{constrain}})
	}
	for _, name := range b.visible(s.Required, r) {
		keyword(func(b *branch) bool { return b.presence(nil, []string{name}) })
	}
	if s.MinProperties != nil && *s.MinProperties > 0 {
		keyword(func(b *branch) bool { return b.object.atMost(*s.MinProperties - 1) })
	}
	if s.MaxProperties != nil && *s.MaxProperties < math.MaxInt {
		keyword(func(b *branch) bool { return b.object.atLeast(*s.MaxProperties + 1) })
	}
	for i := range s.Properties {
		p := &s.Properties[i]
		if b.isHidden(p.Name, r) {
			continue
		}
		value := namedLiteral{p.Name, b.sv.literal(p.Schema, true, r)}
		keyword(func(b *branch) bool {
			b.object.values = append(b.object.values, value)
			return b.presence([]string{value.name}, nil) && b.mayHold(value.name)
		})
	}
	for _, some := range b.refuteOthers(s, r) {
		keyword(func(b *branch) bool {
			b.object.some = append(b.object.some, some)
			return b.object.atLeast(1)
		})
	}
	d = append(d, b.refuteDependents(s, r)...)
	if s.UnevaluatedProperties != nil {
		d = append(d, b.uncoveredProperty(s, r)...)
	}
	return d
}

// mayHold asks whether a property can have a value, as far as the branch knows: if not, nothing
// that is decided later helps.
func (b *branch) mayHold(name string) bool {
	s := &objectSearch{b: b}
	value := b.sv.solve(s.literals(name))
	b.sv.assumed = min(b.sv.assumed, value.open)
	return value.status != unsatisfiable
}

// refuteOthers lists how patternProperties, additionalProperties and propertyNames fail.
func (b *branch) refuteOthers(s *schema.Schema, r role) []someProperty {
	var list []someProperty
	var names, patterns []string
	for i := range s.Properties {
		names = append(names, s.Properties[i].Name)
	}
	hidden := b.hidden[r]
	for i := range s.PatternProperties {
		p := &s.PatternProperties[i]
		patterns = append(patterns, p.Name)
		list = append(list, someProperty{
			pattern: p.Name, hasMatch: true, except: hidden,
			value: b.sv.literal(p.Schema, true, r), hasValue: true,
		})
	}
	if s.AdditionalProperties != nil {
		list = append(list, someProperty{
			not: patterns, except: append(slices.Clip(names), hidden...),
			value: b.sv.literal(s.AdditionalProperties, true, r), hasValue: true,
		})
	}
	if s.PropertyNames != nil {
		list = append(list, someProperty{name: b.sv.literal(s.PropertyNames, true, r), hasName: true, except: hidden})
	}
	return list
}

func (b *branch) refuteDependents(s *schema.Schema, r role) disjunction {
	var d disjunction
	for _, dependency := range s.DependentRequired {
		for _, name := range b.visible(dependency.Required, r) {
			d = append(d, alternative{constraints: []constraint{func(b *branch) bool {
				return b.presence([]string{dependency.Name}, []string{name})
			}}})
		}
	}
	for i := range s.DependentSchemas {
		p := &s.DependentSchemas[i]
		a := b.literals(r, nil, []*schema.Schema{p.Schema})
		a.constraints = []constraint{func(b *branch) bool { return b.presence([]string{p.Name}, nil) }}
		d = append(d, a)
	}
	return d
}

func (b *branch) uncoveredProperty(s *schema.Schema, r role) disjunction {
	covers, reason := b.coversProperties(s, r)
	if reason != "" {
		return disjunction{withDoubt(reason)}
	}
	var d disjunction
	for _, c := range covers {
		if c.all {
			continue
		}
		some := someProperty{
			not: c.patterns, except: append(slices.Clip(c.names), b.hidden[r]...),
			value: b.sv.literal(s.UnevaluatedProperties, true, r), hasValue: true,
		}
		d = append(d, c.alternative(func(b *branch) bool {
			b.object.some = append(b.object.some, some)
			return b.object.atLeast(1)
		}))
	}
	return d
}
