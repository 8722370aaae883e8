// Package survey looks over a tree of sources and writes the configuration that it
// could begin with.
package survey

import (
	"bytes"
	"go/parser"
	"go/scanner"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/internal/workspace"
)

// A Survey is what there is below a folder. Folders and files are slash-separated and
// relative to it.
type Survey struct {
	GoFiles   int
	Protos    int
	Documents map[workspace.Kind]int
	Services  []Service // the commands, by name
	// Addresses are environment variables that hold an address of nobody knows whom.
	Addresses []Address
	Rules     []Count // what was found today, most first
}

// A Service is a command of the tree.
type Service struct {
	Name string
	Dir  string   // empty for the folder itself
	Env  []string // environment variables that hold its address, sorted
}

// An Address is an environment variable that holds an address, and where the code
// names it first.
type Address struct {
	Env  string
	File string
	Line int
}

// A Count is how often a rule is broken.
type Count struct {
	Rule     string
	Findings int
}

// Take looks over a workspace below a folder, which is absolute. What cannot be read is
// left out.
func Take(folder string, ws *workspace.Workspace, findings []finding.Finding) *Survey {
	s := &Survey{GoFiles: len(ws.Files), Protos: len(ws.Protos), Documents: map[workspace.Kind]int{}}
	for kind, files := range ws.Documents {
		s.Documents[kind] = len(files)
	}
	t := taker{folder: folder, mains: map[string]bool{}, addresses: map[string]Address{}}
	for _, file := range ws.Files {
		t.read(file)
	}
	s.Services = t.services()
	s.Addresses = t.assign(s.Services)
	s.Rules = countRules(findings)
	return s
}

func countRules(findings []finding.Finding) []Count {
	counts := map[string]int{}
	for i := range findings {
		if f := &findings[i]; f.Suppressed == nil && !f.IsInputFailure() {
			counts[f.Rule]++
		}
	}
	var all []Count
	for rule, n := range counts {
		all = append(all, Count{rule, n})
	}
	slices.SortFunc(all, func(a, b Count) int {
		if a.Findings != b.Findings {
			return b.Findings - a.Findings
		}
		return strings.Compare(a.Rule, b.Rule)
	})
	return all
}

type taker struct {
	folder    string
	mains     map[string]bool // folders of commands
	addresses map[string]Address
}

// addressName is what environment variables with addresses are called.
var addressName = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*_(URL|URI|ADDR|ADDRESS|HOST|ENDPOINT|TARGET)$`)
})

// read notes what one Go file tells.
func (t *taker) read(file string) {
	rel, err := filepath.Rel(t.folder, file)
	if err != nil || strings.HasSuffix(file, "_test.go") {
		return
	}
	name := filepath.ToSlash(rel)
	text, err := os.ReadFile(file)
	if err != nil {
		return
	}
	fset := token.NewFileSet()
	if tree, err := parser.ParseFile(fset, name, text, parser.PackageClauseOnly); err == nil && tree.Name.Name == "main" && isService(path.Dir(name)) {
		t.mains[path.Dir(name)] = true
	}
	if bytes.Contains(text, []byte(`_`)) {
		t.scan(name, text)
	}
}

// isService reports whether a command in a folder can be a service of the system, and not a
// tool, an example or a test.
func isService(dir string) bool {
	return !slices.ContainsFunc(strings.Split(dir, "/"), func(part string) bool {
		return slices.Contains([]string{"testdata", "test", "tests", "e2e", "example", "examples", "tools", "hack", "scripts", "gen", "_examples"}, part)
	})
}

// scan notes the strings that are names of environment variables with addresses.
func (t *taker) scan(name string, text []byte) {
	var s scanner.Scanner
	file := token.NewFileSet().AddFile(name, -1, len(text))
	s.Init(file, text, func(token.Position, string) {}, 0)
	for {
		pos, tok, lit := s.Scan()
		if tok == token.EOF {
			return
		}
		if tok != token.STRING {
			continue
		}
		env, err := strconv.Unquote(lit)
		if err != nil || !addressName().MatchString(env) {
			continue
		}
		if _, known := t.addresses[env]; !known {
			t.addresses[env] = Address{Env: env, File: name, Line: file.Line(pos)}
		}
	}
}

// services lists the commands by name. Those of one name are told apart by their folders.
func (t *taker) services() []Service {
	var all []Service
	for dir := range t.mains {
		s := Service{Name: commandName(dir, path.Base(filepath.ToSlash(t.folder))), Dir: dir}
		if dir == "." {
			s.Dir = ""
		}
		all = append(all, s)
	}
	count := map[string]int{}
	for _, s := range all {
		count[s.Name]++
	}
	for i := range all {
		if s := &all[i]; count[s.Name] > 1 && s.Dir != "" {
			s.Name = s.Dir
		}
	}
	slices.SortFunc(all, func(a, b Service) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// commandName is what a command is called by the folders that it lies in; root is the name
// of the folder of all.
func commandName(dir, root string) string {
	for _, part := range slices.Backward(strings.Split(dir, "/")) {
		switch part {
		case "cmd", "src", "app", "main", "server", "service", "internal", ".", "":
			continue
		}
		return part
	}
	return root
}

// assign gives each variable to the service whose name stands right before its ending, and
// returns those that none has.
func (t *taker) assign(services []Service) (left []Address) {
	for _, a := range t.addresses {
		name, _ := cutLast(a.Env)
		best := -1
		for i := range services {
			own := envName(services[i].Name)
			if (name == own || strings.HasSuffix(name, "_"+own)) && (best < 0 || len(own) > len(envName(services[best].Name))) {
				best = i
			}
		}
		if best < 0 {
			left = append(left, a)
			continue
		}
		services[best].Env = append(services[best].Env, a.Env)
	}
	for i := range services {
		slices.Sort(services[i].Env)
	}
	slices.SortFunc(left, func(a, b Address) int { return strings.Compare(a.Env, b.Env) })
	return left
}

func cutLast(env string) (name, ending string) {
	i := strings.LastIndexByte(env, '_')
	return env[:i], env[i+1:]
}

// envName is a service's name as it stands in variables.
func envName(name string) string {
	return strings.Trim(strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z':
			return r - 'a' + 'A'
		case 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
			return r
		}
		return '_'
	}, name), "_")
}
