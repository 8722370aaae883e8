package document

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// corpus is the folder of published documents, which lies beside the repository.
func corpus(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		shared := filepath.Join(dir, "shared", "corpus", "openapi")
		if info, err := os.Stat(shared); err == nil && info.IsDir() {
			return shared
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Skip("no shared/corpus/openapi above this folder")
		}
		dir = parent
	}
}

func reader(root string) func(string) ([]byte, error) {
	return func(name string) ([]byte, error) { return os.ReadFile(filepath.Join(root, filepath.FromSlash(name))) }
}

// corpusDocuments are the names of the documents among the files.
func corpusDocuments(t testing.TB, root string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		switch filepath.Ext(path) {
		case ".yaml", ".yml", ".json":
		default:
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil || !Sniff(text) {
			return err
		}
		name, err := filepath.Rel(root, path)
		names = append(names, filepath.ToSlash(name))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestCorpus(t *testing.T) {
	root := corpus(t)
	names := corpusDocuments(t, root)
	if len(names) < 200 {
		t.Errorf("%d documents found; want several hundred", len(names))
	}
	operations := 0
	for _, name := range names {
		start := time.Now()
		doc, err := Load(reader(root), name)
		if err != nil {
			t.Errorf("%v", err)
			continue
		}
		for _, item := range doc.Paths {
			operations += len(item.Operations)
		}
		if strings.HasPrefix(name, "specs/") {
			t.Logf("%s: %s, %d paths, %d problems, %v", name, doc.VersionText, len(doc.Paths), len(doc.Problems), time.Since(start))
		}
		for i, p := range doc.Problems {
			if p.Line == 0 || p.File == "" {
				t.Errorf("%s: a problem without a place: %+v", name, p)
			}
			if i < 12 {
				t.Logf("  %s:%d:%d: %s: %.300s [+%d]", p.File, p.Line, p.Column, p.AtMost, p.Message, len(p.Related))
			}
		}
	}
	t.Logf("%d documents, %d operations", len(names), operations)
}

func BenchmarkLoad(b *testing.B) {
	root := corpus(b)
	for _, name := range corpusDocuments(b, root) {
		if !strings.HasPrefix(name, "specs/") {
			continue
		}
		b.Run(strings.TrimPrefix(name, "specs/"), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Load(reader(root), name); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
