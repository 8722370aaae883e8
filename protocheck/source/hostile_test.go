package source

import (
	"context"
	"strings"
	"testing"
)

// FuzzLoad compiles any text, which must not take the program down, and must either
// give a file or say what is wrong.
func FuzzLoad(f *testing.F) {
	for _, seed := range []string{
		"", empty, "edition = \"2024\"; local message M { export enum E { A = 0; } }", "edition = \"2024\"; option features.x",
		"import \"a.proto\";", "import public 'b.proto", "package a.b.;", "/* \" */ import \"b.proto\";", "message M { string a = 1 [(x) = {a: <>}]; }",
		"\ufeffsyntax = 'proto3';", "edition", "edition=", "edition = \"2024\"; import option", "syntax = \"proto2\"; message M { group G = 1 { } }",
		"import \"x/y.proto\"; message M { x.T t = 1 [default = A, (x.o).b = {[x.y]: 1}]; extend x.E { optional group G = 1 { x.T t = 1; } } }",
		"import public \"x/y.proto\"; import \"google/api/annotations.proto\"; service S { rpc A(stream x.T) returns (.M) { option (google.api.http) = { get: 1 }; } }",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		tree := texts{"a.proto": text, "b.proto": "syntax = \"proto3\"; import \"a.proto\";"}.tree()
		for _, opt := range []Options{{}, {Placeholders: true, ServicesOnly: true}} {
			s := Load(context.Background(), tree, []string{"a.proto", "b.proto"}, opt)
			if len(s.Files) < 2 && len(s.Problems) == 0 {
				t.Errorf("%d files and no problem", len(s.Files))
			}
		}
	})
}

// A file that nests without end is refused, not followed until memory is gone.
func TestDeepNesting(t *testing.T) {
	const depth = 20_000
	for name, text := range map[string]string{
		"messages": strings.Repeat("message M {", depth) + strings.Repeat("}", depth),
		"options":  "option (x) = " + strings.Repeat("{ a ", depth) + strings.Repeat("}", depth) + ";",
		"brackets": "message M { string a = 1 [x = " + strings.Repeat("[", depth) + "]; }",
	} {
		t.Run(name, func(t *testing.T) {
			s := Load(context.Background(), texts{"a.proto": empty + text, "b.proto": empty}.tree(), []string{"a.proto", "b.proto"}, Options{})
			if len(s.Files) != 1 || len(s.Problems) == 0 {
				t.Errorf("%d files, %d problems", len(s.Files), len(s.Problems))
			}
		})
	}
}
