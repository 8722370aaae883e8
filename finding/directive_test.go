package finding

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseDirective(t *testing.T) {
	noReason := "it gives no reason: write why after the rule, as in commslint:"
	tests := map[string]Directive{
		"//commslint:ignore go/no-timeout the caller bounds it": {
			Rules: []string{"go/no-timeout"}, Reason: "the caller bounds it"},
		"// commslint:ignore go/no-timeout the caller bounds it": {
			Rules: []string{"go/no-timeout"}, Reason: "the caller bounds it"},
		"#commslint:ignore envoy/timeout-disabled streaming": {
			Rules: []string{"envoy/timeout-disabled"}, Reason: "streaming"},
		"#   commslint:ignore envoy/* a\tlab   only\r": {
			Rules: []string{"envoy/*"}, Reason: "a lab only"},
		"/* commslint:ignore proto/x old clients */": {
			Rules: []string{"proto/x"}, Reason: "old clients"},
		"//commslint:ignore go/a,go/b two at once": {
			Rules: []string{"go/a", "go/b"}, Reason: "two at once"},
		"//commslint:ignore go/a, go/b two at once": {
			Rules: []string{"go/a", "go/b"}, Reason: "two at once"},
		"//commslint:ignore FIELD_NO_DELETE -- an alias": {
			Rules: []string{"FIELD_NO_DELETE"}, Reason: "an alias"},
		"//commslint:ignore go/a // golangci style": {
			Rules: []string{"go/a"}, Reason: "golangci style"},
		"//commslint:file-ignore go/* generated": {
			Rules: []string{"go/*"}, Reason: "generated", FileWide: true},
		"//commslint:ignore go/a until=2027-01-31 migration": {
			Rules: []string{"go/a"}, Until: "2027-01-31", Reason: "migration"},
		"//commslint:ignore go/a migration until=2027-01-31": {
			Rules: []string{"go/a"}, Reason: "migration until=2027-01-31"},
		"//nolint:commslint // measured":           {Rules: []string{"*"}, Reason: "measured"},
		"//nolint:errcheck, CommsLint // measured": {Rules: []string{"*"}, Reason: "measured"},
		"// nolint:commslint // measured":          {Rules: []string{"*"}, Reason: "measured"},

		"//commslint:ignore": {Rules: []string{""},
			Malformed: "it names no rule and no reason: write commslint:ignore RULE reason"},
		"//commslint:file-ignore": {Rules: []string{""}, FileWide: true,
			Malformed: "it names no rule and no reason: write commslint:file-ignore RULE reason"},
		"//commslint:ignore go/a": {Rules: []string{"go/a"},
			Malformed: noReason + "ignore go/a reason"},
		"//commslint:ignore go/a --": {Rules: []string{"go/a"},
			Malformed: noReason + "ignore go/a reason"},
		"//commslint:ignore go/a,": {Rules: []string{"go/a", ""},
			Malformed: `"" is not a rule: expected an id such as go/no-timeout, ids separated by commas, or go/* for a whole domain`},
		"//commslint:ignore * all of it": {Rules: []string{"*"}, Reason: "all of it",
			Malformed: `"*" is not a rule: expected an id such as go/no-timeout, ids separated by commas, or go/* for a whole domain`},
		"//commslint:file-ignore go/a until=2027-01-31": {Rules: []string{"go/a"}, FileWide: true, Until: "2027-01-31",
			Malformed: noReason + "file-ignore go/a reason"},
		"//commslint:ignore go/a until=2027-02-30 migration": {Rules: []string{"go/a"}, Until: "2027-02-30", Reason: "migration",
			Malformed: "until=2027-02-30 is not a day: expected the form until=2027-01-31"},
		"//commslint:ignore-file go/a whole file": {Reason: "go/a whole file",
			Malformed: "unknown directive commslint:ignore-file: expected commslint:ignore or commslint:file-ignore"},
		"//nolint:commslint": {Rules: []string{"*"},
			Malformed: "it gives no reason: write why, as in //nolint:commslint // reason"},
		"//nolint:commslint because": {Rules: []string{"*"},
			Malformed: "it gives no reason: write why, as in //nolint:commslint // reason"},
	}
	for comment, want := range tests {
		got, ok := ParseDirective(comment)
		if !ok {
			t.Errorf("ParseDirective(%q) finds no directive", comment)
			continue
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("ParseDirective(%q) (-want +got):\n%s", comment, diff)
		}
	}
}

func TestParseDirectiveLeavesOtherCommentsAlone(t *testing.T) {
	for _, comment := range []string{
		"", "//", "#", "/*", "/**/",
		"// see commslint:ignore go/a in the manual",
		"//commslint", "//commslint:", "//commslint:hint go/a",
		"//nolint", "//nolint:all // everything", "//nolint:errcheck // commslint",
		"//go:build linux",
	} {
		if d, ok := ParseDirective(comment); ok {
			t.Errorf("ParseDirective(%q) = %+v, want none", comment, d)
		}
	}
}

func TestParseDirectiveCostsNothingForOtherComments(t *testing.T) {
	allocs := testing.AllocsPerRun(100, func() {
		ParseDirective("// The client is bounded by its caller: see commslint:ignore in the manual.")
	})
	if allocs != 0 {
		t.Errorf("%v allocations for a comment that is no directive, want 0", allocs)
	}
}

func FuzzParseDirective(f *testing.F) {
	for _, seed := range []string{
		"//commslint:ignore go/a,go/* until=2027-01-31 reason",
		"# commslint:file-ignore envoy/* reason", "/*commslint:ignore*/", "//nolint:a,commslint // b",
		"//commslint:ignore go/a, until=x", "//commslint:ignored",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, comment string) {
		d, ok := ParseDirective(comment)
		if !ok {
			return
		}
		if d.Malformed == "" && (d.Reason == "" || len(d.Rules) == 0) {
			t.Errorf("%q: well formed without rule or reason: %+v", comment, d)
		}
		if d.Malformed != "" || d.Rules[0] == anyRule {
			return
		}
		// Written out plainly, a directive means the same.
		plain := "//commslint:ignore "
		if d.FileWide {
			plain = "//commslint:file-ignore "
		}
		plain += strings.Join(d.Rules, ",")
		if d.Until != "" {
			plain += " until=" + d.Until
		}
		again, ok := ParseDirective(plain + " -- " + d.Reason)
		if diff := cmp.Diff(d, again); !ok || diff != "" {
			t.Errorf("%q written as %q (-first +again):\n%s", comment, plain, diff)
		}
	})
}

func BenchmarkParseDirective(b *testing.B) {
	for b.Loop() {
		ParseDirective("// An ordinary comment, of which a package has thousands.")
	}
}
