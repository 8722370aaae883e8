package govet_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/commslint/commslint/analyzers"
	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/internal/govet"
	"github.com/commslint/commslint/internal/vettool"
	"github.com/commslint/commslint/internal/workspace"
)

// TestMain lets the test binary be the vet tool of the runs that it starts.
func TestMain(m *testing.M) {
	if vettool.Called(os.Args[1:]) {
		vettool.Main(analyzers.Unit)
	}
	os.Exit(m.Run())
}

// good is a package with one finding, which must be there whatever else fails.
const good = `
-- go.mod --
module example.com/m

go 1.24
-- good/good.go --
package good

import "net/http"

func Get() (*http.Response, error) { return http.Get("http://example.com") }
`

const goodFinding = "good/good.go:5:45: go/no-timeout"

func TestRun(t *testing.T) {
	tests := []struct {
		name  string
		files string
		paths []string
		tests bool
		want  []string
		// failures are parts of what is said, each with its place before it
		failures []string
	}{
		{name: "finding", want: []string{goodFinding}},
		{
			name: "type error, and a package that imports it",
			files: `
-- bad/bad.go --
package bad

func F() int { return "x" }
-- uses/uses.go --
package uses

import (
	"fmt"

	"example.com/m/bad"
)

func G() { fmt.Println(bad.F()) }
-- far/far.go --
package far

import _ "example.com/m/uses"
`,
			want: []string{goodFinding},
			failures: []string{
				"bad/bad.go:3:23: input/go-build: cannot use \"x\"",
				"far/far.go:3:10: input/go-build: package example.com/m/far was not analysed: it depends on example.com/m/bad",
				"uses/uses.go:6:2: input/go-build: package example.com/m/uses was not analysed: it depends on example.com/m/bad",
			},
		},
		{
			name:     "syntax error",
			files:    "-- syn/syn.go --\npackage syn\n\nfunc F( {\n}\n",
			want:     []string{goodFinding},
			failures: []string{"syn/syn.go:3:9: input/go-build: "},
		},
		{
			name:     "syntax error among the imports",
			files:    "-- syn/syn.go --\npackage syn\n\nimport \"fmt\n",
			want:     []string{goodFinding},
			failures: []string{"syn/syn.go:3:8: input/go-build: string literal not terminated"},
		},
		{
			name: "missing imports, and a package that imports them",
			files: `
-- miss/miss.go --
package miss

import _ "example.com/m/nosuch"
import _ "example.org/nowhere"
-- uses/uses.go --
package uses

import _ "example.com/m/miss"
`,
			want: []string{goodFinding},
			failures: []string{
				"miss/miss.go:3:8: input/go-build: ",
				"miss/miss.go:4:8: input/go-build: no required module provides package example.org/nowhere; to add it: go get example.org/nowhere",
				"uses/uses.go:3:10: input/go-build: package example.com/m/uses was not analysed: it depends on example.com/m/miss",
			},
		},
		{
			name: "load error beside a type error",
			files: `
-- miss/miss.go --
package miss

import _ "example.org/nowhere"
-- bad/bad.go --
package bad

var x int = ""
`,
			want: []string{goodFinding},
			failures: []string{
				"bad/bad.go:3:13: input/go-build: cannot use",
				"miss/miss.go:3:8: input/go-build: no required module",
			},
		},
		{
			name: "import cycle",
			files: `
-- a/a.go --
package a

import _ "example.com/m/b"
-- b/b.go --
package b

import _ "example.com/m/a"
`,
			want: []string{goodFinding},
			failures: []string{
				"a/a.go: input/go-build: import cycle: example.com/m/a imports example.com/m/b imports example.com/m/a",
				"b/b.go:3:10: input/go-build: package example.com/m/b was not analysed: it depends on example.com/m/a",
			},
		},
		{
			name:     "two packages in one folder",
			files:    "-- two/a.go --\npackage a\n-- two/b.go --\npackage b\n",
			want:     []string{goodFinding},
			failures: []string{"two/a.go: input/go-build: found packages a (a.go) and b (b.go)"},
		},
		{
			name:  "build constraints exclude everything",
			files: "-- none/a.go --\n//go:build never\n\npackage a\n",
			want:  []string{goodFinding},
		},
		{
			name:  "test files that do not compile are not asked for",
			files: "-- good/good_test.go --\npackage good\n\nimport _ \"example.org/nowhere\"\n\nvar x int = \"\"\n",
			want:  []string{goodFinding},
		},
		{
			name:     "test files that do not compile",
			files:    "-- good/good_test.go --\npackage good\n\nvar x int = \"\"\n",
			tests:    true,
			failures: []string{"good/good_test.go:3:13: input/go-build: cannot use"},
		},
		{
			name:  "test files",
			files: "-- good/x_test.go --\npackage good_test\n\nimport \"net/http\"\n\nfunc get() { http.Get(\"http://example.com\") }\n",
			tests: true,
			want:  []string{goodFinding, "good/x_test.go:5:14: go/no-timeout"},
		},
		{
			name:     "go.mod that needs a newer Go",
			files:    "-- new/go.mod --\nmodule example.com/new\n\ngo 1.999\n-- new/a.go --\npackage a\n",
			want:     []string{goodFinding},
			failures: []string{"new/go.mod: input/go-module: go.mod requires go >= 1.999 ("},
		},
		{
			name:     "broken go.mod",
			files:    "-- broken/go.mod --\nmodule example.com/broken\n\nrequre x v1\n-- broken/a.go --\npackage a\n",
			want:     []string{goodFinding},
			failures: []string{"broken/go.mod:3: input/go-module: unknown directive: requre"},
		},
		{
			name: "missing go.sum entry",
			files: `
-- sum/go.mod --
module example.com/sum

go 1.24

require github.com/spf13/cobra v1.10.2
-- sum/a.go --
package a

import _ "github.com/spf13/cobra"
`,
			want:     []string{goodFinding},
			failures: []string{"sum/a.go:3:8: input/go-build: missing go.sum entry"},
		},
		{
			name: "missing go.sum entry that all imports need",
			files: `
-- sum/go.mod --
module example.com/sum

go 1.24

require github.com/spf13/cobra v1.10.2
-- sum/a.go --
package a

import (
	_ "example.com/here"
	_ "example.com/there"
)
`,
			want:     []string{goodFinding},
			failures: []string{"sum/a.go:4:2: input/go-build: github.com/spf13/cobra@v1.10.2: missing go.sum entry for go.mod file"},
		},
		{
			name:     "broken go.work",
			files:    "-- go.work --\ngo 1.24\nuse ./a ./b\n",
			failures: []string{"go.work:2: input/go-module: "},
		},
		{
			name: "modules inside and outside a go.work",
			files: `
-- go.work --
go 1.24

use (
	.
	./in
)
-- in/go.mod --
module example.com/in

go 1.24
-- in/in.go --
package in

import "example.com/m/good"

var Get = good.Get
-- out/go.mod --
module example.com/out

go 1.24
-- out/out.go --
package out

import "net/http"

func Get() { http.Get("http://example.com") }
`,
			want: []string{goodFinding, "out/out.go:5:14: go/no-timeout"},
		},
		{
			name:     "paths that name nothing",
			paths:    []string{"./good", "nosuch", "./neither", "good/nosuch/..."},
			want:     []string{goodFinding},
			failures: []string{"good/nosuch/...: input/path: no such", "neither: input/path: no such file or folder", "nosuch: input/path: no such file or folder"},
		},
		{
			name:  "import paths",
			paths: []string{"example.com/m/good", "example.com/m/..."},
			want:  []string{goodFinding},
		},
		{
			name:  "a file",
			files: "-- good/other.go --\npackage good\n\nimport \"net/http\"\n\nfunc Other() { http.Get(\"http://example.com\") }\n",
			paths: []string{"good/other.go"},
			want:  []string{"good/other.go:5:16: go/no-timeout"},
		},
		{
			name: "folders that hold no packages of the user's",
			files: "-- node_modules/x/x.go --\npackage x\n\nvar x int = \"\"\n" +
				"-- vendored/vendor/y/y.go --\npackage y\n\nvar x int = \"\"\n",
			want: []string{goodFinding},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := extract(t, good+tt.files)
			paths := tt.paths
			if paths == nil {
				paths = []string{"."}
			}
			res, failures := check(t, dir, paths, tt.tests)
			// Which other rules fire is for their own tests.
			found := slices.DeleteFunc(res.Findings, func(f finding.Finding) bool { return f.Rule != "go/no-timeout" })
			compare(t, "findings", places(found, false), tt.want)
			compare(t, "failures", places(failures, true), tt.failures)
		})
	}
}

func check(t *testing.T, dir string, paths []string, tests bool) (*govet.Result, []finding.Finding) {
	t.Helper()
	tool, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	flags := []string{"-netcall.raw"}
	if tests {
		flags = append(flags, "-netcall.tests")
	}
	env := append(os.Environ(), "GOWORK=", "GOPROXY=off", "GOTOOLCHAIN=local")
	ws := workspace.Find(paths, workspace.Options{Dir: dir, Tests: tests, Env: func(string) (string, bool) { return "", false }})
	res, err := govet.Run(t.Context(), ws.Units, govet.Options{
		Dir: dir, Env: env, Tool: tool, Flags: flags, Tests: tests, Wanted: ws.Wanted,
	})
	if err != nil {
		t.Fatal(err)
	}
	failures := append(ws.Failures, res.Failures...)
	finding.Sort(failures)
	return res, failures
}

func extract(t *testing.T, archive string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range txtar.Parse([]byte(archive)).Files {
		path := filepath.Join(dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func places(fs []finding.Finding, messages bool) []string {
	var out []string
	for _, f := range fs {
		s := f.File
		if f.Line > 0 {
			s += fmt.Sprint(":", f.Line)
		}
		if f.Column > 0 {
			s += fmt.Sprint(":", f.Column)
		}
		s += ": " + f.Rule
		if messages {
			s += ": " + f.Message
		}
		out = append(out, s)
	}
	return out
}

// compare wants each line of got to begin with its line of want.
func compare(t *testing.T, what string, got, want []string) {
	t.Helper()
	ok := len(got) == len(want)
	for i := 0; ok && i < len(got); i++ {
		ok = strings.HasPrefix(got[i], want[i])
	}
	if !ok {
		t.Errorf("%s:\n  %s\nwant lines that begin with\n  %s", what, strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}
