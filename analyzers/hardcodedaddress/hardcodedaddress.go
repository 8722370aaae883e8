// Package hardcodedaddress defines the rule go/hardcoded-address.
package hardcodedaddress

import (
	"fmt"
	"go/token"
	"net/netip"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/constflow"
	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/finding"
)

const doc = `report literal IP addresses of machines that are dialled

An IP address in code outlives the machine that it names: after a move the
program calls nothing, or whatever got the address next. The finding stands at
the literal and tells the call that it reaches; one that only stands in for a
missing setting is reported as likely.

	conn, err := net.Dial("tcp", "10.1.2.3:5432") // want: a name from configuration

Not reported: addresses that are listened on, loopback, unspecified, multicast
and link-local ones, among them the metadata addresses that clouds fix, networks
in the parameter allow, addresses that are never dialled, and a UDP connection
made only to learn the local address.`

// Analyzer implements go/hardcoded-address.
var Analyzer = &analysis.Analyzer{
	Name:     "hardcodedaddress",
	Doc:      doc,
	URL:      "https://pkg.go.dev/github.com/commslint/commslint/analyzers/hardcodedaddress",
	Requires: []*analysis.Analyzer{netcall.Analyzer, constflow.Analyzer},
	Run:      run,
}

var allow string

func init() {
	Analyzer.Flags.StringVar(&allow, "allow", "", "networks, as CIDR and separated by commas, whose addresses may stand in code")
}

// platform lists addresses outside the link-local range that a platform fixes
// for every machine of it.
var platform = []netip.Addr{
	netip.AddrFrom4([4]byte{100, 100, 100, 200}),                              // Alibaba Cloud instance metadata
	netip.AddrFrom4([4]byte{168, 63, 129, 16}),                                // Azure platform services
	netip.AddrFrom4([4]byte{255, 255, 255, 255}),                              // broadcast
	netip.AddrFrom16([16]byte{0: 0xfd, 2: 0x0e, 3: 0xc2, 14: 0x02, 15: 0x54}), // fd00:ec2::254, EC2 metadata
}

type checker struct {
	pass    *analysis.Pass
	tracer  *constflow.Tracer
	allowed []netip.Prefix
	seen    map[token.Pos]bool
}

func run(pass *analysis.Pass) (any, error) {
	allowed, err := networks(allow)
	if err != nil {
		return nil, err
	}
	c := &checker{pass, pass.ResultOf[constflow.Analyzer].(*constflow.Tracer), allowed, make(map[token.Pos]bool)}
	for _, fn := range pass.ResultOf[netcall.Analyzer].(*netcall.Result).Funcs {
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

func networks(list string) (prefixes []netip.Prefix, err error) {
	for _, s := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' }) {
		p, err := netip.ParsePrefix(strings.TrimSpace(s))
		if err != nil {
			return nil, fmt.Errorf("hardcodedaddress: allow has %q: expected a network such as 10.0.0.0/8", s)
		}
		prefixes = append(prefixes, p)
	}
	return prefixes, nil
}

func (c *checker) call(call ssa.CallInstruction) {
	for _, target := range constflow.Targets(call) {
		set := c.tracer.ValuesAt(target, call)
		strength := finding.Proven
		for _, v := range set {
			if v.Parts == nil {
				strength = finding.Likely // a setting may take its place
			}
		}
		for _, v := range set {
			if addr, ok := c.fixed(v); ok && !localAddressOnly(call) {
				c.report(call, v, addr, strength)
			}
		}
	}
}

// fixed returns the IP address that a value names if it should not stand in code.
func (c *checker) fixed(v constflow.Value) (netip.Addr, bool) {
	host, known := v.KnownHost()
	if !known {
		return netip.Addr{}, false
	}
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return netip.Addr{}, false
	}
	addr = addr.Unmap()
	if addr.IsLoopback() || addr.IsUnspecified() || addr.IsMulticast() || addr.IsLinkLocalUnicast() {
		return netip.Addr{}, false
	}
	for _, p := range platform {
		if p == addr.WithZone("") {
			return netip.Addr{}, false
		}
	}
	for _, p := range c.allowed {
		if p.Contains(addr.WithZone("")) {
			return netip.Addr{}, false
		}
	}
	return addr, true
}

func (c *checker) report(call ssa.CallInstruction, v constflow.Value, addr netip.Addr, strength finding.Strength) {
	d := analysis.Diagnostic{
		Pos: v.Pos,
		Message: fmt.Sprintf("the IP address %s is fixed in code and dialled: it names a machine, not a service, and stays behind when the service moves",
			addr),
	}
	expr := constflow.CallSyntax(c.pass, call)
	switch {
	case v.Expr != nil:
		d.Pos, d.End = v.Expr.Pos(), v.Expr.End()
		if expr == nil || d.Pos < expr.Pos() || expr.End() < d.End {
			d.Related = append(d.Related, netcall.At(call.Pos(), "it is dialled here"))
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

// localAddressOnly reports whether a connection is only asked for its own
// address. Connecting a UDP socket sends nothing: it makes the system choose the
// interface that leads to the address.
func localAddressOnly(call ssa.CallInstruction) bool {
	v, ok := call.(*ssa.Call)
	if !ok {
		return false
	}
	asked := false
	for _, r := range *v.Referrers() {
		conn, ok := r.(*ssa.Extract)
		if !ok || conn.Index != 0 {
			continue
		}
		for _, use := range *conn.Referrers() {
			method, ok := use.(ssa.CallInstruction)
			if !ok || !method.Common().IsInvoke() {
				return false
			}
			switch method.Common().Method.Name() {
			case "LocalAddr":
				asked = true
			case "Close":
			default:
				return false
			}
		}
	}
	return asked
}
