// Package insecuretls defines the rule go/insecure-tls.
package insecuretls

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/constflow"
	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/finding"
)

const doc = `report TLS that does not check the peer, or speaks an outdated version

A tls.Config whose InsecureSkipVerify is true accepts any certificate: whoever
is on the path can read and change what is sent. So does one with the constant
behind a variable, a parameter or a field, as long as nothing else can arrive
there. MinVersion and MaxVersion below the parameter min-version (1.2) allow
protocols that RFC 8996 has deprecated; a MinVersion that is not set is fine, as
Go's own default is TLS 1.2.

	conf := &tls.Config{InsecureSkipVerify: true} // want: set RootCAs instead

Not reported: a configuration that sets VerifyPeerCertificate or
VerifyConnection, which replace the verification, one for a connection that only
serves to look at the peer's certificate, and a value that is passed through
from a setting. Where a comment directly above gives the reason why the
certificate cannot be verified, the finding is likely. Verification that a setting switches off is reported as
possible.`

// Analyzer implements go/insecure-tls.
var Analyzer = &analysis.Analyzer{
	Name:     "insecuretls",
	Doc:      doc,
	URL:      "https://pkg.go.dev/github.com/commslint/commslint/analyzers/insecuretls",
	Requires: []*analysis.Analyzer{netcall.Analyzer, constflow.Analyzer},
	Run:      run,
}

var minVersion = "1.2"

func init() {
	Analyzer.Flags.StringVar(&minVersion, "min-version", minVersion, "the lowest TLS version that is accepted: 1.0, 1.1, 1.2 or 1.3")
}

// versions are the numbers of crypto/tls.
var versions = map[string]int64{"1.0": 0x0301, "1.1": 0x0302, "1.2": 0x0303, "1.3": 0x0304}

type checker struct {
	pass   *analysis.Pass
	tracer *constflow.Tracer
	lowest int64
}

func run(pass *analysis.Pass) (any, error) {
	lowest, ok := versions[minVersion]
	if !ok {
		return nil, fmt.Errorf("insecuretls: min-version is %q: expected 1.0, 1.1, 1.2 or 1.3", minVersion)
	}
	c := &checker{pass, pass.ResultOf[constflow.Analyzer].(*constflow.Tracer), lowest}
	for _, fn := range pass.ResultOf[netcall.Analyzer].(*netcall.Result).Funcs {
		for _, b := range fn.Blocks {
			for _, instr := range b.Instrs {
				if st, ok := instr.(*ssa.Store); ok {
					c.store(st)
				}
			}
		}
	}
	return nil, nil
}

// store checks an assignment to a field of a tls.Config, in a literal or not.
func (c *checker) store(st *ssa.Store) {
	fa, ok := st.Addr.(*ssa.FieldAddr)
	if !ok || !isConfig(fa.X.Type()) {
		return
	}
	switch name := netcall.FieldName(fa); name {
	case "InsecureSkipVerify":
		c.skipVerify(fa, st)
	case "MinVersion", "MaxVersion":
		c.version(fa, st, name)
	}
}

func (c *checker) skipVerify(fa *ssa.FieldAddr, st *ssa.Store) {
	set := c.tracer.Values(st.Val)
	if !set.Some(constflow.True) || c.verifiesItself(fa) || onlyProbes(fa) {
		return
	}
	strength := c.strength(st, set, constflow.True)
	if strength == finding.Proven && c.explained(st) {
		strength = finding.Likely
	}
	c.report(st, set, strength,
		"InsecureSkipVerify accepts any certificate: whoever is on the path can read and change what is sent", nil)
}

func (c *checker) version(fa *ssa.FieldAddr, st *ssa.Store, name string) {
	set := c.tracer.Values(st.Val)
	outdated := constflow.IntIn(1, c.lowest-1)
	if !set.Some(outdated) {
		return
	}
	verb := "allows"
	if name == "MaxVersion" {
		verb = "forces"
	}
	number := int64(0)
	for _, v := range set {
		if v.Known() && outdated(v.Const) {
			number, _ = constant.Int64Val(constant.ToInt(v.Const))
			break
		}
	}
	message := fmt.Sprintf("%s %s %s, which is below TLS %s: a peer, or whoever is between, can get the weaker protocol",
		name, verb, versionName(number), minVersion)
	c.report(st, set, c.strength(st, set, outdated), message, c.raise(st))
}

func versionName(n int64) string {
	if n == 0x0300 {
		return "SSL 3.0"
	}
	for name, v := range versions {
		if v == n {
			return "TLS " + name
		}
	}
	return fmt.Sprintf("protocol version %#x", n)
}

// strength says how sure it is that the bad value is in force: not if a setting
// decides, be it through the value or through the branch it is set on.
func (c *checker) strength(st *ssa.Store, set constflow.Set, bad func(constant.Value) bool) finding.Strength {
	if !set.Always(bad) {
		return finding.Possible
	}
	strength := finding.Proven
	for _, cond := range c.tracer.Switched(constflow.Guards(st)) {
		if optsOut(cond) {
			return finding.Possible
		}
		strength = finding.Likely
	}
	return strength
}

// optsOut reports whether a condition reads as a switch for insecurity, such as
// cfg.Insecure, rather than one that asks for TLS as a whole. Nothing but the
// names in it tells the two apart.
func optsOut(cond *ssa.If) bool {
	for _, name := range constflow.Names(cond.Cond) {
		name = strings.ToLower(name)
		for _, word := range optOutWords {
			if strings.Contains(name, word) {
				return true
			}
		}
	}
	return false
}

var optOutWords = []string{"insecure", "skip", "verify", "unsafe", "selfsigned", "dev", "debug", "test", "local", "legacy", "trust"}

// verifiesItself reports whether the configuration has a verification of its own.
func (c *checker) verifiesItself(fa *ssa.FieldAddr) bool {
	objs, _ := c.tracer.Objects(fa.X)
	for _, obj := range objs {
		for _, name := range []string{"VerifyPeerCertificate", "VerifyConnection"} {
			uses, overwritten := c.tracer.FieldUses(obj, name)
			if overwritten {
				return true
			}
			for _, use := range uses {
				if use.Store == nil || !isNil(use.Store.Val) {
					return true
				}
			}
		}
	}
	return len(objs) == 0 && verifiedIn(fa.Parent())
}

// verifiedIn reports whether a function sets a verification on some
// configuration: good enough where it is not known which one is at hand.
func verifiedIn(fn *ssa.Function) bool {
	for _, b := range fn.Blocks {
		for _, instr := range b.Instrs {
			fa, ok := instr.(*ssa.FieldAddr)
			if !ok || !isConfig(fa.X.Type()) {
				continue
			}
			if name := netcall.FieldName(fa); name == "VerifyPeerCertificate" || name == "VerifyConnection" {
				return true
			}
		}
	}
	return false
}

func (c *checker) report(st *ssa.Store, set constflow.Set, strength finding.Strength, message string, fixes []analysis.SuggestedFix) {
	node := assignment(c.pass, st.Pos())
	if node == nil {
		return
	}
	d := analysis.Diagnostic{Pos: node.Pos(), End: node.End(), Message: message, SuggestedFixes: fixes}
	for _, v := range set {
		if v.Known() && v.Pos.IsValid() && (v.Pos < node.Pos() || node.End() <= v.Pos) {
			d.Related = append(d.Related, netcall.At(v.Pos, "the value comes from here"))
		}
	}
	netcall.Report(c.pass, strength, d)
}

// assignment returns the field of a literal or the statement that stands at a
// position.
func assignment(pass *analysis.Pass, pos token.Pos) ast.Node {
	return constflow.Syntax(pass, pos, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.KeyValueExpr, *ast.AssignStmt:
			return true
		}
		return false
	})
}

// raise suggests the lowest version that is accepted in place of a constant of
// package tls.
func (c *checker) raise(st *ssa.Store) []analysis.SuggestedFix {
	var value ast.Expr
	switch n := assignment(c.pass, st.Pos()).(type) {
	case *ast.KeyValueExpr:
		value = n.Value
	case *ast.AssignStmt:
		if len(n.Rhs) == 1 {
			value = n.Rhs[0]
		}
	}
	sel, ok := value.(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	pkg, ok := sel.X.(*ast.Ident)
	if !ok {
		return nil
	}
	if name, ok := c.pass.TypesInfo.Uses[pkg].(*types.PkgName); !ok || name.Imported().Path() != "crypto/tls" {
		return nil
	}
	accepted := "VersionTLS" + strings.ReplaceAll(minVersion, ".", "")
	return []analysis.SuggestedFix{{
		Message:   "Use tls." + accepted,
		TextEdits: []analysis.TextEdit{{Pos: sel.Sel.Pos(), End: sel.Sel.End(), NewText: []byte(accepted)}},
	}}
}

func isConfig(t types.Type) bool {
	p, ok := t.Underlying().(*types.Pointer)
	if !ok {
		return false
	}
	named, ok := types.Unalias(p.Elem()).(*types.Named)
	return ok && named.Obj().Name() == "Config" && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == "crypto/tls"
}

func isNil(v ssa.Value) bool {
	c, ok := v.(*ssa.Const)
	return ok && c.Value == nil
}
