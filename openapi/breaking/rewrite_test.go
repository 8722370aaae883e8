package breaking_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
)

// A rewriter changes how a document is written, at places that its random source
// picks. It works on decoded JSON: objects are map[string]any.
type rewriter struct {
	rand *rand.Rand
	doc  map[string]any
	// share is how often a place is changed, from 0 to 1.
	share float64
	count int // of changes made
}

func (r *rewriter) pick() bool {
	if r.rand.Float64() >= r.share {
		return false
	}
	r.count++
	return true
}

func object(v any) map[string]any { m, _ := v.(map[string]any); return m }
func list(v any) []any            { l, _ := v.([]any); return l }

func sorted(m map[string]any) []string { return slices.Sorted(maps.Keys(m)) }

// A visit is what a walk does with each schema, children first: it returns what
// takes its place.
type visit func(s map[string]any) any

// schemas walks all schemas of the document: those of components, and those in
// parameters, headers and media types wherever they stand.
func (r *rewriter) schemas(v visit) {
	components := object(r.doc["components"])
	walkMap(components["schemas"], v)
	walkMap(r.doc["definitions"], v)
	for _, section := range sorted(r.doc) {
		if section == "paths" || section == "webhooks" || section == "parameters" || section == "responses" {
			walkHolders(r.doc[section], v)
		}
	}
	for _, section := range sorted(components) {
		if section != "schemas" && section != "examples" {
			walkHolders(components[section], v)
		}
	}
}

// walkHolders finds the schemas of parameters, headers and media types.
func walkHolders(n any, v visit) {
	switch n := n.(type) {
	case []any:
		for _, item := range n {
			walkHolders(item, v)
		}
	case map[string]any:
		for _, key := range sorted(n) {
			switch {
			case key == "schema" && object(n[key]) != nil:
				n[key] = walkSchema(object(n[key]), v)
			case key == "example" || key == "examples" || strings.HasPrefix(key, "x-"):
			default:
				walkHolders(n[key], v)
			}
		}
	}
}

func walkMap(n any, v visit) {
	m := object(n)
	for _, key := range sorted(m) {
		if s := object(m[key]); s != nil {
			m[key] = walkSchema(s, v)
		}
	}
}

func walkSchema(s map[string]any, v visit) any {
	if s["$ref"] == nil {
		for _, key := range []string{"properties", "patternProperties", "dependentSchemas", "$defs"} {
			walkMap(s[key], v)
		}
		for _, key := range []string{"allOf", "anyOf", "oneOf", "prefixItems"} {
			branches := list(s[key])
			for i, b := range branches {
				if b := object(b); b != nil {
					branches[i] = walkSchema(b, v)
				}
			}
		}
		for _, key := range []string{"items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames", "unevaluatedProperties", "unevaluatedItems"} {
			if child := object(s[key]); child != nil {
				s[key] = walkSchema(child, v)
			}
		}
	}
	return v(s)
}

// wrap puts schemas into an allOf of their own.
func (r *rewriter) wrap() {
	r.schemas(func(s map[string]any) any {
		if !r.pick() {
			return s
		}
		return map[string]any{"allOf": []any{s}}
	})
}

// extract makes components of inline schemas.
func (r *rewriter) extract() {
	section, prefix := "schemas", "#/components/schemas/"
	parent := object(r.doc["components"])
	if r.doc["swagger"] != nil {
		section, prefix, parent = "definitions", "#/definitions/", r.doc
	} else if parent == nil {
		parent = map[string]any{}
		r.doc["components"] = parent
	}
	made := map[string]any{}
	r.schemas(func(s map[string]any) any {
		if s["$ref"] != nil || !r.pick() {
			return s
		}
		name := fmt.Sprintf("Extracted%d", r.count) // which no earlier one has
		made[name] = s
		return map[string]any{"$ref": prefix + name}
	})
	if parent[section] == nil {
		parent[section] = map[string]any{}
	}
	maps.Copy(object(parent[section]), made)
}

// inline puts the targets of references into their place, one level deep. A schema
// that reaches itself stays finite, as what is put in place refers to components.
func (r *rewriter) inline() {
	before := clone(r.doc).(map[string]any)
	r.schemas(func(s map[string]any) any {
		ref, ok := s["$ref"].(string)
		if !ok || len(s) > 1 || !strings.HasPrefix(ref, "#/") || !r.pick() {
			return s
		}
		target := resolve(before, ref)
		if object(target) == nil {
			return s
		}
		return clone(target)
	})
}

func resolve(doc any, ref string) any {
	for part := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
		part = strings.ReplaceAll(strings.ReplaceAll(part, "~1", "/"), "~0", "~")
		doc = object(doc)[part]
	}
	return doc
}

func clone(v any) any {
	switch v := v.(type) {
	case map[string]any:
		m := make(map[string]any, len(v))
		for k, x := range v {
			m[k] = clone(x)
		}
		return m
	case []any:
		l := make([]any, len(v))
		for i, x := range v {
			l[i] = clone(x)
		}
		return l
	}
	return v
}

// rename gives the components of a section new names, with the references to them.
func (r *rewriter) rename(section string) {
	parent, prefix := object(r.doc["components"]), "#/components/"+section+"/"
	if r.doc["swagger"] != nil {
		parent, prefix = r.doc, "#/"+section+"/"
	}
	names := map[string]string{}
	renamed := map[string]any{}
	for i, old := range sorted(object(parent[section])) {
		names[old] = old
		if r.pick() {
			names[old] = fmt.Sprintf("Z%d_%s", i, old)
		}
		renamed[names[old]] = object(parent[section])[old]
	}
	if len(names) == 0 {
		return
	}
	parent[section] = renamed
	follow(r.doc, func(ref string) string {
		rest, ok := strings.CutPrefix(ref, prefix)
		name, deeper, isDeeper := strings.Cut(rest, "/")
		if !ok || names[name] == "" {
			return ref
		}
		if isDeeper {
			return prefix + names[name] + "/" + deeper
		}
		return prefix + names[name]
	}, names)
}

// follow rewrites all references and the names in discriminators' mappings.
func follow(n any, rewrite func(string) string, names map[string]string) {
	switch n := n.(type) {
	case []any:
		for _, item := range n {
			follow(item, rewrite, names)
		}
	case map[string]any:
		if ref, ok := n["$ref"].(string); ok {
			n["$ref"] = rewrite(ref)
		}
		if mapping := object(object(n["discriminator"])["mapping"]); mapping != nil {
			for k, v := range mapping {
				if ref, ok := v.(string); ok {
					if name, known := names[ref]; known {
						ref = name
					}
					mapping[k] = rewrite(ref)
				}
			}
		}
		for key, v := range n {
			if key != "example" && key != "examples" {
				follow(v, rewrite, names)
			}
		}
	}
}

// shuffled are the lists whose order says nothing.
var shuffled = []string{"allOf", "anyOf", "oneOf", "required", "enum", "parameters", "tags"}

// reorder shuffles lists whose order says nothing. The order of objects is shuffled
// when they are written.
func (r *rewriter) reorder() { r.shuffle(r.doc) }

func (r *rewriter) shuffle(n any) {
	switch n := n.(type) {
	case []any:
		for _, item := range n {
			r.shuffle(item)
		}
	case map[string]any:
		for _, key := range sorted(n) {
			if l := list(n[key]); l != nil && slices.Contains(shuffled, key) {
				r.rand.Shuffle(len(l), func(i, j int) { l[i], l[j] = l[j], l[i] })
				r.count++
			}
			if key != "example" && key != "examples" && key != "enum" && key != "default" {
				r.shuffle(n[key])
			}
		}
	}
}

// upgrade turns a document of OpenAPI 3.0 into one of 3.1.
func (r *rewriter) upgrade() {
	version, _ := r.doc["openapi"].(string)
	if !strings.HasPrefix(version, "3.0") {
		return
	}
	r.doc["openapi"] = "3.1.0"
	r.count++
	r.schemas(func(s map[string]any) any {
		if ref := s["$ref"]; ref != nil {
			return map[string]any{"$ref": ref} // 3.0 ignores what stands beside it
		}
		if t, ok := s["type"].(string); ok && s["nullable"] == true {
			s["type"] = []any{t, "null"}
		}
		delete(s, "nullable")
		upgradeBound(s, "minimum", "exclusiveMinimum")
		upgradeBound(s, "maximum", "exclusiveMaximum")
		return s
	})
}

func upgradeBound(s map[string]any, bound, exclusive string) {
	if s[exclusive] == true && s[bound] != nil {
		s[exclusive] = s[bound]
		delete(s, bound)
		return
	}
	if _, isBool := s[exclusive].(bool); isBool {
		delete(s, exclusive)
	}
}

// write encodes the document with the members of objects in random order.
func (r *rewriter) write() []byte {
	var b bytes.Buffer
	r.encode(&b, r.doc)
	return b.Bytes()
}

func (r *rewriter) encode(b *bytes.Buffer, v any) {
	switch v := v.(type) {
	case map[string]any:
		keys := sorted(v)
		r.rand.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
		b.WriteByte('{')
		for i, key := range keys {
			if i > 0 {
				b.WriteByte(',')
			}
			r.encode(b, key)
			b.WriteString(":")
			r.encode(b, v[key])
			if i%3 == 0 {
				b.WriteByte('\n')
			}
		}
		b.WriteByte('}')
	case []any:
		b.WriteByte('[')
		for i, item := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			r.encode(b, item)
		}
		b.WriteByte(']')
	default:
		text, err := json.Marshal(v)
		if err != nil {
			panic(err)
		}
		b.Write(text)
	}
}
