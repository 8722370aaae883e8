package contract

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/commslint/commslint/protocheck/lint"
	"github.com/commslint/commslint/rules"
)

// checkFiles checks all of some files, in a repository of their own.
func checkFiles(t *testing.T, files map[string]string) *ProtoCheck {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, files)
	var paths []string
	for name := range files {
		paths = append(paths, filepath.Join(dir, filepath.FromSlash(name)))
	}
	check, err := CheckProtos(context.Background(), ProtoOptions{Dir: dir, Lint: lint.DefaultOptions()}, paths)
	if err != nil {
		t.Fatal(err)
	}
	return check
}

// TestUnresolvedImportExample runs the example of the catalogue.
func TestUnresolvedImportExample(t *testing.T) {
	r, ok := rules.Lookup(UnresolvedImport)
	if !ok {
		t.Fatal("the rule is not in the catalogue")
	}
	bad := checkFiles(t, map[string]string{"bad.proto": r.Bad})
	if len(bad.Findings) != 1 || bad.Findings[0].Rule != UnresolvedImport || bad.Findings[0].Line != 3 || len(bad.Failures) != 0 || bad.Analysed != 1 {
		t.Errorf("%+v", bad)
	}
	if good := checkFiles(t, map[string]string{"good.proto": r.Good}); len(good.Findings)+len(good.Failures) != 0 {
		t.Errorf("%+v", good)
	}
}

// Imports of one origin are missing for one reason, and are one finding.
func TestMissingTogether(t *testing.T) {
	files := map[string]string{}
	for i := range 5 {
		files[fmt.Sprintf("f%d.proto", i)] = fmt.Sprintf("syntax = \"proto3\";\nimport \"acme/api/p%d/m.proto\";\nimport \"other/x.proto\";\nmessage M%d { acme.api.p%d.T t = 1; other.X x = 2; }\n", i, i, i)
	}
	check := checkFiles(t, files)
	if check.Analysed != 5 || len(check.Findings) != 0 || len(check.Failures) != 2 {
		t.Fatalf("%d files, %+v, %+v", check.Analysed, check.Findings, check.Failures)
	}
	for i, want := range []struct {
		column, related int
		words           []string
	}{
		{8, 4, []string{`"acme/api/p0/m.proto" is not found`, "5 types such as acme.api.p0.T are not known", "4 more imports beside it"}},
		{8, 4, []string{`"other/x.proto" is not found`, "the type other.X is not known"}},
	} {
		f := check.Failures[i]
		if f.File != "f0.proto" || f.Line != 2+i || f.Column != want.column || len(f.Related) != want.related {
			t.Errorf("%+v", f)
		}
		for _, words := range want.words {
			if !strings.Contains(f.Message, words) {
				t.Errorf("%s\nlacks %q", f.Message, words)
			}
		}
	}
}
