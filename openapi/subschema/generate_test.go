package subschema_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
)

// A generator makes schemas and instances over a small vocabulary, so that they meet often.
type generator struct {
	*rand.Rand
	recursive bool // schemas may refer to their root
}

func newGenerator(seed uint64) *generator {
	return &generator{Rand: rand.New(rand.NewPCG(seed, 17)), recursive: seed%3 == 0}
}

func (g *generator) pick(list ...any) any { return list[g.IntN(len(list))] }

var propertyNames = []any{"a", "b", "ab", "x1", "c"}

func (g *generator) name() string { return g.pick(propertyNames...).(string) }

// instance makes a value.
func (g *generator) instance(depth int) any {
	n := 8
	if depth <= 0 {
		n = 6
	}
	switch g.IntN(n) {
	case 0:
		return nil
	case 1:
		return g.IntN(2) == 0
	case 2:
		return json.Number(fmt.Sprint(g.IntN(12) - 2))
	case 3:
		return g.pick(json.Number("0.5"), json.Number("2.5"), json.Number("-1.25"), json.Number("3.0"), json.Number("1e1"))
	case 4, 5:
		return g.pick("", "a", "b", "ab", "aab", "abc", "x1", "1", "é", "aaaa")
	case 6:
		list := make([]any, g.IntN(4))
		for i := range list {
			list[i] = g.instance(depth - 1)
		}
		return list
	}
	object := map[string]any{}
	for range g.IntN(4) {
		object[g.name()] = g.instance(depth - 1)
	}
	return object
}

func (g *generator) number() any {
	return g.pick(json.Number("0"), json.Number("1"), json.Number("2"), json.Number("2.5"), json.Number("5"), json.Number("-1"), json.Number("9"))
}

func (g *generator) count() any { return json.Number(fmt.Sprint(g.IntN(4))) }

func (g *generator) list(depth, least int) []any {
	list := make([]any, least+g.IntN(3))
	for i := range list {
		list[i] = g.schema(depth)
	}
	return list
}

func (g *generator) properties(depth int) map[string]any {
	properties := map[string]any{}
	for range 1 + g.IntN(3) {
		properties[g.name()] = g.schema(depth)
	}
	return properties
}

func (g *generator) names() []any {
	set := map[string]bool{}
	for range 1 + g.IntN(2) {
		set[g.name()] = true
	}
	var names []any
	for _, name := range propertyNames {
		if set[name.(string)] {
			names = append(names, name)
		}
	}
	return names
}

func (g *generator) pattern() string {
	return g.pick("^a", "b$", "^[a-b]+$", "^a*$", `^\w\d?$`, "a.*b|1", "^$").(string)
}

// schema makes a schema of a few keywords.
func (g *generator) schema(depth int) any {
	if depth <= 0 {
		switch g.IntN(6) {
		case 0:
			return g.IntN(4) > 0
		case 1:
			return map[string]any{"const": g.instance(0)}
		case 2:
			if g.recursive {
				return map[string]any{"$ref": "#"}
			}
		}
	}
	s := map[string]any{}
	for range 1 + g.IntN(3) {
		g.keyword(s, depth)
	}
	return s
}

func (g *generator) keyword(s map[string]any, depth int) {
	plain := []func(){
		func() { s["type"] = g.pick("object", "array", "string", "number", "integer", "boolean", "null") },
		func() { s["type"] = []any{"string", g.pick("object", "array", "integer", "null")} },
		func() { s["enum"] = []any{g.instance(1), g.instance(1), g.instance(2)} },
		func() { s["minimum"] = g.number() },
		func() { s["maximum"] = g.number() },
		func() { s["exclusiveMinimum"] = g.number() },
		func() { s["exclusiveMaximum"] = g.number() },
		func() {
			s["multipleOf"] = g.pick(json.Number("1"), json.Number("2"), json.Number("3"), json.Number("0.5"), json.Number("2.5"))
		},
		func() { s["minLength"] = g.count() },
		func() { s["maxLength"] = g.count() },
		func() { s["pattern"] = g.pattern() },
		func() { s["minItems"] = g.count() },
		func() { s["maxItems"] = g.count() },
		func() { s["uniqueItems"] = true },
		func() { s["required"] = g.names() },
		func() { s["minProperties"] = g.count() },
		func() { s["maxProperties"] = g.count() },
		func() { s["dependentRequired"] = map[string]any{g.name(): g.names()} },
	}
	nested := []func(){
		func() { s["properties"] = g.properties(depth - 1) },
		func() { s["properties"] = g.properties(depth - 1) },
		func() { s["additionalProperties"] = g.schema(depth - 1) },
		func() { s["patternProperties"] = map[string]any{g.pattern(): g.schema(depth - 1)} },
		func() { s["propertyNames"] = g.schema(depth - 1) },
		func() { s["items"] = g.schema(depth - 1) },
		func() { s["prefixItems"] = g.list(depth-1, 1) },
		func() {
			s["contains"] = g.schema(depth - 1)
			if g.IntN(2) == 0 {
				s["minContains"] = g.count()
			}
			if g.IntN(3) == 0 {
				s["maxContains"] = g.count()
			}
		},
		func() { s["allOf"] = g.list(depth-1, 1) },
		func() { s["anyOf"] = g.list(depth-1, 1) },
		func() { s["oneOf"] = g.list(depth-1, 1) },
		func() { s["not"] = g.schema(depth - 1) },
		func() {
			s["if"] = g.schema(depth - 1)
			s[g.pick("then", "else").(string)] = g.schema(depth - 1)
		},
		func() { s["dependentSchemas"] = map[string]any{g.name(): g.schema(depth - 1)} },
		func() { s["unevaluatedProperties"] = g.schema(depth - 1) },
		func() { s["unevaluatedItems"] = g.schema(depth - 1) },
	}
	if depth <= 0 || g.IntN(2) == 0 {
		plain[g.IntN(len(plain))]()
		return
	}
	nested[g.IntN(len(nested))]()
}

// mutate changes one thing somewhere in a schema and returns a changed copy.
func (g *generator) mutate(s any) any {
	object, ok := s.(map[string]any)
	if !ok || len(object) == 0 {
		return g.schema(1)
	}
	out := map[string]any{}
	for k, v := range object {
		out[k] = v
	}
	keys := sortedKeys(out)
	key := keys[g.IntN(len(keys))]
	switch v := out[key].(type) {
	case map[string]any:
		if g.IntN(3) > 0 {
			switch key {
			case "properties", "patternProperties", "dependentSchemas":
				inner := map[string]any{}
				for k, v := range v {
					inner[k] = v
				}
				names := sortedKeys(inner)
				name := names[g.IntN(len(names))]
				inner[name] = g.mutate(inner[name])
				out[key] = inner
				return out
			case "items", "not", "additionalProperties", "contains", "if", "then", "else", "propertyNames":
				out[key] = g.mutate(v)
				return out
			}
		}
	case []any:
		if key == "allOf" || key == "anyOf" || key == "oneOf" || key == "prefixItems" {
			list := append([]any(nil), v...)
			i := g.IntN(len(list))
			list[i] = g.mutate(list[i])
			out[key] = list
			return out
		}
	}
	if g.IntN(2) == 0 {
		delete(out, key)
	} else {
		g.keyword(out, 1)
	}
	return out
}

func sortedKeys(m map[string]any) []string { return slices.Sorted(maps.Keys(m)) }
