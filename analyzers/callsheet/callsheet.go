// Package callsheet notes of each remote call of a package what a review of its
// design asks: what bounds it, whether a repeat is recognised, what becomes of its
// error, and what limits how many run at once. It also notes the HTTP routes that
// the package serves.
//
// It reports nothing by itself. The commslint command has each package's [Sheet]
// printed, and joins them with what is linked by package callgraph.
package callsheet

import (
	"encoding/json"
	"go/ast"
	"reflect"
	"time"

	"golang.org/x/tools/go/analysis"

	"github.com/commslint/commslint/analyzers/constflow"
	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/callgraph"
)

const name = "callsheet"

const doc = `note what a review asks about each remote call

The callsheet analyzer reports nothing. It collects, for the commslint command,
what bounds each call, what becomes of its error, and what limits its load.`

// Analyzer computes a *Sheet for each package; nil for one that cannot reach the
// network, and if nobody asks for it to be printed.
var Analyzer = &analysis.Analyzer{
	Name:       name,
	Doc:        doc,
	URL:        "https://pkg.go.dev/github.com/commslint/commslint/analyzers/callsheet",
	Requires:   []*analysis.Analyzer{netcall.Analyzer, constflow.Analyzer},
	Run:        run,
	ResultType: reflect.TypeFor[*Sheet](),
}

// emit is set by the commslint command.
var emit bool

func init() {
	Analyzer.Flags.BoolVar(&emit, "emit", false, "print what is known of the package's calls, as JSON (for the commslint command)")
}

// A Sheet is what is known of the calls and routes of one package.
type Sheet struct {
	Path   string  `json:"path"`
	Calls  []Call  `json:"calls,omitempty"`
	Guards []Guard `json:"guards,omitempty"`
	Routes []Route `json:"routes,omitempty"`
	// Generated are the files that are generated: client stubs, whose calls are
	// those of their callers.
	Generated []string `json:"generated,omitempty"`
}

// A BoundKind says what bounds a call in time.
type BoundKind string

const (
	BoundUnknown  BoundKind = ""
	Bounded       BoundKind = "bounded"
	Inherited     BoundKind = "inherits" // only the callers' context bounds it
	UnboundedCall BoundKind = "unbounded"
	OpenOnPurpose BoundKind = "stream"
)

// An Outcome says what becomes of the error of a call.
type Outcome string

const (
	OutcomeUnknown Outcome = ""
	Returned       Outcome = "returned" // itself or wrapped
	Replaced       Outcome = "replaced" // another error is returned
	Ignored        Outcome = "ignored"  // nobody looks at it
	TurnedIntoNil  Outcome = "turned into nil"
	Handled        Outcome = "handled" // looked at, and the function goes on
)

// A Call is a remote call in the code.
type Call struct {
	At callgraph.Posn `json:"at"`

	Bound   BoundKind     `json:"bound,omitempty"`
	Timeout time.Duration `json:"timeout,omitempty"` // 0 if not known
	// BoundText says what leaves an unbounded call without limit.
	BoundText string `json:"boundText,omitempty"`

	// Key names the idempotency key of the request, empty if none is seen;
	// KeyAt is where it is set.
	Key   string         `json:"key,omitempty"`
	KeyAt callgraph.Posn `json:"keyAt,omitzero"`

	Outcome   Outcome        `json:"outcome,omitempty"`
	OutcomeAt callgraph.Posn `json:"outcomeAt,omitzero"`
}

// A Guard limits how many calls run, or wait, at once.
type Guard struct {
	// Func is the id of the function whose calls it limits; empty for a limit
	// of what a client or pool sends.
	Func string `json:"func,omitempty"`
	// Protocol is what a pool limits: http, sql; empty for any.
	Protocol string         `json:"protocol,omitempty"`
	Name     string         `json:"name"` // "(*rate.Limiter).Wait"
	At       callgraph.Posn `json:"at"`
}

// A Route is a handler of HTTP requests, as net/http patterns name it.
type Route struct {
	Pattern string         `json:"pattern"` // "POST /v1/orders/{id}"
	Funcs   []string       `json:"funcs"`   // ids of the handlers, sorted
	At      callgraph.Posn `json:"at"`
}

func run(pass *analysis.Pass) (any, error) {
	net := pass.ResultOf[netcall.Analyzer].(*netcall.Result)
	if net.Pkg == nil || !emit {
		return (*Sheet)(nil), nil
	}
	r := &reader{
		pass: pass, net: net,
		consts: pass.ResultOf[constflow.Analyzer].(*constflow.Tracer),
		sheet:  &Sheet{Path: pass.Pkg.Path()},
	}
	for _, c := range net.Calls {
		r.call(c)
	}
	for _, fn := range net.Funcs {
		r.function(fn)
	}
	for _, file := range pass.Files {
		if ast.IsGenerated(file) {
			r.sheet.Generated = append(r.sheet.Generated, r.at(file.Package).File)
		}
	}
	r.print()
	return r.sheet, nil
}

// print reports the sheet as a diagnostic, the only thing that go vet passes on.
func (r *reader) print() {
	text, err := json.Marshal(r.sheet)
	if err != nil || len(r.pass.Files) == 0 {
		return
	}
	r.pass.Report(analysis.Diagnostic{Pos: r.pass.Files[0].Package, Category: name, Message: string(text)})
}
