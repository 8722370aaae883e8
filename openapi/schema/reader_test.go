package schema_test

import (
	"math/big"
	"strings"
	"testing"

	"github.com/commslint/commslint/openapi/schema"
	"github.com/commslint/commslint/openapi/schema/schematest"
)

func TestNullable(t *testing.T) {
	for _, c := range []struct {
		dialect schema.Dialect
		text    string
		want    schema.Types
	}{
		{schema.OpenAPI30, `{"type": "string", "nullable": true}`, schema.String | schema.Null},
		{schema.OpenAPI30, `{"type": "string", "nullable": false}`, schema.String},
		{schema.OpenAPI30, `{"nullable": true}`, 0},
		{schema.OpenAPI31, `{"type": "string", "nullable": true}`, schema.String},
		{schema.OpenAPI31, `{"type": ["integer", "null"]}`, schema.Integer | schema.Null},
		{schema.OpenAPI31, `{"type": "number"}`, schema.Number | schema.Integer},
		{schema.OpenAPI20, `{"type": "file"}`, schema.String},
	} {
		if s := schematest.Read(t, c.dialect, c.text); s.Types != c.want {
			t.Errorf("%s: types %b, want %b", c.text, s.Types, c.want)
		}
	}
}

func TestBounds(t *testing.T) {
	s := schematest.Read(t, schema.OpenAPI30, `{"minimum": 9007199254740993, "exclusiveMinimum": true, "maximum": 1.10, "exclusiveMaximum": false}`)
	if s.Minimum != nil || s.ExclusiveMinimum == nil || s.ExclusiveMinimum.Num().String() != "9007199254740993" {
		t.Errorf("minimum %v, exclusive %v", s.Minimum, s.ExclusiveMinimum)
	}
	if s.ExclusiveMaximum != nil || s.Maximum.Cmp(big.NewRat(11, 10)) != 0 {
		t.Errorf("maximum %v, exclusive %v", s.Maximum, s.ExclusiveMaximum)
	}
	s = schematest.Read(t, schema.OpenAPI31, `{"minimum": 1, "exclusiveMinimum": 0.5}`)
	if s.Minimum.Cmp(big.NewRat(1, 1)) != 0 || s.ExclusiveMinimum.Cmp(big.NewRat(1, 2)) != 0 {
		t.Errorf("minimum %v, exclusive %v", s.Minimum, s.ExclusiveMinimum)
	}
}

// TestReference: before 3.1 a reference is alone, since then it is a keyword like others.
func TestReference(t *testing.T) {
	const text = `{"$ref": "#/$defs/A", "maxLength": 3, "$defs": {"A": {"type": "string"}}}`
	old, now := schematest.Read(t, schema.OpenAPI30, text), schematest.Read(t, schema.OpenAPI31, text)
	if old.Ref == nil || old.MaxLength != nil || old.Ref.Types != schema.String || old.Ref.Name != "A" {
		t.Errorf("3.0: %+v", old)
	}
	if now.Ref == nil || now.MaxLength == nil || *now.MaxLength != 3 {
		t.Errorf("3.1: %+v", now)
	}
}

func TestCycle(t *testing.T) {
	s := schematest.Read(t, schema.OpenAPI31, `{"properties": {"next": {"$ref": "#"}}}`)
	if next := s.Property("next"); next.Ref != s {
		t.Errorf("next refers to %p, not to %p", next.Ref, s)
	}
}

func TestPresence(t *testing.T) {
	s := schematest.Read(t, schema.OpenAPI31, `{"const": null, "enum": [], "default": null, "items": false, "minItems": 0}`)
	switch {
	case s.Const == nil || s.Const.V != nil:
		t.Errorf("const %v", s.Const)
	case s.Enum == nil || len(s.Enum) != 0:
		t.Errorf("enum %v", s.Enum)
	case s.Default == nil:
		t.Error("no default")
	case s.Items.Always == nil || *s.Items.Always:
		t.Errorf("items %+v", s.Items)
	case s.MinItems == nil || *s.MinItems != 0:
		t.Errorf("minItems %v", s.MinItems)
	}
}

// TestProblems: a keyword of the wrong type is a problem with its place, and ignored.
func TestProblems(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{`{"type": "strng"}`, `there is no type "strng"`},
		{`{"type": 1}`, "type is the name of a type"},
		{`{"minimum": "1"}`, "minimum is a number, not a string"},
		{`{"minimum": 1e400000000}`, "not finite or lies beyond"},
		{`{"multipleOf": 0}`, "multipleOf is more than 0"},
		{`{"maxLength": 1.5}`, "maxLength is a whole number"},
		{`{"maxLength": -1}`, "maxLength is a whole number"},
		{`{"required": true}`, "required is an array of strings"},
		{`{"required": [1]}`, "each of required is a string"},
		{`{"properties": []}`, "properties is an object of schemas"},
		{`{"properties": {"a": 7}}`, "a schema is an object, true or false, not a number"},
		{`{"allOf": {}}`, "allOf is an array of schemas"},
		{`{"enum": "a"}`, "enum is an array"},
		{`{"uniqueItems": "yes"}`, "uniqueItems is true or false"},
		{`{"exclusiveMinimum": "0"}`, "exclusiveMinimum is a number or a boolean"},
		{`{"$ref": "#/nowhere"}`, "the reference #/nowhere leads nowhere"},
		{`{"$ref": 1}`, "$ref is a string"},
		{`{"discriminator": {}}`, "discriminator is an object with propertyName"},
	} {
		s, reader := schematest.ReadAll(t, schema.OpenAPI31, c.text)
		if len(reader.Problems) != 1 || !strings.Contains(reader.Problems[0].Message, c.want) {
			t.Errorf("%s: %v, want %q", c.text, reader.Problems, c.want)
			continue
		}
		if p := reader.Problems[0]; p.Location.Line != 1 || p.Location.Column == 0 {
			t.Errorf("%s: at %v", c.text, p.Location)
		}
		if s.Minimum != nil || s.MaxLength != nil || s.Types != 0 || s.Required != nil && len(s.Required) > 0 {
			t.Errorf("%s: the keyword was not ignored: %+v", c.text, s)
		}
	}
}

func TestDynamicReference(t *testing.T) {
	one := schematest.Read(t, schema.OpenAPI31, `{"items": {"$dynamicRef": "#x"}, "$defs": {"X": {"$dynamicAnchor": "x", "type": "string"}}}`)
	if one.Items.Ref == nil || one.Items.Ref.Types != schema.String {
		t.Errorf("the only anchor was not found: %+v", one.Items)
	}
	two := schematest.Read(t, schema.OpenAPI31,
		`{"items": {"$dynamicRef": "#x"}, "$defs": {"X": {"$dynamicAnchor": "x"}, "Y": {"$id": "y", "$dynamicAnchor": "x"}}}`)
	if two.Items.Unresolved == "" {
		t.Errorf("one of two anchors was chosen: %+v", two.Items)
	}
}

func TestDecimal(t *testing.T) {
	for text, want := range map[string]string{
		"0": "0", "-0.0": "0", "1": "1e0", "1.0": "1e0", "10": "1e1", "1e1": "1e1", "0.10": "1e-1", "-1.5E2": "-15e1",
		"1e400000000": "1e400000000", "123456789012345678901234567890": "12345678901234567890123456789e1", "0x1F": "31e0", "+1": "1e0",
	} {
		d, ok := schema.ParseDecimal(text)
		if !ok || d.String() != want {
			t.Errorf("%s: %v %v, want %s", text, d, ok, want)
		}
	}
	for _, text := range []string{"", "-", "a", "1e", ".inf", "1e99999999999999999999", "1..2"} {
		if d, ok := schema.ParseDecimal(text); ok {
			t.Errorf("%q was read as %v", text, d)
		}
	}
	if _, ok := schema.ParseRat("1e400000000"); ok {
		t.Error("a number of 400 million digits was made")
	}
}
