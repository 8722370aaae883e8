// Package schematest reads schemas from text, for tests.
package schematest

import (
	"fmt"
	"testing"

	"github.com/commslint/commslint/openapi/document"
	"github.com/commslint/commslint/openapi/schema"
	"github.com/commslint/commslint/tree"
)

const fileName = "schema.json"

// Read reads a schema and fails the test if the text is no JSON or YAML. References lead within
// the text, by JSON pointers, anchors and identifiers.
func Read(t testing.TB, dialect schema.Dialect, text string) *schema.Schema {
	t.Helper()
	s, reader := ReadAll(t, dialect, text)
	_ = reader
	return s
}

// ReadAll is Read, with the reader for its problems.
func ReadAll(t testing.TB, dialect schema.Dialect, text string) (*schema.Schema, *schema.Reader) {
	t.Helper()
	loader := document.NewLoader(func(path string) ([]byte, error) {
		if path != fileName {
			return nil, fmt.Errorf("no file %s", path)
		}
		return []byte(text), nil
	})
	entry, err := tree.Parse("entry.json", []byte(`{}`))
	if err != nil {
		t.Fatal(err)
	}
	root, err := loader.Resolve(entry.Root, fileName)
	if err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	reader := schema.NewReader(dialect, loader)
	return reader.Read(root), reader
}
