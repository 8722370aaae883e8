// Package retryreport turns what package retry finds into what rules report:
// where a retry stands in the source, what it repeats, how sure that is, and how
// its wait could be mended.
package retryreport

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/analyzers/retry"
	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/finding"
)

// A Case is a retry as a rule looks at it.
type Case struct {
	*retry.Retry
	Pass *analysis.Pass
	// Node is the loop statement, or the call that repeats.
	Node ast.Node
	// Loop is the loop that repeats, nil for other forms.
	Loop *retry.Loop
}

// Cases returns the retries of the package, in source order. The pass's analyzer
// must require [retry.Analyzer]. A client is one case for all calls that are made
// with it, and only where the package makes it.
func Cases(pass *analysis.Pass) []*Case {
	res := pass.ResultOf[retry.Analyzer].(*retry.Result)
	made := make(map[token.Pos]bool)
	var cases []*Case
	for _, r := range res.Retries {
		c := &Case{Retry: r, Pass: pass}
		switch r.Kind {
		case callgraph.ClientLayer, callgraph.ConfigLayer:
			pos := c.posOf(r.At)
			if made[pos] {
				continue
			}
			made[pos] = true
			c.Node = callFrom(pass, pos)
			if c.Node == nil || c.isAttempt(c.Node) {
				continue // what the library does unasked
			}
		case callgraph.LoopLayer:
			c.Loop = r.Loop
			c.Node = loopAt(pass, r.Pos)
		default:
			c.Node = netcall.NodeAt(pass, r.Pos)
		}
		if c.Node == nil {
			c.Node = netcall.NodeAt(pass, r.Pos) // a loop made with goto
		}
		if c.Node != nil && !slices.ContainsFunc(r.Calls, isUnheeded) && len(r.Calls) > 0 {
			cases = append(cases, c)
		}
	}
	return cases
}

// isUnheeded reports whether nobody looks at how an attempt went, so that it is
// not repeated because it failed.
func isUnheeded(call *retry.Attempt) bool {
	made, ok := call.CallInstruction.(*ssa.Call)
	return ok && made.Call.Signature().Results().Len() > 0 && len(*made.Referrers()) == 0
}

// isAttempt reports whether a node is one of the calls that are repeated.
func (c *Case) isAttempt(n ast.Node) bool {
	for _, call := range c.Calls {
		if netcall.NodeAt(c.Pass, call.Common().Pos()) == n {
			return true
		}
	}
	return false
}

// loopAt returns the for or range statement at a position, or the label that a goto
// leads back to; nil if there is none.
func loopAt(pass *analysis.Pass, pos token.Pos) ast.Node {
	file := netcall.FileAt(pass, pos)
	if file == nil {
		return nil
	}
	var found ast.Node
	ast.Inspect(file, func(n ast.Node) bool {
		if n == nil || found != nil || pos < n.Pos() || pos >= n.End() {
			return false
		}
		switch n.(type) {
		case *ast.ForStmt, *ast.RangeStmt, *ast.LabeledStmt:
			if n.Pos() == pos {
				found = n
			}
		}
		return found == nil
	})
	return found
}

// callFrom returns the call or composite literal that begins at a position or
// has its parenthesis or brace there.
func callFrom(pass *analysis.Pass, pos token.Pos) ast.Node {
	if !pos.IsValid() {
		return nil
	}
	return netcall.NodeAt(pass, pos)
}

// posOf finds a position of the package by file, line and column.
func (c *Case) posOf(at callgraph.Posn) token.Pos {
	for _, f := range c.Pass.Files {
		file := c.Pass.Fset.File(f.FileStart)
		if file.Name() == at.File && 0 < at.Line && at.Line <= file.LineCount() {
			return file.LineStart(at.Line) + token.Pos(at.Col-1)
		}
	}
	return token.NoPos
}

// Range returns the part of the source that a diagnostic is about: the head of
// a loop, or a call.
func (c *Case) Range() (pos, end token.Pos) {
	switch n := c.Node.(type) {
	case *ast.ForStmt:
		end = n.For + token.Pos(len("for"))
		for _, part := range []ast.Node{n.Init, n.Cond, n.Post} {
			if part != nil {
				end = part.End()
			}
		}
		return n.For, end
	case *ast.RangeStmt:
		return n.For, n.X.End()
	case *ast.LabeledStmt:
		return n.Pos(), n.Colon + 1
	}
	return c.Node.Pos(), c.Node.End()
}

// Strength is how sure it is that requests are repeated.
func (c *Case) Strength() finding.Strength {
	if c.Remote == callgraph.Yes {
		return finding.Proven
	}
	return finding.Possible
}

// Weaker returns the weaker of two strengths.
func Weaker(a, b finding.Strength) finding.Strength {
	if a == finding.Possible || b == finding.Possible {
		return finding.Possible
	}
	if a == finding.Likely || b == finding.Likely {
		return finding.Likely
	}
	return a
}

// Subject names what is repeated, as the source writes it: "c.send". For a
// library it is the library's function or the client, for a recursion the function
// that calls itself.
func (c *Case) Subject() string {
	if c.Kind != callgraph.LoopLayer && c.Kind != callgraph.AgainLayer {
		if call, ok := c.Node.(*ast.CallExpr); ok {
			return exprText(call.Fun)
		}
		return c.Name
	}
	if call, ok := netcall.NodeAt(c.Pass, c.main().Common().Pos()).(*ast.CallExpr); ok {
		return exprText(call.Fun)
	}
	return c.Name
}

// exprText writes an expression on one line, and a literal as such.
func exprText(e ast.Expr) string {
	if _, ok := ast.Unparen(e).(*ast.FuncLit); ok {
		return "the function literal"
	}
	text := types.ExprString(e)
	if strings.Contains(text, "\n") || len(text) > 60 {
		return "the call"
	}
	return text
}

// main is the attempt that is most surely a request.
func (c *Case) main() *retry.Attempt {
	for _, call := range c.Calls {
		if call.Net != nil {
			return call
		}
	}
	return c.Calls[0]
}

// Again says which calls are repeated, as evidence.
func (c *Case) Again() []analysis.RelatedInformation {
	var related []analysis.RelatedInformation
	if c.Kind != callgraph.LoopLayer && c.Kind != callgraph.RecursionLayer && c.Kind != callgraph.AgainLayer {
		return nil
	}
	for _, call := range c.Calls {
		n := netcall.NodeAt(c.Pass, call.Common().Pos())
		if n == nil || n == c.Node {
			continue
		}
		msg := "this is repeated"
		if call.Net != nil {
			msg = "this is repeated: it sends a request by " + call.Net.Leaf.Callee
		}
		related = append(related, analysis.RelatedInformation{Pos: n.Pos(), End: n.End(), Message: msg})
	}
	return related
}

// MayExceed reports whether more than n attempts may be made, as far as is known.
func (c *Case) MayExceed(n int) bool {
	a := c.Attempts
	return a.Var != "" || a.Param != nil || a.N == callgraph.Unbounded || a.N > n
}

// Endless reports whether nothing bounds the retry, neither a number nor time.
func (c *Case) Endless() bool {
	return c.Attempts == (callgraph.Amount{N: callgraph.Unbounded}) && !c.ByTime && c.Overall == 0
}

// AtStart reports whether the retry belongs to the start of a process or to a
// command, rather than to the work of a service: it stands in main or an
// initialiser, or in a main package that serves nobody.
func (c *Case) AtStart() bool {
	fn := c.Fn
	for fn.Parent() != nil {
		fn = fn.Parent()
	}
	if fn.Name() == "main" || fn.Name() == "init" || strings.HasPrefix(fn.Name(), "init#") {
		return true
	}
	return c.Pass.Pkg.Name() == "main" && !serves(c.Pass) || IsCommand(fn)
}

// IsCommand reports whether a function belongs to a command of a command line: it is
// given one, or is a method of one.
func IsCommand(fn *ssa.Function) bool {
	for fn.Parent() != nil {
		fn = fn.Parent()
	}
	for _, p := range fn.Params {
		if t, ok := p.Type().Underlying().(*types.Pointer); ok {
			switch n, _ := types.Unalias(t.Elem()).(*types.Named); {
			case n == nil || n.Obj().Pkg() == nil:
			case n.Obj().Name() == "Command" && (n.Obj().Pkg().Path() == "github.com/spf13/cobra" || n.Obj().Pkg().Name() == "cli"),
				n.Obj().Name() == "Context" && n.Obj().Pkg().Name() == "cli", // urfave/cli v1 and v2; v3 has a Command
				n.Obj().Name() == "FlagSet" && (n.Obj().Pkg().Path() == "flag" || n.Obj().Pkg().Path() == "github.com/spf13/pflag"):
				return true
			}
		}
	}
	recv := fn.Signature.Recv()
	return recv != nil && isCLICommand(recv.Type())
}

// isCLICommand reports whether a type is a command as hashicorp/cli (mitchellh/cli)
// defines it: Help, Synopsis, and Run with arguments.
func isCLICommand(t types.Type) bool {
	methods := types.NewMethodSet(t)
	result := func(name string, params int) string {
		m := methods.Lookup(nil, name)
		if m == nil {
			return ""
		}
		sig, ok := m.Type().(*types.Signature)
		if !ok || sig.Params().Len() != params || sig.Results().Len() != 1 {
			return ""
		}
		return sig.Results().At(0).Type().String()
	}
	return result("Help", 0) == "string" && result("Synopsis", 0) == "string" && result("Run", 1) == "int"
}

// DrivesEngine reports whether a package talks to a container engine, as a rule
// the one of its own machine.
func DrivesEngine(pass *analysis.Pass) bool {
	return slices.ContainsFunc(pass.Pkg.Imports(), func(imp *types.Package) bool {
		return slices.ContainsFunc(engines, func(e string) bool { return imp.Path() == e+"/client" })
	})
}

// engines are modules whose clients talk to a container engine, by default over a socket
// of the machine (client.DefaultDockerHost, unix:///var/run/docker.sock).
var engines = []string{"github.com/docker/docker", "github.com/moby/moby"}

// Local reports whether what is repeated stays on the machine: calls of a plugin
// that the process has started itself, of a container engine, or over a socket
// that is looked for in the file system.
func (c *Case) Local() bool {
	if slices.ContainsFunc(c.Pass.Pkg.Imports(), func(imp *types.Package) bool { return imp.Path() == "github.com/hashicorp/go-plugin" }) {
		return true
	}
	for _, call := range c.Calls {
		if call.Net != nil && slices.ContainsFunc(engines, func(e string) bool { return strings.Contains(call.Net.Leaf.Callee, e) }) {
			return true
		}
	}
	if c.Loop == nil {
		return false
	}
	stat := false
	c.Names(func(name string) { stat = stat || name == "Stat" })
	return stat
}

// serves reports whether a package listens for requests.
func serves(pass *analysis.Pass) bool {
	for _, fn := range pass.ResultOf[netcall.Analyzer].(*netcall.Result).Funcs {
		for _, b := range fn.Blocks {
			for _, instr := range b.Instrs {
				call, ok := instr.(ssa.CallInstruction)
				if !ok {
					continue
				}
				if callee := netcall.Callee(call); callee != nil && isServing(callee.Name()) {
					return true
				}
			}
		}
	}
	return false
}

func isServing(name string) bool {
	return name == "Serve" || name == "ServeTLS" || name == "Listen" || name == "NewServer" || strings.HasPrefix(name, "ListenAndServe")
}

// connecting are the first words of names of functions that set up or keep a
// connection, rather than to do a piece of work over it.
var connecting = []string{
	"dial", "redial", "connect", "reconnect", "ping", "open", "reopen", "login", "auth", "handshake",
	"listen", "subscribe", "resubscribe", "watch", "stream", "consume", "campaign", "elect", "join", "register",
	"serve", "run", "start", "wait", "health", "ready", "probe", "check", "init", "setup", "bootstrap", "maintain", "monitor",
}

// Connects reports whether what is repeated sets up or keeps a connection: a
// supervisor, a wait for a dependency, an election.
func (c *Case) Connects() bool {
	sure := c.main().Net != nil
	for _, call := range c.Calls {
		if sure && call.Net == nil {
			continue
		}
		fn := netcall.Callee(call.CallInstruction)
		if fn == nil || !hasFirstWord(fn.Name(), connecting) && !strings.Contains(strings.ToLower(fn.Name()), "conn") {
			return false
		}
	}
	return true
}

func hasFirstWord(name string, words []string) bool {
	name = strings.ToLower(name)
	for _, w := range words {
		if strings.HasPrefix(name, w) {
			return true
		}
	}
	return false
}

// Names calls visit with the name of each function that is called, and each
// variable that is compared with or handed on, on the way around the loop.
func (c *Case) Names(visit func(name string)) {
	for _, b := range c.blocks() {
		for _, instr := range b.Instrs {
			if call, ok := instr.(ssa.CallInstruction); ok {
				if fn := netcall.Callee(call); fn != nil {
					visit(fn.Name())
				} else {
					visit(retry.TextOf(call.Common().Value))
				}
			}
			for _, op := range instr.Operands(nil) {
				if g, ok := (*op).(*ssa.Global); ok {
					visit(g.Name())
				}
			}
		}
	}
}

// blocks returns the blocks of the loop, or of the whole function.
func (c *Case) blocks() []*ssa.BasicBlock {
	if c.Loop == nil {
		return c.Fn.Blocks
	}
	var blocks []*ssa.BasicBlock
	for _, b := range c.Fn.Blocks {
		if c.Loop.Blocks[b] {
			blocks = append(blocks, b)
		}
	}
	return blocks
}
