// Package amplification holds a test: what commslint predicts is what happens.
//
// Each folder of testdata/amplification is a small program. It is run against a
// server that fails, which counts the requests that one call leads to; commslint
// reads the program's source and says how many that is at worst. The two must
// be equal.
package amplification

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// module is the folder of the module that holds the scenarios.
const module = "../../testdata/amplification"

// binaries are the commands under test.
var binaries struct {
	caller    string // starts the scenarios
	commslint string
}

func TestMain(m *testing.M) {
	flag.Parse()
	// The scenarios wait more than they compute, so that most of them can run at
	// once.
	if err := flag.Set("test.parallel", "64"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

func TestFigures(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs programs")
	}
	scenarios := list(t)
	dir := t.TempDir()
	var err error
	if binaries.caller, err = buildCaller(dir, scenarios); err != nil {
		t.Fatal(err)
	}
	binaries.commslint = filepath.Join(dir, "commslint")
	if err := build("../..", "./cmd/commslint", binaries.commslint); err != nil {
		t.Fatal(err)
	}
	for _, scenario := range scenarios {
		t.Run(scenario, func(t *testing.T) {
			t.Parallel()
			m := measure(t, scenario)
			for _, op := range m.operations() {
				t.Logf("%s:%s", op, m.counts(op))
			}
			predicted := predict(t, scenario).of("example.com/amplification/" + scenario + ".Call")
			for _, f := range predicted {
				t.Log(f)
			}
			differences := slices.Concat(compareSteady(t, m, maps.Clone(predicted)), compare(m, predicted))
			for _, d := range differences {
				t.Error(d)
			}
		})
	}
}

// TestCompare keeps the test above from passing because it compares nothing.
func TestCompare(t *testing.T) {
	read := func(text string) graph {
		g, err := decode(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		return g
	}
	counted := measurement{
		{arrived: map[string]int{"POST /charges": 1}},
		{trial: trial{failure: &failure{status: 503}}, arrived: map[string]int{"POST /charges": 4}},
		{trial: trial{failure: &failure{hang: true}}, arrived: map[string]int{"POST /charges": 2}},
	}
	for _, tt := range []struct {
		name, graph string
		differences int
	}{
		{"equal", `{"amplification": [{"entry": "f", "target": "POST pay/charges", "hard": 4, "hang": 2}]}`, 0},
		{"one more", `{"amplification": [{"entry": "f", "target": "POST pay/charges", "hard": 5, "hang": 2}]}`, 1},
		{"unbounded", `{"amplification": [{"entry": "f", "target": "POST pay/charges", "hard": "unbounded", "hang": "unbounded"}]}`, 2},
		{"no figures", `{"amplification": [{"entry": "f", "target": "POST pay/charges"}]}`, 2},
		{"other entry", `{"amplification": [{"entry": "g", "target": "POST pay/charges", "hard": 4, "hang": 2}]}`, 1},
		{"other method", `{"amplification": [{"entry": "f", "target": "GET pay/charges", "hard": 4, "hang": 2}]}`, 2},
		{"more targets", `{"amplification": [
			{"entry": "f", "target": "POST pay/charges", "hard": 4, "hang": 2},
			{"entry": "f", "target": "postgres:query", "hard": 1, "hang": 1}]}`, 1},
		{"served", `{"amplification": [
			{"entry": "f", "target": "POST pay/charges", "hard": 4, "hang": 2},
			{"entry": "f", "target": "POST own/orders", "hard": 1, "hang": 1}],
			"nodes": [{"id": "POST own/orders", "kind": "operation"}, {"id": "place", "kind": "function"}],
			"edges": [{"from": "POST own/orders", "to": "place"}]}`, 0},
	} {
		if got := compare(counted, read(tt.graph).of("f")); len(got) != tt.differences {
			t.Errorf("%s: differences are %q, want %d", tt.name, got, tt.differences)
		}
	}
}

// list returns the names of the scenarios, which are those of the folders.
func list(t *testing.T) []string {
	files, err := filepath.Glob(filepath.Join(module, "*", "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, file := range files {
		name := filepath.Base(filepath.Dir(file))
		if len(names) == 0 || names[len(names)-1] != name {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		t.Fatalf("no scenarios in %s", module)
	}
	return names
}

// compare says where the prediction differs from what was counted: in the
// figures of an operation that got requests, or in that others should have.
func compare(m measurement, predicted map[string]figures) (differences []string) {
	differ := func(format string, args ...any) {
		differences = append(differences, fmt.Sprintf(format, args...))
	}
	for _, op := range m.operations() {
		most, hang := m.most(op), m.hang().most(op)
		f, ok := take(predicted, op)
		if !ok {
			differ("%s got %d requests (%s), but has no figure", op, most.arrived[op], most)
			continue
		}
		if fmt.Sprint(f.Hard) != fmt.Sprint(most.arrived[op]) {
			differ("%s, but %d requests arrived (%s)", f, most.arrived[op], most)
		}
		if fmt.Sprint(f.Hang) != fmt.Sprint(hang.arrived[op]) {
			differ("%s, but %d requests arrived (%s)", f, hang.arrived[op], hang)
		}
	}
	for _, target := range slices.Sorted(maps.Keys(predicted)) {
		differ("%s, but nothing arrived", predicted[target])
	}
	return differences
}

// compareSteady does the same for the figures of steady traffic, where they
// differ from those of one request.
func compareSteady(t *testing.T, m measurement, predicted map[string]figures) (differences []string) {
	for _, op := range m.operations() {
		f, ok := take(predicted, op)
		if !ok || f.Steady == nil || fmt.Sprint(f.Steady) == fmt.Sprint(f.Hard) {
			continue
		}
		if got := steady(t, m.most(op).trial, op); fmt.Sprint(f.Steady) != fmt.Sprint(got) {
			differences = append(differences, fmt.Sprintf("%s, but %v requests arrived for each call", f, got))
		}
	}
	return differences
}

// take removes the figures of an operation from predicted and returns them.
func take(predicted map[string]figures, operation string) (f figures, ok bool) {
	for target, f := range predicted {
		if same(target, operation) {
			delete(predicted, target)
			return f, true
		}
	}
	return figures{}, false
}
