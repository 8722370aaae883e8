package breaking_test

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/commslint/commslint/protocheck/breaking"
	"github.com/commslint/commslint/protocheck/source"
)

// TestDimensions compares pairs that differ in one thing, and says whom it breaks.
func TestDimensions(t *testing.T) {
	const (
		service  = "message Q { string id = 1; }\nmessage A { string id = 1; }\nservice S { rpc Get(Q) returns (A) { OPTION } }\n"
		http     = "import \"google/api/annotations.proto\";\n" + service
		resource = "import \"google/api/resource.proto\";\n"
		request  = "import \"google/api/field_behavior.proto\";\nimport \"validate/validate.proto\";\n"
	)
	annotated := func(rule string) string {
		return strings.Replace(http, "OPTION", "option (google.api.http) = { "+rule+" };", 1)
	}
	for _, test := range []struct {
		name          string
		before, after string
		want          string // dimensions, joined by commas
	}{
		{"field added", "message M { string a = 1; }", "message M { string a = 1; M b = 2; }", ""},
		{"field removed", "message M { string a = 1; }", "message M { }", "json,source,wire"},
		{"field removed, reserved", "message M { string a = 1; }", `message M { reserved 1; reserved "a"; }`, "source"},
		{"number reserved only", "message M { string a = 1; }", `message M { reserved 1; }`, "json,source"},
		{"renumbered", "message M { string a = 1; }", "message M { string a = 2; reserved 1; }", "wire"},
		{"swapped", "message M { string a = 1; int32 b = 2; }", "message M { string a = 2; int32 b = 1; }", "wire"},
		{"renamed", "message M { string name = 1; }", "message M { string full_name = 1; }", "json,source"},
		{"renamed, JSON kept", "message M { string name = 1; }", `message M { string full_name = 1 [json_name = "name"]; }`, "source"},
		{"JSON name", "message M { string name = 1; }", `message M { string name = 1 [json_name = "n"]; }`, "json"},
		{"int32 to sint32", "message M { int32 a = 1; }", "message M { sint32 a = 1; }", "source,wire"},
		{"int32 to uint32", "message M { int32 a = 1; }", "message M { uint32 a = 1; }", "source"},
		{"int32 to int64", "message M { int32 a = 1; }", "message M { int64 a = 1; }", "json,source"},
		{"string to bytes", "message M { string a = 1; }", "message M { bytes a = 1; }", "json,source"},
		{"message of the same shape", "message M { A a = 1; } message A { string x = 1; } message B { string x = 1; }",
			"message M { B a = 1; } message A { string x = 1; } message B { string x = 1; }", "source"},
		{"message of another shape", "message M { A a = 1; } message A { string x = 1; } message B { string y = 2; }",
			"message M { B a = 1; } message A { string x = 1; } message B { string y = 2; }", "json,source,wire"},
		{"recursive messages of the same shape", "message M { A a = 1; } message A { A x = 1; } message B { B x = 1; }",
			"message M { B a = 1; } message A { A x = 1; } message B { B x = 1; }", "source"},
		{"singular to repeated", "message M { int32 a = 1; }", "message M { repeated int32 a = 1; }", "json,source,wire"},
		{"presence", "message M { int32 a = 1; }", "message M { optional int32 a = 1; }", "source"},
		{"packed", "message M { repeated int32 a = 1; }", "message M { repeated int32 a = 1 [packed = false]; }", ""},
		{"two fields into a oneof", "message M { optional string a = 1; optional string b = 2; }", "message M { oneof k { string a = 1; string b = 2; } }", "json,source,wire"},
		{"one field into a new oneof", "message M { optional string a = 1; }", "message M { oneof k { string a = 1; string b = 2; } }", "source"},
		{"oneof renamed", "message M { oneof k { string a = 1; string b = 2; } }", "message M { oneof l { string a = 1; string b = 2; } }", "source"},
		{"out of a oneof", "message M { oneof k { string a = 1; string b = 2; } }", "message M { oneof k { string a = 1; } optional string b = 2; }", "json,source,wire"},
		{"enum value added", "enum E { Z = 0; }", "enum E { Z = 0; A = 1; }", ""},
		{"enum value renumbered", "enum E { Z = 0; A = 1; }", "enum E { Z = 0; A = 2; }", "wire"},
		{"enum alias added", "enum E { Z = 0; A = 1; }", "enum E { option allow_alias = true; Z = 0; A = 1; B = 1; }", ""},
		{"message renamed", "message A { string x = 1; }", "message B { string x = 1; }", "source"},
		{"content of an Any renamed", "import \"google/protobuf/any.proto\"; message M { google.protobuf.Any a = 1; } message A { string x = 1; }",
			"import \"google/protobuf/any.proto\"; message M { google.protobuf.Any a = 1; } message B { string x = 1; }", "json,source,wire"},
		{"comments and order", "message A { string x = 1; } message B { string x = 1; }", "message B { string x = 1; } /* why */ message A { string x = 1; }", ""},
		{"custom options", "message A { string x = 1; }", "message A { string x = 1 [deprecated = true]; }", ""},

		{"idempotency strengthened", strings.Replace(service, "OPTION", "", 1), strings.Replace(service, "OPTION", "option idempotency_level = IDEMPOTENT;", 1), ""},
		{"idempotency option removed", strings.Replace(service, "OPTION", "option idempotency_level = IDEMPOTENT;", 1), strings.Replace(service, "OPTION", "", 1), "json,wire"},
		{"Empty to a message", "import \"google/protobuf/empty.proto\"; message A { string x = 1; } service S { rpc Get(google.protobuf.Empty) returns (A); }",
			"import \"google/protobuf/empty.proto\"; message A { string x = 1; } service S { rpc Get(A) returns (A); }", "source"},
		{"a message to Empty", "import \"google/protobuf/empty.proto\"; message A { string x = 1; } service S { rpc Get(A) returns (A); }",
			"import \"google/protobuf/empty.proto\"; message A { string x = 1; } service S { rpc Get(google.protobuf.Empty) returns (A); }", "json,source,wire"},

		{"HTTP path", annotated(`get: "/v1/{id}"`), annotated(`get: "/v2/{id}"`), "json"},
		{"HTTP body", annotated(`post: "/v1" body: "*"`), annotated(`post: "/v1" body: "id"`), "json"},
		{"HTTP response body", annotated(`get: "/v1/{id}"`), annotated(`get: "/v1/{id}" response_body: "id"`), "json"},
		{"HTTP narrowed", annotated(`get: "/v1/{id=**}"`), annotated(`get: "/v1/{id=a/*}"`), "json"},
		{"HTTP widened", annotated(`get: "/v1/{id=a/*}"`), annotated(`get: "/v1/{id=**}"`), ""},
		{"HTTP verb of a path", annotated(`post: "/v1/{id=a/*}:cancel"`), annotated(`post: "/v1/{id=a/*}:stop"`), "json"},
		{"HTTP removed", annotated(`get: "/v1/{id}"`), strings.Replace(http, "OPTION", "", 1), "json"},
		{"HTTP added", strings.Replace(http, "OPTION", "", 1), annotated(`get: "/v1/{id}"`), ""},
		{"HTTP primary and additional changed places", annotated(`get: "/v1/{id}" additional_bindings { get: "/v2/{id}" }`), annotated(`get: "/v2/{id}" additional_bindings { get: "/v1/{id}" }`), ""},

		{"REQUIRED", request + "message R { string a = 1; }", request + "message R { string a = 1 [(google.api.field_behavior) = REQUIRED]; }", "json,wire"},
		{"REQUIRED on a new field", request + "message R { string a = 1; }", request + "message R { string a = 1; string b = 2 [(google.api.field_behavior) = REQUIRED]; }", "json,wire"},
		{"REQUIRED in a response", request + "message Q { } message R { string a = 1; } service S { rpc Get(Q) returns (R); }",
			request + "message Q { } message R { string a = 1 [(google.api.field_behavior) = REQUIRED]; } service S { rpc Get(Q) returns (R); }", ""},
		{"resource pattern", resource + `message R { option (google.api.resource) = { type: "a/R" pattern: "as/{a}" }; }`, resource + `message R { option (google.api.resource) = { type: "a/R" pattern: "bs/{a}" }; }`, "json,source,wire"},
		{"variable of a resource pattern", resource + `message R { option (google.api.resource) = { type: "a/R" pattern: "as/{a}/bs/{b}" }; }`, resource + `message R { option (google.api.resource) = { type: "a/R" pattern: "as/{a_id}/bs/{b}" }; }`, "source"},
		{"max_len set", request + "message R { string a = 1; }", request + "message R { string a = 1 [(validate.rules).string.max_len = 9]; }", "json,wire"},
		{"max_len raised", request + "message R { string a = 1 [(validate.rules).string.max_len = 9]; }", request + "message R { string a = 1 [(validate.rules).string.max_len = 99]; }", ""},
		{"allowed value dropped", request + `message R { string a = 1 [(validate.rules).string = { in: ["x", "y"] }]; }`, request + `message R { string a = 1 [(validate.rules).string = { in: ["x"] }]; }`, "json,wire"},
	} {
		t.Run(test.name, func(t *testing.T) {
			found := breaking.Compare(loadExample(t, withSyntax(test.before)), loadExample(t, withSyntax(test.after)), breaking.Options{})
			got := map[string]bool{}
			for _, f := range found {
				for _, d := range f.Properties["dimensions"].([]string) {
					got[d] = true
				}
			}
			var names []string
			for d := range got {
				names = append(names, d)
			}
			slices.Sort(names)
			if s := strings.Join(names, ","); s != test.want {
				t.Errorf("breaks %q, want %q\n%s", s, test.want, show(found))
			}
		})
	}
}

// The service that only answers with a message may be in a file that did not change.
func TestUsageElsewhere(t *testing.T) {
	const (
		header  = "syntax = \"proto3\";\npackage p;\n"
		message = header + "import \"google/api/field_behavior.proto\";\nmessage Q { }\nmessage M { string a = 1OPTION; }\n"
		answers = header + "import \"m.proto\";\nservice S { rpc Get(Q) returns (M); }\n"
		takes   = header + "import \"m.proto\";\nservice S { rpc Get(M) returns (Q); }\n"
	)
	imports, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for service, want := range map[string]int{answers: 0, takes: 1} {
		state := func(option string) *source.Snapshot {
			files := memory{"m.proto": strings.Replace(message, "OPTION", option, 1), "s.proto": service}
			tree := &source.Tree{Reader: files, Files: []string{"m.proto", "s.proto"}}
			return source.Load(context.Background(), tree, []string{"m.proto"}, source.Options{ImportPaths: []string{imports}})
		}
		found := breaking.Compare(state(""), state(" [(google.api.field_behavior) = REQUIRED]"), breaking.Options{})
		if len(found) != want {
			t.Errorf("%d findings, want %d\n%s%s", len(found), want, service, show(found))
		}
	}
}

func withSyntax(text string) string { return "syntax = \"proto3\";\npackage p;\n" + text }

func TestParseDimensions(t *testing.T) {
	for text, want := range map[string]string{
		"": "wire,json,source", "wire": "wire", "json,source": "json,source",
		"FILE": "wire,json,source", "PACKAGE": "wire,json,source", "WIRE_JSON": "wire,json", "WIRE": "wire",
	} {
		var names []string
		if text != "" {
			names = strings.Split(text, ",")
		}
		dims, err := breaking.ParseDimensions(names)
		if got := strings.Join(dims.Names(), ","); got != want || err != nil {
			t.Errorf("%q: got %s, %v; want %s", text, got, err, want)
		}
	}
	if _, err := breaking.ParseDimensions([]string{"binary"}); err == nil {
		t.Error("an unknown dimension is accepted")
	}
}
