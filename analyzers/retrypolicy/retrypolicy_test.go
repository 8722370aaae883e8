package retrypolicy_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/analyzers/retrypolicy"
	"github.com/commslint/commslint/analyzers/ruletest"
	"github.com/commslint/commslint/callgraph"
)

// show reports the layers that each call adds.
var show = &analysis.Analyzer{
	Name:     "show",
	Doc:      "show the layers of calls",
	Requires: []*analysis.Analyzer{netcall.Analyzer, retrypolicy.Analyzer},
	Run: func(pass *analysis.Pass) (any, error) {
		reader := pass.ResultOf[retrypolicy.Analyzer].(*retrypolicy.Reader)
		for _, fn := range pass.ResultOf[netcall.Analyzer].(*netcall.Result).Funcs {
			for _, b := range fn.Blocks {
				for _, instr := range b.Instrs {
					if call, ok := instr.(ssa.CallInstruction); ok {
						showCall(pass, reader, call)
					}
				}
			}
		}
		return nil, nil
	},
}

func showCall(pass *analysis.Pass, reader *retrypolicy.Reader, call ssa.CallInstruction) {
	var layers []string
	for _, app := range reader.At(call) {
		layers = append(layers, text(app))
	}
	if len(layers) > 0 {
		pass.Reportf(call.Pos(), "%s", strings.Join(layers, "; "))
	}
	if duration, ctx, ok := reader.Wait(call); ok {
		pass.Reportf(call.Pos(), "waits %t, context %t", duration != nil, ctx != nil)
	}
	if reader.IsPermanent(call) {
		pass.Reportf(call.Pos(), "permanent")
	}
	if reader.IsRetryable(call) {
		pass.Reportf(call.Pos(), "retryable")
	}
	if v, ok := call.(*ssa.Call); ok {
		if growth, jitter, known := reader.Delay(v); known {
			pass.Reportf(call.Pos(), "delay %s %s", growths[growth], words("jitter", jitter))
		}
	}
}

var growths = map[callgraph.Growth]string{callgraph.GrowthUnknown: "waits?", callgraph.NoWait: "at once", callgraph.Constant: "constant", callgraph.Growing: "growing"}

func words(name string, t callgraph.Tri) string {
	return map[callgraph.Tri]string{callgraph.Unknown: name + "?", callgraph.No: "no " + name, callgraph.Yes: name}[t]
}

// text writes what tests look at: "retry.Do 10 growing, jitter, no context".
func text(app retrypolicy.Application) string {
	l := app.Layer
	parts := []string{
		fmt.Sprintf("%s %s %s", l.Name, amount(l.Attempts), growths[l.Growth]),
		words("jitter", l.Jitter), words("context", l.Context),
	}
	if l.RetryAfter == callgraph.Yes {
		parts = append(parts, "Retry-After")
	}
	if l.Budget == callgraph.Yes {
		parts = append(parts, "budget")
	}
	if l.Overall > 0 {
		parts = append(parts, "within "+l.Overall.String())
	}
	if l.PerTry > 0 {
		parts = append(parts, "each "+l.PerTry.String())
	}
	if l.MaxWait > 0 {
		parts = append(parts, "waits "+l.MaxWait.String())
	}
	if l.Opaque {
		parts = append(parts, "opaque")
	}
	if app.Methods != "" {
		parts = append(parts, string(app.Methods))
	}
	if app.Poll {
		parts = append(parts, "poll")
	}
	if app.Marked {
		parts = append(parts, "marked")
	}
	if (app.Invokes == nil) != (l.Kind == callgraph.ClientLayer) {
		parts = append(parts, "wrong kind "+string(l.Kind))
	}
	return strings.Join(parts, ", ")
}

func amount(a callgraph.Amount) string {
	plus := ""
	if a.N > 0 {
		plus = "+" + strconv.Itoa(a.N)
	}
	switch {
	case a.Param != nil:
		return strings.TrimSuffix(fmt.Sprintf("param%d.%s", a.Param.Index, a.Param.Path), ".") + plus
	case a.Var != "":
		return a.Var + plus
	case a.N == callgraph.Unbounded:
		return "unbounded"
	case a.N == 0:
		return "unknown"
	}
	return strconv.Itoa(a.N)
}

func TestHelpers(t *testing.T) { ruletest.Run(t, show, "own") }
func TestClients(t *testing.T) { ruletest.Run(t, show, "httpclients") }
func TestMore(t *testing.T)    { ruletest.Run(t, show, "more") }
func TestStores(t *testing.T)  { ruletest.Run(t, show, "stores") }
