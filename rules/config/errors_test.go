package config

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

// Each archive holds a configuration and all that is said about it.
func TestErrors(t *testing.T) {
	archives, err := filepath.Glob("testdata/errors/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatal("no archives", err)
	}
	for _, name := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if len(archive.Files) != 2 || archive.Files[1].Name != "errors" {
				t.Fatal("want a configuration and a file called errors")
			}
			config, want := archive.Files[0], strings.TrimSuffix(string(archive.Files[1].Data), "\n")
			c, err := loadText(t, config.Name, string(config.Data))
			if err == nil {
				t.Fatalf("loaded as %v, want errors", c.Entries())
			}
			if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(err.Error(), "\n")); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestUnreadableFile(t *testing.T) {
	_, err := load(catalogue, t.TempDir(), "commslint.yaml")
	want := "commslint.yaml: cannot be read: no such file or directory; expected a configuration file; check the path"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}
