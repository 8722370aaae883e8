package config

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cuelang.org/go/cue/cuecontext"
	"cuelang.org/go/encoding/yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"golang.org/x/tools/txtar"

	"github.com/commslint/commslint/rules"
)

// What an editor accepts, commslint must accept, and the other way round, as far
// as a JSON schema can tell.
func TestEditorSchemaAgrees(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile("../../docs/commslint.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	for content, valid := range map[string]bool{
		"version: 1\n":                       true,
		"version: 1\nrules: {go/*: note}\n":  true,
		"version: 1\nrules: {go/*: quiet}\n": false,
		"version: 1\nrules: {go/plaintext: {severity: off, mesh-encrypts: true, allow-hosts: [a]}}\n": true,
		"version: 1\nrules: {go/plaintext: {mesh-encrypts: often}}\n":                                 false,
		"version: 1\nrules: {go/no-timeout: {mesh-encrypts: true}}\n":                                 false,
		"version: 1\nrules: {go/plaintex: error}\n":                                                   false,
		"version: 1\nrules: {go/insecure-tls: {min-version: \"1.3\"}}\n":                              true,
		"version: 1\nrules: {go/insecure-tls: {min-version: 1.3}}\n":                                  false,
		"version: 1\nrules: {go/insecure-tls: {min-version: \"1.4\"}}\n":                              false,
		"version: 1\nexclude: [a, {path: b}, {path: c, reason: d}]\n":                                 true,
		"version: 1\nexclude: [{reason: d}]\n":                                                        false,
		"version: 1\nservices: {pay: {hosts: [a], env: [B], clusters: [c], dir: d}}\n":                true,
		"version: 1\nservices: {pay: {host: a}}\n":                                                    false,
		"version: 1\npolicies: []\n":                                                                  false,
		"rules: {}\n":                                                                                 false,
	} {
		tree, err := yaml.Extract("commslint.yaml", content)
		if err != nil {
			t.Fatal(err)
		}
		data, err := cuecontext.New().BuildFile(tree).MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		var document any
		if err := json.Unmarshal(data, &document); err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(document); (err == nil) != valid {
			t.Errorf("the editor's schema says %v of\n%s", err, content)
		}
		c := newConfig(rules.All())
		c.path = "commslint.yaml"
		if errs := c.read([]byte(content)); (len(errs) == 0) != valid {
			t.Errorf("commslint says %v of\n%s", errs, content)
		}
	}
}

// Whatever is in a configuration, it is loaded or explained, with places that
// exist; nothing panics.
func FuzzRead(f *testing.F) {
	archives, _ := filepath.Glob("testdata/errors/*.txtar")
	for _, name := range archives {
		if archive, err := txtar.ParseFile(name); err == nil {
			f.Add(string(archive.Files[0].Data))
		}
	}
	f.Add(full)
	f.Add(fullCUE)
	f.Fuzz(func(t *testing.T, content string) {
		for _, name := range []string{"commslint.yaml", "commslint.cue"} {
			c := newConfig(catalogue)
			c.path, c.root, c.workdir = name, os.TempDir(), os.TempDir()
			lines := strings.Count(content, "\n") + 2
			for _, e := range c.read([]byte(content)) {
				if e.What == "" || e.Line < 0 || e.Line > lines {
					t.Errorf("%+v", e)
				}
			}
			for _, e := range c.excludes {
				c.Excluded("go/retry", e.Glob)
			}
		}
	})
}
