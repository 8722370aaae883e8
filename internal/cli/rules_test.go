package cli

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/commslint/commslint/rules"
)

func TestRulesText(t *testing.T) {
	code, stdout, _ := runIn(t, t.TempDir(), "rules", "--domain", "suppress")
	want := "suppress/no-reason  error    a suppression comment without a reason\n" +
		"suppress/unused     warning  a suppression comment that suppresses nothing\n"
	if code != 0 || stdout != want {
		t.Errorf("exit code %d\n%s\nwant\n%s", code, stdout, want)
	}
}

func TestRulesJSON(t *testing.T) {
	_, stdout, _ := runIn(t, t.TempDir(), "rules", "-f", "json")
	var got rulesDocument
	if err := json.Unmarshal([]byte(stdout), &got); err != nil {
		t.Fatal(err)
	}
	if got.Version != 1 || len(got.Rules) != len(rules.All()) {
		t.Fatalf("version %d with %d rules, want 1 with %d", got.Version, len(got.Rules), len(rules.All()))
	}
	for i, r := range rules.All() {
		if g := got.Rules[i]; g.ID != r.ID || g.Level != r.Level || g.Bad != r.Bad || len(g.Parameters) != len(r.Params) {
			t.Errorf("rule %d is %+v, want %s", i, g, r.ID)
		}
	}
}

// Nothing that cannot be answered is answered with silence.
func TestRuleCommandMistakes(t *testing.T) {
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"rules", "--domain", "suppres"}, "commslint: --domain suppres: unknown domain; did you mean suppress?; expected one of envoy, go, graph, grpc, input, mesh, openapi, proto, suppress\n"},
		{[]string{"rules", "-f", "yaml"}, "commslint: --format yaml: unknown format; expected one of text, json\n"},
		{[]string{"explain", "no-timeout"}, "commslint: unknown rule \"no-timeout\"; did you mean go/no-timeout?; 'commslint rules' lists the rules\n"},
		{[]string{"explain", "go/insecure-tsl"}, "commslint: unknown rule \"go/insecure-tsl\"; did you mean go/insecure-tls?; 'commslint rules' lists the rules\n"},
		{[]string{"explain", "telepathy"}, "commslint: unknown rule \"telepathy\"; 'commslint rules' lists the rules\n"},
		{[]string{"explain"}, "commslint: explain takes the id of one rule, got 0; 'commslint rules' lists them\n"},
	} {
		code, stdout, stderr := runIn(t, t.TempDir(), test.args...)
		if code != 2 || stdout != "" || stderr != test.want {
			t.Errorf("%v: exit code %d, stdout %q\n%s\nwant\n%s", test.args, code, stdout, stderr, test.want)
		}
	}
}

func TestExplainText(t *testing.T) {
	for _, r := range rules.All() {
		code, stdout, stderr := runIn(t, t.TempDir(), "explain", r.ID)
		if code != 0 {
			t.Fatalf("%s: exit code %d, %s", r.ID, code, stderr)
		}
		after := stdout
		titles := []string{"WHY", "HOW TO MEND", "AVOID", "PREFER", "REFERENCES"}
		for _, title := range titles {
			_, rest, ok := strings.Cut(after, "\n"+title+"\n\n  ")
			if !ok {
				t.Errorf("%s: no section %s after the one before", r.ID, title)
			}
			after = rest
		}
		prose, _, _ := strings.Cut(stdout, "\nAVOID\n")
		for line := range strings.Lines(prose) {
			if len(line) > explainWidth+1 {
				t.Errorf("%s: line of %d characters: %s", r.ID, len(line), line)
			}
		}
		if hasParams := strings.Contains(stdout, "\nPARAMETERS\n"); hasParams != (len(r.Params) > 0) {
			t.Errorf("%s: parameters shown: %v", r.ID, hasParams)
		}
	}
}

// The page in docs is what explain prints, below the mark that it is generated.
func TestExplainMarkdownIsThePage(t *testing.T) {
	page, err := os.ReadFile("../../docs/rules/go/insecure-tls.md")
	if err != nil {
		t.Fatal(err)
	}
	_, want, _ := strings.Cut(string(page), "-->\n\n")
	if _, got, _ := runIn(t, t.TempDir(), "explain", "go/insecure-tls", "-f", "markdown"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestExplainJSON(t *testing.T) {
	_, stdout, _ := runIn(t, t.TempDir(), "explain", "go/plaintext", "-f", "json")
	var got explainDocument
	if err := json.Unmarshal([]byte(stdout), &got); err != nil {
		t.Fatal(err)
	}
	if got.Version != 1 || got.Rule.ID != "go/plaintext" || len(got.Rule.Parameters) != 2 || got.Rule.Parameters[1].Format != "host" {
		t.Errorf("got %+v", got)
	}
}
