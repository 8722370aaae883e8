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

// Services returns the services that the files define. Keys are the names of fields
// that carry an idempotency key.
func (c *ProtoCheck) Services(keys []string) *grpcconfig.Services {
	if c.snapshot == nil {
		return nil
	}
	services := grpcconfig.NewServices(c.snapshot.Files, c.name, keys)
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
	for _, m := range snapshot.Missing {
		if f := missingImport(m, name); f.IsInputFailure() {
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

// missingImport is the finding of an import that is not found. A file that has types
// from it could be analysed in part; options that are not read are none of those that
// rules are about.
func missingImport(m *source.Missing, name func(string) string) finding.Finding {
	at := m.At[0]
	f := inputFailure(InputProto, name(at.Path), m.Message)
	f.Location = finding.Location{File: f.File, Line: at.Line, Column: at.Column, EndLine: at.Line, EndColumn: at.EndColumn}
	switch {
	case len(m.Types) > 0:
		f.Message += fmt.Sprintf("; without it %s not known", counted(len(m.Types), "type", m.Types[0]))
	case len(m.Options) > 0:
		f.Rule = UnresolvedImport
		f.Message += fmt.Sprintf("; without it %s not read, and all else is", counted(len(m.Options), "option", "("+m.Options[0]+")"))
	}
	for i, other := range m.At[1:] {
		if i == maxBlocked {
			f.Message += fmt.Sprintf(" (%d files import it)", len(m.At))
			break
		}
		f.Related = append(f.Related, finding.Related{
			Location: finding.Location{File: name(other.Path), Line: other.Line, Column: other.Column, EndLine: other.Line, EndColumn: other.EndColumn},
			Message:  "imported here too",
		})
	}
	return f
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
