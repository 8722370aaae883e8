// Package program links the Go packages below some paths to the programs that
// they make: go vet has each package described from its source, as an analysis of
// one package at a time can do, and what follows needs all of them at once.
package program

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/commslint/commslint/analyzers/callsheet"
	"github.com/commslint/commslint/analyzers/directives"
	"github.com/commslint/commslint/analyzers/effects"
	"github.com/commslint/commslint/analyzers/textflow"
	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/internal/govet"
	"github.com/commslint/commslint/internal/workspace"
)

// A Program is the packages that were asked for and, of the same code, those that
// they import, linked. Files are named relative to the working directory.
type Program struct {
	*callgraph.Program
	// Failures are the inputs that could not be analysed, sorted. What they
	// would have added is missing from the program.
	Failures []finding.Finding

	wanted   map[string]bool // ids of functions in what was asked for
	packages []callgraph.Package
	sheets   []callsheet.Sheet
}

// Wanted reports whether a function lies in what was asked for, and not only in
// what that imports. The routes of proxies do.
func (p *Program) Wanted(id string) bool { return p.wanted[id] || p.IsRoute(id) }

// Load describes the packages of a workspace and links them with what is known of the
// system around them. Flags and Wanted of the options are set here. It fails as
// govet.Run does.
func Load(ctx context.Context, ws *workspace.Workspace, estate callgraph.Estate, conditions callgraph.Conditions, opt govet.Options) (*Program, error) {
	opt.Flags = toolFlags(opt.Tests)
	opt.Wanted = ws.Wanted
	res, err := govet.Run(ctx, ws.Units, opt)
	if err != nil {
		return nil, err
	}
	p, err := New(res.Emissions, ws, opt.Dir, estate, conditions)
	if err != nil {
		return nil, err
	}
	p.Failures = slices.Concat(ws.Failures, res.Failures)
	finding.Sort(p.Failures)
	return p, nil
}

// New links what a run of go vet said of the packages of a workspace, of which the
// flags held those of EmitFlags. Files are named relative to dir.
func New(emissions []govet.Emission, ws *workspace.Workspace, dir string, estate callgraph.Estate, conditions callgraph.Conditions) (*Program, error) {
	p := &Program{wanted: make(map[string]bool)}
	if err := p.describe(emissions, ws, dir); err != nil {
		return nil, err
	}
	serve(p.packages, p.sheets)
	p.Program = callgraph.LinkSystem(p.packages, callgraph.System{
		Estate: estate, Conditions: conditions, Elsewhere: sendsNothing(p.packages),
	})
	return p, nil
}

// EmitFlags have the packages described in a run of the rules.
func EmitFlags() []string {
	return []string{
		"-" + effects.Analyzer.Name + ".emit", "-" + callsheet.Analyzer.Name + ".emit", "-" + textflow.Analyzer.Name + ".emit",
	}
}

// sendsNothing gives the value of functions that no package lists although it is
// described: such a function sends nothing.
func sendsNothing(packages []callgraph.Package) func(id string) (callgraph.Value, bool) {
	described := make(map[string]bool)
	for i := range packages {
		described[packages[i].Path] = true
	}
	return func(id string) (callgraph.Value, bool) {
		return callgraph.Value{}, slices.ContainsFunc(packagesOf(id), func(path string) bool { return described[path] })
	}
}

// packagesOf lists the import paths that the id of a function may begin with:
// "example.com/shop.Run$1", "(*example.com/shop/pay.Client).Charge". There are
// several where the last element of the path may hold a dot.
func packagesOf(id string) []string {
	id = strings.TrimLeft(id, "(*")
	id, _, _ = strings.Cut(id, "[")
	var paths []string
	for i := strings.LastIndexByte(id, '/') + 1; i < len(id); i++ {
		if id[i] == '.' {
			paths = append(paths, id[:i])
		}
	}
	return paths
}

// toolFlags have the packages described, and no rule run. The directives
// analyzer is among them because it fails where a package cannot be described.
func toolFlags(tests bool) []string {
	flags := append(EmitFlags(),
		"-netcall.raw", "-"+directives.Analyzer.Name,
		"-"+effects.Analyzer.Name, "-"+callsheet.Analyzer.Name, "-"+textflow.Analyzer.Name)
	if tests {
		flags = append(flags, "-netcall.tests")
	}
	return flags
}

// describe decodes what the analyzers said of the packages.
func (p *Program) describe(emissions []govet.Emission, ws *workspace.Workspace, dir string) error {
	names := newNames(dir)
	for _, e := range emissions {
		var err error
		switch e.Analyzer {
		case effects.Analyzer.Name:
			err = p.addPackage(e, ws, names)
		case callsheet.Analyzer.Name:
			err = p.addSheet(e, names)
		case textflow.Analyzer.Name:
			err = p.addTexts(e, names)
		}
		if err != nil {
			return fmt.Errorf("unexpected description of package %s: %w", e.Package, err)
		}
	}
	return nil
}

func (p *Program) addPackage(e govet.Emission, ws *workspace.Workspace, names *names) error {
	var pkg callgraph.Package
	if err := json.Unmarshal([]byte(e.Text), &pkg); err != nil {
		return err
	}
	for i := range pkg.Functions {
		if f := &pkg.Functions[i]; ws.Wanted(e.Package, f.At.File) {
			p.wanted[f.ID] = true
		}
	}
	names.shorten(&pkg)
	p.packages = append(p.packages, pkg)
	return nil
}

// addTexts adds what is known of a package's texts, as a package of its own: only
// those that reach the network are described besides.
func (p *Program) addTexts(e govet.Emission, names *names) error {
	var pkg callgraph.Package
	if err := json.Unmarshal([]byte(e.Text), &pkg); err != nil {
		return err
	}
	names.shorten(&pkg)
	pkg.Dir = names.file(pkg.Dir)
	p.packages = append(p.packages, pkg)
	return nil
}

func (p *Program) addSheet(e govet.Emission, names *names) error {
	var sheet callsheet.Sheet
	if err := json.Unmarshal([]byte(e.Text), &sheet); err != nil {
		return err
	}
	names.shorten(&sheet)
	for i, file := range sheet.Generated {
		sheet.Generated[i] = names.file(file)
	}
	p.sheets = append(p.sheets, sheet)
	return nil
}
