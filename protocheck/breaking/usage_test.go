package breaking_test

import (
	"testing"

	"github.com/commslint/commslint/protocheck/breaking"
)

// TestSentByClients holds that only what clients sent before can be refused now.
func TestSentByClients(t *testing.T) {
	const head = "syntax = \"proto3\";\nimport \"google/api/field_behavior.proto\";\n"
	const behavior = " [(google.api.field_behavior) = "
	for name, test := range map[string]struct {
		before, after string // with a field x that is REQUIRED in the second
		want          int
	}{
		"a request":            {"service S { rpc A(M) returns (N); } message N {}", "", 1},
		"within a request":     {"service S { rpc A(R) returns (N); } message R { N n = 1; } message N { M m = 1; }", "", 1},
		"used by nobody":       {"", "", 1},
		"a response":           {"service S { rpc A(R) returns (M); } message R {}", "", 0},
		"filled in by servers": {"service S { rpc A(R) returns (R); } message R { M m = 1" + behavior + "OUTPUT_ONLY]; }", "", 0},
		"used from now on":     {"", "service S { rpc A(M) returns (N); } message N {}", 0},
		"answered from now on": {"", "service S { rpc A(N) returns (M); } message N {}", 0},
	} {
		after := test.after
		if after == "" {
			after = test.before
		}
		text := head + test.before + " message M { string x = 1; }\n---\n" + head + after + " message M { string x = 1" + behavior + "REQUIRED]; }\n"
		if got := compareExample(t, text, breaking.Options{}); len(got) != test.want {
			t.Errorf("%s: want %d findings\n%s", name, test.want, show(got))
		}
	}
}
