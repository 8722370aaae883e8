package constflow_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/constflow"
	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/analyzers/ruletest"
)

// show reports what can reach the operand of each call of a function show.
var show = &analysis.Analyzer{
	Name:     "show",
	Doc:      "show the values of operands",
	Requires: []*analysis.Analyzer{netcall.Analyzer, constflow.Analyzer},
	Run: func(pass *analysis.Pass) (any, error) {
		tracer := pass.ResultOf[constflow.Analyzer].(*constflow.Tracer)
		for _, fn := range pass.ResultOf[netcall.Analyzer].(*netcall.Result).Funcs {
			for _, b := range fn.Blocks {
				for _, instr := range b.Instrs {
					call, ok := instr.(*ssa.Call)
					if !ok || netcall.Callee(call) == nil || netcall.Callee(call).Name() != "show" {
						continue
					}
					pass.Reportf(call.Pos(), "%s", text(tracer.Values(call.Call.Args[0])))
				}
			}
		}
		return nil, nil
	},
}

func text(set constflow.Set) string {
	var values []string
	for _, v := range set {
		var s strings.Builder
		for _, p := range v.Parts {
			if p.Unknown {
				fmt.Fprintf(&s, "<%s>", v.Source)
			}
			s.WriteString(p.Text)
		}
		switch {
		case v.Parts == nil && v.Known():
			s.WriteString(v.Const.ExactString())
		case v.Parts == nil:
			fmt.Fprintf(&s, "<%s>", v.Source)
		}
		values = append(values, s.String())
	}
	slices.Sort(values)
	return strings.Join(values, " | ")
}

func TestValues(t *testing.T) { ruletest.Run(t, show, "a") }

func TestHosts(t *testing.T) {
	for _, test := range []struct{ addr, host string }{
		{"host:80", "host"}, {"host", "host"}, {":80", ""}, {"[::1]:80", "::1"}, {"[::1]", "::1"}, {"::1", "::1"},
		{"http://host/path", "host"}, {"http://u:p@host:1/p?q", "host"}, {"dns:///host:1", "host"}, {"dns:host:1", "host"},
		{"http://[fd00::1]:8/", "fd00::1"}, {"http://host?q=a@b", "host"},
	} {
		if got := constflow.Host(test.addr); got != test.host {
			t.Errorf("Host(%q) = %q, want %q", test.addr, got, test.host)
		}
	}
}

func TestLoopback(t *testing.T) {
	for _, test := range []struct {
		addr     string
		loopback bool
	}{
		{"127.0.0.1:80", true}, {"127.1.2.3", true}, {"localhost", true}, {"LOCALHOST:1", true}, {"a.localhost:1", true},
		{"[::1]:80", true}, {"unix:///run/a.sock", true}, {"unix:a.sock", true}, {"/run/a.sock", true}, {"http://localhost:1/a", true},
		{"passthrough:///bufnet", true}, {"dns:///localhost:1", true},
		{"localhost.example.com", false}, {"10.0.0.1", false}, {"host", false}, {"", false}, {":80", false}, {"0.0.0.0:80", false},
	} {
		if got := constflow.IsLoopback(test.addr); got != test.loopback {
			t.Errorf("IsLoopback(%q) = %v, want %v", test.addr, got, test.loopback)
		}
	}
}
