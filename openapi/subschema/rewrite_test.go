package subschema_test

import (
	"testing"

	"github.com/commslint/commslint/openapi/schema"
	"github.com/commslint/commslint/openapi/schema/schematest"
	"github.com/commslint/commslint/openapi/subschema"
)

// TestEqual: two ways to say the same are included in each other, in every direction.
func TestEqual(t *testing.T) {
	const pet = `{"type": "object", "required": ["id"], "properties": {"id": {"type": "integer", "minimum": 1}, "name": {"type": "string"}}}`
	for _, c := range []struct {
		name    string
		dialect schema.Dialect
		a, b    string
	}{
		{"reference extracted", schema.OpenAPI31, pet, `{"$ref": "#/$defs/Pet", "$defs": {"Pet": ` + pet + `}}`},
		{"wrapped in allOf", schema.OpenAPI30, pet, `{"allOf": [` + pet + `]}`},
		{"wrapped in anyOf", schema.OpenAPI30, pet, `{"anyOf": [` + pet + `]}`},
		{"split into allOf", schema.OpenAPI30, pet,
			`{"allOf": [{"type": "object", "properties": {"id": {"type": "integer"}}}, {"required": ["id"], "properties": {"id": {"minimum": 1}, "name": {"type": "string"}}}]}`},
		{"reordered", schema.OpenAPI30, pet,
			`{"properties": {"name": {"type": "string"}, "id": {"minimum": 1, "type": "integer"}}, "required": ["id"], "type": "object"}`},
		{"annotated", schema.OpenAPI30, pet, `{"title": "Pet", "description": "d", "example": {}, "allOf": [` + pet + `]}`},
		{"recursion at another place", schema.OpenAPI31,
			`{"$ref": "#/$defs/N", "$defs": {"N": {"type": "object", "properties": {"next": {"$ref": "#/$defs/N"}}}}}`,
			`{"type": "object", "properties": {"next": {"$ref": "#/$defs/M"}}, "$defs": {"M": {"type": "object", "properties": {"next": {"type": "object", "properties": {"next": {"$ref": "#/$defs/M"}}}}}}}`},
		{"nullable and a list of types", schema.OpenAPI31, `{"type": ["string", "null"]}`, `{"anyOf": [{"type": "string"}, {"type": "null"}]}`},
		{"enum of one and const", schema.OpenAPI31, `{"enum": ["x"]}`, `{"const": "x"}`},
		{"enum and oneOf of const", schema.OpenAPI31, `{"enum": ["x", "y", 1]}`, `{"oneOf": [{"const": 1.0}, {"const": "y"}, {"const": "x"}]}`},
		{"type beside enum", schema.OpenAPI30, `{"enum": ["x", "y"]}`, `{"type": "string", "enum": ["y", "x"]}`},
		{"list of types and anyOf", schema.OpenAPI31, `{"type": ["string", "integer"]}`, `{"anyOf": [{"type": "integer"}, {"type": "string"}]}`},
		{"anyOf and oneOf of what is disjoint", schema.OpenAPI31, `{"anyOf": [{"type": "integer"}, {"type": "string"}]}`, `{"oneOf": [{"type": "integer"}, {"type": "string"}]}`},
		{"branch covered by another", schema.OpenAPI30, `{"anyOf": [{"type": "string"}, {"type": "string", "maxLength": 5}]}`, `{"type": "string"}`},
		{"exclusive bound of integers", schema.OpenAPI31, `{"type": "integer", "exclusiveMinimum": 0}`, `{"type": "integer", "minimum": 1}`},
		{"fractional bound of integers", schema.OpenAPI31, `{"type": "integer", "maximum": 2.5}`, `{"type": "integer", "exclusiveMaximum": 3}`},
		{"integer and multipleOf 1", schema.OpenAPI31, `{"type": "integer"}`, `{"type": "number", "multipleOf": 1}`},
		{"boolean and enum", schema.OpenAPI30, `{"type": "boolean"}`, `{"enum": [true, false]}`},
		{"if and anyOf", schema.OpenAPI31, `{"if": {"type": "string"}, "then": {"minLength": 1}, "else": {"minimum": 0}}`,
			`{"anyOf": [{"allOf": [{"type": "string"}, {"minLength": 1}]}, {"not": {"type": "string"}, "minimum": 0}]}`},
		{"dependentRequired and anyOf", schema.OpenAPI31, `{"type": "object", "dependentRequired": {"a": ["b"]}}`,
			`{"type": "object", "anyOf": [{"not": {"required": ["a"]}}, {"required": ["a", "b"]}]}`},
		{"required distributed", schema.OpenAPI31,
			`{"type": "object", "required": ["k"], "properties": {"k": {"type": "string"}}, "oneOf": [{"required": ["a"]}, {"not": {"required": ["a"]}}]}`,
			`{"type": "object", "properties": {"k": {"type": "string"}}, "oneOf": [{"required": ["k", "a"]}, {"required": ["k"], "not": {"required": ["a"]}}]}`},
		{"De Morgan", schema.OpenAPI31, `{"not": {"anyOf": [{"type": "string"}, {"minimum": 3}]}}`, `{"allOf": [{"not": {"type": "string"}}, {"not": {"minimum": 3}}]}`},
		{"defaults written out", schema.OpenAPI30, `{"type": "object", "properties": {"a": {"type": "string"}}}`,
			`{"type": "object", "properties": {"a": {"type": "string", "minLength": 0, "nullable": false}}, "additionalProperties": true, "minProperties": 0, "required": []}`},
		{"keyword for another type", schema.OpenAPI30, `{"type": "integer"}`, `{"type": "integer", "maxLength": 3, "pattern": "^a$", "required": ["x"]}`},
		{"patterns of one language", schema.OpenAPI31, `{"type": "string", "pattern": "^[0-9]{2,3}$"}`, `{"type": "string", "pattern": "^\\d\\d\\d?$", "minLength": 2}`},
		{"length as a pattern", schema.OpenAPI31, `{"type": "string", "pattern": "^[^\\n\\r\\u2028\\u2029]{0,2}$"}`, `{"type": "string", "pattern": "^.*$", "maxLength": 2}`},
		{"additional and unevaluated", schema.OpenAPI31, `{"properties": {"a": {}}, "additionalProperties": false}`, `{"properties": {"a": {}}, "unevaluatedProperties": false}`},
		{"unevaluated through allOf", schema.OpenAPI31, `{"properties": {"a": {}, "b": {}}, "additionalProperties": false}`,
			`{"allOf": [{"properties": {"a": {}}}], "properties": {"b": {}}, "unevaluatedProperties": false}`},
		{"items and prefixItems", schema.OpenAPI31, `{"type": "array", "items": {"type": "string"}}`, `{"type": "array", "prefixItems": [{"type": "string"}], "items": {"type": "string"}}`},
		{"contains and not items not", schema.OpenAPI31, `{"type": "array", "contains": {"type": "string"}}`, `{"type": "array", "not": {"items": {"not": {"type": "string"}}}}`},
		{"multiples", schema.OpenAPI31, `{"allOf": [{"multipleOf": 4}, {"multipleOf": 6}]}`, `{"multipleOf": 12}`},
		{"few values", schema.OpenAPI31, `{"type": "integer", "minimum": 1, "maximum": 3, "not": {"const": 2}}`, `{"enum": [1, 3]}`},
		{"dangling reference", schema.OpenAPI30, `{"properties": {"a": {"$ref": "#/nowhere"}}}`, `{"properties": {"a": {"$ref": "#/nowhere"}}}`},
		{"pattern not understood", schema.OpenAPI31, `{"pattern": "^(?=a)b", "title": "x"}`, `{"allOf": [{"pattern": "^(?=a)b"}]}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, dir := range []subschema.Direction{subschema.Plain, subschema.Request, subschema.Response} {
				a, b := schematest.Read(t, c.dialect, c.a), schematest.Read(t, c.dialect, c.b)
				checker := subschema.New(contract)
				if answer := checker.Includes(a, b, dir); answer.Verdict != subschema.Included {
					t.Errorf("forth: %v %s %v", answer.Verdict, answer.Reason, answer.Witness)
				}
				if answer := checker.Includes(b, a, dir); answer.Verdict != subschema.Included {
					t.Errorf("back: %v %s %v", answer.Verdict, answer.Reason, answer.Witness)
				}
				strict := subschema.New(subschema.Options{})
				if answer := strict.Includes(a, b, dir); answer.Verdict != subschema.Included {
					t.Errorf("strict: %v %s %v", answer.Verdict, answer.Reason, answer.Witness)
				}
			}
		})
	}
}

// TestCauses: one edit, one cause, with the words for it and an instance that shows it.
func TestCauses(t *testing.T) {
	for _, c := range []struct {
		dir      subschema.Direction
		old, now string
		causes   []string
	}{
		{subschema.Request, `{"type": "integer", "maximum": 10}`, `{"type": "integer", "maximum": 5}`, []string{`maximum lowered from 10 to 5: 6`}},
		{subschema.Response, `{"type": "integer", "maximum": 5}`, `{"type": "integer", "maximum": 10}`, []string{`maximum raised from 5 to 10: 6`}},
		{subschema.Request, `{"type": "string"}`, `{"type": "string", "minLength": 2}`, []string{`minLength 2 was added: ""`}},
		{subschema.Request, `{"type": "string"}`, `{"type": "integer"}`, []string{`type changed from string to integer: ""`}},
		{subschema.Request, `{"type": "string", "nullable": true}`, `{"type": "string"}`, []string{`type changed from string or null to string: null`}},
		{subschema.Response, `{"enum": ["a"]}`, `{"enum": ["a", "gold"]}`, []string{`value "gold" was added to the enum: "gold"`}},
		{subschema.Request, `{"enum": ["a", "b", "c"]}`, `{"enum": ["a"]}`, []string{`values "b" and "c" were removed from the enum: "b"`}},
		{subschema.Request, `{"type": "string"}`, `{"type": "string", "format": "uuid"}`, []string{`format uuid was added: ""`}},
		{subschema.Request, `{"type": "string", "format": "date"}`, `{"type": "string", "format": "date-time"}`, []string{`format changed from date to date-time: "2024-01-02"`}},
		{subschema.Response, `{"type": "integer", "format": "int32"}`, `{"type": "integer", "format": "int64"}`, []string{`format changed from int32 to int64: -9223372036854775808`}},
		{subschema.Request, `{"type": "integer", "format": "int32"}`, `{"type": "integer", "format": "int64"}`, nil},
		{subschema.Request, `{"type": "object", "properties": {"age": {"type": "integer"}}}`,
			`{"type": "object", "required": ["age"], "properties": {"age": {"type": "integer"}}}`, []string{`property "age" became required: {}`}},
		{subschema.Request, `{"type": "object"}`, `{"type": "object", "required": ["age"], "properties": {"age": {"type": "integer"}}}`,
			[]string{`the new property "age" is required: {}`}},
		{subschema.Response, `{"type": "object", "required": ["age"], "properties": {"age": {"type": "integer"}}}`,
			`{"type": "object"}`, []string{`the required property "age" was removed: {}`}},
		{subschema.Request, `{"type": "object", "properties": {"a": {"type": "integer"}}}`,
			`{"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}}`, nil},
		{subschema.Request, `{"type": "object", "properties": {"a": {"type": "integer"}}}`,
			`{"type": "object", "properties": {"a": {"type": "integer"}}, "additionalProperties": false}`,
			[]string{`additional properties became restricted: {"b":0}`}},
		{subschema.Request, `{"type": "object", "properties": {"a": {"type": "integer"}, "b": {}}, "additionalProperties": false}`,
			`{"type": "object", "properties": {"a": {"type": "integer"}}, "additionalProperties": false}`,
			[]string{`property "b" is no longer allowed: {"b":0}`}},
		// Several edits, at several depths, each once.
		{subschema.Request,
			`{"type": "object", "properties": {"a": {"type": "array", "items": {"type": "string"}}, "b": {"type": "object", "properties": {"c": {"type": "integer", "minimum": 0}}}}}`,
			`{"type": "object", "required": ["a"], "properties": {"a": {"type": "array", "items": {"type": "string", "maxLength": 3}}, "b": {"type": "object", "properties": {"c": {"type": "integer", "minimum": 1}}}}}`,
			[]string{`property "a" became required: {}`, `maxLength 3 was added: "aaaa"`, `minimum raised from 0 to 1: 0`}},
		// What may not be sent, or is not looked at, is no difference.
		{subschema.Request, `{"type": "object", "properties": {"id": {"type": "string", "readOnly": true}}}`,
			`{"type": "object", "required": ["id"], "properties": {"id": {"type": "integer", "readOnly": true}}}`, nil},
		{subschema.Response, `{"type": "object", "required": ["pin"], "properties": {"pin": {"type": "string", "writeOnly": true}}}`,
			`{"type": "object", "properties": {"pin": {"type": "integer", "writeOnly": true}}}`, nil},
		{subschema.Response, `{"type": "object", "required": ["id"], "properties": {"id": {"type": "string", "readOnly": true}}}`,
			`{"type": "object", "properties": {"id": {"type": "string", "readOnly": true}}}`, []string{`property "id" is no longer required: {}`}},
		{subschema.Request, `{"allOf": [{"type": "object", "properties": {"id": {"type": "string", "readOnly": true}}}, {"properties": {"n": {"type": "string"}}}]}`,
			`{"allOf": [{"type": "object", "properties": {"id": {"type": "string", "readOnly": true}}}, {"required": ["id", "n"], "properties": {"n": {"type": "string"}}}]}`,
			[]string{`property "n" became required: {}`}},
		// Unions.
		{subschema.Response, `{"anyOf": [{"type": "string"}, {"type": "integer"}]}`, `{"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "boolean"}]}`,
			[]string{`a schema of type boolean was added to anyOf: false`}},
		{subschema.Request, `{"anyOf": [{"type": "integer"}, {"type": "number", "maximum": 3}]}`, `{"oneOf": [{"type": "integer"}, {"type": "number", "maximum": 3}]}`,
			[]string{`oneOf now excludes what is valid against both of its branches 1 and 2: 3`}},
	} {
		a, b := schematest.Read(t, schema.OpenAPI30, c.old), schematest.Read(t, schema.OpenAPI30, c.now)
		if c.dir == subschema.Response {
			a, b = b, a
		}
		checker := subschema.New(contract)
		answer := checker.Includes(a, b, c.dir)
		var got []string
		for _, cause := range answer.Causes {
			got = append(got, cause.Message+": "+marshal(t, cause.Witness))
		}
		if want := subschema.NotIncluded; (answer.Verdict == want) != (len(c.causes) > 0) || !equal(got, c.causes) {
			t.Errorf("%v (%s)\n%s\n%s\ngot  %q\nwant %q", answer.Verdict, answer.Reason, c.old, c.now, got, c.causes)
		}
		if checker.Unconfirmed > 0 {
			t.Errorf("a witness was not confirmed\n%s\n%s", c.old, c.now)
		}
	}
}

func equal(got, want []string) bool {
	if len(got) != len(want) {
		return false
	}
	for i := range got {
		if got[i] != want[i] {
			return false
		}
	}
	return true
}
