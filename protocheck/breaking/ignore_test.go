package breaking_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/commslint/commslint/protocheck/breaking"
	"github.com/commslint/commslint/protocheck/source"
)

// TestIgnores compares with a buf.yaml that leaves something out.
func TestIgnores(t *testing.T) {
	for _, test := range []struct {
		config string
		pkg    string
		want   bool // silenced
	}{
		{"", "p.v1", false},
		{"breaking:\n  ignore: [a]\n", "p.v1", true},
		{"breaking:\n  ignore: [a/b.proto]\n", "p.v1", false},
		{"breaking:\n  except: [FIELD_NO_DELETE]\n", "p.v1", true},
		{"breaking:\n  except: [FIELD_SAME_TYPE]\n", "p.v1", false},
		{"breaking:\n  ignore_only:\n    FIELD_NO_DELETE: [a/a.proto]\n", "p.v1", true},
		{"breaking:\n  ignore_only:\n    FIELD_NO_DELETE: [b]\n", "p.v1", false},
		{"breaking:\n  ignore_unstable_packages: true\n", "p.v1", false},
		{"breaking:\n  ignore_unstable_packages: true\n", "p.v1beta2", true},
		{"breaking:\n  ignore_unstable_packages: true\n", "p.v1p1alpha", true},
	} {
		state := func(fields string) *source.Snapshot {
			files := memory{
				"buf.yaml":  "version: v1\n" + test.config,
				"a/a.proto": "syntax = \"proto3\";\npackage " + test.pkg + ";\nmessage M { " + fields + " }",
			}
			return load(t, &source.Tree{Reader: files, Files: []string{"a/a.proto", "buf.yaml"}}, source.Options{})
		}
		found := breaking.Compare(state("string a = 1;"), state(""), breaking.Options{})
		if len(found) != 1 || (found[0].Suppressed != nil) != test.want {
			t.Errorf("%s%s: want silenced %v\n%s", strings.TrimSpace(test.config), test.pkg, test.want, show(found))
		}
		if !slices.Contains(bufRules(found[0]), "FIELD_NO_DELETE") {
			t.Errorf("rules %v", bufRules(found[0]))
		}
	}
}
