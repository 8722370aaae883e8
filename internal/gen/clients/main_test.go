package main

import (
	"bytes"
	"go/format"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cuelang.org/go/cue/errors"
)

const models = "../../../rules/clients"

// TestGeneratedCodeIsCurrent fails when a model was edited and not compiled.
func TestGeneratedCodeIsCurrent(t *testing.T) {
	libraries, retries, err := loadModels(models)
	if err != nil {
		t.Fatal(errors.Details(err, nil))
	}
	want, err := format.Source(render(libraries, retries))
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(models, output))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what the models say; run go generate ./rules/clients", output)
	}
}

func TestWrongModelsAreRefused(t *testing.T) {
	tests := []struct{ name, model, want string }{
		{"operand", `libraries: x: {packages: ["x"], source: "x", funcs: F: call: {protocol: "http", url: "argument1"}}`, "model.cue:3:"},
		{"bound", `libraries: x: {packages: ["x"], source: "x", funcs: F: result: [{bound: "five seconds"}]}`, "model.cue:3:"},
		{"unknown field", `libraries: x: {packages: ["x"], source: "x", funcs: F: timeout: "5s"}`, "timeout"},
		{"no package", `libraries: x: {packages: [], source: "x"}`, "packages"},
		{"package twice", `libraries: {x: {packages: ["p"], source: "x"}, y: {packages: ["p"], source: "y"}}`, "package p belongs to both x and y"},
		{"retry count", `retries: x: {packages: ["x"], source: "x", funcs: F: {source: "f:1", repeats: attempts: "five"}}`, "model.cue:3:"},
		{"retry part", `retries: x: {packages: ["x"], source: "x", funcs: F: {source: "f:1", repeats: delay: "5s"}}`, "delay"},
		{"failure", `retries: x: {packages: ["x"], source: "x", funcs: F: {source: "f:1", repeats: modes: ["late"]}}`, "model.cue:3:"},
		{"package twice", `retries: {x: {packages: ["p"], source: "x"}, y: {packages: ["p"], source: "y"}}`, "package p belongs to both x and y"},
		{"method twice", `libraries: x: {packages: ["x"], source: "x", funcs: {"(T).M": {}, "(*T).M": {}}}`, "are the same method"},
	}
	for _, tt := range tests {
		dir := t.TempDir()
		for _, name := range []string{"schema.cue", "retry_schema.cue"} {
			schema, err := os.ReadFile(filepath.Join(models, name))
			if err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(dir, name), string(schema))
		}
		write(t, filepath.Join(dir, "model.cue"), "package clients\n\n"+tt.model)
		libraries, retries, err := loadModels(dir)
		if err == nil {
			err = check(libraries, retries)
		}
		if got := errors.Details(err, nil); !strings.Contains(got, tt.want) {
			t.Errorf("%s: got error %q, want one with %q", tt.name, got, tt.want)
		}
	}
}

func write(t *testing.T, file, content string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}
