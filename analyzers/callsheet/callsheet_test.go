package callsheet_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/commslint/commslint/analyzers/callsheet"
)

// deaf does not hear of the diagnostic that holds the sheet.
type deaf struct{ *testing.T }

func (deaf) Errorf(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !strings.Contains(text, "unexpected diagnostic") {
		panic(text)
	}
}

func sheetOf(t *testing.T, pkg string) *callsheet.Sheet {
	t.Helper()
	if err := callsheet.Analyzer.Flags.Set("emit", "true"); err != nil {
		t.Fatal(err)
	}
	results := analysistest.Run(deaf{t}, analysistest.TestData(), callsheet.Analyzer, pkg)
	if len(results) != 1 {
		t.Fatalf("%d results, want 1", len(results))
	}
	return results[0].Result.(*callsheet.Sheet)
}

// TestCalls holds what is said of the call on a line against the comment there.
func TestCalls(t *testing.T) {
	source, err := os.ReadFile(filepath.Join("testdata", "src", "a", "a.go"))
	if err != nil {
		t.Fatal(err)
	}
	got := map[int]string{}
	for _, c := range sheetOf(t, "a").Calls {
		got[c.At.Line] = text(c)
	}
	for i, line := range strings.Split(string(source), "\n") {
		_, want, _ := strings.Cut(line, " // ")
		if got[i+1] != want {
			t.Errorf("line %d: got %q, want %q", i+1, got[i+1], want)
		}
	}
}

func text(c callsheet.Call) string {
	s := string(c.Bound)
	if c.Timeout > 0 {
		s += " " + c.Timeout.String()
	}
	outcome := string(c.Outcome)
	if outcome == "" {
		outcome = "unknown"
	}
	s += ", " + outcome
	if c.OutcomeAt.Line > 0 {
		s += fmt.Sprintf(" at %d", c.OutcomeAt.Line)
	}
	if c.Key != "" {
		s += fmt.Sprintf(", key %s at %d", c.Key, c.KeyAt.Line)
	}
	return s
}

func TestRoutes(t *testing.T) {
	var got []string
	for _, r := range sheetOf(t, "a").Routes {
		got = append(got, r.Pattern+": "+strings.Join(r.Funcs, " "))
	}
	want := []string{
		"POST /orders: (*a.server).place",
		"GET /orders/{id}: (*a.server).place",
		"/all: (*a.server).ServeHTTP",
		"GET /healthz: a.routes$1",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestRouters holds what is read of a registration against the comment there.
func TestRouters(t *testing.T) {
	source, err := os.ReadFile(filepath.Join("testdata", "src", "routes", "routes.go"))
	if err != nil {
		t.Fatal(err)
	}
	got := map[int]string{}
	for _, r := range sheetOf(t, "routes").Routes {
		got[r.At.Line] = r.Pattern + ": " + strings.Join(r.Funcs, " ")
	}
	for i, line := range strings.Split(string(source), "\n") {
		_, want, _ := strings.Cut(line, " // ")
		if got[i+1] != want {
			t.Errorf("line %d: got %q, want %q", i+1, got[i+1], want)
		}
	}
}
