package catalogue

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/commslint/commslint/rules"
)

// Generate returns everything that is generated from the rules: contents by
// path relative to the module's root.
func Generate(all []rules.Rule) (map[string][]byte, error) {
	source, err := goSource(all)
	if err != nil {
		return nil, fmt.Errorf("rules/catalogue_gen.go: %w", err)
	}
	schema, err := configSchema(all)
	if err != nil {
		return nil, fmt.Errorf("docs/commslint.schema.json: %w", err)
	}
	files := map[string][]byte{
		"rules/catalogue_gen.go":     source,
		"docs/commslint.schema.json": schema,
		"docs/rules/README.md":       index(all),
	}
	for i := range all {
		files["docs/rules/"+all[i].ID+".md"] = page(&all[i])
	}
	return files, nil
}

const generated = "<!-- Generated from rules/catalogue; run go generate ./rules/... after a change there. -->\n\n"

func page(r *rules.Rule) []byte { return []byte(generated + r.Markdown()) }

func index(all []rules.Rule) []byte {
	var b bytes.Buffer
	b.WriteString(generated + "# Rules\n\n`commslint explain RULE` prints the same pages. Levels are defaults; `commslint.yaml` changes them.\n")
	domain := ""
	for i := range all {
		r := &all[i]
		if r.Domain() != domain {
			domain = r.Domain()
			fmt.Fprintf(&b, "\n## %s\n\n| rule | level | finds |\n|---|---|---|\n", domain)
		}
		fmt.Fprintf(&b, "| [%s](%s.md) | %s | %s |\n", r.ID, r.ID, r.Level, r.Summary)
	}
	return b.Bytes()
}

// Drift lists the files below root that differ from what Generate returned,
// and pages that no rule has any more.
func Drift(root string, files map[string][]byte) ([]string, error) {
	var drift []string
	for _, name := range slices.Sorted(maps.Keys(files)) {
		have, err := os.ReadFile(filepath.Join(root, name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		if err != nil || !bytes.Equal(have, files[name]) {
			drift = append(drift, name)
		}
	}
	stale, err := stalePages(root, files)
	return append(drift, stale...), err
}

// Write brings root up to date with files, and removes pages of rules that are gone.
func Write(root string, files map[string][]byte) error {
	for _, name := range slices.Sorted(maps.Keys(files)) {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, files[name], 0o644); err != nil {
			return err
		}
	}
	stale, err := stalePages(root, files)
	for _, name := range stale {
		err = errors.Join(err, os.Remove(filepath.Join(root, name)))
	}
	return err
}

func stalePages(root string, files map[string][]byte) ([]string, error) {
	var stale []string
	err := fs.WalkDir(os.DirFS(root), "docs/rules", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if _, ok := files[name]; !ok && !d.IsDir() && strings.HasSuffix(name, ".md") {
			stale = append(stale, name)
		}
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return stale, err
}
