package source

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// texts is a tree in memory.
type texts map[string]string

func (t texts) Read(name string) ([]byte, error) {
	text, ok := t[name]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return []byte(text), nil
}

func (t texts) tree() *Tree {
	tree := &Tree{Reader: t}
	for name := range t {
		tree.Files = append(tree.Files, name)
	}
	slices.Sort(tree.Files)
	return tree
}

// load compiles all files, and says what came of each.
func (t texts) load(opt Options) (compiled, problems []string) {
	tree := t.tree()
	files := slices.DeleteFunc(slices.Clone(tree.Files), func(name string) bool { return !IsProto(name) })
	s := Load(context.Background(), tree, files, opt)
	for _, f := range s.Files {
		compiled = append(compiled, fmt.Sprintf("%s:%s", f.Root, f.Path()))
	}
	for _, p := range s.Problems {
		problem := fmt.Sprintf("%s:%d:%d %s", p.Path, p.Line, p.Column, p.Message)
		if len(p.Blocked) > 0 {
			problem += " -> " + strings.Join(p.Blocked, " ")
		}
		problems = append(problems, problem)
	}
	return compiled, problems
}

const empty = "syntax = \"proto3\";\n"

func TestRoots(t *testing.T) {
	for _, test := range []struct {
		name  string
		files texts
		opt   Options
		want  []string
	}{
		{"flat", texts{"a.proto": empty, "b.proto": empty + `import "a.proto";`}, Options{}, []string{":a.proto", ":b.proto"}},
		{"by package", texts{"proto/shop/v1/a.proto": empty + "package shop.v1;"}, Options{}, []string{"proto:shop/v1/a.proto"}},
		{"by imports", texts{
			"x/proto/a.proto": empty + "package q;", "x/proto/b/b.proto": empty + `import "a.proto"; import "google/protobuf/any.proto";`,
		}, Options{}, []string{"x/proto:a.proto", "x/proto:b/b.proto"}},
		{"two services of the same names", texts{
			"one/a.proto": empty + `import "b.proto"; message A {}`, "one/b.proto": empty + "message B {}",
			"two/a.proto": empty + `import "b.proto"; message A {}`, "two/b.proto": empty + "message B {}",
		}, Options{}, []string{"one:a.proto", "one:b.proto", "two:a.proto", "two:b.proto"}},
		{"copies that import nothing", texts{
			"one/src/a.proto": empty + "package shop; message A {}", "two/proto/b.proto": empty + "package shop; message A {}",
		}, Options{}, []string{"one/src:a.proto", "two/proto:b.proto"}},
		{"copies beside what both import", texts{
			"one/a.proto": empty + `import "x/c.proto"; package shop; message A {}`, "two/b.proto": empty + `import "x/c.proto"; package shop; message A {}`,
			"x/c.proto": empty + "package x;",
		}, Options{}, []string{":one/a.proto", ":two/b.proto", ":x/c.proto"}},
		{"as Go writes import paths", texts{
			"pkg/a.proto": empty + `import "example.com/owner/repo/v3/pkg/b/b.proto";`, "pkg/b/b.proto": empty + "message B {}",
		}, Options{}, []string{":pkg/a.proto", "pkg/b:example.com/owner/repo/v3/pkg/b/b.proto"}},
		{"buf.yaml", texts{"p/buf.yaml": "version: v1\n", "p/q/a.proto": empty + "package other;"}, Options{}, []string{"p:q/a.proto"}},
		{"excluded by buf.yaml", texts{"buf.yaml": "version: v1\nbuild:\n  excludes: [old]\n", "old/a.proto": empty, "b.proto": empty}, Options{}, []string{":b.proto"}},
		{"buf.yaml v1beta1", texts{"buf.yaml": "version: v1beta1\nbuild:\n  roots: [root]\n", "root/a.proto": empty}, Options{}, []string{"root:a.proto"}},
		{"buf.yaml v2", texts{
			"buf.yaml":      "version: v2\nmodules:\n  - path: one\n  - path: two\n",
			"one/a/a.proto": empty, "two/b/b.proto": empty + `import "a/a.proto";`,
		}, Options{}, []string{"one:a/a.proto", "two:b/b.proto"}},
		{"buf.work.yaml", texts{
			"buf.work.yaml": "version: v1\ndirectories: [one, two]\n", "two/buf.yaml": "version: v1\n",
			"one/a/a.proto": empty, "two/b/b.proto": empty + `import "a/a.proto";`,
		}, Options{}, []string{"one:a/a.proto", "two:b/b.proto"}},
		{"buf.yaml for another program", texts{
			"lib/buf.yaml": "version: v2\n", "lib/a/a.proto": empty + `import "lib/b/b.proto";`, "lib/b/b.proto": empty + "message B {}",
		}, Options{}, []string{"lib:a/a.proto", "lib:lib/b/b.proto"}},
		{"-I", texts{"deep/er/a.proto": empty + "package deep.er;"}, Options{ImportPaths: []string{"./deep"}}, []string{"deep:er/a.proto"}},
		{"vendored", texts{
			"api/a.proto": empty + `import "google/api/http.proto";`, "third_party/google/api/http.proto": empty + "package google.api;",
		}, Options{}, []string{"third_party:google/api/http.proto", ":api/a.proto"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, problems := test.files.load(test.opt)
			slices.Sort(test.want)
			slices.Sort(got)
			if diff := cmp.Diff(test.want, got); diff != "" || problems != nil {
				t.Errorf("roots (-want +got):\n%s%s", diff, problems)
			}
		})
	}
}

func TestProblems(t *testing.T) {
	for _, test := range []struct {
		name               string
		files              texts
		compiled, problems []string
	}{
		{"missing import", texts{
			"a.proto": empty + "import \"b.proto\";\nimport  'gone.proto';", "b.proto": empty, "c.proto": empty + `import "a.proto";`,
		}, []string{":b.proto"}, []string{`a.proto:3:9 the import "gone.proto" is not found; put the folder that holds it on --proto-path (-I) -> c.proto`}},
		{"cycle", texts{
			"a.proto": empty + `import "b.proto";`, "b.proto": empty + `import "c.proto";`, "c.proto": empty + `import "a.proto";`, "d.proto": empty,
		}, []string{":d.proto"}, []string{
			"c.proto:2:8 files import one another in a cycle: a.proto -> b.proto -> c.proto -> a.proto; move what they share into a file of its own -> a.proto b.proto",
		}},
		{"syntax", texts{"a.proto": empty + "message M { string a 1; }", "b.proto": empty + `import "a.proto";`, "c.proto": empty},
			[]string{":c.proto"}, []string{"a.proto:2:22 unexpected int literal -> b.proto"}},
		{"one name twice", texts{
			"a.proto": empty + "package p;\nmessage M {}", "b.proto": empty + "package p;\n message M {}", "c.proto": empty,
		}, []string{":c.proto"}, []string{`b.proto:3:10 symbol "p.M" already defined at a.proto:3:9 -> a.proto`}},
		{"unknown type", texts{"a.proto": empty + "message M { N n = 1; }", "b.proto": empty}, []string{":b.proto"}, []string{"a.proto:2:13 field M.n: unknown type N"}},
		{"edition of the future", texts{"a.proto": "edition = \"2099\";", "b.proto": empty}, []string{":b.proto"}, []string{
			`a.proto:1:11 edition value "2099" not recognized; should be one of ["2023"]`,
		}},
		{"buf.yaml", texts{"a.proto": empty, "buf.yaml": "modules: 1\n"}, []string{":a.proto"}, []string{
			"buf.yaml:0:0 the configuration of buf cannot be read, so that import folders are guessed: yaml: unmarshal errors: line 1: cannot unmarshal !!int `1` into []struct { Path string; Excludes []string; Breaking *source.bufBreaking }",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			compiled, problems := test.files.load(Options{})
			if diff := cmp.Diff(test.compiled, compiled); diff != "" {
				t.Errorf("compiled (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.problems, problems); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func TestByteColumn(t *testing.T) {
	tree := texts{"a.proto": empty + "message M {\n\t/* é */\tint32 a = 1;\n  int32 b = 2;\n}\n"}.tree()
	s := Load(context.Background(), tree, []string{"a.proto"}, Options{})
	f := s.Files[0]
	for i, want := range []int{11, 3} { // a is after a tab, a comment with a letter of two bytes, and another tab
		loc := f.SourceLocations().ByDescriptor(f.Messages().Get(0).Fields().Get(i))
		if got := f.ByteColumn(loc.StartLine+1, loc.StartColumn+1); got != want {
			t.Errorf("field %d begins at byte %d, want %d (column %d)", i, got, want, loc.StartColumn+1)
		}
	}
	if got := f.ByteColumn(99, 5); got != 5 {
		t.Errorf("column of a line that is not there: %d", got)
	}
}

func TestEdition2024(t *testing.T) {
	text := "edition = \"2024\";\npackage p;\nimport option \"o.proto\";\noption features.enforce_naming_style = STYLE_LEGACY;\n" +
		"export message A { export enum E { X = 0; } message N {} }\nlocal message B { string a = 1; }\nmessage C {}\n"
	tree := texts{"a.proto": text, "o.proto": "edition = \"2023\";"}.tree()
	s := Load(context.Background(), tree, []string{"a.proto"}, Options{})
	if len(s.Files) != 1 {
		t.Fatalf("%+v", s.Problems)
	}
	f := s.Files[0]
	for name, want := range map[string]bool{"p.A": false, "p.A.E": false, "p.A.N": true, "p.B": true, "p.C": false} {
		if got := f.Local(fullName(name)); got != want {
			t.Errorf("%s is local: %v", name, got)
		}
	}
}

func fullName(s string) protoreflect.FullName { return protoreflect.FullName(s) }
