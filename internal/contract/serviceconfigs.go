package contract

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/protocheck/grpcconfig"
	"github.com/commslint/commslint/protocheck/source"
)

// isServiceConfig reports whether a file on disk is a gRPC service config.
func isServiceConfig(name string) bool {
	if !mayBeDocument(name) {
		return false
	}
	text, err := os.ReadFile(name)
	return err == nil && (grpcconfig.IsName(name) || grpcconfig.Sniff(text))
}

// CompareServiceConfigs compares the gRPC service configs at or below the paths with the
// old side, and the methods that they repeat: those may promise less than before though
// the config is the same. Keys are the names of fields that carry an idempotency key.
func CompareServiceConfigs(ctx context.Context, opt ProtoOptions, keys []string) (*Result, error) {
	base, err := filepath.EvalSymlinks(opt.Against.Root)
	if err != nil {
		return nil, err
	}
	c := &configComparison{
		protoComparison: &protoComparison{opt: opt, base: base, scopes: []string{"."}, result: &Result{}},
		keys:            keys,
		found:           &Result{},
	}
	configs := c.configs()
	if opt.Against.Only != "" && len(configs) != 1 {
		return c.found, nil
	}
	for _, name := range configs {
		c.read(name)
	}
	if len(c.pairs) == 0 {
		return c.found, nil
	}
	if err := c.loadServices(ctx); err != nil {
		return nil, err
	}
	for _, p := range c.pairs {
		c.found.Findings = append(c.found.Findings, grpcconfig.Compare(
			grpcconfig.State{Config: p.old, Services: c.oldServices},
			grpcconfig.State{Config: p.new, Services: c.newServices},
		)...)
	}
	c.found.Findings = append(c.found.Findings, c.found.Failed...)
	finding.Sort(c.found.Findings)
	return c.found, nil
}

// A configComparison is one run of CompareServiceConfigs.
type configComparison struct {
	*protoComparison         // of whose result nothing is used
	keys                     []string
	found                    *Result
	pairs                    []configPair
	oldServices, newServices *grpcconfig.Services
}

// A configPair is two states of a service config.
type configPair struct {
	old, new *grpcconfig.Config
	changed  bool
}

// configs lists the service configs at or below the paths, as absolute paths.
func (c *configComparison) configs() []string {
	var found []string
	for _, p := range c.opt.Paths {
		p = strings.TrimSuffix(p, "...")
		if !filepath.IsAbs(p) {
			p = filepath.Join(c.opt.Dir, p)
		}
		_ = filepath.WalkDir(p, func(name string, e fs.DirEntry, err error) error { //nolint:errcheck // the walk for other frontends reports it
			switch {
			case err != nil && e != nil && e.IsDir():
				return filepath.SkipDir
			case err != nil:
			case e.IsDir() && name != p && skipped(e.Name()):
				return filepath.SkipDir
			case e.Type().IsRegular() && isServiceConfig(name):
				found = append(found, name)
			}
			return nil
		})
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// read reads both states of a config. One that is new has nothing to be compared with.
func (c *configComparison) read(name string) {
	rel, err := filepath.Rel(c.base, realPath(name))
	at := filepath.ToSlash(rel)
	if err != nil || at == ".." || strings.HasPrefix(at, "../") {
		return
	}
	old := at
	if only := c.opt.Against.Only; only != "" {
		old = only
	}
	was, err := c.opt.Against.Read(old)
	if err != nil {
		return
	}
	is, err := os.ReadFile(name)
	if err != nil {
		return
	}
	p := configPair{changed: !bytes.Equal(was, is)}
	if p.new, err = grpcconfig.Load(grpcconfig.Source{Name: c.newName(at), Text: is}); err != nil {
		_, failure := grpcconfig.Inspect(grpcconfig.Source{Name: c.newName(at), Text: is}, nil, grpcconfig.Options{})
		c.found.Failed = append(c.found.Failed, failure...)
		return
	}
	if p.old, err = grpcconfig.Load(grpcconfig.Source{Name: c.oldName(old), Text: was}); err != nil {
		return // clients could not use it
	}
	if p.changed {
		c.found.Documents = append(c.found.Documents, c.newName(at))
	} else {
		c.found.Unchanged++
	}
	c.pairs = append(c.pairs, p)
}

// loadServices compiles the .proto files that define the services of configs: all that
// those of a changed config need, and what differs.
func (c *configComparison) loadServices(ctx context.Context) error {
	if err := c.findTrees(); err != nil {
		return err
	}
	before, after, err := c.differing()
	if err != nil {
		return err
	}
	wanted := c.serviceNames(true)
	var files []string
	for _, name := range c.new.Files {
		if source.IsProto(name) && declaresAny(c.new, name, wanted) || slices.Contains(after, name) && declaresAny(c.new, name, c.serviceNames(false)) {
			files = append(files, name)
		}
	}
	before = slices.DeleteFunc(before, func(name string) bool { return !declaresAny(c.old, name, c.serviceNames(false)) })
	if len(files) == 0 {
		return nil
	}
	newer := source.Load(ctx, c.new, files, c.loading(c.new))
	c.newServices = grpcconfig.NewServices(newer.Files, c.newName, c.keys)
	old := source.Load(ctx, c.old, before, c.loading(c.old)).Files
	for _, f := range newer.Files {
		if !slices.Contains(after, f.TreePath) {
			old = append(old, f)
		}
	}
	c.oldServices = grpcconfig.NewServices(old, func(name string) string {
		if slices.Contains(before, name) {
			return c.oldName(name)
		}
		return c.newName(name)
	}, c.keys)
	return nil
}

func (c *configComparison) loading(tree *source.Tree) source.Options {
	return source.Options{ImportPaths: c.importPaths(tree), Parallel: c.opt.Parallel, ServicesOnly: true, Placeholders: true}
}

// serviceNames are the services that configs name, of all or of those that changed.
func (c *configComparison) serviceNames(changedOnly bool) map[string]bool {
	names := map[string]bool{}
	for _, p := range c.pairs {
		if changedOnly && !p.changed {
			continue
		}
		for _, m := range p.new.Methods {
			for _, n := range m.Names {
				if n.Service != "" {
					names[n.Service[strings.LastIndexByte(n.Service, '.')+1:]] = true
				}
			}
		}
	}
	return names
}

// declaresAny reports whether a file may declare a service of one of the names, which
// are without packages.
func declaresAny(tree *source.Tree, name string, services map[string]bool) bool {
	if len(services) == 0 {
		return false
	}
	text, err := tree.Read(name)
	if errors.Is(err, fs.ErrNotExist) {
		return false
	}
	for {
		at := bytes.Index(text, []byte("service"))
		if at < 0 {
			return false
		}
		text = bytes.TrimLeft(text[at+len("service"):], " \t\r\n")
		end := bytes.IndexAny(text, " \t\r\n{")
		if end > 0 && services[string(text[:end])] {
			return true
		}
	}
}
