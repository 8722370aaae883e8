package program

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/envoycfg/manifest"
	"github.com/commslint/commslint/envoycfg/mesh"
	"github.com/commslint/commslint/envoycfg/policy"
	"github.com/commslint/commslint/internal/workspace"
)

// maxManifest is the size from which on a file is taken for data and not read.
const maxManifest = 8 << 20

// Documents are files beside the code that tell of the services around it.
type Documents struct {
	manifests []*manifest.File
}

// ReadDocuments reads what lies below some paths, absolute or relative to dir, which
// files are named relative to. What cannot be read, or is of no kind that is known,
// tells nothing: check reports it.
func ReadDocuments(dir string, paths []string) *Documents {
	d := &Documents{}
	seen := make(map[string]bool)
	for _, path := range paths {
		path, _ = strings.CutSuffix(path, "/...")
		if path == "..." {
			path = "."
		}
		if !filepath.IsAbs(path) {
			path = filepath.Join(dir, path)
		}
		_ = filepath.WalkDir(path, func(file string, e fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return nil
			case e.IsDir() && file != path && skipsFolder(e.Name()):
				return filepath.SkipDir
			case e.Type().IsRegular() && !seen[file]:
				seen[file] = true
				d.read(file, workspace.Relative(dir, file))
			}
			return nil
		})
	}
	return d
}

// skipsFolder reports whether a folder holds what is not the project's own.
func skipsFolder(name string) bool {
	return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") ||
		slices.Contains([]string{"vendor", "node_modules", "testdata", "third_party"}, name)
}

func (d *Documents) read(file, name string) {
	switch filepath.Ext(file) {
	case ".yaml", ".yml", ".json":
	default:
		return
	}
	if info, err := os.Stat(file); err != nil || info.Size() > maxManifest {
		return
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return
	}
	if manifest.Sniff(text) {
		d.manifests = append(d.manifests, manifest.Read(name, text))
	}
}

// Estate is what the documents tell, with the services of the configuration.
func (d *Documents) Estate(services []callgraph.ServiceNames) callgraph.Estate {
	e := callgraph.Estate{Services: services}
	if len(d.manifests) > 0 {
		found := mesh.Check(d.manifests, policy.DefaultOptions())
		e.Routes = append(e.Routes, found.Routes...)
		e.Workloads = append(e.Workloads, found.Workloads...)
	}
	return e
}
