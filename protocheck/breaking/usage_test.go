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

// TestWrittenDown holds that an annotation which says what was so before is no change.
func TestWrittenDown(t *testing.T) {
	const (
		head    = "syntax = \"proto3\";\nimport \"google/api/field_behavior.proto\";\nimport \"google/api/annotations.proto\";\n"
		service = "service S { rpc A(M) returns (N) { option (google.api.http) = { get: \"/v1/{x}\" }; } } message N {} "
	)
	for name, test := range map[string]struct {
		before, behavior string
		want             int
	}{
		"not said":           {"message M {\n  // The time.\n  string x = 1", "OUTPUT_ONLY", 1},
		"output only":        {"message M {\n  // Output only. The time.\n  string x = 1", "OUTPUT_ONLY", 0},
		"required":           {"message M {\n  // Required. The time.\n  string x = 1", "REQUIRED", 0},
		"something else":     {"message M {\n  // Output only. The time.\n  string x = 1", "REQUIRED", 1},
		"immutable":          {"message M {\n  /* Immutable: the time. */\n  string x = 1", "IMMUTABLE", 0},
		"in the path":        {service + "message M {\n  string x = 1", "REQUIRED", 0},
		"beside the path":    {service + "message M {\n  string y = 2; string x = 3", "REQUIRED", 1},
		"immutable, in path": {service + "message M {\n  string x = 1", "IMMUTABLE", 1},
	} {
		text := head + test.before + ";\n}\n---\n" + head + test.before + " [(google.api.field_behavior) = " + test.behavior + "];\n}\n"
		if name == "beside the path" {
			text = head + service + "message M { string x = 1; string y = 2; }\n---\n" + head + service + "message M { string x = 1; string y = 2 [(google.api.field_behavior) = REQUIRED]; }\n"
		}
		if got := compareExample(t, text, breaking.Options{}); len(got) != test.want {
			t.Errorf("%s: want %d findings\n%s", name, test.want, show(got))
		}
	}
}
