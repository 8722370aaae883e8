package subschema_test

import (
	"fmt"
	"math/big"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/commslint/commslint/openapi/schema"
	"github.com/commslint/commslint/openapi/schema/schematest"
	"github.com/commslint/commslint/openapi/subschema"
)

// TestHostile asks about schemas that are exponential when written out, deep, cyclic or huge. Any
// answer will do that is not wrong, as long as it comes soon and costs little memory.
func TestHostile(t *testing.T) {
	for name, build := range map[string]func(leaf string) string{
		"DAG of properties": func(leaf string) string {
			return dag(24, `{"type": "object", "properties": {"l": %[1]s, "r": %[1]s}}`, leaf)
		},
		"DAG of required properties": func(leaf string) string {
			return dag(24, `{"type": "object", "required": ["l", "r"], "properties": {"l": %[1]s, "r": %[1]s}}`, leaf)
		},
		"DAG of items": func(leaf string) string { return dag(24, `{"type": "array", "minItems": 2, "items": %[1]s}`, leaf) },
		"DAG of allOf": func(leaf string) string {
			return dag(40, `{"allOf": [%[1]s, {"minLength": 1, "allOf": [%[1]s]}]}`, leaf)
		},
		"DAG of anyOf": func(leaf string) string {
			return dag(24, `{"anyOf": [%[1]s, {"not": {"anyOf": [{"not": %[1]s}, {"const": 7}]}}]}`, leaf)
		},
		"DAG of oneOf": func(leaf string) string {
			return dag(16, `{"oneOf": [%[1]s, {"type": "object", "properties": {"x": %[1]s}}]}`, leaf)
		},
		"DAG of not": func(leaf string) string { return dag(60, `{"not": {"not": %[1]s}}`, leaf) },
		"conjunction of disjunctions": func(leaf string) string {
			var parts []string
			for i := range 30 {
				parts = append(parts, fmt.Sprintf(`{"anyOf": [{"multipleOf": %d}, {"minimum": %d}, {"type": "string", "minLength": %d}]}`, i+2, 1000-i, i))
			}
			return fmt.Sprintf(`{"allOf": [%s, %s]}`, strings.Join(parts, ","), leaf)
		},
		"many branches": func(leaf string) string {
			var parts []string
			for i := range 300 {
				parts = append(parts, fmt.Sprintf(`{"type": "object", "properties": {"p%d": %s, "q": {"minimum": %d}}}`, i, leaf, i))
			}
			return `{"oneOf": [` + strings.Join(parts, ",") + `]}`
		},
		"patterns": func(leaf string) string {
			return fmt.Sprintf(`{"allOf": [{"pattern": "^(a|b)*a(a|b){18}$"}, {"pattern": "^(a|b|c)*b(a|b){17}$"}, %s]}`, leaf)
		},
		"unevaluated": func(leaf string) string {
			var parts []string
			for i := range 20 {
				parts = append(parts, fmt.Sprintf(`{"properties": {"p%d": %s}, "required": ["p%d"]}`, i, leaf, i))
			}
			return `{"anyOf": [` + strings.Join(parts, ",") + `], "unevaluatedProperties": false}`
		},
		"deep": func(leaf string) string {
			return strings.Repeat(`{"items": `, 450) + leaf + strings.Repeat(`}`, 450)
		},
		"in place": func(leaf string) string {
			return fmt.Sprintf(`{"allOf": [{"$ref": "#"}, %s]}`, leaf)
		},
		"in place, not": func(leaf string) string {
			return fmt.Sprintf(`{"not": {"$ref": "#"}, "allOf": [%s]}`, leaf)
		},
		"counts": func(leaf string) string {
			return fmt.Sprintf(`{"minItems": 100000000, "minProperties": 100000000, "minLength": 1000000000, "items": %s}`, leaf)
		},
		"chain": func(leaf string) string {
			var b strings.Builder
			for i := range 20_000 {
				fmt.Fprintf(&b, `"d%d": {"properties": {"p": {"$ref": "#/$defs/d%d"}}},`, i, i+1)
			}
			return `{"$ref": "#/$defs/d0", "$defs": {` + b.String() + `"d20000": ` + leaf + `}}`
		},
		"chain in place": func(leaf string) string {
			var b strings.Builder
			for i := range 10_000 {
				fmt.Fprintf(&b, `"d%d": {"minLength": 1, "allOf": [{"$ref": "#/$defs/d%d"}]},`, i, i+1)
			}
			return `{"$ref": "#/$defs/d0", "$defs": {` + b.String() + `"d10000": ` + leaf + `}}`
		},
		"wide allOf": func(leaf string) string { return `{"allOf": [` + wide(50_000, `{"minLength": %d}`) + leaf + `]}` },
		"wide anyOf": func(leaf string) string {
			return `{"anyOf": [` + wide(20_000, `{"type": "string", "minLength": %d}`) + leaf + `]}`
		},
		"wide oneOf": func(leaf string) string {
			return `{"oneOf": [` + wide(800, `{"type": "object", "required": ["p%d"]}`) + leaf + `]}`
		},
		"wide properties": func(leaf string) string {
			return `{"properties": {` + wide(50_000, `"p%d": {"type": "string"}`) + `"q": ` + leaf + `}}`
		},
		"wide required": func(leaf string) string {
			return `{"required": [` + wide(50_000, `"p%d"`) + `"q"], "additionalProperties": ` + leaf + `}`
		},
		"wide enum": func(leaf string) string {
			return `{"enum": [` + wide(100_000, `"v%d"`) + `10], "allOf": [` + leaf + `]}`
		},
		"contains": func(leaf string) string {
			return fmt.Sprintf(`{"type": "array", "allOf": [{"contains": {"const": 1}, "minContains": 40, "maxContains": 41}, {"contains": {"enum": [1, 2]}, "maxContains": 43, "minContains": 42}], "uniqueItems": true, "items": %s}`, leaf)
		},
	} {
		t.Run(name, func(t *testing.T) {
			a := schematest.Read(t, schema.OpenAPI31, build(`{"maximum": 10}`))
			b := schematest.Read(t, schema.OpenAPI31, build(`{"maximum": 9}`))
			checker := subschema.New(contract)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			begin := time.Now()
			forth, back, self := checker.Includes(a, b, subschema.Request), checker.Includes(b, a, subschema.Request), checker.Includes(a, a, subschema.Request)
			took := time.Since(begin)
			runtime.ReadMemStats(&after)
			mb := (after.TotalAlloc - before.TotalAlloc) >> 20
			t.Logf("%v, %d MB: %v (%s), %v (%s), %v", took, mb, forth.Verdict, forth.Reason, back.Verdict, back.Reason, self.Verdict)
			if took > 30*time.Second {
				t.Errorf("took %v", took)
			}
			if mb > 1500 {
				t.Errorf("allocated %d MB", mb)
			}
			if self.Verdict != subschema.Included {
				t.Errorf("not included in itself: %v %s", self.Verdict, self.Reason)
			}
			if checker.Unconfirmed > 0 {
				t.Errorf("%d witnesses were not confirmed", checker.Unconfirmed)
			}
			if len(forth.Causes)+len(back.Causes) > 1000 {
				t.Errorf("%d and %d causes", len(forth.Causes), len(back.Causes))
			}
		})
	}
}

// wide repeats a template with numbers, each followed by a comma.
func wide(n int, template string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, template, i)
		b.WriteString(",")
	}
	return b.String()
}

// dag nests a template n times, each level referring to the next one twice.
func dag(n int, template, leaf string) string {
	var b strings.Builder
	b.WriteString(`{"$ref": "#/$defs/d0", "$defs": {`)
	for i := range n {
		fmt.Fprintf(&b, `"d%d": `, i)
		fmt.Fprintf(&b, template, fmt.Sprintf(`{"$ref": "#/$defs/d%d"}`, i+1))
		b.WriteString(",")
	}
	fmt.Fprintf(&b, `"d%d": %s}}`, n, leaf)
	return b.String()
}

// TestSharedEdit: one edit in a schema that is used in 2^17 ways is one cause.
func TestSharedEdit(t *testing.T) {
	template := `{"type": "object", "properties": {"l": %[1]s, "r": %[1]s}}`
	a := schematest.Read(t, schema.OpenAPI31, dag(17, template, `{"enum": ["a", "b"]}`))
	b := schematest.Read(t, schema.OpenAPI31, dag(17, template, `{"enum": ["a"]}`))
	answer := subschema.New(contract).Includes(a, b, subschema.Request)
	if answer.Verdict != subschema.NotIncluded || len(answer.Causes) != 1 {
		t.Fatalf("%v with %d causes (%s)", answer.Verdict, len(answer.Causes), answer.Reason)
	}
	if want := `value "b" was removed from the enum`; answer.Causes[0].Message != want {
		t.Errorf("%q, want %q", answer.Causes[0].Message, want)
	}
	if answer.Causes[0].Witness != "b" {
		t.Errorf("witness %v", answer.Causes[0].Witness)
	}
}

// TestHugeNumbers: numbers that nobody can hold cost no memory, and are not guessed about.
func TestHugeNumbers(t *testing.T) {
	a := schematest.Read(t, schema.OpenAPI31, `{"maximum": 1e400000000}`)
	b := schematest.Read(t, schema.OpenAPI31, `{"maximum": 1e400000001}`)
	checker := subschema.New(contract)
	if v := checker.Includes(a, b, subschema.Plain).Verdict; v != subschema.Unknown {
		t.Errorf("huge bounds: %v", v)
	}
	c := schematest.Read(t, schema.OpenAPI31, `{"const": 1e400000000}`)
	integer := schematest.Read(t, schema.OpenAPI31, `{"type": "integer"}`)
	if v := checker.Includes(c, integer, subschema.Plain).Verdict; v != subschema.Included {
		t.Errorf("a huge integer: %v", v)
	}
	exact := schematest.Read(t, schema.OpenAPI31, `{"type": "integer", "minimum": 9007199254740993}`)
	less := schematest.Read(t, schema.OpenAPI31, `{"type": "integer", "minimum": 9007199254740994}`)
	answer := checker.Includes(exact, less, subschema.Plain)
	if answer.Verdict != subschema.NotIncluded || fmt.Sprint(answer.Witness) != "9007199254740993" {
		t.Errorf("beyond 2^53: %v %v", answer.Verdict, answer.Witness)
	}
	if exact.Minimum.Cmp(new(big.Rat).SetInt64(9007199254740993)) != 0 {
		t.Errorf("minimum read as %v", exact.Minimum)
	}
}
