package lint_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/protocheck/lint"
	"github.com/commslint/commslint/protocheck/source"
	"github.com/commslint/commslint/rules"
)

// memory is a tree of one file.
type memory string

const file = "example.proto"

func (m memory) Read(name string) ([]byte, error) {
	if name == file {
		return []byte(m), nil
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: os.ErrNotExist}
}

func check(t *testing.T, text string) []finding.Finding {
	t.Helper()
	s := source.Load(context.Background(), &source.Tree{Reader: memory(text), Files: []string{file}}, []string{file},
		source.Options{ServicesOnly: true, Placeholders: true})
	for _, p := range s.Problems {
		t.Fatalf("%s:%d:%d: %s", p.Path, p.Line, p.Column, p.Message)
	}
	findings := lint.Check(s.Files, lint.DefaultOptions())
	for i := range findings {
		r, ok := rules.Lookup(findings[i].Rule)
		if !ok {
			t.Fatalf("%s is not in the catalogue", findings[i].Rule)
		}
		findings[i].Level = r.Level
	}
	return findings
}

func show(findings []finding.Finding) string {
	var b strings.Builder
	for _, f := range findings {
		fmt.Fprintf(&b, "%d:%d-%d:%d %s %s\n", f.Line, f.Column, f.EndLine, f.EndColumn, f.Rule, f.Message)
	}
	return b.String()
}

// loud leaves notes out.
func loud(findings []finding.Finding) []finding.Finding {
	return slices.DeleteFunc(slices.Clone(findings), func(f finding.Finding) bool { return f.Level == finding.Note })
}

// TestExamples runs the examples of the catalogue: the bad one breaks its own rule and
// no other but notes, the good one breaks none.
func TestExamples(t *testing.T) {
	ran := 0
	for _, r := range rules.All() {
		if !lint.Implements(r.ID) {
			continue
		}
		ran++
		bad, good := check(t, r.Bad), check(t, r.Good)
		if r.Level != finding.Note {
			bad, good = loud(bad), loud(good)
		}
		if len(bad) == 0 || slices.ContainsFunc(bad, func(f finding.Finding) bool { return f.Rule != r.ID }) {
			t.Errorf("%s: the bad example gives\n%swant findings of the rule alone", r.ID, show(bad))
		}
		if len(good) != 0 {
			t.Errorf("%s: the good example gives\n%s", r.ID, show(good))
		}
	}
	if ran != len(lint.Rules()) {
		t.Errorf("%d rules of %d are in the catalogue", ran, len(lint.Rules()))
	}
}

const head = "syntax = \"proto3\";\npackage shop.v1;\nimport \"google/api/annotations.proto\";\nimport \"google/api/field_behavior.proto\";\nimport \"google/protobuf/empty.proto\";\n" +
	"message Order { string name = 1 [(google.api.field_behavior) = OUTPUT_ONLY]; string sku = 2; }\n" +
	"message Named { string name = 1; }\n"

// TestPrecision has what is near a defect and right.
func TestPrecision(t *testing.T) {
	http := func(rule string) string { return "{ option (google.api.http) = {" + rule + "}; }" }
	for name, text := range map[string]string{
		"an id that the client chooses":     "service S { rpc CreateOrder(R) returns (Order); } message R { string order_id = 1; Order order = 2; }",
		"a name that the client chooses":    "service S { rpc CreateNamed(R) returns (Named); } message R { Named named = 1; }",
		"things by their ids":               "service S { rpc BatchCreateOrders(R) returns (Order); } message R { map<string, Order> orders = 1; }",
		"a request id in the content":       "service S { rpc CreateOrder(R) returns (Order); } message R { I in = 1; } message I { string client_request_id = 1; }",
		"declared idempotent":               "service S { rpc CreateOrder(R) returns (Order) { option idempotency_level = IDEMPOTENT; } } message R { Order order = 1; }",
		"created by PUT":                    "service S { rpc CreateOrder(R) returns (Order) " + http(`put: "/v1/{parent=shops/*}" body: "order"`) + " } message R { string parent = 1; Order order = 2; }",
		"nothing that shows an identity":    "service S { rpc CreateOrder(R) returns (google.protobuf.Empty); } message R { string sku = 1; }",
		"a session":                         "service S { rpc CreateSession(R) returns (Order); } message R { string sku = 1; }",
		"a type that is not known":          "import \"gone.proto\"; service S { rpc CreateOrder(gone.R) returns (Order); }",
		"a stream":                          "service S { rpc CreateOrder(stream R) returns (Order); } message R { Order order = 1; }",
		"a list that nobody adds to":        "service S { rpc ListOrders(R) returns (L); } message R { string parent = 1; } message L { repeated Order orders = 1; }",
		"a list with a limit":               "service S { rpc ListOrders(R) returns (L); rpc CreateOrder(C) returns (google.protobuf.Empty); } message R { Range range = 1; } message Range { int32 limit = 1; } message C {} message L { repeated Order orders = 1; }",
		"a list of words":                   "service S { rpc ListOrders(R) returns (L); rpc CreateOrder(C) returns (google.protobuf.Empty); } message R { } message C {} message L { repeated string orders = 1; }",
		"a custom verb without content":     "service S { rpc CancelOrder(R) returns (Order) " + http(`post: "/v1/{name=orders/*}:cancel"`) + " } message R { string name = 1; bool force = 2; }",
		"a message in the path":             "service S { rpc UpdateOrder(R) returns (Order) " + http(`patch: "/v1/{order.name=orders/*}" body: "order"`) + " } message R { Order order = 1; }",
		"the same path, another verb":       "service S { rpc GetA(R) returns (Order) " + http(`get: "/v1/{name=orders/*}"`) + " rpc DeleteA(R) returns (Order) " + http(`delete: "/v1/{name=orders/*}"`) + " } message R { string name = 1; }",
		"the same path, another custom one": "service S { rpc GetA(R) returns (Order) " + http(`get: "/v1/{name=orders/*}"`) + " rpc GetB(R) returns (Order) " + http(`get: "/v1/{name=orders/*}:count"`) + " } message R { string name = 1; }",
		"one that replaces another":         "service S { rpc GetA(R) returns (Order) " + http(`get: "/v1/{name=orders/*}"`) + " rpc GetB(R) returns (Named) { option deprecated = true; option (google.api.http) = { get: \"/v1/orders/{name}\" }; } } message R { string name = 1; }",
		"two hosts":                         "import \"google/api/client.proto\"; service A { option (google.api.default_host) = \"a\"; rpc GetA(R) returns (Order) " + http(`get: "/v1/{name}"`) + " } service B { option (google.api.default_host) = \"b\"; rpc GetB(R) returns (Named) " + http(`get: "/v1/{name}"`) + " } message R { string name = 1; }",
		"reading by POST":                   "service S { rpc SearchOrders(R) returns (Order) { option idempotency_level = NO_SIDE_EFFECTS; option (google.api.http) = { post: \"/v1/orders:search\" body: \"*\" }; } } message R { repeated Order like = 1; }",
		"a message in the query":            "service S { rpc GetOrder(R) returns (Order) " + http(`get: "/v1/{name}"`) + " } message R { string name = 1; Order like = 2; repeated string fields = 3; }",
		"a variable that is a wrapper":      "import \"google/protobuf/wrappers.proto\"; service S { rpc GetOrder(R) returns (Order) " + http(`get: "/v1/{name}"`) + " } message R { google.protobuf.StringValue name = 1; }",
	} {
		if findings := loud(check(t, head+text)); len(findings) != 0 {
			t.Errorf("%s:\n%s", name, show(findings))
		}
	}
}

// TestFindings has each way to be wrong, with the place that is reported.
func TestFindings(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"service S {\n  rpc BatchCreateOrders(R) returns (L);\n}\nmessage R { repeated Order orders = 1; } message L { repeated Order orders = 1; }", "2:7-2:24 proto/create-without-request-id"},
		{"service S {\n  rpc GetOrder(R) returns (Order) {\n    option idempotency_level = IDEMPOTENT;\n    option (google.api.http) = { get: \"/v1/{name}\" };\n  }\n}\nmessage R { string name = 1; }", "3:5-3:43 proto/idempotency-conflict"},
		{"service S {\n  rpc DeleteOrder(R) returns (Order) {\n    option idempotency_level = NO_SIDE_EFFECTS;\n  }\n}\nmessage R { string name = 1; }", "3:5-3:48 proto/idempotency-conflict"},
		{"service S {\n  rpc Look(R) returns (Order) {\n    option idempotency_level = NO_SIDE_EFFECTS;\n    option (google.api.http) = { put: \"/v1/{name}\" };\n  }\n}\nmessage R { string name = 1; }", "3:5-3:48 proto/idempotency-conflict"},
		{"service S {\n  rpc Look(R) returns (Order) {\n    option (google.api.http) = {\n      get: \"/v1/{name}\"\n      body: \"*\"\n    };\n  }\n}\nmessage R { string name = 1; }", "5:7-5:16 proto/http-body"},
		{"service S {\n  rpc Look(R) returns (Order) {\n    option (google.api.http) = {\n      get: \"/v1/{name}\"\n      additional_bindings {\n        post: \"/v1/{name}\"\n      }\n    };\n  }\n}\nmessage R { string name = 1; bytes data = 2; }", "6:9-6:27 proto/http-body"},
		{"service S {\n  rpc Look(R) returns (Order) {\n    option (google.api.http).post = \"/v1/{naem}\";\n  }\n}\nmessage R { string name = 1; }", "3:5-3:50 proto/http-invalid"},
		{"service S {\n  rpc Look(R) returns (Order) {\n    option (google.api.http) = { post: \"v1/{name}\" body: \"*\" };\n  }\n}\nmessage R { string name = 1; }", "3:34-3:51 proto/http-invalid"},
		{"service S {\n  rpc Look(R) returns (Order) {\n    option (google.api.http) = { post: \"/v1/{name\" body: \"*\" };\n  }\n}\nmessage R { string name = 1; }", "3:34-3:51 proto/http-invalid"},
		{"service S {\n  rpc Look(R) returns (Order) {\n    option (google.api.http) = { post: \"/v1/{names}\" body: \"*\" };\n  }\n}\nmessage R { repeated string names = 1; }", "3:34-3:53 proto/http-invalid"},
		{"service S {\n  rpc Look(R) returns (Order) {\n    option (google.api.http) = { post: \"/v1/{name}\" body: \"order\" };\n  }\n}\nmessage R { string name = 1; Order the_order = 2; }", "3:53-3:66 proto/http-invalid"},
		{"service S {\n  rpc Look(R) returns (Order) {\n    option (google.api.http) = { get: \"/v1/{name}\" };\n  }\n}\nmessage R { string name = 1; map<string, string> labels = 2; }", "3:34-3:51 proto/http-unreachable-field"},
	} {
		var got []string
		for _, f := range loud(check(t, head+test.text)) {
			lines := strings.Count(head, "\n")
			got = append(got, fmt.Sprintf("%d:%d-%d:%d %s", f.Line-lines, f.Column, f.EndLine-lines, f.EndColumn, f.Rule))
		}
		if !slices.Equal(got, []string{test.want}) {
			t.Errorf("got %q, want %q\n%s", got, test.want, test.text)
		}
	}
}
