package contract

import (
	"os"
	"path"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"
)

// cachedModules finds the modules that .proto files depend on by the configuration of
// buf, where buf keeps what it downloaded: the folders of those that are there. They
// are named in the buf.lock beside a buf.yaml or buf.work.yaml among the files.
func cachedModules(base string, files []string, lookup func(string) (string, bool)) []string {
	cache := bufCache(lookup)
	if cache == "" {
		return nil
	}
	var folders []string
	for _, name := range files {
		if b := path.Base(name); b != "buf.yaml" && b != "buf.work.yaml" {
			continue
		}
		text, err := os.ReadFile(filepath.Join(base, filepath.FromSlash(path.Dir(name)), "buf.lock"))
		if err != nil {
			continue
		}
		var lock struct {
			Deps []lockedModule
		}
		if yaml.Unmarshal(text, &lock) != nil {
			continue // buf will say what is wrong with it
		}
		for _, m := range lock.Deps {
			folders = append(folders, m.folders(cache)...)
		}
	}
	return folders
}

// bufCache is where buf keeps modules: $BUF_CACHE_DIR, or buf in the folder of caches
// (https://buf.build/docs/reference/cli/buf/#environment-variables).
func bufCache(lookup func(string) (string, bool)) string {
	if lookup == nil {
		return ""
	}
	if dir, ok := lookup("BUF_CACHE_DIR"); ok && dir != "" {
		return dir
	}
	if dir, ok := lookup("XDG_CACHE_HOME"); ok && dir != "" {
		return filepath.Join(dir, "buf")
	}
	if dir, ok := lookup("LOCALAPPDATA"); ok && dir != "" {
		return filepath.Join(dir, "buf")
	}
	if dir, ok := lookup("HOME"); ok && dir != "" {
		return filepath.Join(dir, ".cache", "buf")
	}
	return ""
}

// A lockedModule is a dependency in a buf.lock: version v2 writes name, the others
// remote, owner and repository.
type lockedModule struct {
	Name                      string
	Remote, Owner, Repository string
	Commit                    string
}

// folders are those of the module in the cache, one for each way of hashing it.
func (m lockedModule) folders(cache string) []string {
	name := m.Name
	if name == "" {
		name = path.Join(m.Remote, m.Owner, m.Repository)
	}
	if name == "" || m.Commit == "" || !filepath.IsLocal(filepath.FromSlash(name)) || strings.ContainsAny(m.Commit, `/\.`) {
		return nil
	}
	pattern := filepath.Join(cache, "v3", "modules", "*", filepath.FromSlash(name), strings.ReplaceAll(m.Commit, "-", ""), "files")
	found, err := filepath.Glob(pattern)
	if err != nil {
		return nil
	}
	return found
}
