package subschema

import (
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/commslint/commslint/openapi/schema"
)

// causeKey identifies an edit: the same edit met on several ways is one cause.
type causeKey struct {
	a, b    *schema.Schema
	keyword string
	name    string
	dir     Direction
}

// ask puts one keyword of b to the solver and notes what it finds.
func (m *comparer) ask(p *pair, b *schema.Schema, keyword, name string, restricted *schema.Schema) {
	goal := append(m.literals(p.a), literal{class: m.c.classes.get(restricted), negated: true, role: receiver})
	m.note(p, b, keyword, name, m.c.satisfy(p.dir, goal))
}

// askOverlap asks for an instance of two branches of a oneOf.
func (m *comparer) askOverlap(p *pair, b, both *schema.Schema, first, second int) {
	goal := append(m.literals(p.a), literal{class: m.c.classes.get(both), role: receiver})
	m.note(p, b, "oneOf", fmt.Sprintf("branches %d and %d", first+1, second+1), m.c.satisfy(p.dir, goal))
}

// note turns an answer of the solver about one keyword into a cause of the pair.
func (m *comparer) note(p *pair, b *schema.Schema, keyword, name string, s solution) {
	if s.status == unsatisfiable {
		return
	}
	a := counterpart(p.a, keyword, name)
	cause, known := m.cause(p, a, b, keyword, name)
	if s.status == satisfiable && (!known || cause.Unproven) {
		m.prove(cause, p, s.witness)
	} else if !known {
		cause.Unproven, cause.Reason = true, s.reason
	}
	p.findings = append(p.findings, cause)
	switch {
	case s.status == satisfiable:
		p.fail(s.witness)
	default:
		p.doubt(s.reason)
	}
}

func (m *comparer) cause(p *pair, a, b *schema.Schema, keyword, name string) (cause *Cause, known bool) {
	key := causeKey{a, b, keyword, name, p.dir}
	if cause, known = m.causes[key]; !known {
		cause = &Cause{A: a, B: b, Keyword: keyword, Name: name}
		cause.Message = describe(cause, p)
		m.causes[key] = cause
	}
	return cause, known
}

// prove gives a cause its witness, once the independent validator agrees.
func (m *comparer) prove(cause *Cause, p *pair, witness any) {
	a := &schema.Schema{AllOf: p.a.roots}
	problem := m.c.confirm(witness, a, p.b, p.dir)
	if problem == "" {
		cause.Witness, cause.Unproven, cause.Reason = witness, false, ""
		return
	}
	cause.Unproven, cause.Reason = true, problem
}

func (p *pair) fail(witness any) {
	if p.status != failing && p.status != settled {
		p.status, p.witness = failing, witness
	}
}

// counterpart is the part of a that a keyword of b is compared with: one that has the keyword,
// or lists the property, or else the first root.
func counterpart(a *conjunction, keyword, name string) *schema.Schema {
	for _, s := range a.parts {
		if has(s, keyword) {
			return s
		}
	}
	if name != "" {
		for _, s := range a.parts {
			if s.Property(name) != nil {
				return s
			}
		}
	}
	for _, s := range a.parts {
		if s.Types != 0 || s.Properties != nil {
			return s
		}
	}
	if len(a.roots) > 0 {
		return a.roots[0]
	}
	return nil
}

func has(s *schema.Schema, keyword string) bool {
	switch keyword {
	case "type":
		return s.Types != 0
	case "enum", "const":
		return s.Enum != nil || s.Const != nil
	case "required":
		return s.Required != nil
	case "properties":
		return s.Properties != nil
	case "anyOf", "oneOf":
		return s.AnyOf != nil || s.OneOf != nil
	case "format":
		return s.Format != ""
	case "pattern":
		return s.Pattern != nil
	case "additionalProperties":
		return s.AdditionalProperties != nil
	}
	return numberOf(s, keyword) != ""
}

// numberOf writes the number of a keyword that has one; empty if it is absent.
func numberOf(s *schema.Schema, keyword string) string {
	rational := map[string]*big.Rat{
		"minimum": s.Minimum, "maximum": s.Maximum, "exclusiveMinimum": s.ExclusiveMinimum,
		"exclusiveMaximum": s.ExclusiveMaximum, "multipleOf": s.MultipleOf,
	}
	count := map[string]*int{
		"minLength": s.MinLength, "maxLength": s.MaxLength, "minItems": s.MinItems, "maxItems": s.MaxItems,
		"minProperties": s.MinProperties, "maxProperties": s.MaxProperties,
	}
	if r := rational[keyword]; r != nil {
		text, ok := numberText(r)
		if !ok {
			return r.RatString()
		}
		return string(text)
	}
	if n := count[keyword]; n != nil {
		return fmt.Sprint(*n)
	}
	return ""
}

// describe says what the edit was, from the old document to the new: requests are sent by the
// old and received by the new, responses the other way round.
func describe(c *Cause, p *pair) string {
	old, now := c.A, c.B
	if p.dir == Response {
		old, now = c.B, c.A
	}
	if old == nil {
		old = trueSchema
	}
	if now == nil {
		now = trueSchema
	}
	switch c.Keyword {
	case "type":
		return fmt.Sprintf("type changed from %s to %s", typeNames(old), typeNames(now))
	case "enum", "const":
		return describeValues(c, p, old, now)
	case "required":
		return describeRequired(c.Name, old, now, p.dir)
	case "properties":
		return fmt.Sprintf("property %q %s", c.Name, appeared(p.dir, "became restricted", "is no longer restricted"))
	case "additionalProperties":
		if c.Name != "" {
			return fmt.Sprintf("property %q %s", c.Name, appeared(p.dir, "is no longer allowed", "was added, which additionalProperties did not allow"))
		}
		return appeared(p.dir, "additional properties became restricted", "additional properties are no longer restricted")
	case "anyOf", "oneOf":
		return describeUnion(c, p)
	case "":
		return appeared(p.dir, "the schema became narrower", "the schema became wider")
	}
	return describeKeyword(c.Keyword, old, now)
}

func appeared(dir Direction, narrowed, widened string) string {
	if dir == Response {
		return widened
	}
	return narrowed
}

func typeNames(s *schema.Schema) string {
	if s.Types == 0 {
		return "any"
	}
	var names []string
	for _, t := range [...]struct {
		name string
		set  schema.Types
	}{
		{"string", schema.String}, {"number", schema.Number}, {"integer", schema.Integer}, {"boolean", schema.Boolean},
		{"object", schema.Object}, {"array", schema.Array}, {"null", schema.Null},
	} {
		if s.Types&t.set != 0 && !(t.set == schema.Integer && s.Types&schema.Number != 0) {
			names = append(names, t.name)
		}
	}
	return strings.Join(names, " or ")
}

func describeValues(c *Cause, p *pair, old, now *schema.Schema) string {
	switch {
	case old.Enum == nil && old.Const == nil && !p.a.view.finite:
		return "the values became limited by " + c.Keyword
	case now.Enum == nil && now.Const == nil && !p.a.view.finite:
		return "the values are no longer limited by " + c.Keyword
	}
	allowed := map[string]bool{}
	values, _ := finiteValues(c.B)
	for _, v := range values {
		allowed[canonical(v)] = true
	}
	var extra []string
	for _, v := range p.a.view.values {
		if !allowed[canonical(v)] {
			extra = append(extra, compact(v))
		}
	}
	if len(extra) == 0 {
		return "the values of " + c.Keyword + " changed"
	}
	verb := appeared(p.dir, "removed from", "added to")
	if len(extra) == 1 {
		return fmt.Sprintf("value %s was %s the %s", extra[0], verb, c.Keyword)
	}
	return fmt.Sprintf("values %s were %s the %s", shortList(extra), verb, c.Keyword)
}

// shortList joins a few words and counts the rest.
func shortList(list []string) string {
	if len(list) > 4 {
		return fmt.Sprintf("%s and %d more", strings.Join(list[:3], ", "), len(list)-3)
	}
	return strings.Join(list[:len(list)-1], ", ") + " and " + list[len(list)-1]
}

func describeRequired(name string, old, now *schema.Schema, dir Direction) string {
	if dir != Response {
		if old.Property(name) == nil && now.Property(name) != nil {
			return fmt.Sprintf("the new property %q is required", name)
		}
		return fmt.Sprintf("property %q became required", name)
	}
	if old.Property(name) != nil && now.Property(name) == nil {
		return fmt.Sprintf("the required property %q was removed", name)
	}
	return fmt.Sprintf("property %q is no longer required", name)
}

func describeUnion(c *Cause, p *pair) string {
	if c.Name != "" {
		return appeared(p.dir, c.Keyword+" now excludes what is valid against both of its "+c.Name,
			c.Keyword+" no longer excludes what is valid against both of its "+c.Name)
	}
	name := ""
	if n := len(p.a.roots); n > 0 {
		if name = p.a.roots[n-1].Name; name == "" {
			name = "a schema of type " + typeNames(p.a.roots[n-1])
		}
	}
	if name == "" || name == "a schema of type any" {
		return appeared(p.dir, "no branch of "+c.Keyword+" takes this any more", "this is in no branch of "+c.Keyword+" of before")
	}
	return appeared(p.dir, name+" was removed from "+c.Keyword, name+" was added to "+c.Keyword)
}

func describeKeyword(keyword string, old, now *schema.Schema) string {
	before, after := keywordText(old, keyword), keywordText(now, keyword)
	switch {
	case before == after:
		return keyword + " changed"
	case before == "":
		return spaced(keyword, after, "was added")
	case after == "":
		return spaced(keyword, before, "was removed")
	}
	if x, ok := schema.ParseRat(before); ok {
		if y, ok := schema.ParseRat(after); ok && x.Cmp(y) != 0 {
			verb := "raised"
			if y.Cmp(x) < 0 {
				verb = "lowered"
			}
			return fmt.Sprintf("%s %s from %s to %s", keyword, verb, before, after)
		}
	}
	return fmt.Sprintf("%s changed from %s to %s", keyword, before, after)
}

func spaced(words ...string) string {
	return strings.Join(strings.Fields(strings.Join(words, " ")), " ")
}

// keywordText shows the value of a keyword; empty if it is absent.
func keywordText(s *schema.Schema, keyword string) string {
	switch keyword {
	case "format":
		return s.Format
	case "pattern":
		if s.Pattern != nil {
			text, _ := json.Marshal(*s.Pattern)
			return string(text)
		}
		return ""
	}
	if text := numberOf(s, keyword); text != "" {
		return text
	}
	present := map[string]bool{
		"uniqueItems": s.UniqueItems, "not": s.Not != nil, "if": s.If != nil, "contains": s.Contains != nil,
		"items": s.Items != nil || s.PrefixItems != nil, "propertyNames": s.PropertyNames != nil,
		"patternProperties": s.PatternProperties != nil, "dependentRequired": s.DependentRequired != nil,
		"dependentSchemas": s.DependentSchemas != nil, "unevaluatedProperties": s.UnevaluatedProperties != nil,
		"unevaluatedItems": s.UnevaluatedItems != nil,
	}
	if present[keyword] {
		return " "
	}
	return ""
}

// sortCauses orders causes as the document of b does, then by what they say.
func sortCauses(causes []*Cause) {
	slices.SortStableFunc(causes, func(x, y *Cause) int {
		if n := compareNodes(x.B, y.B); n != 0 {
			return n
		}
		if n := strings.Compare(x.Keyword, y.Keyword); n != 0 {
			return n
		}
		return strings.Compare(x.Name, y.Name)
	})
}

func compareNodes(x, y *schema.Schema) int {
	if x == nil || y == nil || x.Node == nil || y.Node == nil {
		return 0
	}
	if n := strings.Compare(x.Node.File.Name, y.Node.File.Name); n != 0 {
		return n
	}
	return int(x.Node.Start - y.Node.Start)
}
