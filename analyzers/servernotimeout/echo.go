package servernotimeout

import (
	"go/types"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/finding"
)

const echoPath = "github.com/labstack/echo/v4"

// echoServers names, for the methods of echo that start a server, the field of
// Echo that holds it. echo.New makes both servers without any timeout
// (echo@v4.16.0 echo.go:394) and the methods set none (echo.go:707).
var echoServers = map[string]string{
	"(*" + echoPath + ".Echo).Start":        "Server",
	"(*" + echoPath + ".Echo).StartTLS":     "TLSServer",
	"(*" + echoPath + ".Echo).StartAutoTLS": "TLSServer",
}

// echo reports a server of echo that the package makes and whose http.Server it
// does not touch.
func (c *checker) echo(call ssa.CallInstruction, fn *types.Func, field string) {
	for _, origin := range c.tracer.Origins(call.Common().Args[0]) {
		made, ok := origin.(*ssa.Call)
		if !ok {
			return
		}
		if by := netcall.Callee(made); by == nil || by.FullName() != echoPath+".New" {
			return
		}
	}
	strength := finding.Proven
	for _, f := range c.funcs {
		for _, b := range f.Blocks {
			for _, instr := range b.Instrs {
				if isEchoField(instr, field) {
					return
				}
				if other, ok := instr.(ssa.CallInstruction); ok && handsEchoOut(other) {
					strength = finding.Likely
				}
			}
		}
	}
	c.function(call, fn, strength, "set "+field+".ReadHeaderTimeout before it starts")
}

func isEcho(t types.Type) bool {
	return types.TypeString(t, nil) == "*"+echoPath+".Echo"
}

func isEchoField(instr ssa.Instruction, name string) bool {
	fa, ok := instr.(*ssa.FieldAddr)
	if !ok || !isEcho(fa.X.Type()) {
		return false
	}
	s := fa.X.Type().Underlying().(*types.Pointer).Elem().Underlying().(*types.Struct)
	return s.Field(fa.Field).Name() == name
}

// handsEchoOut reports whether a function out of sight gets an Echo, other than
// as the receiver.
func handsEchoOut(call ssa.CallInstruction) bool {
	common := call.Common()
	if fn := common.StaticCallee(); fn != nil && len(fn.Blocks) > 0 {
		return false
	}
	args := common.Args
	if !common.IsInvoke() && common.Signature().Recv() != nil && len(args) > 0 {
		args = args[1:]
	}
	for _, arg := range args {
		if mi, ok := arg.(*ssa.MakeInterface); ok {
			arg = mi.X
		}
		if isEcho(arg.Type()) {
			return true
		}
	}
	return false
}
