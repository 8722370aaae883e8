package source

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// A module is a folder that files import one another from, as the configuration of
// buf declares it.
type module struct {
	root     string // "" is the root of the tree
	excludes []string
	ignores  *Ignores
}

// Ignores is what a buf.yaml leaves out of the search for breaking changes.
type Ignores struct {
	Config   string              // path of the file that says so
	Root     string              // folder of the module, in the tree
	Except   []string            // ids of rules and categories
	Paths    []string            // files and folders of the tree
	Only     map[string][]string // files and folders, by rule or category
	Unstable bool                // packages such as foo.v1beta1
}

// bufConfig is what is read of buf.yaml, in versions v1beta1, v1 and v2.
type bufConfig struct {
	Version string
	Build   struct {
		Roots    []string
		Excludes []string
	}
	Breaking bufBreaking
	Modules  []struct {
		Path     string
		Excludes []string
		Breaking *bufBreaking
	}
}

type bufBreaking struct {
	Except   []string
	Ignore   []string
	Only     map[string][]string `yaml:"ignore_only"`
	Unstable bool                `yaml:"ignore_unstable_packages"`
}

// modules reads all configuration of buf in the tree. One that cannot be read is a
// problem; what it says is then inferred as if it were not there.
func (l *loader) modules() []module {
	var found []module
	inWorkspace := map[string]bool{}
	for _, name := range l.tree.Files {
		if path.Base(name) != "buf.work.yaml" {
			continue
		}
		var work struct{ Directories []string }
		if l.readYAML(name, &work) {
			for _, dir := range work.Directories {
				root := join(path.Dir(name), dir)
				found = append(found, module{root: root})
				inWorkspace[root] = true
			}
		}
	}
	for _, name := range l.tree.Files {
		if path.Base(name) != "buf.yaml" {
			continue
		}
		var config bufConfig
		if !l.readYAML(name, &config) {
			continue
		}
		found = append(found, config.modules(name)...)
	}
	slices.SortStableFunc(found, func(a, b module) int { return strings.Compare(a.root, b.root) })
	return mergeModules(found)
}

// mergeModules makes one module of those with the same root: buf.work.yaml names
// the folder, and the buf.yaml in it says more.
func mergeModules(found []module) []module {
	var merged []module
	for _, m := range found {
		if last := len(merged) - 1; last >= 0 && merged[last].root == m.root {
			merged[last].excludes = append(merged[last].excludes, m.excludes...)
			if m.ignores != nil {
				merged[last].ignores = m.ignores
			}
			continue
		}
		merged = append(merged, m)
	}
	return merged
}

func (c *bufConfig) modules(name string) []module {
	dir := path.Dir(name)
	if len(c.Modules) > 0 {
		var found []module
		for _, m := range c.Modules {
			breaking := m.Breaking
			if breaking == nil {
				breaking = &c.Breaking
			}
			found = append(found, module{
				root:     join(dir, m.Path),
				excludes: joinAll(dir, m.Excludes),
				ignores:  breaking.ignores(name, dir, join(dir, m.Path)),
			})
		}
		return found
	}
	if len(c.Build.Roots) == 0 {
		return []module{{root: join(dir), excludes: joinAll(dir, c.Build.Excludes), ignores: c.Breaking.ignores(name, dir, join(dir))}}
	}
	var found []module
	for _, root := range c.Build.Roots {
		// In v1beta1 paths are relative to the root that holds them.
		found = append(found, module{
			root:     join(dir, root),
			excludes: joinAll(dir, c.Build.Excludes),
			ignores:  c.Breaking.ignores(name, join(dir, root), join(dir, root)),
		})
	}
	return found
}

// ignores reads the section; its paths are relative to dir.
func (b *bufBreaking) ignores(config, dir, root string) *Ignores {
	only := map[string][]string{}
	for rule, paths := range b.Only {
		only[rule] = joinAll(dir, paths)
	}
	return &Ignores{Config: config, Root: root, Except: b.Except, Paths: joinAll(dir, b.Ignore), Only: only, Unstable: b.Unstable}
}

func (l *loader) readYAML(name string, into any) bool {
	text, err := l.tree.Read(name)
	if err == nil {
		err = yaml.Unmarshal(text, into)
	}
	if err != nil {
		l.problem(Problem{Path: name, Message: fmt.Sprintf("the configuration of buf cannot be read, so that import folders are guessed: %s", strings.Join(strings.Fields(err.Error()), " "))})
		return false
	}
	return true
}

// join joins paths of the tree; its root is "".
func join(elements ...string) string {
	joined := path.Join(elements...)
	if joined == "." {
		return ""
	}
	return joined
}

func joinAll(dir string, paths []string) []string {
	joined := make([]string, len(paths))
	for i, p := range paths {
		joined[i] = join(dir, p)
	}
	return joined
}

// owns reports whether a file belongs to the module.
func (m *module) owns(name string) bool {
	if _, ok := below(m.root, name); !ok {
		return false
	}
	return !slices.ContainsFunc(m.excludes, func(excluded string) bool {
		_, in := below(excluded, name)
		return in || excluded == name
	})
}
