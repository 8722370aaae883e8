package plaintext

import (
	"fmt"
	"path"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/constflow"
	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/rules/clients"
)

const grpcPath = "google.golang.org/grpc"

// channel returns the target and the options of a call that makes a gRPC channel.
func channel(call ssa.CallInstruction) (target, opts ssa.Value) {
	fn := netcall.Callee(call)
	if fn == nil || fn.Pkg() == nil || fn.Pkg().Path() != grpcPath {
		return nil, nil
	}
	args := call.Common().Args
	switch fn.FullName() {
	case grpcPath + ".NewClient", grpcPath + ".Dial":
		return args[0], args[1]
	case grpcPath + ".DialContext":
		return args[1], args[2]
	}
	return nil, nil
}

// channel checks the transport credentials of a gRPC channel.
func (c *checker) channel(call ssa.CallInstruction, target, opts ssa.Value) {
	elems, _ := c.tracer.Elements(opts)
	var insecure *ssa.Call
	strength := finding.Proven
	for _, elem := range elems {
		opt, ok := elem.(*ssa.Call)
		if !ok {
			continue
		}
		switch credentials, known := c.credentials(opt); {
		case dialer(opt):
			return
		case credentials != nil:
			if insecure == nil {
				insecure = credentials
			}
			if onDemand(credentials, call) || onDemand(opt, call) {
				strength = finding.Possible
			}
		case known:
			strength = finding.Possible // other credentials too: a condition chooses
		}
	}
	if insecure == nil {
		return
	}
	where, certainty, ok := c.destination(target)
	if !ok {
		return
	}
	c.reportChannel(call, insecure, weaker(strength, certainty), where)
}

// credentials returns the call that makes insecure credentials if an option
// sets these, and whether it sets any.
func (c *checker) credentials(opt *ssa.Call) (insecure *ssa.Call, sets bool) {
	if netcall.HasRole(netcall.ModelOf(opt), clients.Insecure) {
		return opt, true
	}
	fn := netcall.Callee(opt)
	if fn == nil || fn.Pkg() == nil || fn.Pkg().Path() != grpcPath {
		return nil, false
	}
	if fn.Name() != "WithTransportCredentials" && fn.Name() != "WithCredentialsBundle" {
		return nil, false
	}
	origins := c.tracer.Origins(opt.Call.Args[0])
	for _, v := range origins {
		made, ok := v.(*ssa.Call)
		if !ok || !netcall.HasRole(netcall.ModelOf(made), clients.Insecure) {
			return nil, true
		}
		insecure = made
	}
	return insecure, true
}

// dialer reports whether an option replaces the way connections are made: to an
// in-memory listener, a socket, or through a tunnel.
func dialer(opt *ssa.Call) bool {
	fn := netcall.Callee(opt)
	return fn != nil && fn.Pkg() != nil && fn.Pkg().Path() == grpcPath &&
		(fn.Name() == "WithContextDialer" || fn.Name() == "WithDialer")
}

// onDemand reports whether a condition decides on an option rather than on the
// channel as a whole.
func onDemand(opt, dial ssa.CallInstruction) bool {
	shared := make(map[*ssa.If]bool)
	if opt.Parent() == dial.Parent() {
		for _, g := range constflow.Guards(dial) {
			shared[g] = true
		}
	}
	for _, g := range constflow.Guards(opt) {
		if !shared[g] {
			return true
		}
	}
	return false
}

// destination says in words where a channel leads and how sure that is another
// machine; false if it is known not to be.
func (c *checker) destination(target ssa.Value) (where string, _ finding.Strength, ok bool) {
	set := c.tracer.Values(target)
	local, unknown := false, false
	for _, v := range set {
		prefix, _ := v.Text()
		host, known := v.KnownHost()
		switch {
		case strings.HasPrefix(prefix, ":") || constflow.IsLoopback(prefix) || known && !c.hosts.distant(host):
			local = true
		case known:
			where = host
		default:
			unknown = true
		}
	}
	switch {
	case where != "" && !unknown:
		return "to " + where, finding.Proven, true
	case !unknown:
		return "", "", false
	case local && where == "" || c.helpsTests():
		return "to whatever its target names", finding.Possible, true
	}
	return "to whatever its target names", finding.Likely, true
}

// helpsTests reports whether the package is there for tests: it is named so, or
// imports testing other than in its own tests.
func (c *checker) helpsTests() bool {
	for _, file := range c.pass.Files {
		if strings.HasSuffix(c.pass.Fset.File(file.FileStart).Name(), "_test.go") {
			continue
		}
		for _, imp := range file.Imports {
			if imp.Path.Value == `"testing"` {
				return true
			}
		}
	}
	name := path.Base(c.pass.Pkg.Path())
	return strings.HasPrefix(name, "test") || strings.HasSuffix(name, "test") || strings.Contains(c.pass.Pkg.Path(), "e2e")
}

func weaker(a, b finding.Strength) finding.Strength {
	rank := map[finding.Strength]int{finding.Proven: 2, finding.Likely: 1, finding.Possible: 0}
	if rank[a] < rank[b] {
		return a
	}
	return b
}

func (c *checker) reportChannel(dial ssa.CallInstruction, insecure *ssa.Call, strength finding.Strength, where string) {
	expr := constflow.CallSyntax(c.pass, insecure)
	if expr == nil || c.seen[expr.Pos()] {
		return
	}
	c.seen[expr.Pos()] = true
	d := analysis.Diagnostic{
		Pos: expr.Pos(), End: expr.End(),
		Message: fmt.Sprintf("this gRPC channel sends clear text %s: whoever is between can read and change the calls and their tokens", where),
	}
	if at := constflow.CallSyntax(c.pass, dial); at == nil || expr.Pos() < at.Pos() || at.End() < expr.End() {
		d.Related = append(d.Related, netcall.At(dial.Pos(), "the channel is made here"))
	}
	netcall.Report(c.pass, strength, d)
}
