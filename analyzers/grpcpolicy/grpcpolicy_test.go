package grpcpolicy_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/grpcpolicy"
	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/analyzers/ruletest"
	"github.com/commslint/commslint/callgraph"
)

// report makes an analyzer that says what show makes of a package.
func report(show func(*analysis.Pass, *grpcpolicy.Result)) *analysis.Analyzer {
	return &analysis.Analyzer{
		Name: "report", Doc: "report what is known",
		Requires: []*analysis.Analyzer{netcall.Analyzer, grpcpolicy.Analyzer},
		Run: func(pass *analysis.Pass) (any, error) {
			show(pass, pass.ResultOf[grpcpolicy.Analyzer].(*grpcpolicy.Result))
			return nil, nil
		},
	}
}

func TestConnections(t *testing.T) {
	ruletest.Run(t, report(func(pass *analysis.Pass, res *grpcpolicy.Result) {
		for _, d := range res.Dials {
			pass.Reportf(d.Call.Pos(), "%s", describe(d))
		}
	}), "dials")
}

func describe(d *grpcpolicy.Dial) string {
	var parts []string
	for _, m := range d.Layers {
		parts = append(parts, describeMethod(m))
	}
	for _, i := range d.Interceptors {
		parts = append(parts, fmt.Sprintf("around(%d) %s%s", i.Outside, i.Func, i.Maker))
	}
	for _, p := range d.Problems {
		parts = append(parts, string(p.Kind))
	}
	if d.Rejected != "" {
		parts = append([]string{"rejected: " + d.Rejected}, parts...)
	}
	if d.Unknown {
		parts = append(parts, "unknown")
	}
	return strings.Join(parts, "; ")
}

func describeMethod(m callgraph.MethodLayer) string {
	name := m.Service
	if m.Method != "" {
		name += "/" + m.Method
	}
	if name == "" {
		name = "*"
	}
	if m.Calls != "" {
		name = string(m.Calls) + " " + name
	}
	var layers []string
	for _, l := range m.Layers {
		layers = append(layers, describeLayer(l))
	}
	s := name + "=" + strings.Join(layers, ", ")
	if m.Timeout > 0 {
		s += fmt.Sprintf(" timeout %v", m.Timeout)
	}
	return s
}

func describeLayer(l callgraph.Layer) string {
	s := fmt.Sprintf("%s %s", l.Kind, amount(l.Attempts))
	if l.Throttled == callgraph.Yes {
		s += " throttled"
	}
	if l.Growth == callgraph.Constant {
		s += " same"
	}
	if l.Overall > 0 {
		s += fmt.Sprintf(" within %v", l.Overall)
	}
	if l.PerTry > 0 {
		s += fmt.Sprintf(" try %v", l.PerTry)
	}
	if l.MaxWait > 0 {
		s += fmt.Sprintf(" wait %v", l.MaxWait)
	}
	if l.Modes&callgraph.Hang != 0 {
		s += fmt.Sprintf(" modes %x", uint32(l.Modes))
	}
	if l.Kind == callgraph.ConfigLayer && filepath.Base(l.At.File) != "dials.go" {
		s += fmt.Sprintf(" at %s:%d:%d", filepath.Base(l.At.File), l.At.Line, l.At.Col)
	}
	return s
}

func amount(a callgraph.Amount) string {
	if a.Var != "" {
		return a.Var
	}
	return fmt.Sprint(a.N)
}

func TestConnOf(t *testing.T) {
	ruletest.Run(t, report(func(pass *analysis.Pass, res *grpcpolicy.Result) {
		eachCall(pass, func(call ssa.CallInstruction) {
			op, ok := res.OperationOf(call)
			if !ok {
				return
			}
			at := "unknown"
			if conn, ok := res.ConnOf(call); ok {
				at = fmt.Sprintf("%s:%d", filepath.Base(conn.File), conn.Line)
			}
			pass.Reportf(call.Pos(), "%s over %s", op, at)
		})
	}), "chans")
}

func eachCall(pass *analysis.Pass, do func(ssa.CallInstruction)) {
	for _, fn := range pass.ResultOf[netcall.Analyzer].(*netcall.Result).Funcs {
		for _, b := range fn.Blocks {
			for _, instr := range b.Instrs {
				if call, ok := instr.(ssa.CallInstruction); ok {
					do(call)
				}
			}
		}
	}
}

func TestServed(t *testing.T) {
	ruletest.Run(t, report(func(pass *analysis.Pass, res *grpcpolicy.Result) {
		eachCall(pass, func(call ssa.CallInstruction) {
			var served []string
			for _, s := range res.Served() {
				if p := pass.Fset.Position(call.Pos()); s.At == (callgraph.Posn{File: p.Filename, Line: p.Line, Col: p.Column}) {
					served = append(served, s.Operation+" "+s.Func)
				}
			}
			if len(served) > 0 {
				pass.Reportf(call.Pos(), "%s", strings.Join(served, "; "))
			}
		})
	}), "serves")
}
