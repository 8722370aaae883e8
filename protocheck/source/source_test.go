package source

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
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
		{"from the folder above the repository", texts{
			"api/a/a.proto": empty + `import "shop/api/b/b.proto";`, "api/b/b.proto": empty + "message B {}",
		}, Options{}, []string{":api/a/a.proto", "api/b:shop/api/b/b.proto"}},
		{"a folder called builtin", texts{
			"builtin/a.proto": empty + `import "google/api/http.proto";`,
		}, Options{}, []string{":builtin/a.proto"}},
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

// place is a library of one compiled file and one source.
type place map[string]*External

func (p place) Find(imported, _ string) *External { return p[imported] }
func (p place) Searched(string) string            { return "in the place" }

func TestMissingImports(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "lib.proto")
	text := empty + "package lib; import \"gone/too.proto\"; message L { gone.T t = 1; }"
	if err := os.WriteFile(outside, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	compiled := &descriptorpb.FileDescriptorProto{
		Name: proto.String("made/made.proto"), Package: proto.String("made"), Syntax: proto.String("proto3"),
		Dependency: []string{"made/other.proto"},
		MessageType: []*descriptorpb.DescriptorProto{{
			Name: proto.String("M"),
			Field: []*descriptorpb.FieldDescriptorProto{{
				Name: proto.String("o"), JsonName: proto.String("o"), Number: proto.Int32(1), TypeName: proto.String(".made.Other"),
				Type: descriptorpb.FieldDescriptorProto_TYPE_ENUM.Enum(), Label: descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL.Enum(),
			}},
		}},
	}
	library := place{"lib/lib.proto": {Path: outside}, "made/made.proto": {Path: "/made.pb.go", Proto: compiled}}
	for _, test := range []struct {
		name, text string
		want       []string
	}{
		{"types", `import "gone/a.proto"; import "gone/b.proto"; message M { gone.T a = 1; repeated .other.E b = 2 [packed = true]; map<string, gone.T> c = 3; } service S { rpc A(gone.T) returns (M); }`,
			[]string{"gone/a.proto: types gone.T other.E options ", "gone/b.proto: types gone.T other.E options "}},
		{"options", `import "gone/a.proto"; option (gone.file) = {x: 1}; message M { option (gone.message).a.b = 1; string a = 1 [(gone.field) = true, deprecated = true]; enum E { X = 0 [(gone.value) = 1]; } oneof o { option (gone.one) = X; string b = 2; } }`,
			[]string{"gone/a.proto: types  options gone.field gone.file gone.message gone.one gone.value"}},
		{"each name to its import", `import "gone/a.proto"; import "lost/b.proto"; message M { gone.T a = 1; string b = 2 [(lost.o) = 1]; }`,
			[]string{"gone/a.proto: types gone.T options ", "lost/b.proto: types  options lost.o"}},
		{"extensions", `import "gone/a.proto"; extend gone.Options { string x = 1; } message M { extend gone.Options { string y = 2; } }`,
			[]string{"gone/a.proto: types gone.Options options "}},
		{"what is outside", `import "lib/lib.proto"; import "made/made.proto"; message M { lib.L a = 1; made.M b = 2; }`, nil},
		{"known options", `import "google/api/annotations.proto"; import "google/api/client.proto"; service S { option (google.api.default_host) = "h"; rpc A(M) returns (M) { option (google.api.http) = {get: "/a"}; option (google.api.unknown) = 1; } } message M {}`, nil},
		{"public imports", `import public "gone/a.proto"; message N { gone.T t = 1; }`, []string{"gone/a.proto: types gone.T options "}},
	} {
		t.Run(test.name, func(t *testing.T) {
			tree := texts{"a.proto": empty + test.text, "b.proto": empty + "import \"a.proto\";"}.tree()
			s := Load(context.Background(), tree, []string{"a.proto", "b.proto"}, Options{Placeholders: true, Library: library})
			if len(s.Files) != 2 || len(s.Problems) > 0 {
				t.Fatalf("%d files, problems %+v", len(s.Files), s.Problems)
			}
			var got []string
			for _, m := range s.Missing {
				got = append(got, fmt.Sprintf("%s: types %s options %s", m.Import, strings.Join(m.Types, " "), strings.Join(m.Options, " ")))
				if m.At[0].Path != "a.proto" || m.At[0].Line != 2 || !strings.Contains(m.Message, "(looked for in the place)") {
					t.Errorf("%+v", m)
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("missing (-want +got):\n%s", diff)
			}
		})
	}
}

// A mistake in a file that lacks an import is a mistake still.
func TestMissingImportAndMistake(t *testing.T) {
	tree := texts{"a.proto": empty + "import \"gone.proto\";\nmessage M { string a = 1; string b = 1; }"}.tree()
	s := Load(context.Background(), tree, []string{"a.proto"}, Options{Placeholders: true, ServicesOnly: true})
	if len(s.Files) != 0 || len(s.Problems) != 1 || s.Problems[0].Line != 3 || s.Problems[0].Column == 0 {
		t.Errorf("%d files, problems %+v", len(s.Files), s.Problems)
	}
}
