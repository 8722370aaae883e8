// Package constflow answers which constants can reach a value: through
// assignments and joins, conversions, concatenation and fmt.Sprintf, package
// variables, struct fields, and the calls of one package. What it cannot follow
// it keeps as an unknown value, so that a rule can tell "always this" from
// "sometimes this".
//
// It also answers two questions of the same kind: which objects a pointer may
// refer to ([Tracer.Objects]), and which conditions decide whether an
// instruction runs ([Guards]).
package constflow

import (
	"go/ast"
	"go/constant"
	"go/token"
	"reflect"
	"strings"
	"sync"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
)

// Analyzer provides a *Tracer for each package. It reports nothing.
var Analyzer = &analysis.Analyzer{
	Name:       "constflow",
	Doc:        "find the constants that can reach a value\n\nThe constflow analyzer reports nothing; rules about addresses, URLs and TLS settings require it.",
	URL:        "https://pkg.go.dev/github.com/commslint/commslint/analyzers/constflow",
	Requires:   []*analysis.Analyzer{netcall.Analyzer},
	ResultType: reflect.TypeFor[*Tracer](),
	Run: func(pass *analysis.Pass) (any, error) {
		return newTracer(pass, pass.ResultOf[netcall.Analyzer].(*netcall.Result)), nil
	},
}

// A Tracer follows values through one package. It may be used by several
// goroutines at once.
type Tracer struct {
	pkg      *ssa.Package
	index    func() *index
	literals *literals
	// objects remembers what pointers refer to: pointed -> *pointees.
	objects sync.Map
}

func newTracer(pass *analysis.Pass, res *netcall.Result) *Tracer {
	return &Tracer{
		pkg:      res.Pkg,
		index:    sync.OnceValue(func() *index { return newIndex(res.Funcs) }),
		literals: newLiterals(pass),
	}
}

// A Source says where an unknown value comes from.
type Source string

const (
	Parameter   Source = "parameter"   // of a function that others may call
	Environment Source = "environment" // os.Getenv and os.LookupEnv
	Flag        Source = "flag"        // package flag and pflag
	Field       Source = "field"       // of a struct that others may set
	Result      Source = "result"      // of a function out of sight
	Elsewhere   Source = "elsewhere"   // anything that is not followed
)

// A Value is one value that may arrive: a constant, a string of which some
// parts are known, or something unknown.
type Value struct {
	// Const is the value if all of it is known, else nil.
	Const constant.Value
	// Parts is what is known of a string from left to right. It is nil if
	// nothing is known or if the value is not a string.
	Parts []Part
	// Source says where the value, or its first unknown part, comes from;
	// empty if Const is set.
	Source Source
	// Expr is the constant expression in the source, nil if there is none.
	Expr ast.Expr
	// Pos is where the constant stands, or where the unknown value comes in;
	// it may be token.NoPos.
	Pos token.Pos
}

// A Part is a piece of a string.
type Part struct {
	Text    string // empty if the part is unknown
	Unknown bool
}

// Known reports whether all of the value is known.
func (v Value) Known() bool { return v.Const != nil }

// Text returns the string up to its first unknown part, and whether that is all
// of it.
func (v Value) Text() (prefix string, whole bool) {
	for i, p := range v.Parts {
		if p.Unknown {
			return prefix, false
		}
		prefix += v.Parts[i].Text
	}
	return prefix, len(v.Parts) > 0
}

// Contains reports whether s stands in a known part of the string.
func (v Value) Contains(s string) bool {
	for _, p := range v.Parts {
		if strings.Contains(p.Text, s) {
			return true
		}
	}
	return false
}

// A Set holds the values that may arrive somewhere, in the order in which they
// were found.
type Set []Value

// Complete reports whether every value that can arrive is known.
func (s Set) Complete() bool {
	for _, v := range s {
		if !v.Known() {
			return false
		}
	}
	return len(s) > 0
}

// Always reports whether only constants that satisfy the predicate can arrive.
func (s Set) Always(is func(constant.Value) bool) bool {
	for _, v := range s {
		if !v.Known() || !is(v.Const) {
			return false
		}
	}
	return len(s) > 0
}

// Some reports whether a constant that satisfies the predicate can arrive.
func (s Set) Some(is func(constant.Value) bool) bool {
	for _, v := range s {
		if v.Known() && is(v.Const) {
			return true
		}
	}
	return false
}

// True reports whether a constant is the boolean true; a predicate for Sets.
func True(c constant.Value) bool {
	return c.Kind() == constant.Bool && constant.BoolVal(c)
}
