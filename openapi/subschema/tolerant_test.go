package subschema_test

import (
	"testing"

	"github.com/commslint/commslint/openapi/subschema"
)

// closed rewrites a schema so that objects have no properties but those that it knows of: what
// who sends would send in the tolerant reading. Schemas under not, if and contains are left as
// they are.
func closed(s any) any {
	object, ok := s.(map[string]any)
	if !ok {
		return s
	}
	out := inPlace(object).(map[string]any)
	if out["unevaluatedProperties"] == nil {
		out["unevaluatedProperties"] = false
	}
	return out
}

// inPlace closes what stands at other places than s itself.
func inPlace(s any) any {
	object, ok := s.(map[string]any)
	if !ok {
		return s
	}
	out := map[string]any{}
	for key, v := range object {
		switch key {
		case "properties", "patternProperties":
			named := map[string]any{}
			for name, child := range v.(map[string]any) {
				named[name] = closed(child)
			}
			v = named
		case "dependentSchemas":
			named := map[string]any{}
			for name, child := range v.(map[string]any) {
				named[name] = inPlace(child)
			}
			v = named
		case "items", "additionalProperties", "unevaluatedProperties", "unevaluatedItems":
			if v == true && key != "items" {
				continue
			}
			if m, isObject := v.(map[string]any); isObject && len(m) == 0 {
				continue
			}
			v = closed(v)
		case "prefixItems":
			var list []any
			for _, child := range v.([]any) {
				list = append(list, closed(child))
			}
			v = list
		case "allOf", "anyOf", "oneOf":
			var list []any
			for _, child := range v.([]any) {
				list = append(list, inPlace(child))
			}
			v = list
		case "then", "else":
			v = inPlace(v)
		}
		out[key] = v
	}
	return out
}

// TestTolerantOracle: what the tolerant reading calls included must hold for all that is sent by
// who knows only a; what it calls not included has a witness as any.
func TestTolerantOracle(t *testing.T) {
	rounds := uint64(400)
	if testing.Short() {
		rounds = 200
	}
	verdicts := map[subschema.Verdict]int{}
	more := 0
	for seed := range rounds {
		g := newGenerator(3*seed + 2_000_002) // no references to the root: closing would lose them
		first := g.schema(3)
		second := g.mutate(g.mutate(first))
		a, b := marshal(t, first), marshal(t, second)
		answer := ask(t, subschema.New(subschema.Options{Tolerant: true}), a, b)
		verdicts[answer.Verdict]++
		validA, validB := compile(t, a), compile(t, b)
		switch answer.Verdict {
		case subschema.NotIncluded:
			if validA.Validate(answer.Witness) != nil || validB.Validate(answer.Witness) == nil {
				t.Errorf("%s is no witness\n%s\n%s", marshal(t, answer.Witness), a, b)
			}
			if strict := ask(t, subschema.New(subschema.Options{}), a, b); strict.Verdict == subschema.Included {
				t.Errorf("included only where the reading is strict\n%s\n%s", a, b)
			}
		case subschema.Included:
			if strict := ask(t, subschema.New(subschema.Options{}), a, b); strict.Verdict == subschema.NotIncluded {
				more++
			}
			sent := compile(t, marshal(t, closed(first)))
			for range 60 {
				v := g.instance(3) // closing a branch of oneOf can let in what two branches kept out
				if validA.Validate(v) == nil && sent.Validate(v) == nil && validB.Validate(v) != nil {
					t.Errorf("%s refutes the inclusion\n%s\n%s", marshal(t, v), a, b)
					break
				}
			}
		}
	}
	t.Logf("%v; %d are included only in the tolerant reading", verdicts, more)
	if more == 0 {
		t.Error("the tolerant reading makes no difference")
	}
}
