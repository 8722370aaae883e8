package grpcpolicy

import (
	"cmp"
	"encoding/json"
	"path/filepath"
	"slices"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/callgraph"
)

// emit is set by the commslint command, which checks service configs together with
// the .proto files that they are about.
var emit bool

func init() {
	Analyzer.Flags.BoolVar(&emit, "emit", false, "print the service configs in the package, as JSON (for the commslint command)")
}

// A Literal is a service config that code gives to grpc.WithDefaultServiceConfig.
type Literal struct {
	// File is the file that the code reads it from; empty for a text in the code.
	File string `json:"file,omitempty"`
	Text string `json:"text,omitempty"` // of the config, if File is empty
	// At is where the text begins in the code if Inside, else where it is given.
	At     callgraph.Posn `json:"at"`
	Inside bool           `json:"inside,omitempty"`
	// Dials are the connections of the package that have it, and MaxAttempts the most
	// attempts that one of them makes of a call; 0 if there are none.
	Dials       []callgraph.Posn `json:"dials,omitempty"`
	MaxAttempts int              `json:"maxAttempts,omitempty"`
}

// literals lists the service configs in the package, sorted.
func (r *Result) literals() []Literal {
	var all []Literal
	for _, fn := range r.net.Funcs {
		for _, b := range fn.Blocks {
			for _, instr := range b.Instrs {
				call, ok := instr.(*ssa.Call)
				if !ok || !isConfigOption(call) {
					continue
				}
				for _, t := range r.texts(call.Call.Args[0], call) {
					if t.Known {
						all = append(all, r.literal(t))
					}
				}
			}
		}
	}
	slices.SortFunc(all, func(a, b Literal) int {
		return cmp.Or(comparePosns(a.At, b.At), cmp.Compare(a.File, b.File), cmp.Compare(a.Text, b.Text))
	})
	return slices.CompactFunc(all, func(a, b Literal) bool { return a.At == b.At && a.File == b.File && a.Text == b.Text })
}

func isConfigOption(call *ssa.Call) bool {
	fn := netcall.Callee(call)
	return fn != nil && fn.Pkg() != nil && fn.Pkg().Path() == grpcPath && optionKinds[fn.Name()] == configOption
}

func (r *Result) literal(t text) Literal {
	l := Literal{Text: t.JSON, At: t.At, Inside: t.Inside}
	if t.Inside && filepath.Ext(t.At.File) != ".go" {
		l = Literal{File: t.At.File, At: t.At}
	}
	for _, d := range r.Dials {
		if slices.Contains(d.configs, t) {
			l.Dials = append(l.Dials, d.At)
			l.MaxAttempts = max(l.MaxAttempts, d.maxAttempts)
		}
	}
	return l
}

// print reports the service configs as a diagnostic, the only thing that go vet passes on.
func (r *Result) print() {
	literals := r.literals()
	if len(literals) == 0 || len(r.pass.Files) == 0 {
		return
	}
	if text, err := json.Marshal(literals); err == nil {
		r.pass.Report(analysis.Diagnostic{Pos: r.pass.Files[0].Package, Category: Emitted, Message: string(text)})
	}
}

// Emitted is the category of the diagnostics that hold Literals.
const Emitted = "grpcpolicy"
