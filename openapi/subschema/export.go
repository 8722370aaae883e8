package subschema

import (
	"encoding/json"
	"math/big"
	"strconv"
	"strings"

	"github.com/commslint/commslint/openapi/schema"
)

// export writes schemas as JSON Schema 2020-12, for a validator that knows nothing of this
// package. What the direction does to properties is written out. Schemas are resources of
// their own that refer to each other, so that cycles stay cycles.
//
// An export is made for one instance: properties whose names occur nowhere in it are left out,
// since properties, patternProperties and dependentSchemas say nothing about names that are not
// there. That keeps the export of a small instance small in a large document.
type export struct {
	c       *Checker
	dir     Direction
	role    role
	names   map[string]bool // the names of all properties in the instance
	ids     map[exportKey]string
	defs    map[string]any
	written int
	// incomplete says that there was a schema that cannot be written, or too many.
	incomplete bool
}

// An exportKey is a schema in the scope of a place: the same schema may stand where other
// properties are hidden.
type exportKey struct {
	s      *schema.Schema
	hidden string
}

// document exports a schema for an instance. False if the schema has a part that cannot be
// written.
func (c *Checker) document(s *schema.Schema, dir Direction, r role, instance any) (any, bool) {
	e := &export{
		c: c, dir: dir, role: r, names: map[string]bool{}, ids: map[exportKey]string{}, defs: map[string]any{},
	}
	collectNames(instance, e.names)
	root := e.place(s)
	if e.incomplete {
		return nil, false
	}
	return map[string]any{"allOf": []any{root}, "$defs": e.defs}, true
}

func collectNames(v any, names map[string]bool) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			collectNames(item, names)
		}
	case map[string]any:
		for name, item := range v {
			names[name] = true
			collectNames(item, names)
		}
	}
}

// place writes a schema at a place of its own.
func (e *export) place(s *schema.Schema) any {
	var hidden []string
	if e.dir != Plain && e.role != neutral {
		hidden = e.c.surfaceOf(s).hidden[e.dir]
	}
	return e.within(s, hidden)
}

// within writes a schema in the scope of a place: as a reference if it may be reached in several
// ways, and so be part of a cycle. A schema that was read is so only through a $ref; of one that
// was made nothing is known.
func (e *export) within(s *schema.Schema, hidden []string) any {
	if s.Ref != nil && onlyRefers(s) {
		s = s.Ref
	} else if s.Node != nil && s.Name == "" {
		return e.schema(s, hidden)
	}
	return map[string]any{"$ref": e.reference(s, hidden)}
}

func onlyRefers(s *schema.Schema) bool {
	return len(s.AllOf)+len(s.AnyOf)+len(s.OneOf) == 0 && onlyApplies(s)
}

func (e *export) reference(s *schema.Schema, hidden []string) string {
	key := exportKey{s, strings.Join(hidden, "\x00")}
	if id, ok := e.ids[key]; ok {
		return id
	}
	name := strconv.Itoa(len(e.ids))
	id := "#/$defs/" + name
	e.ids[key] = id
	e.defs[name] = true
	e.defs[name] = e.schema(s, hidden)
	return id
}

// schema writes one schema.
func (e *export) schema(s *schema.Schema, hidden []string) any {
	if s.Always != nil {
		return *s.Always
	}
	if e.written++; s.Unresolved != "" || e.written > maxExport {
		e.incomplete = true
		return true
	}
	w := exportWriter{e: e, hidden: hidden, out: map[string]any{}}
	w.values(s)
	w.numbers(s)
	w.strings(s)
	w.arrays(s)
	w.objects(s)
	w.logic(s)
	return w.out
}

type exportWriter struct {
	e      *export
	hidden []string
	out    map[string]any
}

// there writes a schema of an item or a property; here one for the same place.
func (w *exportWriter) there(keyword string, s *schema.Schema) {
	if s != nil {
		w.out[keyword] = w.e.place(s)
	}
}

func (w *exportWriter) here(keyword string, s *schema.Schema) {
	if s != nil {
		w.out[keyword] = w.e.within(s, w.hidden)
	}
}

func (w *exportWriter) hereAll(keyword string, list []*schema.Schema) {
	if len(list) == 0 {
		return
	}
	var written []any
	for _, s := range list {
		written = append(written, w.e.within(s, w.hidden))
	}
	w.out[keyword] = written
}

func (w *exportWriter) values(s *schema.Schema) {
	if s.Types != 0 {
		var names []any
		for _, t := range [...]struct {
			name string
			set  schema.Types
		}{
			{"null", schema.Null}, {"boolean", schema.Boolean}, {"object", schema.Object}, {"array", schema.Array},
			{"number", schema.Number}, {"integer", schema.Integer}, {"string", schema.String},
		} {
			if s.Types&t.set != 0 {
				names = append(names, t.name)
			}
		}
		w.out["type"] = names
	}
	if s.Enum != nil {
		w.out["enum"] = s.Enum
		if len(s.Enum) == 0 {
			delete(w.out, "enum") // not valid as a keyword, and nothing is valid against it
			w.out["not"] = map[string]any{}
		}
	}
	if s.Const != nil {
		w.out["const"] = s.Const.V
	}
}

func (w *exportWriter) rational(keyword string, r *big.Rat) {
	if r == nil {
		return
	}
	if text, ok := numberText(r); ok {
		w.out[keyword] = text
	}
}

func (w *exportWriter) count(keyword string, n *int) {
	if n != nil {
		w.out[keyword] = json.Number(strconv.Itoa(*n))
	}
}

func (w *exportWriter) numbers(s *schema.Schema) {
	w.rational("minimum", s.Minimum)
	w.rational("maximum", s.Maximum)
	w.rational("exclusiveMinimum", s.ExclusiveMinimum)
	w.rational("exclusiveMaximum", s.ExclusiveMaximum)
	w.rational("multipleOf", s.MultipleOf)
}

func (w *exportWriter) strings(s *schema.Schema) {
	w.count("minLength", s.MinLength)
	w.count("maxLength", s.MaxLength)
	if s.Pattern != nil {
		w.out["pattern"] = *s.Pattern
	}
	if format := w.e.c.stringFormat(s.Format); format != "" {
		w.out["format"] = format
	}
	if low, high, ranged := w.e.c.formatRange(s.Format); ranged {
		bounds := map[string]any{}
		bounds["minimum"], _ = numberText(low)
		bounds["maximum"], _ = numberText(high)
		w.and(bounds)
	}
}

// and adds a conjunct that a keyword of the schema itself might already be in the way of.
func (w *exportWriter) and(s any) {
	all, _ := w.out["allOf"].([]any)
	w.out["allOf"] = append(all, s)
}

func (w *exportWriter) arrays(s *schema.Schema) {
	if len(s.PrefixItems) > 0 {
		var items []any
		for _, item := range s.PrefixItems {
			items = append(items, w.e.place(item))
		}
		w.out["prefixItems"] = items
	}
	w.there("items", s.Items)
	w.there("contains", s.Contains)
	w.there("unevaluatedItems", s.UnevaluatedItems)
	w.count("minContains", s.MinContains)
	w.count("maxContains", s.MaxContains)
	w.count("minItems", s.MinItems)
	w.count("maxItems", s.MaxItems)
	if s.UniqueItems {
		w.out["uniqueItems"] = true
	}
}

func (w *exportWriter) objects(s *schema.Schema) {
	w.properties(s)
	w.there("additionalProperties", s.AdditionalProperties)
	w.there("unevaluatedProperties", s.UnevaluatedProperties)
	w.there("propertyNames", s.PropertyNames)
	if names := w.visible(s.Required); len(names) > 0 {
		w.out["required"] = names
	}
	dependent := map[string]any{}
	for _, d := range s.DependentRequired {
		if names := w.visible(d.Required); len(names) > 0 {
			dependent[d.Name] = names
		}
	}
	if len(dependent) > 0 {
		w.out["dependentRequired"] = dependent
	}
	schemas := map[string]any{}
	for _, d := range s.DependentSchemas {
		if w.e.names[d.Name] {
			schemas[d.Name] = w.e.within(d.Schema, w.hidden)
		}
	}
	if len(schemas) > 0 {
		w.out["dependentSchemas"] = schemas
	}
	w.count("minProperties", s.MinProperties)
	w.count("maxProperties", s.MaxProperties)
}

func (w *exportWriter) properties(s *schema.Schema) {
	properties := map[string]any{}
	for _, p := range s.Properties {
		if w.e.names[p.Name] && !containsSorted(w.hidden, p.Name) {
			properties[p.Name] = w.e.place(p.Schema)
		}
	}
	for _, name := range w.hidden {
		if w.e.names[name] { // never sent, and ignored by who receives it
			properties[name] = w.e.role != sender
		}
	}
	if len(properties) > 0 {
		w.out["properties"] = properties
	}
	patterns := map[string]any{}
	for _, p := range s.PatternProperties {
		patterns[p.Name] = w.e.place(p.Schema)
	}
	if len(patterns) > 0 {
		w.out["patternProperties"] = patterns
	}
}

func (w *exportWriter) visible(names []string) []any {
	var list []any
	for _, name := range sortedSet(names) {
		if !containsSorted(w.hidden, name) {
			list = append(list, name)
		}
	}
	return list
}

func (w *exportWriter) logic(s *schema.Schema) {
	if s.Ref != nil {
		w.out["$ref"] = w.e.reference(s.Ref, w.hidden)
	}
	if len(s.AllOf) > 0 {
		for _, part := range s.AllOf {
			w.and(w.e.within(part, w.hidden))
		}
	}
	w.hereAll("anyOf", s.AnyOf)
	w.hereAll("oneOf", s.OneOf)
	if s.Not != nil {
		if _, taken := w.out["not"]; taken {
			return // nothing is valid anyway
		}
		w.here("not", s.Not)
	}
	if s.If != nil {
		w.here("if", s.If)
		w.here("then", s.Then)
		w.here("else", s.Else)
	}
}
