package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"cuelang.org/go/cue/cuecontext"

	"github.com/commslint/commslint/rules"
)

// Find looks for a configuration file in dir and the folders above it, up to
// the first that holds .git, or the root. commslint.yaml comes before
// commslint.cue. The path can be opened; it is absolute if dir is.
func Find(dir string) (path string, ok bool) {
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return "", false
	}
	up := dir
	for {
		for _, name := range []string{"commslint.yaml", "commslint.cue"} {
			if info, err := os.Stat(filepath.Join(absolute, name)); err == nil && !info.IsDir() {
				return filepath.Join(up, name), true
			}
		}
		if _, err := os.Stat(filepath.Join(absolute, ".git")); err == nil {
			return "", false
		}
		parent := filepath.Dir(absolute)
		if parent == absolute {
			return "", false
		}
		absolute = parent
		if filepath.IsAbs(up) {
			up = parent
		} else {
			up = filepath.Join(up, "..")
		}
	}
}

// Load reads a configuration file. Its errors are Errors, which name the file
// relative to the working directory.
func Load(path string) (*Config, error) { return LoadIn(".", path) }

// LoadIn is Load for a working directory other than the process's: path is
// relative to workdir unless absolute, and so are the files given to Excluded.
func LoadIn(workdir, path string) (*Config, error) { return load(rules.All(), workdir, path) }

func load(catalogue []rules.Rule, workdir, path string) (*Config, error) {
	workdir, err := filepath.Abs(workdir)
	if err != nil {
		return nil, err
	}
	absolute := path
	if !filepath.IsAbs(path) {
		absolute = filepath.Join(workdir, path)
	}
	shown := absolute
	if rel, err := filepath.Rel(workdir, absolute); err == nil {
		shown = rel
	}
	shown = filepath.ToSlash(shown)
	data, err := os.ReadFile(absolute)
	if err != nil {
		return nil, Errors{{File: shown, What: "cannot be read: " + reason(err), Expected: "a configuration file", Mend: "check the path"}}
	}
	c := newConfig(catalogue)
	c.path, c.root, c.workdir = shown, filepath.Dir(absolute), workdir
	if errs := c.read(data); len(errs) > 0 {
		return nil, errs
	}
	return c, nil
}

// reason takes the path out of a file system error: the message names it already.
func reason(err error) string {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		return pathErr.Err.Error()
	}
	return err.Error()
}

// read checks data against the schema and takes it over. Every mistake is
// reported: those that the schema finds and those that it cannot see.
func (c *Config) read(data []byte) Errors {
	ctx := cuecontext.New()
	root, errs := parse(ctx, c.path, data)
	if len(errs) > 0 {
		return errs
	}
	schema, err := Schema(ctx, c.catalogue)
	if err != nil {
		return Errors{{File: c.path, What: err.Error()}}
	}
	v := &validator{file: c.path, catalogue: c.catalogue}
	v.value(nil, root, schema)
	r := &reader{config: c, errs: v.errs}
	r.root(root)
	if len(r.errs) == 0 {
		// The walk above and the schema say the same; if ever not, the schema counts.
		return cueErrors(c.path, root, schema.Unify(root).Validate())
	}
	r.errs.sort()
	return r.errs
}
