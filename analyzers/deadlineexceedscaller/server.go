package deadlineexceedscaller

import (
	"fmt"
	"time"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/analyzers/typequery"
	"github.com/commslint/commslint/finding"
)

// checkServer reports handlers of the package with more time than its servers
// leave them to answer.
func (c *checker) checkServer() {
	most, at, ok := c.writeTimeout()
	if !ok {
		return
	}
	for _, fn := range c.net.Funcs {
		for _, b := range fn.Blocks {
			for _, instr := range b.Instrs {
				if call, ok := instr.(ssa.CallInstruction); ok {
					c.checkHandler(call, most, at)
				}
			}
		}
	}
}

// writeTimeout returns the greatest WriteTimeout of the servers that the package
// makes, if all of them have one that is a constant.
func (c *checker) writeTimeout() (most time.Duration, at ssa.Instruction, ok bool) {
	servers := 0
	set := 0
	for _, fn := range c.net.Funcs {
		for _, b := range fn.Blocks {
			for _, instr := range b.Instrs {
				switch instr := instr.(type) {
				case *ssa.Alloc:
					if typequery.Name(instr.Type()) == "net/http.Server" {
						servers++
					}
				case *ssa.Store:
					addr, isField := instr.Addr.(*ssa.FieldAddr)
					if !isField || typequery.Name(addr.X.Type()) != "net/http.Server" || netcall.FieldName(addr) != "WriteTimeout" {
						continue
					}
					d, known := c.duration(instr.Val)
					if !known {
						return 0, nil, false
					}
					set++
					if d > most {
						most, at = d, instr
					}
				}
			}
		}
	}
	return most, at, servers > 0 && set == servers
}

// checkHandler reports a call that gives a handler more time than there is.
func (c *checker) checkHandler(call ssa.CallInstruction, most time.Duration, server ssa.Instruction) {
	var d time.Duration
	fn := netcall.Callee(call)
	switch {
	case fn == nil:
		return
	case fn.FullName() == "net/http.TimeoutHandler":
		known := false
		if d, known = c.duration(call.Common().Args[1]); !known {
			return
		}
	default:
		l, ok := c.limitAt(call)
		if !ok || !isIncoming(l.parent) {
			return
		}
		d = l.d
	}
	node := netcall.NodeAt(c.pass, call.Common().Pos())
	if d <= most || node == nil {
		return
	}
	netcall.Report(c.pass, finding.Likely, analysis.Diagnostic{
		Pos: node.Pos(), End: node.End(),
		Message: fmt.Sprintf("this allows a handler %s, but the server's WriteTimeout of %s ends sooner: an answer that comes later is lost", text(d), text(most)),
		Related: []analysis.RelatedInformation{netcall.At(server.Pos(), "WriteTimeout is "+text(most))},
	})
}

// isIncoming reports whether a context is that of the request which a handler is
// given.
func isIncoming(ctx ssa.Value) bool {
	call, ok := ctx.(*ssa.Call)
	if !ok {
		return false
	}
	fn := netcall.Callee(call)
	if fn == nil || fn.FullName() != "(*net/http.Request).Context" {
		return false
	}
	_, isParam := call.Call.Args[0].(*ssa.Parameter)
	return isParam
}
