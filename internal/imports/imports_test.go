// Package imports holds a test: which package may import which.
package imports

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/commslint/commslint/"

// mayImport lists, for each top-level folder, the others that its packages may
// import besides their own. Folders that are not listed, cmd and internal, may
// import everything. It is the table in docs/architecture.md.
var mayImport = map[string][]string{
	"finding":    nil,
	"rules":      {"finding"},
	"callgraph":  {"finding", "rules"},
	"report":     {"finding", "callgraph", "rules"},
	"analyzers":  {"finding", "rules", "callgraph"},
	"tree":       {"finding"},
	"openapi":    {"rules", "finding", "tree"},
	"protocheck": {"rules", "finding", "callgraph", "tree"},
	"envoycfg":   {"rules", "finding", "callgraph", "tree"},
}

var unrestricted = []string{"cmd", "internal", "lsp"}

// cueOnly are the packages that may import CUE, which is slow to start and whose
// API changes: everything else reads what go generate made of it.
var cueOnly = []string{"rules/config", "internal/gen/"}

type listed struct {
	ImportPath string
	Imports    []string
}

func TestImports(t *testing.T) {
	pkgs := list(t)
	if len(pkgs) < 5 {
		t.Fatalf("only %d packages found", len(pkgs))
	}
	for _, p := range pkgs {
		from := strings.TrimPrefix(p.ImportPath, module)
		for _, path := range p.Imports {
			if why := forbidden(from, path); why != "" {
				t.Errorf("%s imports %s: %s", from, path, why)
			}
		}
	}
}

// TestForbidden keeps the test above from passing because it checks nothing.
func TestForbidden(t *testing.T) {
	for _, tt := range []struct {
		from, path string
		forbidden  bool
	}{
		{"finding", "strings", false},
		{"finding", module + "rules", true},
		{"rules/config", "cuelang.org/go/cue", false},
		{"rules", "cuelang.org/go/cue", true},
		{"rules", module + "report", true},
		{"rules/clients", module + "finding", false},
		{"analyzers/notimeout", module + "analyzers/netcall", false},
		{"analyzers/notimeout", module + "internal/cli", true},
		{"internal/cli", module + "report", false},
		{"internal/cli", module + "cmd/commslint", true},
		{"somewhere", module + "finding", true},
		{"report/util", "strings", true},
	} {
		if why := forbidden(tt.from, tt.path); (why != "") != tt.forbidden {
			t.Errorf("%s imports %s: %q", tt.from, tt.path, why)
		}
	}
}

func forbidden(from, path string) (why string) {
	room, _, _ := strings.Cut(from, "/")
	allowed, known := mayImport[room]
	if !known && !slices.Contains(unrestricted, room) {
		return "the folder " + room + " is not in the table of docs/architecture.md"
	}
	for _, name := range strings.Split(from, "/") {
		if slices.Contains([]string{"util", "utils", "common", "helpers", "types", "base"}, name) {
			return "the name " + name + " says nothing"
		}
	}
	if strings.HasPrefix(path, "cuelang.org/") && !slices.ContainsFunc(cueOnly, func(p string) bool { return strings.HasPrefix(from+"/", p) }) {
		return "CUE is for " + strings.Join(cueOnly, " and ") + " only"
	}
	to, ours := strings.CutPrefix(path, module)
	if !ours {
		return ""
	}
	target, _, _ := strings.Cut(to, "/")
	switch {
	case target == "cmd":
		return "nothing imports a command"
	case target == room, !known, slices.Contains(allowed, target):
		return ""
	}
	return room + " may import " + strings.Join(append([]string{"itself"}, allowed...), ", ")
}

// TestVetEntry holds commslint-vet free of what takes time to start and that only
// the command line needs.
func TestVetEntry(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", module+"cmd/commslint-vet").Output()
	if err != nil {
		t.Fatal(err)
	}
	deps := strings.Fields(string(out))
	if !slices.Contains(deps, module+"analyzers") {
		t.Fatal("go list -deps does not list the analyzers")
	}
	for _, path := range deps {
		for _, heavy := range []string{"cuelang.org/", "google.golang.org/protobuf/", "github.com/spf13/", "github.com/getkin/", "net/http"} {
			if path == heavy || strings.HasSuffix(heavy, "/") && strings.HasPrefix(path, heavy) {
				t.Errorf("commslint-vet links %s", path)
			}
		}
	}
}

// list reads the real import graph.
func list(t *testing.T) []listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports", module+"...")
	out, err := cmd.Output()
	if err != nil {
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			t.Fatalf("go list: %s", exit.Stderr)
		}
		t.Fatal(err)
	}
	var pkgs []listed
	dec := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p listed
		if err := dec.Decode(&p); err == io.EOF {
			return pkgs
		} else if err != nil {
			t.Fatal(err)
		}
		pkgs = append(pkgs, p)
	}
}
