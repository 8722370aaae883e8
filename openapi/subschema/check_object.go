package subschema

import (
	"slices"

	"github.com/commslint/commslint/openapi/schema"
)

func (k *check) objects() {
	k.required()
	k.propertyCounts()
	if k.b.Properties != nil {
		k.properties()
	}
	if k.b.PatternProperties != nil {
		k.patternProperties()
	}
	if k.b.AdditionalProperties != nil && !acceptsAll(k.b.AdditionalProperties) {
		k.additionalProperties()
	}
	if k.b.PropertyNames != nil {
		k.unlessSame("propertyNames", func(s *schema.Schema) *schema.Schema {
			return &schema.Schema{PropertyNames: s.PropertyNames}
		})
	}
	k.dependents()
	if k.b.UnevaluatedProperties != nil && !acceptsAll(k.b.UnevaluatedProperties) {
		k.ask("unevaluatedProperties", "", k.evaluating(&schema.Schema{
			Properties: withoutSchemas(k.b.Properties), PatternProperties: withoutSchemas(k.b.PatternProperties),
			AdditionalProperties: k.b.AdditionalProperties, UnevaluatedProperties: k.b.UnevaluatedProperties,
		}))
	}
}

// unlessSame asks about a keyword unless a has it with the same value.
func (k *check) unlessSame(keyword string, restrict func(*schema.Schema) *schema.Schema) {
	if !k.sameIn(keyword, restrict) {
		k.ask(keyword, "", restrict(k.b))
	}
}

// evaluating adds what an unevaluated… keyword looks at: all that b applies in place.
func (k *check) evaluating(s *schema.Schema) *schema.Schema {
	b := k.b
	s.Ref, s.AllOf, s.AnyOf, s.OneOf = b.Ref, b.AllOf, b.AnyOf, b.OneOf
	s.If, s.Then, s.Else, s.DependentSchemas = b.If, b.Then, b.Else, b.DependentSchemas
	return s
}

// withoutSchemas keeps the names only.
func withoutSchemas(list []schema.Property) []schema.Property {
	names := make([]schema.Property, len(list))
	for i := range list {
		names[i] = schema.Property{Name: list[i].Name, Schema: trueSchema}
	}
	return names
}

func (k *check) required() {
	for _, name := range k.b.Required {
		if containsSorted(k.hidden, name) || k.view.requires(name) && !k.hiddenInA(name) {
			continue
		}
		k.ask("required", name, &schema.Schema{Required: []string{name}})
	}
}

// hiddenInA says whether who sends never writes the property.
func (k *check) hiddenInA(name string) bool {
	if k.p.dir == Plain {
		return false
	}
	return slices.ContainsFunc(k.p.a.roots, func(s *schema.Schema) bool {
		return containsSorted(k.m.c.surfaceOf(s).hidden[k.p.dir], name)
	})
}

func (k *check) propertyCounts() {
	b, v := k.b, k.view
	if b.MinProperties != nil && *b.MinProperties > 0 && (v.members[0] == nil || *v.members[0] < *b.MinProperties) &&
		(len(v.required) < *b.MinProperties || k.p.dir != Plain) {
		k.ask("minProperties", "", &schema.Schema{MinProperties: b.MinProperties})
	}
	if b.MaxProperties != nil && (v.members[1] == nil || *v.members[1] > *b.MaxProperties) {
		k.ask("maxProperties", "", &schema.Schema{MaxProperties: b.MaxProperties})
	}
}

func (k *check) properties() {
	for i := range k.b.Properties {
		p := &k.b.Properties[i]
		if containsSorted(k.hidden, p.Name) || acceptsAll(p.Schema) || k.hiddenInA(p.Name) {
			continue
		}
		k.property(p.Name, p.Schema, "properties", &schema.Schema{Properties: k.b.Properties[i : i+1]})
	}
}

// property compares what a says of a property with what b says. Where a says nothing and the
// reading is tolerant, a never sends it, unless a branch of a union knows more.
func (k *check) property(name string, b *schema.Schema, keyword string, restricted *schema.Schema) {
	list, known := k.m.propertySchemas(k.view, name)
	if slices.ContainsFunc(list, acceptsNone) {
		return
	}
	if !known && k.m.c.options.Tolerant && !k.mayBeSent(name) {
		return
	}
	if a := k.m.conjoin(list...); len(a.roots) > 0 {
		k.m.connect(k.p, edge{kind: edgeProperty, name: name}, a, b, false)
		return
	}
	k.ask(keyword, name, restricted)
}

// mayBeSent says whether some schema of a, in a branch perhaps, knows the name.
func (k *check) mayBeSent(name string) bool {
	return slices.ContainsFunc(k.p.a.roots, func(s *schema.Schema) bool {
		surface := k.m.c.surfaceOf(s)
		return surface.typed || containsSorted(surface.declared, name) ||
			slices.ContainsFunc(surface.patterns, func(pattern string) bool { return k.m.c.matches(pattern, name) != no })
	})
}

// patternProperties: names that meet the pattern hold what a says under the same pattern.
func (k *check) patternProperties() {
	for i := range k.b.PatternProperties {
		p := &k.b.PatternProperties[i]
		if acceptsAll(p.Schema) {
			continue
		}
		var list []*schema.Schema
		for _, s := range k.view.objectParts {
			for j := range s.PatternProperties {
				if s.PatternProperties[j].Name == p.Name {
					list = append(list, s.PatternProperties[j].Schema)
				}
			}
		}
		restricted := &schema.Schema{PatternProperties: k.b.PatternProperties[i : i+1]}
		if a := k.m.conjoin(list...); !a.has(k.m.c.classes.get(p.Schema)) {
			k.ask("patternProperties", p.Name, restricted)
		}
	}
}

// additionalProperties: what a lists and b does not, and what neither lists.
func (k *check) additionalProperties() {
	b := k.b
	if len(b.PatternProperties) > 0 || slices.ContainsFunc(k.view.objectParts, func(s *schema.Schema) bool {
		return len(s.PatternProperties) > 0
	}) {
		k.unlessSame("additionalProperties", func(s *schema.Schema) *schema.Schema {
			return &schema.Schema{
				Properties: withoutSchemas(s.Properties), PatternProperties: withoutSchemas(s.PatternProperties),
				AdditionalProperties: s.AdditionalProperties,
			}
		})
		return
	}
	declared := k.view.declares()
	for _, name := range declared {
		if k.m.c.property(b, name) == nil && !containsSorted(k.hidden, name) && !k.hiddenInA(name) {
			k.listedByA(name)
		}
	}
	restricted := &schema.Schema{Properties: withoutSchemas(b.Properties), AdditionalProperties: b.AdditionalProperties}
	for _, name := range declared {
		restricted.Properties = append(restricted.Properties, schema.Property{Name: name, Schema: trueSchema})
	}
	k.undeclared(restricted)
}

// listedByA compares a property that a lists with b's additionalProperties.
func (k *check) listedByA(name string) {
	list, _ := k.m.propertySchemas(k.view, name)
	if slices.ContainsFunc(list, acceptsNone) {
		return
	}
	if a := k.m.conjoin(list...); len(a.roots) > 0 && !acceptsNone(k.b.AdditionalProperties) {
		k.m.connect(k.p, edge{kind: edgeProperty, name: name}, a, k.b.AdditionalProperties, false)
		return
	}
	// Only this property may be the one: everything else that is additional is left alone.
	k.ask("additionalProperties", name, &schema.Schema{
		Properties: []schema.Property{{Name: name, Schema: k.b.AdditionalProperties}},
	})
}

// undeclared compares the properties that neither side lists.
func (k *check) undeclared(restricted *schema.Schema) {
	var list []*schema.Schema
	for _, s := range k.view.objectParts {
		if s.AdditionalProperties != nil {
			list = append(list, s.AdditionalProperties)
		}
	}
	if slices.ContainsFunc(list, acceptsNone) {
		return
	}
	a := k.m.conjoin(list...)
	if len(a.roots) > 0 && !acceptsNone(k.b.AdditionalProperties) {
		k.m.connect(k.p, edge{kind: edgeAdditional}, a, k.b.AdditionalProperties, false)
		return
	}
	k.ask("additionalProperties", "", restricted)
}

func (k *check) dependents() {
	for _, d := range k.b.DependentRequired {
		for _, name := range d.Required {
			if k.view.requires(name) && !k.hiddenInA(name) || containsSorted(k.hidden, name) {
				continue
			}
			restricted := &schema.Schema{DependentRequired: []schema.Dependency{{Name: d.Name, Required: []string{name}}}}
			k.ask("dependentRequired", name, restricted)
		}
	}
	for i := range k.b.DependentSchemas {
		d := k.b.DependentSchemas[i : i+1]
		want := k.m.c.classes.get(&schema.Schema{DependentSchemas: d})
		if !slices.ContainsFunc(k.p.a.parts, func(s *schema.Schema) bool {
			return slices.ContainsFunc(s.DependentSchemas, func(other schema.Property) bool {
				return k.m.c.classes.get(&schema.Schema{DependentSchemas: []schema.Property{other}}) == want
			})
		}) {
			k.ask("dependentSchemas", d[0].Name, &schema.Schema{DependentSchemas: d})
		}
	}
}
