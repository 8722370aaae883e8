package finding

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fingerprints gives the fingerprints of findings in src, which is every file.
func fingerprints(src string, fs ...Finding) []string {
	Fingerprints(fs, func(string) []string {
		if src == "" {
			return nil
		}
		return strings.Split(src, "\n")
	})
	var out []string
	for _, f := range fs {
		out = append(out, f.Fingerprint)
	}
	return out
}

func TestFingerprintsSurviveOtherEdits(t *testing.T) {
	src := "package p\nfunc f() {\n\tx := call()\n}"
	first := fingerprints(src, at("a.go", 3, "go/a"))
	for name, again := range map[string][]string{
		"lines inserted above": fingerprints("// Words.\n\n"+src, at("a.go", 5, "go/a")),
		"indented":             fingerprints(strings.Replace(src, "\tx", "\t\tx", 1), at("a.go", 3, "go/a")),
		"aligned by gofmt":     fingerprints(strings.Replace(src, "x :=", "x   :=", 1), at("a.go", 3, "go/a")),
		"another message": func() []string {
			f := at("a.go", 3, "go/a")
			f.Message, f.Level, f.Column = "now 4 attempts", Warning, 7
			return fingerprints(src, f)
		}(),
		"windows paths": fingerprints(src, at("./a.go", 3, "go/a")),
	} {
		if !slices.Equal(first, again) {
			t.Errorf("%s: %v became %v", name, first, again)
		}
	}
}

func TestFingerprintsDiffer(t *testing.T) {
	src := "call()\nother()\ncall()"
	all := fingerprints(src,
		at("a.go", 1, "go/a"), at("a.go", 1, "go/b"), at("b.go", 1, "go/a"), at("a.go", 2, "go/a"),
		at("a.go", 3, "go/a"), // the same line again
		at("a.go", 1, "go/a"), // the same finding again
		at("a.go", 9, "go/a"), at("a.go", 0, "go/b"),
	)
	slices.Sort(all)
	if n := len(slices.Compact(slices.Clone(all))); n != 8 {
		t.Errorf("%d different fingerprints of 8 findings: %v", n, all)
	}
	for _, f := range all {
		if len(f) != 32 {
			t.Errorf("fingerprint %q, want 32 hexadecimal digits", f)
		}
	}
}

func TestFingerprintsOfOneLineDependOnOrderInFileOnly(t *testing.T) {
	src := "call()\nother()\ncall()"
	ab := fingerprints(src, at("a.go", 1, "go/a"), at("a.go", 3, "go/a"))
	ba := fingerprints(src, at("a.go", 3, "go/a"), at("a.go", 1, "go/a"))
	slices.Reverse(ba)
	if !slices.Equal(ab, ba) {
		t.Errorf("%v in order, %v out of order", ab, ba)
	}
}

func TestFingerprintsWithoutSource(t *testing.T) {
	message := func(m string) Finding {
		f := at("a.go", 3, "go/a")
		f.Message = m
		return f
	}
	got := fingerprints("", message("one"), message("two"))
	if got[0] == got[1] {
		t.Error("two messages have one fingerprint where there is no source")
	}
}

func TestFingerprintsHoldOnEveryMachine(t *testing.T) {
	got := [][]string{
		fingerprints("x", at("/home/one/a.go", 1, "go/a")),
		fingerprints("x", at("/srv/two/a.go", 1, "go/a")),
		fingerprints("x", at(`C:\two\a.go`, 1, "go/a")),
	}
	if !slices.Equal(got[0], got[1]) || !slices.Equal(got[0], got[2]) {
		t.Errorf("the absolute path is part of the fingerprint: %v", got)
	}
}

func TestFingerprintsKeepsOnesThatAreSet(t *testing.T) {
	f := at("a.go", 1, "go/a")
	f.Fingerprint = "set"
	if got := fingerprints("x", f); got[0] != "set" {
		t.Errorf("fingerprint %q, want it kept", got[0])
	}
}

// The hashes were made by running github/codeql-action's src/fingerprints.ts of
// commit 0225834cc549ee0ca93cb085b92954821a145866 on these inputs.
func TestLineHashesAreGitHubs(t *testing.T) {
	tests := map[string][]string{
		"": {"c129715d7a2bc9a3:1"},
		"package main\n\nfunc main() {\n\tcall()\n}\n": {
			"b50d645c8f40d9d9:1", "2e5050d76465676:1", "72f994ec1909eca4:1",
			"b379ede7e6b0bc59:1", "32dce9ccfdbc9d3e:1", "c129715d7a2bc9a3:1"},
		"a\r\n \tb\rc\n\r\nd": {
			"da815e20fd1432a5:1", "7637b694ce51cabe:1", "f8ac93a55d88711a:1",
			"6bf49ae9d59c5bc1:1", "a23a3dc5e078b07b:1"},
		strings.Repeat("retry()\n", 14): {
			"918fe33ecbb199c9:1", "918fe33ecbb199c9:2", "918fe33f91338a2f:1", "85cb6ec9f6c9459e:1",
			"8cc4c48ecd89d02d:1", "3596ebe8b95aa5dc:1", "8b37a5660da5c2ab:1", "9cfc07413249a29a:1",
			"d0ea8bda3a8941a9:1", "ce5de6c16dfc1bd8:1", "e3424e2a837e2d27:1", "9f4a6ee84e1ff196:1",
			"48b118589c166525:1", "abcbf3f007ab03d4:1", "c129715d7a2bc9a3:1"},
		"é := \"日本🙂\"\n": {"d21dc44b13d51b61:1", "c129715d7a2bc9a3:1"},
		strings.Repeat("x", 250) + "\n" + strings.Repeat("y", 99): {
			"52b56201ffb58620:1", "cadd4b5b9d93c4a2:1"},
	}
	for src, want := range tests {
		if diff := cmp.Diff(want, LineHashes([]byte(src))); diff != "" {
			t.Errorf("%.40q (-want +got):\n%s", src, diff)
		}
	}
}
