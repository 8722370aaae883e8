package tree

import (
	"strings"
	"testing"
)

func TestParseAll(t *testing.T) {
	text := "# first\n---\na: 1\n---\n\n--- # nothing\n---\nb: &x [1, 2]\nc: *x\n...\n---\n- 'd'\n"
	f, errs := ParseAll("f.yaml", []byte(text))
	if len(errs) > 0 || len(f.Documents) != 3 {
		t.Fatalf("%d documents, %v; want 3", len(f.Documents), errs)
	}
	for i, want := range []int{3, 8, 12} {
		if at := f.Documents[i].Location(); at.Line != want || at.Column != 1 {
			t.Errorf("document %d stands at %d:%d, want %d:1", i, at.Line, at.Column, want)
		}
	}
	if at := f.Documents[1].Get("b").Items[1].Location(); at.Line != 8 || at.Column != 11 {
		t.Errorf("an item that the library has read stands at %d:%d, want 8:11", at.Line, at.Column)
	}
	if f.Root != f.Documents[0] {
		t.Error("Root is not the first document")
	}
}

func TestParseAllGoesOnAfterErrors(t *testing.T) {
	f, errs := ParseAll("f.yaml", []byte("a: 1\n---\nb: [1\n---\nc: 3\n"))
	if len(errs) != 1 || len(f.Documents) != 2 {
		t.Fatalf("%d documents and %v, want 2 and one error", len(f.Documents), errs)
	}
	if at := errs[0].Location; at.Line < 2 || at.Line > 4 {
		t.Errorf("the error is said to be on line %d, want 2 to 4", at.Line)
	}
}

func TestEmbedded(t *testing.T) {
	text := "kind: ConfigMap\ndata:\n  envoy.yaml: |\n    a: 1\n    ---\n    b:\n      - c\n  json: '{\"x\": 1}'\n"
	f, errs := ParseAll("f.yaml", []byte(text))
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	inner, errs := Embedded(f.Root.Get("data").Get("envoy.yaml"))
	if len(errs) > 0 || len(inner.Documents) != 2 {
		t.Fatalf("%d documents, %v; want 2", len(inner.Documents), errs)
	}
	if at := inner.Documents[1].Get("b").Items[0].Location(); at.Line != 7 || at.Column != 9 {
		t.Errorf("c stands at %d:%d, want 7:9", at.Line, at.Column)
	}
	quoted, errs := Embedded(f.Root.Get("data").Get("json"))
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	if at := quoted.Root.Get("x").Location(); at.Line != 8 || at.Column != 9 {
		t.Errorf("x stands at %d:%d, want the string around it at 8:9", at.Line, at.Column)
	}
}

func TestParseTemplate(t *testing.T) {
	text := "a: ${PORT}\n{{- if .x }}\nb: {{ .Values.b | quote }}\n{{- end }}\nc: [ {{ .y }}, 2 ]\n{% for i in x %}\nd: \"pre-${Z}\"\n{% endfor %}\n{{ if .q }}\nf: 1\n{{ else if .r }}\nf: {{ .z }}\n  g: [\n{{ else }}\nbroken: [\n{{ end }}\n{{ if .q }}\n{{ .all }}\n{{ else }}\nh: 1\n{{ end }}\n\t# a comment\ne: $notavariable\n"
	f, errs := ParseTemplate("f.yaml", []byte(text))
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	for key, templated := range map[string]bool{"a": true, "b": true, "c": true, "d": true, "e": false, "f": false, "h": false} {
		n := f.Root.Get(key)
		if n == nil {
			t.Errorf("%s is missing", key)
		} else if n.Templated() != templated {
			t.Errorf("%s: Templated is %v, want %v", key, n.Templated(), templated)
		}
	}
	if f.Root.Get("c").Items[1].Templated() {
		t.Error("an item beside an expression is said to be one")
	}
	if at := f.Root.Get("d").Location(); at.Line != 7 {
		t.Errorf("d stands on line %d, want 7", at.Line)
	}
}

func TestHostileTextsAreBounded(t *testing.T) {
	for name, text := range map[string]string{
		"levels": strings.Repeat("[", 10_000),
		"bomb":   "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + bomb(),
		"dashes": strings.Repeat("- ", 10_000),
	} {
		if _, errs := ParseAll(name, []byte(text)); len(errs) != 1 {
			t.Errorf("%s: %v, want one error", name, errs)
		}
	}
}

func bomb() string {
	var b strings.Builder
	for c := byte('b'); c <= 'z'; c++ {
		b.WriteString(string(c) + ": &" + string(c) + " [" + strings.TrimSuffix(strings.Repeat("*"+string(c-1)+",", 10), ",") + "]\n")
	}
	return b.String()
}
