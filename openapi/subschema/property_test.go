package subschema_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/commslint/commslint/openapi/schema"
	"github.com/commslint/commslint/openapi/schema/schematest"
	"github.com/commslint/commslint/openapi/subschema"
)

func marshal(t testing.TB, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// compile compiles a schema with the validator; nil if it cannot.
func compile(t testing.TB, text string) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader([]byte(text)))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("mem:///s.json", document); err != nil {
		t.Fatal(err)
	}
	compiled, err := compiler.Compile("mem:///s.json")
	if err != nil {
		return nil
	}
	return compiled
}

// ask asks with readings as JSON Schema has them, and fails if a witness was not confirmed.
func ask(t testing.TB, checker *subschema.Checker, a, b string) subschema.Answer {
	t.Helper()
	answer := checker.Includes(schematest.Read(t, schema.OpenAPI31, a), schematest.Read(t, schema.OpenAPI31, b), subschema.Plain)
	if checker.Unconfirmed > 0 {
		t.Fatalf("a witness was not confirmed\n%s\n%s", a, b)
	}
	return answer
}

// TestOracle asks about random pairs, most of them one edit apart, and has the validator judge
// the answers: a witness must be one, and no instance may refute an inclusion.
func TestOracle(t *testing.T) {
	rounds := uint64(400)
	if testing.Short() {
		rounds = 200
	}
	verdicts := map[subschema.Verdict]int{}
	for seed := range rounds {
		oracle(t, seed, verdicts)
	}
	t.Logf("%v", verdicts)
	if total := int(rounds) * 2; verdicts[subschema.Unknown]*10 > total {
		t.Errorf("%d of %d unknown", verdicts[subschema.Unknown], total)
	}
}

func oracle(t testing.TB, seed uint64, verdicts map[subschema.Verdict]int) {
	t.Helper()
	g := newGenerator(seed)
	first := g.schema(3)
	second := g.mutate(first)
	if g.IntN(5) == 0 {
		second = g.schema(2)
	}
	a, b := marshal(t, first), marshal(t, second)
	validA, validB := compile(t, a), compile(t, b)
	if validA == nil || validB == nil {
		t.Fatalf("not compiled:\n%s\n%s", a, b)
	}
	judge(t, a, b, validA, validB, g, verdicts)
	judge(t, b, a, validB, validA, g, verdicts)
}

func judge(t testing.TB, a, b string, validA, validB *jsonschema.Schema, g *generator, verdicts map[subschema.Verdict]int) {
	t.Helper()
	answer := ask(t, subschema.New(subschema.Options{}), a, b)
	verdicts[answer.Verdict]++
	switch answer.Verdict {
	case subschema.NotIncluded:
		if validA.Validate(answer.Witness) != nil || validB.Validate(answer.Witness) == nil {
			t.Errorf("%s is no witness\n%s\n%s", marshal(t, answer.Witness), a, b)
		}
	case subschema.Included:
		for range 60 {
			if v := g.instance(3); validA.Validate(v) == nil && validB.Validate(v) != nil {
				t.Errorf("%s refutes the inclusion\n%s\n%s", marshal(t, v), a, b)
				return
			}
		}
	}
}

// TestFound keeps pairs that were answered wrongly once.
func TestFound(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want subschema.Verdict
	}{
		// A union in a was not looked at where b is the schema false.
		{`{"oneOf": [{"items": {"type": "number"}}, {"multipleOf": 1}]}`, `false`, subschema.NotIncluded},
		{`{"items": {"anyOf": [{"maxItems": 2}, {"contains": true}]}}`, `{"prefixItems": [false]}`, subschema.NotIncluded},
	} {
		if answer := ask(t, subschema.New(subschema.Options{}), c.a, c.b); answer.Verdict != c.want {
			t.Errorf("%v (%s), want %v\n%s\n%s", answer.Verdict, answer.Reason, c.want, c.a, c.b)
		}
	}
}

// TestLaws: every set is within itself and within unions with others, intersections are within
// their parts, and inclusion is transitive. A law may be unknown, never broken.
func TestLaws(t *testing.T) {
	rounds := uint64(400)
	if testing.Short() {
		rounds = 100
	}
	unknown, asked := 0, 0
	expect := func(law, a, b string) {
		t.Helper()
		asked++
		switch answer := ask(t, subschema.New(subschema.Options{}), a, b); answer.Verdict {
		case subschema.Unknown:
			unknown++
		case subschema.NotIncluded:
			t.Errorf("%s: %s\n%s\n%s", law, marshal(t, answer.Witness), a, b)
		}
	}
	for seed := range rounds {
		g := newGenerator(3*seed + 1) // no references to the root: these schemas are nested
		first, other := g.schema(3), g.schema(2)
		a := marshal(t, first)
		expect("reflexive", a, a)
		expect("union", a, marshal(t, map[string]any{"anyOf": []any{other, first}}))
		expect("intersection", marshal(t, map[string]any{"allOf": []any{other, first}}), a)
		expect("double negation", a, marshal(t, map[string]any{"not": map[string]any{"not": first}}))
		expect("excluded middle", a, marshal(t, map[string]any{"anyOf": []any{other, map[string]any{"not": other}}}))
		expect("contradiction", marshal(t, map[string]any{"allOf": []any{other, map[string]any{"not": other}}}), a)
		expect("conditional", marshal(t, map[string]any{"if": other, "then": first, "else": first}), a)

		middle, last := g.mutate(first), g.mutate(first)
		b, c := marshal(t, middle), marshal(t, last)
		if ask(t, subschema.New(subschema.Options{}), a, b).Verdict == subschema.Included &&
			ask(t, subschema.New(subschema.Options{}), b, c).Verdict == subschema.Included {
			expect("transitive", a, c)
		}
	}
	t.Logf("%d of %d unknown", unknown, asked)
	if unknown*20 > asked {
		t.Errorf("%d of %d unknown", unknown, asked)
	}
}

// FuzzInclusion is TestOracle for seeds that the fuzzer picks.
func FuzzInclusion(f *testing.F) {
	for seed := range uint64(10) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) { oracle(t, seed, map[subschema.Verdict]int{}) })
}
