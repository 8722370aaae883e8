package constflow

import (
	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/rules/clients"
)

// Targets returns the strings that tell a modelled call which machine to talk
// to: an address to dial or a URL to ask for. It returns nil for other calls.
func Targets(call ssa.CallInstruction) (targets []ssa.Value) {
	model := netcall.ModelOf(call)
	if model == nil {
		return nil
	}
	operands := []clients.Operand{model.Address}
	if model.Call != nil {
		operands = append(operands, model.Call.URL)
	}
	if model.Request != nil {
		operands = append(operands, model.Request.URL)
	}
	for i, op := range operands {
		if op == "" || i > 0 && op == operands[i-1] {
			continue
		}
		if v := netcall.Operand(call, op); v != nil && isString(v.Type()) {
			targets = append(targets, v)
		}
	}
	return targets
}
