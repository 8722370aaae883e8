package contract

import (
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/internal/revision"
	"github.com/commslint/commslint/internal/workspace"
	"github.com/commslint/commslint/protocheck/grpcconfig"
	"github.com/commslint/commslint/protocheck/lint"
	"github.com/commslint/commslint/protocheck/source"
)

// A ProtoCheck is what .proto files show.
type ProtoCheck struct {
	Findings []finding.Finding
	// Failures say why files could not be compiled, or not as a whole.
	Failures []finding.Finding
	// Analysed counts the files that could.
	Analysed int

	snapshot *source.Snapshot // nil if there are no files
	name     func(string) string
}

// Services returns the services that the files define.
func (c *ProtoCheck) Services(opt grpcconfig.Options) *grpcconfig.Services {
	if c.snapshot == nil {
		return nil
	}
	services := grpcconfig.NewServices(c.snapshot.Files, c.name, opt)
	for pkg := range c.snapshot.Packages() {
		services.Hide(pkg)
	}
	for _, pkg := range c.snapshot.Failed() {
		services.Hide(pkg)
	}
	return services
}

// CheckProtos compiles .proto files, given by their absolute paths, and checks them.
// Where an import is missing, the rest of the file is checked.
func CheckProtos(ctx context.Context, opt ProtoOptions, files []string) (*ProtoCheck, error) {
	check := &ProtoCheck{}
	if len(files) == 0 {
		return check, nil
	}
	base := baseOf(opt.Dir, files)
	tree := &source.Tree{Reader: revision.NewFolder(base)}
	var err error
	if tree.Files, err = protoFiles(base); err != nil {
		return nil, err
	}
	var asked []string
	for _, file := range files {
		asked = append(asked, workspace.Relative(base, file))
	}
	snapshot := source.Load(ctx, tree, asked, source.Options{
		ImportPaths: append(importFolders(opt.Dir, base, opt.ImportPaths), cachedModules(base, tree.Files, opt.Env)...),
		Library:     newLibrary(base, opt, tree.Files),
		Parallel:    opt.Parallel, ServicesOnly: true, Placeholders: true,
	})
	name := func(name string) string {
		if filepath.IsAbs(name) {
			return workspace.Relative(opt.Dir, name)
		}
		return workspace.Relative(opt.Dir, filepath.Join(base, filepath.FromSlash(name)))
	}
	for _, p := range snapshot.Problems {
		check.Failures = append(check.Failures, ProtoFailure(p, name))
	}
	for _, missing := range together(snapshot.Missing) {
		if f := missingImports(missing, name); f.IsInputFailure() {
			check.Failures = append(check.Failures, f)
		} else {
			check.Findings = append(check.Findings, f)
		}
	}
	opt.Lint.Name = name
	check.Findings = append(check.Findings, lint.Check(snapshot.Files, opt.Lint)...)
	check.Analysed = len(snapshot.Files)
	check.snapshot, check.name = snapshot, name
	finding.Sort(check.Failures)
	finding.Sort(check.Findings)
	return check, nil
}

// UnresolvedImport is the rule of imports that are not found and from which only
// options are used.
const UnresolvedImport = "proto/unresolved-import"

// fewMissing is how many imports of one origin are reported one by one.
const fewMissing = 2

// together puts imports of one origin together, which are missing for one reason: those
// with the first two folders in common, and with types or without.
func together(missing []*source.Missing) [][]*source.Missing {
	type origin struct {
		folders string
		types   bool
	}
	originOf := func(m *source.Missing) origin {
		parts := strings.SplitN(m.Import, "/", 3)
		return origin{strings.Join(parts[:min(len(parts), 2)], "/"), len(m.Types) > 0 || len(m.Options) == 0}
	}
	byOrigin := map[origin][]*source.Missing{}
	for _, m := range missing {
		byOrigin[originOf(m)] = append(byOrigin[originOf(m)], m)
	}
	var groups [][]*source.Missing
	for _, m := range missing {
		switch all := byOrigin[originOf(m)]; {
		case len(all) <= fewMissing:
			groups = append(groups, []*source.Missing{m})
		case all[0] == m:
			groups = append(groups, all)
		}
	}
	return groups
}

// missingImports is the finding of imports that are not found. A file that has types
// from one could be analysed in part; options that are not read are none of those that
// rules are about.
func missingImports(missing []*source.Missing, name func(string) string) finding.Finding {
	first := missing[0]
	at := first.At[0]
	f := inputFailure(InputProto, name(at.Path), first.Message)
	f.Location = placeOf(at, name)
	var types, options []string
	for _, m := range missing {
		types, options = append(types, m.Types...), append(options, m.Options...)
	}
	slices.Sort(types)
	slices.Sort(options)
	types, options = slices.Compact(types), slices.Compact(options)
	switch {
	case len(types) > 0:
		f.Message += fmt.Sprintf("; without it %s not known", counted(len(types), "type", types[0]))
	case len(options) > 0:
		f.Rule = UnresolvedImport
		f.Message += fmt.Sprintf("; without it %s not read, and all else is", counted(len(options), "option", "("+options[0]+")"))
	}
	if len(missing) > 1 {
		f.Message += fmt.Sprintf("; %d more imports beside it are missing too", len(missing)-1)
	}
	for _, other := range first.At[1:] {
		f.Related = append(f.Related, finding.Related{Location: placeOf(other, name), Message: "imported here too"})
	}
	for _, m := range missing[1:] {
		f.Related = append(f.Related, finding.Related{Location: placeOf(m.At[0], name), Message: fmt.Sprintf("%q is not found either", m.Import)})
	}
	if len(f.Related) > maxBlocked {
		f.Related = f.Related[:maxBlocked]
	}
	return f
}

func placeOf(p source.Problem, name func(string) string) finding.Location {
	return finding.Location{File: name(p.Path), Line: p.Line, Column: p.Column, EndLine: p.Line, EndColumn: p.EndColumn}
}

func counted(n int, what, first string) string {
	if n == 1 {
		return fmt.Sprintf("the %s %s is", what, first)
	}
	return fmt.Sprintf("%d %ss such as %s are", n, what, first)
}

// newLibrary finds what neither the tree nor -I nor the cache of buf holds.
func newLibrary(base string, opt ProtoOptions, files []string) source.Library {
	searched := []string{"in the repository"}
	if len(opt.ImportPaths) > 0 {
		searched = append(searched, "in the folders of -I")
	}
	if slices.ContainsFunc(files, func(name string) bool { return path.Base(name) == "buf.yaml" }) {
		searched = append(searched, "in buf's cache of the modules in buf.lock (buf dep update)")
	}
	return newGoLibrary(base, opt.Env, searched...)
}

// baseOf is the folder in which the files and all that they import are searched: the
// repository that they are in, or the working directory, or what holds them all.
func baseOf(dir string, files []string) string {
	common := filepath.Dir(files[0])
	for _, file := range files[1:] {
		for !strings.HasPrefix(file, common+string(filepath.Separator)) && filepath.Dir(common) != common {
			common = filepath.Dir(common)
		}
	}
	for up := common; ; up = filepath.Dir(up) {
		if _, err := os.Stat(filepath.Join(up, ".git")); err == nil {
			return up
		}
		if filepath.Dir(up) == up {
			break
		}
	}
	if rel, err := filepath.Rel(dir, common); err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return dir
	}
	return common
}

// importFolders turns the folders of -I into paths below base, or absolute ones.
func importFolders(dir, base string, folders []string) []string {
	var found []string
	for _, p := range folders {
		if !filepath.IsAbs(p) {
			p = filepath.Join(dir, p)
		}
		rel := workspace.Relative(base, p)
		if rel == ".." || strings.HasPrefix(rel, "../") {
			rel = filepath.ToSlash(p)
		}
		found = append(found, rel)
	}
	return slices.Compact(found)
}
