package grpcpolicy

import (
	"fmt"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/analyzers/typequery"
	"github.com/commslint/commslint/callgraph"
)

// Options is the fact about a function that returns dial options or an
// interceptor: what these are.
type Options struct {
	Choices      [][]option
	Interceptors [][]interceptor
}

// Conns is the fact about a function that returns a connection or a stub: over
// which connection it talks.
type Conns struct {
	At    []callgraph.Posn // where it may have been made
	Param int              // 1 + the index of the parameter that it is made of, counting the receiver as 0; 0 for none
}

// Dialer is the fact about a function that returns a connection made with options
// that are passed to it.
type Dialer struct{ Choices [][]option }

// Operation is the fact about a method of a generated stub, or of its
// interface: the operation that it asks for.
type Operation struct{ Name string }

// Service is the fact about the interface that servers of a service implement.
type Service struct{ Methods []ServiceMethod }

// A ServiceMethod is a method of a service.
type ServiceMethod struct {
	Go        string // method of the interface: "GetCharge"
	Operation string // "/pay.v1.Payments/GetCharge"
}

func (*Options) AFact()   {}
func (*Conns) AFact()     {}
func (*Dialer) AFact()    {}
func (*Operation) AFact() {}
func (*Service) AFact()   {}

func (o *Options) String() string {
	return fmt.Sprintf("options %d, interceptors %d", len(o.Choices), len(o.Interceptors))
}

func (c *Conns) String() string { return fmt.Sprintf("conns %v of %d", c.At, c.Param) }

func (d *Dialer) String() string { return fmt.Sprintf("dialer %d", len(d.Choices)) }

func (o *Operation) String() string { return "operation " + o.Name }

func (s *Service) String() string {
	var names []string
	for _, m := range s.Methods {
		names = append(names, m.Operation)
	}
	return "service " + strings.Join(names, " ")
}

// importFact reads the fact about the function of another package that a call
// names.
func (r *Result) importFact(call ssa.CallInstruction, fact interface {
	AFact()
	String() string
}) bool {
	fn := netcall.Callee(call)
	return fn != nil && fn.Pkg() != nil && fn.Pkg() != r.pass.Pkg && r.pass.ImportObjectFact(fn, fact)
}

// exportOptions exports what functions return as options and interceptors.
func (r *Result) exportOptions() {
	for _, fn := range r.net.Funcs {
		obj, ok := fn.Object().(*types.Func)
		if !ok || fn.Signature.Results().Len() == 0 || obj.Name() == "init" {
			continue
		}
		r.own = fn
		fact := new(Options)
		typ := fn.Signature.Results().At(0).Type()
		for _, result := range returned(fn, 0) {
			switch {
			case typequery.Name(typ) == grpcPath+".DialOption":
				fact.Choices = append(fact.Choices, r.optionsOf(result, nil)...)
			case isOptions(typ):
				fact.Choices = append(fact.Choices, r.optionsIn(result, nil)...)
			case typequery.Name(typ) == grpcPath+".UnaryClientInterceptor" || typequery.Name(typ) == grpcPath+".StreamClientInterceptor":
				fact.Interceptors = append(fact.Interceptors, r.interceptorsOf(result, nil)...)
			}
		}
		if fact.Choices = choices(fact.Choices).distinct(); len(fact.Choices)+len(fact.Interceptors) > 0 {
			r.pass.ExportObjectFact(obj, fact)
		}
	}
	r.own = nil
}

func isOptions(t types.Type) bool {
	s, ok := t.Underlying().(*types.Slice)
	return ok && typequery.Name(s.Elem()) == grpcPath+".DialOption"
}

func returned(fn *ssa.Function, i int) (results []ssa.Value) {
	for _, b := range fn.Blocks {
		if ret, ok := b.Instrs[len(b.Instrs)-1].(*ssa.Return); ok && i < len(ret.Results) {
			results = append(results, ret.Results[i])
		}
	}
	return results
}
