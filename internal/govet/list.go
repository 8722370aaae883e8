package govet

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/commslint/commslint/finding"
)

// listedPackage is what go list says of a package.
type listedPackage struct {
	Dir, ImportPath   string
	Standard          bool
	GoFiles, CgoFiles []string
	TestGoFiles       []string
	XTestGoFiles      []string
	IgnoredGoFiles    []string
	InvalidGoFiles    []string
	Imports, Deps     []string
	TestImports       []string
	XTestImports      []string
	Match             []string
	Error             *packageError
	DepsErrors        []packageError
}

type packageError struct {
	ImportStack []string
	Pos         string // file:line:column, relative to the unit's folder
	Err         string
}

// noSuchPackage reports whether a pattern named nothing at all.
func (p *listedPackage) noSuchPackage() bool {
	return p.Error != nil && p.Dir == "" && slices.Contains(p.Match, p.ImportPath)
}

// anyFile returns the first source file of the package, or its folder.
func (p *listedPackage) anyFile() string {
	for _, files := range [][]string{p.GoFiles, p.CgoFiles, p.InvalidGoFiles, p.TestGoFiles, p.XTestGoFiles, p.IgnoredGoFiles} {
		if len(files) > 0 {
			return filepath.Join(p.Dir, files[0])
		}
	}
	return p.Dir
}

// listFields asks for what is read, and for EmbedFiles: the go command looks
// for files to embed, and fails a package that lacks them, only if asked.
const listFields = "-json=Dir,ImportPath,Standard,GoFiles,CgoFiles,TestGoFiles,XTestGoFiles,IgnoredGoFiles,InvalidGoFiles," +
	"Imports,Deps,TestImports,XTestImports,Match,Error,DepsErrors,EmbedFiles"

// list loads the packages without building them. stderr is not empty if not
// even that could be done: the module or workspace itself is at fault.
func (r *run) list(ctx context.Context, patterns []string) (pkgs []*listedPackage, stderr string, err error) {
	args := append([]string{"list", "-e", listFields, "-n=false", "-x=false", "-v=false"}, r.buildFlags()...)
	cmd := r.command(ctx, append(append(args, "--"), patterns...)...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	runErr := cmd.Run()
	if ctx.Err() != nil {
		return nil, "", ctx.Err()
	}
	if _, ok := errors.AsType[*exec.ExitError](runErr); ok {
		return nil, errs.String(), nil
	} else if runErr != nil {
		return nil, "", fmt.Errorf("cannot run the go command: %w", runErr)
	}
	dec := json.NewDecoder(&out)
	for {
		p := new(listedPackage)
		if err := dec.Decode(p); err == io.EOF {
			return pkgs, "", nil
		} else if err != nil {
			return nil, "", fmt.Errorf("unexpected output of go list: %w", err)
		}
		pkgs = append(pkgs, p)
	}
}

// nameSkipped names the packages that were left out only because a package
// that they import, however indirectly, failed.
func (r *run) nameSkipped(pkgs []*listedPackage, failed map[string]bool) {
	because := func(imports []string) string {
		for _, path := range imports {
			if failed[path] {
				return path
			}
		}
		return ""
	}
	byPath := make(map[string]*listedPackage)
	for _, p := range pkgs {
		byPath[p.ImportPath] = p
	}
	for _, p := range pkgs {
		cause := because(p.Deps)
		if cause == "" || (failed[p.ImportPath] && r.hasOwnFailure(p)) {
			continue
		}
		via := p.Imports[:0:0]
		for _, path := range p.Imports {
			if q := byPath[path]; failed[path] || (q != nil && because(q.Deps) != "") {
				via = append(via, path)
			}
		}
		r.fail("input/go-build", r.importLocation(p, via),
			"package %s was not analysed: it depends on %s, which cannot be built", p.ImportPath, cause)
	}
}

// hasOwnFailure reports whether a failure in the package's folder is recorded.
func (r *run) hasOwnFailure(p *listedPackage) bool {
	dir := r.display(p.Dir)
	return slices.ContainsFunc(r.Failures, func(f finding.Finding) bool {
		return filepath.ToSlash(filepath.Dir(f.File)) == dir
	})
}

// importLocation finds the first import of one of the paths in a package.
func (r *run) importLocation(p *listedPackage, paths []string) finding.Location {
	for _, name := range slices.Concat(p.GoFiles, p.CgoFiles) {
		path := filepath.Join(p.Dir, name)
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, path, nil, parser.ImportsOnly)
		if err != nil {
			continue
		}
		for _, imp := range file.Imports {
			value, err := strconv.Unquote(imp.Path.Value)
			if err != nil || !slices.Contains(paths, value) {
				continue
			}
			start, end := fset.Position(imp.Path.Pos()), fset.Position(imp.Path.End())
			return finding.Location{
				File: r.display(path), Line: start.Line, Column: start.Column,
				EndLine: end.Line, EndColumn: end.Column,
			}
		}
	}
	return finding.Location{File: r.display(p.anyFile())}
}
