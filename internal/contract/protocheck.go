package contract

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/internal/revision"
	"github.com/commslint/commslint/internal/workspace"
	"github.com/commslint/commslint/protocheck/source"
)

// CheckProtos compiles .proto files, given by their absolute paths, and returns how
// many of them could be, and why others could not.
func CheckProtos(ctx context.Context, opt ProtoOptions, files []string) (compiled int, failures []finding.Finding, err error) {
	if len(files) == 0 {
		return 0, nil, nil
	}
	base := baseOf(opt.Dir, files)
	tree := &source.Tree{Reader: revision.NewFolder(base)}
	if tree.Files, err = protoFiles(base); err != nil {
		return 0, nil, err
	}
	var asked []string
	for _, file := range files {
		asked = append(asked, workspace.Relative(base, file))
	}
	snapshot := source.Load(ctx, tree, asked, source.Options{
		ImportPaths: append(importFolders(opt.Dir, base, opt.ImportPaths), cachedModules(base, tree.Files, opt.Env)...),
		Parallel:    opt.Parallel, CheckOnly: true,
	})
	for _, p := range snapshot.Problems {
		failures = append(failures, ProtoFailure(p, func(name string) string {
			if filepath.IsAbs(name) {
				return workspace.Relative(opt.Dir, name)
			}
			return workspace.Relative(opt.Dir, filepath.Join(base, filepath.FromSlash(name)))
		}))
	}
	finding.Sort(failures)
	return len(snapshot.Files), failures, nil
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
