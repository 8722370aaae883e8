package vettool

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path"
	"runtime"
	"strings"
	"sync"

	"golang.org/x/tools/go/analysis"
)

// guard changes the analyzers, and those they require, so that a panic becomes
// an error and no error gets lost. unitchecker lets a panic end the process,
// which leaves go vet without facts about the package and so fails every
// package that imports it; and it drops errors about dependencies.
func guard(analyzers []*analysis.Analyzer) {
	seen := make(map[*analysis.Analyzer]bool)
	var visit func([]*analysis.Analyzer)
	visit = func(as []*analysis.Analyzer) {
		for _, a := range as {
			if seen[a] {
				continue
			}
			seen[a] = true
			a.Run = guarded(a.Name, a.Run)
			visit(a.Requires)
		}
	}
	visit(analyzers)
}

func guarded(name string, run func(*analysis.Pass) (any, error)) func(*analysis.Pass) (any, error) {
	return func(pass *analysis.Pass) (result any, err error) {
		defer func() {
			if p := recover(); p != nil {
				err = fmt.Errorf("panic: %v (%s)", p, panicSite())
			}
			if err != nil {
				announce(pass.Pkg.Path(), name, err)
			}
		}()
		return run(pass)
	}
}

var announcing sync.Mutex

// announce writes an error to the unit's output in go vet's own form. The go
// command caches and replays that output for dependencies too.
func announce(pkg, analyzer string, err error) {
	if f := flag.Lookup("json"); f == nil || f.Value.String() != "true" {
		return
	}
	data, jsonErr := json.Marshal(map[string]map[string]map[string]string{
		pkg: {analyzer: {"error": err.Error()}},
	})
	if jsonErr != nil {
		return
	}
	announcing.Lock()
	defer announcing.Unlock()
	fmt.Fprintf(os.Stdout, "%s\n", data)
}

// panicSite names the place of the panic that is being recovered from: the
// function, and the file without the folders of the machine it was built on.
func panicSite() string {
	var pcs [64]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs[:])])
	for {
		frame, more := frames.Next()
		if !strings.HasPrefix(frame.Function, "runtime.") {
			return fmt.Sprintf("%s, %s:%d", frame.Function, path.Base(frame.File), frame.Line)
		}
		if !more {
			return "unknown place"
		}
	}
}
