// Package plaintext defines the rule go/plaintext.
package plaintext

import (
	"fmt"
	"go/token"
	"slices"
	"strings"
	"sync"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/constflow"
	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/finding"
)

const doc = `report clear text that is sent to another machine

Reported are http:// and ws:// URLs that are requested, gRPC channels with
insecure credentials, and data source names with sslmode=disable. The finding
stands where the clear text is chosen: at the literal, or at the credentials.

	http.Get("http://orders/v1/orders") // want: https://

Where the host is not known, because a setting names it, the finding is likely.
It is possible where a setting replaces a loopback default, where http:// only
completes an address that has no scheme, where credentials are insecure only on
demand, and in packages that help tests.

Not reported: loopback addresses, unix sockets and in-memory listeners, metadata
addresses that clouds serve over http only, custom dialers, hosts in the
parameter allow-hosts, and URLs that are never requested, such as XML name
spaces. With mesh-encrypts nothing is reported at all.`

// Analyzer implements go/plaintext.
var Analyzer = &analysis.Analyzer{
	Name:     "plaintext",
	Doc:      doc,
	URL:      "https://pkg.go.dev/github.com/commslint/commslint/analyzers/plaintext",
	Requires: []*analysis.Analyzer{netcall.Analyzer, constflow.Analyzer},
	Run:      run,
}

var (
	meshEncrypts bool
	allowHosts   string
)

func init() {
	Analyzer.Flags.BoolVar(&meshEncrypts, "mesh-encrypts", false, "the network encrypts between machines, so clear text that code sends does not leave as such")
	Analyzer.Flags.StringVar(&allowHosts, "allow-hosts", "", "host names that may be spoken to in clear text, separated by commas; *.example.com stands for every name below example.com")
}

type checker struct {
	pass   *analysis.Pass
	tracer *constflow.Tracer
	hosts  hosts
	dials  func() bool // whether the package has an HTTP transport with its own dialer
	seen   map[token.Pos]bool
}

func run(pass *analysis.Pass) (any, error) {
	if meshEncrypts {
		return nil, nil
	}
	tracer, funcs := pass.ResultOf[constflow.Analyzer].(*constflow.Tracer), pass.ResultOf[netcall.Analyzer].(*netcall.Result).Funcs
	dials := sync.OnceValue(func() bool { return ownDialer(tracer, funcs) })
	c := &checker{pass, tracer, allowed(allowHosts), dials, make(map[token.Pos]bool)}
	for _, fn := range funcs {
		for _, b := range fn.Blocks {
			for _, instr := range b.Instrs {
				if call, ok := instr.(ssa.CallInstruction); ok {
					c.call(call)
				}
			}
		}
	}
	return nil, nil
}

func (c *checker) call(call ssa.CallInstruction) {
	for _, target := range constflow.Targets(call) {
		c.url(call, target)
	}
	if dsn := dataSource(call); dsn != nil {
		c.dataSource(call, dsn)
	}
	if target, opts := channel(call); target != nil {
		c.channel(call, target, opts)
	}
}

// url checks the URLs that a request is made to.
func (c *checker) url(call ssa.CallInstruction, target ssa.Value) {
	set := c.tracer.ValuesAt(target, call)
	unknown := finding.Likely // where the host is a setting
	if slices.ContainsFunc(set, c.nearby) {
		unknown = finding.Possible // that takes the place of a host nearby
	}
	for _, v := range set {
		prefix, _ := v.Text()
		scheme := clearScheme(prefix)
		if scheme == "" {
			continue
		}
		host, known := v.KnownHost()
		switch {
		case known && !c.hosts.distant(host), c.redirected(call):
		case known && set.Complete():
			c.report(call, v, finding.Proven, fmt.Sprintf("%s sends requests to %s in clear text: whoever is between can read and change them", scheme, host))
		case known:
			c.report(call, v, finding.Likely, fmt.Sprintf("%s sends requests to %s in clear text: whoever is between can read and change them", scheme, host))
		default:
			strength := unknown
			if c.isDefaultScheme(v.Expr) {
				strength = finding.Possible
			}
			c.report(call, v, strength, fmt.Sprintf("%s sends requests in clear text %s: whoever is between can read and change them", scheme, whichHost(prefix)))
		}
	}
}

// whichHost says in words what is known of the host of a URL that begins so.
func whichHost(prefix string) string {
	_, authority, _ := strings.Cut(prefix, "://")
	if authority = authority[strings.LastIndexByte(authority, '@')+1:]; authority == "" {
		return "whatever the host"
	}
	return fmt.Sprintf("to a host that begins with %q", authority)
}

// nearby reports whether a URL leads to a host that is known and not distant.
func (c *checker) nearby(v constflow.Value) bool {
	host, known := v.KnownHost()
	return known && !c.hosts.distant(host)
}

// report reports a string at its literal, or at the call that it reaches.
func (c *checker) report(call ssa.CallInstruction, v constflow.Value, strength finding.Strength, message string) {
	d := analysis.Diagnostic{Pos: v.Pos, Message: message}
	expr := constflow.CallSyntax(c.pass, call)
	switch {
	case v.Expr != nil:
		d.Pos, d.End = v.Expr.Pos(), v.Expr.End()
		if expr == nil || d.Pos < expr.Pos() || expr.End() < d.End {
			d.Related = append(d.Related, netcall.At(call.Pos(), "it is used here"))
		}
	case expr != nil:
		d.Pos, d.End = expr.Pos(), expr.End()
	}
	if !d.Pos.IsValid() || c.seen[d.Pos] {
		return
	}
	c.seen[d.Pos] = true
	netcall.Report(c.pass, strength, d)
}
