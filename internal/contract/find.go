package contract

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/internal/workspace"
	"github.com/commslint/commslint/openapi/document"
	"github.com/commslint/commslint/protocheck/source"
)

// extensions are those of files that may be documents.
var extensions = []string{".yaml", ".yml", ".json"}

// mayBeDocument reports whether a file name is one of a document.
func mayBeDocument(name string) bool {
	return slices.Contains(extensions, strings.ToLower(filepath.Ext(name)))
}

// A finder looks for documents on disk.
type finder struct {
	dir      string   // absolute: the working directory
	files    []string // absolute, of documents
	scopes   []scope
	failures []finding.Finding
}

// A scope is a path that the user named.
type scope struct {
	path   string // absolute
	folder bool
}

func (f *finder) find(paths []string) {
	for _, p := range paths {
		p = strings.TrimSuffix(p, "...") // a Go package pattern stands for its folder
		if p == "" {
			p = "."
		}
		abs := p
		if !filepath.IsAbs(p) {
			abs = filepath.Join(f.dir, p)
		}
		info, err := os.Stat(abs)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			f.scopes = append(f.scopes, scope{path: abs}) // it may be gone since
		case err != nil:
			f.fail("input/path", abs, err.Error())
		case info.IsDir():
			f.scopes = append(f.scopes, scope{path: abs, folder: true})
			f.walk(abs)
		default:
			f.scopes = append(f.scopes, scope{path: abs})
			if !source.IsProto(abs) && !isServiceConfig(abs) {
				f.files = append(f.files, abs)
			}
		}
	}
	slices.Sort(f.files)
	f.files = slices.Compact(f.files)
}

func (f *finder) walk(root string) {
	err := filepath.WalkDir(root, func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			f.fail("input/path", name, "this cannot be read: "+err.Error())
			if e != nil && e.IsDir() {
				return filepath.SkipDir
			}
		case e.IsDir() && name != root && skipped(e.Name()):
			return filepath.SkipDir
		case e.Type().IsRegular() && mayBeDocument(name):
			if text, err := os.ReadFile(name); err == nil && document.Sniff(text) {
				f.files = append(f.files, name)
			}
		}
		return nil
	})
	if err != nil {
		f.fail("input/path", root, err.Error())
	}
}

// skipped reports whether a folder holds what is not the user's own: dependencies
// and test data.
func skipped(folder string) bool {
	switch folder {
	case "vendor", "testdata", "node_modules":
		return true
	}
	return strings.HasPrefix(folder, ".")
}

// skippedPath reports whether any folder of a slash-separated path is skipped.
func skippedPath(path string) bool {
	folders := strings.Split(path, "/")
	return slices.ContainsFunc(folders[:len(folders)-1], skipped)
}

func (f *finder) fail(rule, path, message string) {
	f.failures = append(f.failures, inputFailure(rule, workspace.Relative(f.dir, path), message))
}

func inputFailure(rule, file, message string) finding.Finding {
	return finding.Finding{
		Rule: rule, Level: finding.Error, Strength: finding.Proven, Message: message,
		Location: finding.Location{File: file},
	}
}
