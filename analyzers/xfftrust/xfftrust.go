// Package xfftrust defines the rule go/xff-trust.
package xfftrust

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/constflow"
	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/finding"
)

const doc = `report decisions that rest on a forwarded header any client can write

X-Forwarded-For, X-Real-IP and their kin say who the client is only if a proxy
that is trusted wrote them. Whoever connects directly writes what he likes, and
behind most proxies the first entries of X-Forwarded-For are still the client's
own: they append theirs at the end. A rate limit keyed by such a value is evaded
with a new value for each request, an allow list is entered with a guess.

	ip := strings.Split(r.Header.Get("X-Forwarded-For"), ",")[0]
	if !limiters.get(ip).Allow() { // want: RemoteAddr, or the entry a trusted proxy added
		http.Error(w, "slow down", http.StatusTooManyRequests)

The analyzer follows the value from where the header is read, through functions
and packages, to a test by which a request is refused: a look-up in a limiter, a
counter or a list of addresses, a network that contains it, a comparison. It
knows that gin's ClientIP and echo's RealIP believe every peer unless told
otherwise, and that middleware such as chi's RealIP makes RemoteAddr as
doubtful; those are reported, as likely, where the router is set up.

A header that holds one address, such as X-Real-IP, is overwritten by a proxy
that is set up for it, so a decision on it alone is reported as likely.

Not reported: logging, tracing and passing the header on; a test for presence;
entries counted from the right; values that are read only after a check of the
peer or of a setting that says there is a trusted proxy; headers whose name is
configuration.`

// Analyzer implements go/xff-trust.
var Analyzer = &analysis.Analyzer{
	Name:      "xfftrust",
	Doc:       doc,
	URL:       "https://pkg.go.dev/github.com/commslint/commslint/analyzers/xfftrust",
	Requires:  []*analysis.Analyzer{netcall.Analyzer, constflow.Analyzer},
	Run:       run,
	FactTypes: []analysis.Fact{(*Summary)(nil), (*Reliance)(nil)},
}

func run(pass *analysis.Pass) (any, error) {
	res := pass.ResultOf[netcall.Analyzer].(*netcall.Result)
	if res.Pkg == nil {
		return nil, nil
	}
	pk := newPkg(pass, res, pass.ResultOf[constflow.Analyzer].(*constflow.Tracer))
	pk.solve()
	pk.export()
	for _, d := range pk.decisions() {
		if reads := d.headers(); len(reads) > 0 {
			pk.report(d, reads)
		}
	}
	pk.settle()
	return nil, nil
}

// report tells of a decision that rests on headers.
func (pk *pkg) report(d *decision, reads []Read) {
	strength := finding.Likely
	var names []string
	for _, r := range reads {
		if !slices.Contains(names, r.Name) {
			names = append(names, r.Name)
		}
		if r.List && d.test != keyed {
			strength = finding.Proven
		}
	}
	diag := analysis.Diagnostic{
		Pos:     d.at,
		Message: d.test.consequence(strings.Join(names, " or ")),
	}
	if node := pk.syntax(d.at); node != nil {
		diag.Pos, diag.End = node.Pos(), node.End()
	}
	for _, r := range reads {
		diag.Related = append(diag.Related, netcall.At(pk.res.Pos(r.At), r.Name+" is read here"))
	}
	if d.via.IsValid() {
		diag.Related = append(diag.Related, netcall.At(pk.res.Pos(d.via), "it is decided here"))
	}
	netcall.Report(pk.pass, strength, diag)
}

// syntax returns the expression that stands at the position of an instruction.
func (pk *pkg) syntax(pos token.Pos) ast.Node {
	if node := netcall.NodeAt(pk.pass, pos); node != nil {
		return node
	}
	return constflow.Syntax(pk.pass, pos, func(n ast.Expr) bool {
		switch n := n.(type) {
		case *ast.BinaryExpr:
			return n.OpPos == pos
		case *ast.IndexExpr:
			return n.Lbrack == pos
		}
		return false
	})
}

// A test is a way to decide by an address.
type test uint8

const (
	none    test = iota
	member       // of a list or network
	compare      // with another address
	keyed        // something is kept for each address, perhaps a limit
	limiter      // a rate limiter is kept for each address
)

func (t test) consequence(source string) string {
	switch t {
	case keyed, limiter:
		return "a limit per client rests on " + source +
			", which any client can write: it evades the limit with a new value for each request, or uses up that of another"
	case compare:
		return "a request is let in or refused by comparing " + source +
			", which any client can write: it can claim the address that passes"
	}
	return "a request is let in or refused by " + source +
		", which any client can write: it can claim an address that passes"
}

func outermost(fn *ssa.Function) *ssa.Function {
	for fn.Parent() != nil {
		fn = fn.Parent()
	}
	return fn
}
