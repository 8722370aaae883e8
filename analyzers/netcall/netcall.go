// Package netcall is the base of every Go rule: it builds SSA form for a
// package, finds the calls that reach the network, and works out what bounds
// each of them in time, across packages through facts.
//
// It reports nothing itself. A rule requires Analyzer, takes its *Result, and
// reports through [Report], which leaves out what no rule should report on:
// test files, generated code and suppressed lines.
package netcall

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/rules/clients"
)

const doc = `find calls that reach the network and what bounds them

The netcall analyzer reports nothing. It summarises each function (the remote
calls it makes, what bounds them, the clients and contexts it returns or stores)
and exports the summary as a fact, for the rules that require it.`

// Analyzer computes a *Result for each package.
var Analyzer = &analysis.Analyzer{
	Name:       "netcall",
	Doc:        doc,
	URL:        "https://pkg.go.dev/github.com/commslint/commslint/analyzers/netcall",
	Run:        run,
	ResultType: reflect.TypeFor[*Result](),
	FactTypes:  []analysis.Fact{(*Summary)(nil), (*Stored)(nil)},
}

// Settings that the command line passes to every unit as flags, so that the
// build cache is keyed by them.
var (
	raw   bool // report suppressed and possible findings too; the caller sorts them out
	tests bool // report on test files
)

func init() {
	Analyzer.Flags.BoolVar(&raw, "raw", false, "report suppressed and possible findings too (for the commslint command)")
	Analyzer.Flags.BoolVar(&tests, "tests", false, "report on test files too")
}

// Raw reports whether the commslint command drives this unit and itself
// applies suppressions and levels.
func Raw() bool { return raw }

// A Result is what netcall knows about one package. For a package that cannot
// reach the network it is empty but never nil.
type Result struct {
	Pkg *ssa.Package // nil if the package was skipped
	// Funcs lists the functions with source in the package, literals
	// included, in source order; those of test files only if asked for.
	Funcs []*ssa.Function
	// Calls lists the remote calls of Funcs in source order.
	Calls []*Call
	// Violations lists the calls by which a request is sent that nothing
	// bounds, in source order.
	Violations []*Violation

	// Err says why the package could not be analysed: a defect of commslint.
	// The other fields are then empty, and so are the package's facts.
	Err error

	pkg *program
}

func run(pass *analysis.Pass) (result any, err error) {
	if skip(pass) {
		return &Result{}, nil
	}
	// A crash in one dependency must not take the packages that import it
	// down with it: they would have no facts at all to go on.
	defer func() {
		if r := recover(); r != nil {
			result = &Result{Err: fmt.Errorf("internal error in netcall: %v", r)}
		}
	}()
	res := buildSSA(pass)
	res.pkg = newProgram(pass, res)
	res.pkg.analyze()
	return res, nil
}

// skip reports whether nothing in the package can matter to any rule: the
// standard library and modelled libraries are known from the models, and a
// dependency that imports neither them nor anything with facts makes no calls,
// unless it is one that repeats the calls of others. The user's own packages are
// never skipped: one that only calls its interfaces may be what repeats.
func skip(pass *analysis.Pass) bool {
	if isStandard(pass) || clients.LookupLibrary(pass.Pkg.Path()) != nil || clients.IsInside(pass.Pkg.Path()) {
		return true
	}
	for _, imp := range pass.Pkg.Imports() {
		if clients.LookupLibrary(imp.Path()) != nil {
			return false
		}
	}
	return len(pass.AllObjectFacts()) == 0 && isDependency(pass) && !mayRepeat(pass.Pkg)
}

// isDependency reports whether the package comes from the module cache or from a
// vendor directory.
func isDependency(pass *analysis.Pass) bool {
	if len(pass.Files) == 0 {
		return true
	}
	file := filepath.ToSlash(pass.Fset.File(pass.Files[0].FileStart).Name())
	return strings.Contains(file, "/pkg/mod/") || strings.Contains(file, "/vendor/")
}

// mayRepeat reports whether a package that reaches no network may be a library of
// retries: it waits, and takes functions that may fail or draws random numbers.
func mayRepeat(pkg *types.Package) bool {
	waits, random := false, false
	for _, imp := range pkg.Imports() {
		waits = waits || imp.Path() == "time"
		random = random || imp.Path() == "math/rand" || imp.Path() == "math/rand/v2"
	}
	if !waits || random {
		return random
	}
	scope := pkg.Scope()
	for _, name := range scope.Names() {
		if fn, ok := scope.Lookup(name).(*types.Func); ok && takesFallible(fn.Signature()) {
			return true
		}
	}
	return false
}

// takesFallible reports whether a function takes one that returns an error.
func takesFallible(sig *types.Signature) bool {
	for p := range sig.Params().Variables() {
		f, ok := p.Type().Underlying().(*types.Signature)
		if !ok || f.Results().Len() == 0 {
			continue
		}
		last := f.Results().At(f.Results().Len() - 1)
		if types.Identical(last.Type(), types.Universe.Lookup("error").Type()) {
			return true
		}
	}
	return false
}

// isStandard reports whether the package belongs to the standard library: its
// path has no dot in the first element and its files lie in a tree that also
// holds package runtime.
func isStandard(pass *analysis.Pass) bool {
	path := pass.Pkg.Path()
	first, _, _ := strings.Cut(path, "/")
	if strings.Contains(first, ".") || len(pass.Files) == 0 {
		return false
	}
	dir := filepath.Dir(pass.Fset.File(pass.Files[0].FileStart).Name())
	root, ok := strings.CutSuffix(filepath.ToSlash(dir), "/"+path)
	if !ok {
		return false
	}
	_, err := os.Stat(root + "/internal/goarch")
	return err == nil
}

// buildSSA builds the package's functions. It does what the buildssa pass does,
// but only for packages that need it: most dependencies of a service do not.
func buildSSA(pass *analysis.Pass) *Result {
	prog := ssa.NewProgram(pass.Fset, 0)
	prog.SetNoReturn(noReturn)
	for _, p := range pass.Pkg.Imports() {
		prog.CreatePackage(p, nil, nil, true)
	}
	pkg := prog.CreatePackage(pass.Pkg, pass.Files, pass.TypesInfo, false)
	pkg.Build()

	res := &Result{Pkg: pkg}
	for _, file := range pass.Files {
		if !tests && isTestFile(pass.Fset, file.FileStart) {
			continue
		}
		for _, decl := range file.Decls {
			if decl, ok := decl.(*ast.FuncDecl); ok {
				fn := prog.FuncValue(pass.TypesInfo.Defs[decl.Name].(*types.Func))
				res.addFunc(fn)
			}
		}
	}
	if init := pkg.Func("init"); init != nil {
		// Package variables are initialised in the synthetic init function,
		// which also holds the function literals among them.
		res.addFunc(init)
	}
	return res
}

func (res *Result) addFunc(fn *ssa.Function) {
	if fn == nil {
		return
	}
	res.Funcs = append(res.Funcs, fn)
	for _, lit := range fn.AnonFuncs {
		res.addFunc(lit)
	}
}

// noReturn knows the functions that end the process or goroutine, so that code
// after log.Fatal is not taken to be reachable.
func noReturn(fn *types.Func) bool {
	switch fn.FullName() {
	case "os.Exit", "runtime.Goexit", "syscall.Exit",
		"log.Fatal", "log.Fatalf", "log.Fatalln", "log.Panic", "log.Panicf", "log.Panicln",
		"(*log.Logger).Fatal", "(*log.Logger).Fatalf", "(*log.Logger).Fatalln",
		"(*testing.common).Fatal", "(*testing.common).Fatalf", "(*testing.common).FailNow", "(*testing.common).Skip",
		"github.com/sirupsen/logrus.Fatal", "github.com/sirupsen/logrus.Fatalf",
		"(*github.com/sirupsen/logrus.Logger).Fatal", "(*github.com/sirupsen/logrus.Logger).Fatalf",
		"(*go.uber.org/zap.Logger).Fatal", "(*go.uber.org/zap.SugaredLogger).Fatalf", "(*go.uber.org/zap.SugaredLogger).Fatal",
		"k8s.io/klog/v2.Fatal", "k8s.io/klog/v2.Fatalf", "github.com/golang/glog.Fatal", "github.com/golang/glog.Fatalf":
		return true
	}
	return false
}

func isTestFile(fset *token.FileSet, pos token.Pos) bool {
	f := fset.File(pos)
	return f != nil && strings.HasSuffix(f.Name(), "_test.go")
}
