package retrynonidempotent

import (
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/grpcpolicy"
	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/analyzers/retrypath"
	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/finding"
)

// checkConnections judges what gRPC repeats: by the configuration of connections,
// and by retries in the code, where the name of a method is only a hint.
func (c *checker) checkConnections() {
	var called []*call
	for _, fn := range c.net.Funcs {
		for _, b := range fn.Blocks {
			for _, instr := range b.Instrs {
				ci, ok := instr.(ssa.CallInstruction)
				if !ok {
					continue
				}
				if op, ok := c.conns.OperationOf(ci); ok && !onlyReads(methodOf(op)) {
					called = append(called, &call{ci, op})
				}
			}
		}
	}
	for _, k := range called {
		c.checkLoops(k)
	}
	for _, d := range c.conns.Dials {
		c.checkDial(d, called)
	}
}

// A call is a call of gRPC that may change something.
type call struct {
	ssa.CallInstruction
	operation string
}

func methodOf(operation string) string { return operation[strings.LastIndexByte(operation, '/')+1:] }

func (c *checker) checkLoops(k *call) {
	for _, l := range c.layers[k.CallInstruction] {
		if l.modes != 0 && l.modes&(doubtfulCodes|doubtful) == 0 || l.Attempts == (callgraph.Amount{N: 1}) {
			continue
		}
		start, end := retrypath.Range(c.pass, l.Pos)
		netcall.Report(c.pass, finding.Possible, analysis.Diagnostic{
			Pos: start, End: end,
			Message: l.name() + " repeats " + k.operation + ", which by its name may change something, after failures in which the server may have done the work already",
			Related: []analysis.RelatedInformation{netcall.At(k.Pos(), "calls "+k.operation)},
		})
	}
}

// checkDial reports a connection that repeats methods which may change something.
func (c *checker) checkDial(d *grpcpolicy.Dial, called []*call) {
	for _, m := range d.Layers {
		modes := repeatedAfter(m.Layers)
		if modes == 0 {
			continue
		}
		op := "/" + m.Service + "/" + m.Method
		var at []analysis.RelatedInformation
		if m.Method == "" {
			if op, at = matching(&m, called); op == "" {
				continue
			}
		} else if onlyReads(m.Method) {
			continue
		}
		start, end := retrypath.Range(c.pass, d.Call.Pos())
		netcall.Report(c.pass, finding.Likely, analysis.Diagnostic{
			Pos: start, End: end, Related: at,
			Message: "the connection repeats " + op + " after " + modes.String() + ", with which the server may have done the work already: it may be done twice",
		})
		return
	}
}

// repeatedAfter returns the codes that leave the outcome open after which layers
// repeat a call.
func repeatedAfter(layers []callgraph.Layer) (modes callgraph.ModeSet) {
	for _, l := range layers {
		if l.Modes != 0 && l.Attempts != (callgraph.Amount{N: 1}) {
			modes |= l.Modes & doubtfulCodes
		}
	}
	return modes
}

// matching returns a call of the package that a configuration without method
// holds for.
func matching(m *callgraph.MethodLayer, called []*call) (op string, at []analysis.RelatedInformation) {
	for _, k := range called {
		service, _, _ := strings.Cut(strings.TrimPrefix(k.operation, "/"), "/")
		if m.Service == "" || m.Service == service {
			return k.operation, []analysis.RelatedInformation{netcall.At(k.Pos(), "calls "+k.operation)}
		}
	}
	return "", nil
}
