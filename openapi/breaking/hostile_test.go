package breaking_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/commslint/commslint/openapi/breaking"
	"github.com/commslint/commslint/openapi/document"
)

// enough is the time that no document may take, however it is made; most take some
// thousandth of it. Slow machines and the race detector are allowed for.
const enough = 20 * time.Second

// describing makes a document whose one operation sends and answers with the schema
// Root among the components.
func describing(schemas string) string {
	return `{"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/a": {"post": {
		"requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Root"}}}},
		"responses": {"200": {"description": "d", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Root"}}}}}}}},
		"components": {"schemas": {` + schemas + `}}}`
}

// ladder is a graph of shared schemas in which each step refers to the next one in
// several ways: expanded, it has ways to the power of steps leaves.
func ladder(steps, ways int, leaf string) string {
	var b strings.Builder
	name := func(i int) string {
		if i == 0 {
			return "Root"
		}
		return fmt.Sprintf("S%d", i)
	}
	for i := range steps {
		var properties []string
		for w := range ways {
			properties = append(properties, fmt.Sprintf(`"p%d": {"$ref": "#/components/schemas/%s"}`, w, name(i+1)))
		}
		fmt.Fprintf(&b, `"%s": {"type": "object", "properties": {%s}},`, name(i), strings.Join(properties, ","))
	}
	fmt.Fprintf(&b, `"%s": %s`, name(steps), leaf)
	return describing(b.String())
}

func ring(length int, extra string) string {
	var b strings.Builder
	for i := range length {
		name, next := fmt.Sprintf("S%d", i), fmt.Sprintf("S%d", (i+1)%length)
		if i == 0 {
			name = "Root"
		}
		if next == "S0" {
			next = "Root"
		}
		fmt.Fprintf(&b, `"%s": {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/%s"}, "v": {"type": "integer"%s}}},`, name, next, extra)
	}
	return describing(strings.TrimSuffix(b.String(), ","))
}

func nested(depth int, leaf string) string {
	return describing(`"Root": ` + strings.Repeat(`{"type": "array", "items": `, depth) + leaf + strings.Repeat("}", depth))
}

func operations(count int, limit int) string {
	var b strings.Builder
	b.WriteString(`{"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": {`)
	for i := range count {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `"/r%d/{id}": {"get": {"parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}},
			{"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": %d}}],
			"responses": {"200": {"description": "one", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Item"}}}}}}}`, i, limit)
	}
	b.WriteString(`}, "components": {"schemas": {"Item": {"type": "object", "properties": {"name": {"type": "string"}}}}}}`)
	return b.String()
}

// TestHostileDocuments compares documents that are made to take long.
func TestHostileDocuments(t *testing.T) {
	many := func(n int, format string) string {
		parts := make([]string, n)
		for i := range parts {
			parts[i] = fmt.Sprintf(format, i)
		}
		return strings.Join(parts, ",")
	}
	for _, tt := range []struct {
		name     string
		old, new string
		findings int // -1 for any number
	}{
		{"a graph that is exponential when it is expanded", ladder(60, 3, `{"enum": ["a"]}`), ladder(60, 3, `{"enum": ["a", "b"]}`), 1},
		{"the same, narrowed", ladder(60, 3, `{"enum": ["a", "b"]}`), ladder(60, 3, `{"enum": ["a"]}`), 1},
		{"a ring of references", ring(2000, ""), ring(2000, ""), 0},
		{"a ring of another length", ring(30, ""), ring(42, ""), 0},
		{"a ring that is narrowed everywhere", ring(300, ""), ring(300, `, "maximum": 5`), 300},
		{"a reference to itself", describing(`"Root": {"$ref": "#/components/schemas/Root"}`), describing(`"Root": {"type": "string"}`), -1},
		{"references in a circle", describing(`"Root": {"$ref": "#/components/schemas/B"}, "B": {"allOf": [{"$ref": "#/components/schemas/Root"}]}`), describing(`"Root": {"type": "string"}`), -1},
		{"deep nesting", nested(450, `{"type": "integer"}`), nested(450, `{"type": "string"}`), -1},
		{"an enum of many values", describing(`"Root": {"enum": [` + many(50_000, `"v%d"`) + `]}`), describing(`"Root": {"enum": [` + many(49_999, `"v%d"`) + `]}`), 1},
		{"branches of many kinds", describing(`"Root": {"oneOf": [` + many(300, `{"type": "object", "required": ["a%d"]}`) + `]}`),
			describing(`"Root": {"oneOf": [` + many(299, `{"type": "object", "required": ["a%d"]}`) + `]}`), -1},
		{"a document of 10 MB", operations(24_000, 10), operations(24_000, 10), 0},
		{"an edit of each of many operations", operations(2_000, 10), operations(2_000, 9), 2_000},
		{"keys that come twice", describing(`"Root": {"type": "string"}, "Root": {"type": "integer"}`), describing(`"Root": {"type": "integer"}`), 0},
		{"a dangling reference on both sides", describing(`"Root": {"$ref": "#/nowhere"}`), describing(`"Root": {"$ref": "#/nowhere"}`), 0},
		{"a reference that leads nowhere any more", describing(`"Root": {"type": "string"}`), describing(`"Root": {"$ref": "#/nowhere"}`), -1},
	} {
		start := time.Now()
		findings := breaking.CompareAll(parse(t, "old.json", []byte(tt.old)), parse(t, "new.json", []byte(tt.new)), options())
		if took := time.Since(start); took > enough {
			t.Errorf("%s: took %v", tt.name, took)
		} else {
			t.Logf("%s: %d findings in %v", tt.name, len(findings), took.Round(time.Millisecond))
		}
		if tt.findings >= 0 && len(findings) != tt.findings {
			t.Errorf("%s: %d findings, want %d\n%s", tt.name, len(findings), tt.findings, show(findings))
		}
	}
}

// TestUnknownVersions says by name what cannot be compared.
func TestUnknownVersions(t *testing.T) {
	for _, version := range []string{"4.0.0", "1.2", "x"} {
		text := fmt.Sprintf("openapi: %q\ninfo: {title: t, version: '1'}\npaths: {}\n", version)
		_, err := document.Load(func(string) ([]byte, error) { return []byte(text), nil }, "a.yaml")
		if err == nil || !strings.Contains(err.Error(), version) || !strings.Contains(err.Error(), "expected") {
			t.Errorf("version %s: %v, want an error that names it and what is expected", version, err)
		}
	}
}
