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
// the config is the same. Protos is what CompareProtos returned for the same options.
func CompareServiceConfigs(ctx context.Context, opt ProtoOptions, protos *Result, rules grpcconfig.Options) (*Result, error) {
	base, err := filepath.EvalSymlinks(opt.Against.Root)
	if err != nil {
		return nil, err
	}
	c := &configComparison{
		comparedProtos: protos.protos,
		rules:          rules,
		found:          &Result{},
	}
	if c.comparedProtos == nil {
		c.comparedProtos = &comparedProtos{protoComparison: &protoComparison{opt: opt, base: base, scopes: []string{"."}}}
	}
	configs := c.configs()
	if opt.Against.Only != "" && len(configs) != 1 {
		return c.found, nil
	}
	for _, name := range configs {
		c.read(name)
	}
	if c.new == nil && slices.ContainsFunc(c.pairs, func(p configPair) bool { return p.changed }) {
		if err := c.findTrees(); err != nil {
			return nil, err
		}
	}
	if c.new != nil {
		c.loadServices(ctx)
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
	*comparedProtos          // whose trees are nil until they are needed
	rules                    grpcconfig.Options
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

// loadServices takes the services of the files that differ, which are compiled, and
// compiles others that changed configs are about. Those are the same on both sides.
func (c *configComparison) loadServices(ctx context.Context) {
	wanted, before, after := c.serviceNames(), setOf(c.before), setOf(c.after)
	var files []string
	for _, name := range c.new.Files {
		if source.IsProto(name) && !after[name] && declaresAny(c.new, name, wanted) {
			files = append(files, name)
		}
	}
	same := source.Load(ctx, c.new, files, source.Options{
		ImportPaths: c.importPaths(c.new), Library: newLibrary(c.base, c.opt, c.new.Files),
		Parallel: c.opt.Parallel, ServicesOnly: true, Placeholders: true,
	}).Files
	var old, new []*source.File
	if c.newer != nil {
		old, new = c.older.Files, c.newer.Files
	}
	c.newServices = grpcconfig.NewServices(slices.Concat(new, same), c.newName, c.rules)
	c.oldServices = grpcconfig.NewServices(slices.Concat(old, same), func(name string) string {
		if before[name] {
			return c.oldName(name)
		}
		return c.newName(name)
	}, c.rules)
}

func setOf(names []string) map[string]bool {
	set := make(map[string]bool, len(names))
	for _, name := range names {
		set[name] = true
	}
	return set
}

// serviceNames are the services that changed configs name, without packages.
func (c *configComparison) serviceNames() map[string]bool {
	names := map[string]bool{}
	for _, p := range c.pairs {
		if !p.changed {
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
