package subschema_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/commslint/commslint/openapi/schema"
	"github.com/commslint/commslint/openapi/schema/schematest"
	"github.com/commslint/commslint/openapi/subschema"
)

// hide writes out what a request does to readOnly properties: who sends has none of them, who
// receives neither asks for them nor looks at them.
func hide(s any, sends bool) any {
	object, ok := s.(map[string]any)
	if !ok {
		return s
	}
	out := map[string]any{}
	var hidden []string
	if properties, ok := object["properties"].(map[string]any); ok {
		shown := map[string]any{}
		for name, p := range properties {
			shown[name] = hide(p, sends)
			if m, ok := p.(map[string]any); ok && m["readOnly"] == true {
				shown[name] = !sends
				hidden = append(hidden, name)
			}
		}
		out["properties"] = shown
	}
	for key, v := range object {
		switch key {
		case "properties", "readOnly":
		case "required":
			var left []any
			for _, name := range v.([]any) {
				if !slices.Contains(hidden, name.(string)) {
					left = append(left, name)
				}
			}
			if left != nil {
				out[key] = left
			}
		case "items", "additionalProperties":
			out[key] = hide(v, sends)
		default:
			out[key] = v
		}
	}
	return out
}

// isSimple says that a schema has no keyword whose scope hide does not follow.
func isSimple(text string) bool {
	return !slices.ContainsFunc([]string{
		"allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependent", "patternProperties", "unevaluated", "prefixItems",
		"contains", "propertyNames", "$ref",
	}, func(keyword string) bool { return strings.Contains(text, `"`+keyword) })
}

// TestHiddenProperties compares answers about requests with readOnly properties with the plain
// ones about schemas in which that is written out.
func TestHiddenProperties(t *testing.T) {
	tried, verdicts := 0, map[subschema.Verdict]int{}
	for seed := uint64(0); tried < 300; seed++ {
		g := newGenerator(3*seed + 5_000_000)
		first := map[string]any{"type": "object", "properties": g.marked(2)}
		if g.IntN(2) == 0 {
			first["required"] = g.names()
		}
		second := map[string]any{"type": "object", "properties": first["properties"], "required": g.names()}
		if g.IntN(2) == 0 {
			second["properties"] = g.marked(2)
		}
		a, b := marshal(t, first), marshal(t, second)
		if !isSimple(a) || !isSimple(b) {
			continue
		}
		tried++
		checker := subschema.New(subschema.Options{})
		got := checker.Includes(schematest.Read(t, schema.OpenAPI31, a), schematest.Read(t, schema.OpenAPI31, b), subschema.Request)
		plainA, plainB := marshal(t, hide(first, true)), marshal(t, hide(second, false))
		want := ask(t, subschema.New(subschema.Options{}), plainA, plainB)
		if a == b {
			want.Verdict = subschema.Included
		}
		verdicts[got.Verdict]++
		if got.Verdict != want.Verdict || checker.Unconfirmed > 0 {
			t.Errorf("%v (%s), want %v\n%s\n%s", got.Verdict, got.Reason, want.Verdict, a, b)
		}
		if got.Verdict == subschema.NotIncluded {
			if compile(t, plainA).Validate(got.Witness) != nil || compile(t, plainB).Validate(got.Witness) == nil {
				t.Errorf("%s is no witness\n%s\n%s", marshal(t, got.Witness), a, b)
			}
		}
	}
	t.Logf("%v", verdicts)
	if verdicts[subschema.Included] == 0 || verdicts[subschema.NotIncluded] == 0 {
		t.Errorf("one answer only: %v", verdicts)
	}
}

// marked makes properties of which some are readOnly.
func (g *generator) marked(depth int) map[string]any {
	properties := g.properties(depth)
	for _, name := range sortedKeys(properties) {
		if p, ok := properties[name].(map[string]any); ok && g.IntN(2) == 0 {
			p["readOnly"] = true
		}
	}
	return properties
}
