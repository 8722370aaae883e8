package main

import (
	"strings"
	"testing"

	"github.com/commslint/commslint/rules/clients"
)

// TestMistakesAreFound is the canary of the whole check: each model is wrong
// in one way.
func TestMistakesAreFound(t *testing.T) {
	pkgs, err := load(declarations, ".", "net/http", "database/sql")
	if err != nil {
		t.Fatal(err)
	}
	call := func(c clients.Call) *clients.Call {
		if c.Body == 0 {
			c.Body = -1
		}
		return &c
	}
	tests := []struct {
		name, want string
		lib        clients.Library
	}{
		{"package", "no such package", clients.Library{Packages: []string{"net/htp"}}},
		{"function", "no such function", clients.Library{Funcs: []clients.Func{{Name: "Gett"}}}},
		{"method", "no such function", clients.Library{Funcs: []clients.Func{{Name: "(*Client).Doo"}}}},
		{"pattern", "no such function", clients.Library{Funcs: []clients.Func{{Name: "(*Client).Xyz*"}}}},
		{"type", "no such type", clients.Library{Types: []clients.Type{{Name: "Clientt"}}}},
		{"field", "no such field", clients.Library{Types: []clients.Type{{Name: "Client", Fields: []clients.Field{{Name: "TimeOut", Kind: "duration"}}}}}},
		{"field kind", "must be a time.Duration", clients.Library{Types: []clients.Type{{Name: "Client", Fields: []clients.Field{{Name: "Transport", Kind: "duration"}}}}}},
		{"operand", "out of range", clients.Library{Funcs: []clients.Func{{Name: "Get", Call: call(clients.Call{URL: "arg1"})}}}},
		{"context", "cannot be that", clients.Library{Funcs: []clients.Func{{Name: "Get", Call: call(clients.Call{Context: "arg0"})}}}},
		{"bound", "cannot be that", clients.Library{Funcs: []clients.Func{{Name: "Get", Call: call(clients.Call{BoundedBy: []clients.Operand{"arg0"}})}}}},
		{"receiver", "no receiver", clients.Library{Funcs: []clients.Func{{Name: "Get", Call: call(clients.Call{BoundedBy: []clients.Operand{"recv"}})}}}},
		{"variadic", "not the variadic", clients.Library{Funcs: []clients.Func{{Name: "Get", Result: []clients.Result{{Bound: "any(args0)"}}}}}},
		{"result", "out of range", clients.Library{Funcs: []clients.Func{{Name: "Get", Result: []clients.Result{{Index: 2, Bound: "none"}}}}}},
		{"body", "no field Body", clients.Library{Funcs: []clients.Func{{Name: "Get", Call: call(clients.Call{Body: 1})}}}},
		{"variant", "there is no GetContext", clients.Library{Funcs: []clients.Func{{Name: "Get", Call: call(clients.Call{WithContext: "GetContext"})}}}},
		{"variant", "", clients.Library{Packages: []string{"database/sql"}, Funcs: []clients.Func{{Name: "(*DB).Query", Call: call(clients.Call{WithContext: "QueryContext"})}}}},
		{"right", "", clients.Library{Funcs: []clients.Func{{Name: "(*Client).Do", Call: call(clients.Call{Context: "arg0", URL: "arg0"})}}}},
	}
	for _, tt := range tests {
		if tt.lib.Packages == nil {
			tt.lib.Packages = []string{"net/http"}
		}
		problems := checkLibrary(&tt.lib, pkgs)
		if got := strings.Join(problems, "\n"); got != "" && tt.want == "" || !strings.Contains(got, tt.want) {
			t.Errorf("%s: got %q, want a problem with %q", tt.name, got, tt.want)
		}
	}
}

// TestMistakesInRetriesAreFound is the same for what is repeated.
func TestMistakesInRetriesAreFound(t *testing.T) {
	pkgs, err := load(declarations, ".", "net/http", "time")
	if err != nil {
		t.Fatal(err)
	}
	part := func(part clients.Part, expr string) clients.Policy {
		return clients.Policy{Parts: []clients.PartExpr{{Part: part, Expr: expr}}}
	}
	do := func(p clients.Policy) []clients.RetryFunc {
		return []clients.RetryFunc{{Name: "(*Client).Do", Repeats: &clients.Repeat{Policy: p}}}
	}
	field := func(name string, p clients.Policy) []clients.RetryType {
		return []clients.RetryType{{Name: "Client", Fields: []clients.RetryField{{Name: name, Policy: p}}}}
	}
	tests := []struct {
		name, want string
		lib        clients.RetryLibrary
	}{
		{"package", "no such package", clients.RetryLibrary{Packages: []string{"net/htp"}}},
		{"function", "no such function", clients.RetryLibrary{Funcs: []clients.RetryFunc{{Name: "(*Client).Doo"}}}},
		{"operand", "out of range", clients.RetryLibrary{Funcs: do(clients.Policy{From: "arg1"})}},
		{"attempts", "cannot be that", clients.RetryLibrary{Funcs: do(part(clients.Attempts, "arg0+1"))}},
		{"duration", "cannot be that", clients.RetryLibrary{Funcs: do(part(clients.Overall, "arg0"))}},
		{"wait", "cannot be that", clients.RetryLibrary{Funcs: []clients.RetryFunc{{Name: "(*Client).Do", Wait: &clients.Wait{Duration: "arg0"}}}}},
		{"result", "out of range", clients.RetryLibrary{Funcs: []clients.RetryFunc{{Name: "Get", Makes: []clients.Make{{Index: 2}}}}}},
		{"type", "no such type", clients.RetryLibrary{Types: []clients.RetryType{{Name: "Clientt"}}}},
		{"field", "no such field", clients.RetryLibrary{Types: field("MaxRetries", clients.Policy{})}},
		{"field kind", "cannot be that", clients.RetryLibrary{Types: field("Transport", part(clients.Attempts, "value"))}},
		{"right", "", clients.RetryLibrary{Funcs: do(clients.Policy{From: "recv"}), Types: field("Timeout", part(clients.PerTry, "value"))}},
		{"variable", "", clients.RetryLibrary{Funcs: []clients.RetryFunc{{Name: "DefaultClient"}}}},
	}
	for _, tt := range tests {
		if tt.lib.Packages == nil {
			tt.lib.Packages = []string{"net/http"}
		}
		problems := checkRetries(&tt.lib, pkgs)
		if got := strings.Join(problems, "\n"); got != "" && tt.want == "" || !strings.Contains(got, tt.want) {
			t.Errorf("%s: got %q, want a problem with %q", tt.name, got, tt.want)
		}
	}
}
