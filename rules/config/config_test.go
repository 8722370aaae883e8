package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/rules"
)

// catalogue has a parameter of every type, and a rule with an earlier id.
var catalogue = []rules.Rule{
	{ID: "go/no-timeout", Level: finding.Error},
	{ID: "go/plaintext", Level: finding.Warning, Params: []rules.Param{
		{Name: "allow-hosts", Type: "strings", Format: "host"},
		{Name: "mesh-encrypts", Type: "bool", Default: "false"},
	}},
	{ID: "go/retry", Aliases: []string{"go/again"}, Level: finding.Warning, Params: []rules.Param{
		{Name: "attempts", Type: "int", Default: "4"},
		{Name: "networks", Type: "strings", Format: "cidr"},
		{Name: "pause", Type: "duration", Default: "100ms"},
		{Name: "strategy", Type: "string", Default: "full"},
		{Name: "version", Type: "string", Default: "1.2", Values: []string{"1.2", "1.3"}},
	}},
	{ID: "suppress/unused", Level: finding.Warning},
}

// loadText loads a configuration called name with the given content.
func loadText(t *testing.T, name, content string) (*Config, error) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return load(catalogue, dir, name)
}

func mustLoad(t *testing.T, name, content string) *Config {
	t.Helper()
	c, err := loadText(t, name, content)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const full = `version: 1
rules:
  go/*: note
  go/no-timeout:
    severity: warning
    exclude:
      - cmd/probe
      - {path: "**/*_gen.go", reason: generated}
  go/plaintext:
    mesh-encrypts: true
    allow-hosts: [cache.internal, "*.example.com"]
  go/retry:
    severity: off
    attempts: 3
    pause: 2s
    networks: [10.0.0.0/8]
    strategy: equal
    version: "1.3"
exclude:
  - ./vendor/
  - path: "internal/legacy/**"
    reason: replaced this year
services:
  payments:
    hosts: [payments.internal, "payments.internal:8443"]
    env: [PAYMENTS_URL]
    clusters: [outbound|443||payments]
    dir: ./services/payments
  accounts: {}
`

const fullCUE = `package commslint

import "strings"

_domain: "go/"
version: 1
rules: {
	(_domain + "*"): "note"
	"go/no-timeout": {
		severity: "warning"
		exclude: ["cmd/probe", {path: "**/*_gen.go", reason: "generated"}]
	}
	"go/plaintext": {
		"mesh-encrypts": true
		"allow-hosts": ["cache.internal", "*." + strings.ToLower("EXAMPLE.com")]
	}
	"go/retry": severity: "off"
}
`

func TestEntries(t *testing.T) {
	got := mustLoad(t, "commslint.yaml", full).Entries()
	want := []Entry{
		{"go/no-timeout", "severity", "warning", "commslint.yaml:5:15"},
		{"go/plaintext", "severity", "note", "commslint.yaml:3:9"},
		{"go/plaintext", "allow-hosts", "cache.internal,*.example.com", "commslint.yaml:11:18"},
		{"go/plaintext", "mesh-encrypts", "true", "commslint.yaml:10:20"},
		{"go/retry", "severity", "off", "commslint.yaml:13:15"},
		{"go/retry", "attempts", "3", "commslint.yaml:14:15"},
		{"go/retry", "networks", "10.0.0.0/8", "commslint.yaml:16:15"},
		{"go/retry", "pause", "2s", "commslint.yaml:15:12"},
		{"go/retry", "strategy", "equal", "commslint.yaml:17:15"},
		{"go/retry", "version", "1.3", "commslint.yaml:18:14"},
		{"suppress/unused", "severity", "warning", "default"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// The order of a file's entries must not matter: YAML mappings have none.
func TestSpecificEntriesWin(t *testing.T) {
	for _, content := range []string{
		"version: 1\nrules:\n  \"*\": off\n  go/*: note\n  go/no-*: warning\n  go/no-timeout: error\n",
		"version: 1\nrules:\n  go/no-timeout: error\n  go/no-*: warning\n  go/*: note\n  \"*\": off\n",
	} {
		c := mustLoad(t, "commslint.yaml", content)
		for rule, want := range map[string]finding.Level{
			"go/no-timeout": finding.Error, "go/plaintext": finding.Note, "suppress/unused": finding.Off,
		} {
			if got := c.Level(rule); got != want {
				t.Errorf("%s is %s, want %s, with\n%s", rule, got, want, content)
			}
		}
	}
}

func TestCUEConfiguration(t *testing.T) {
	c := mustLoad(t, "commslint.cue", fullCUE)
	hosts, ok := c.Param("go/plaintext", "allow-hosts")
	if !ok || hosts != "cache.internal,*.example.com" {
		t.Errorf("allow-hosts = %q, %v", hosts, ok)
	}
	if got := c.Level("go/plaintext"); got != finding.Note {
		t.Errorf("go/plaintext is %s, want the pattern's note", got)
	}
	if got, want := c.Origin("go/no-timeout"), "commslint.cue:10:13"; got != want {
		t.Errorf("origin = %s, want %s", got, want)
	}
}

func TestDefaults(t *testing.T) {
	c := newConfig(catalogue)
	if c.Level("go/no-timeout") != finding.Error || c.Explicit("go/no-timeout") || c.Origin("go/no-timeout") != "default" {
		t.Error("go/no-timeout does not have its default")
	}
	if got := c.Level("go/unheard-of"); got != finding.Error {
		t.Errorf("a rule that is not in the catalogue is %s, want error", got)
	}
	if pause, ok := c.Param("go/again", "pause"); !ok || pause != "100ms" {
		t.Errorf("pause = %q, %v", pause, ok)
	}
	if _, ok := c.Param("go/retry", "unheard-of"); ok {
		t.Error("a parameter that the rule does not have was found")
	}
	if _, ok := c.Excluded("go/no-timeout", "vendor/a.go"); ok {
		t.Error("something is excluded without a configuration")
	}
}

func TestSet(t *testing.T) {
	c := mustLoad(t, "commslint.yaml", full)
	if err := c.Set("go/*", finding.Off, "--disable"); err != nil {
		t.Fatal(err)
	}
	if err := c.Set("go/again", finding.Error, "--severity"); err != nil {
		t.Fatal(err)
	}
	if c.Level("go/no-timeout") != finding.Off || c.Origin("go/no-timeout") != "--disable" {
		t.Error("a flag does not outrank the file")
	}
	if c.Level("go/retry") != finding.Error || !c.Explicit("go/retry") {
		t.Error("a rule cannot be set by its earlier id")
	}
	err := c.Set("go/no-timeouts", finding.Off, "--disable")
	want := `--disable: unknown rule "go/no-timeouts"; expected the id of a rule or a pattern such as "go/*"; did you mean "go/no-timeout"?`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestExcluded(t *testing.T) {
	c := mustLoad(t, "commslint.yaml", full)
	for _, test := range []struct {
		rule, file string
		excluded   bool
		reason     string
	}{
		{"go/plaintext", "vendor/example.com/a/a.go", true, ""},
		{"go/plaintext", "vendored/a.go", false, ""},
		{"go/plaintext", "internal/legacy/deep/a.go", true, "replaced this year"},
		{"go/plaintext", filepath.Join(c.root, "vendor", "a.go"), true, ""},
		{"go/plaintext", "../vendor/a.go", false, ""},
		{"go/no-timeout", "cmd/probe/main.go", true, ""},
		{"go/no-timeout", "api/rates_gen.go", true, "generated"},
		{"go/plaintext", "api/rates_gen.go", false, ""},
	} {
		reason, excluded := c.Excluded(test.rule, test.file)
		if excluded != test.excluded || reason != test.reason {
			t.Errorf("Excluded(%s, %s) = %q, %v; want %q, %v", test.rule, test.file, reason, excluded, test.reason, test.excluded)
		}
	}
}

// Findings name files relative to the working directory, which may be below the
// configuration's folder.
func TestExcludedFromBelow(t *testing.T) {
	root := t.TempDir()
	below := filepath.Join(root, "services", "pay")
	if err := os.MkdirAll(below, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "commslint.yaml"), []byte("version: 1\nexclude: [services/pay/old]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := load(catalogue, below, filepath.Join(root, "commslint.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := c.Excluded("go/retry", "old/a.go"); !ok {
		t.Error("old/a.go is not excluded, seen from services/pay")
	}
	if got, want := c.Path(), "../../commslint.yaml"; got != want {
		t.Errorf("path = %s, want %s", got, want)
	}
}

func TestServices(t *testing.T) {
	got := mustLoad(t, "commslint.yaml", full).Services()
	want := []Service{
		{Name: "accounts", Origin: "commslint.yaml:29:3"},
		{
			Name: "payments", Hosts: []string{"payments.internal", "payments.internal:8443"}, Env: []string{"PAYMENTS_URL"},
			Clusters: []string{"outbound|443||payments"}, Dir: "services/payments", Origin: "commslint.yaml:24:3",
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestFind(t *testing.T) {
	root := t.TempDir()
	repository := filepath.Join(root, "repository")
	deep := filepath.Join(repository, "a", "b")
	for _, dir := range []string{deep, filepath.Join(repository, ".git")} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	write := func(path string) {
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(filepath.Join(root, "commslint.yaml"))
	if path, ok := Find(deep); ok {
		t.Errorf("found %s, above the repository", path)
	}
	write(filepath.Join(repository, "commslint.cue"))
	if path, _ := Find(deep); path != filepath.Join(repository, "commslint.cue") {
		t.Errorf("found %q, want the file beside .git", path)
	}
	write(filepath.Join(repository, "commslint.yaml"))
	t.Chdir(deep)
	if path, _ := Find("."); path != filepath.Join("..", "..", "commslint.yaml") {
		t.Errorf("found %q, want commslint.yaml before commslint.cue, relative to the folder", path)
	}
	if err := os.Mkdir(filepath.Join(deep, "commslint.yaml"), 0o700); err != nil {
		t.Fatal(err)
	}
	if path, _ := Find(deep); path != filepath.Join(repository, "commslint.yaml") {
		t.Errorf("found %q, want a folder of that name passed over", path)
	}
}

// The last entry that fits a file says which dimensions matter there.
func TestDimensions(t *testing.T) {
	c, err := loadText(t, "commslint.yaml", `version: 1
dimensions:
  - of: [wire, json]
  - path: internal
    of: [wire]
  - path: internal/public/*.proto
    of: [FILE]
`)
	if err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{
		"a.proto": "wire json", "../other/a.proto": "wire json",
		"internal/a/b.proto": "wire", "internal/public/a.proto": "FILE",
	} {
		if got := strings.Join(c.Dimensions(file), " "); got != want {
			t.Errorf("%s: %q, want %q", file, got, want)
		}
	}
	if got := Default().Dimensions("a.proto"); got != nil {
		t.Errorf("without a configuration: %q", got)
	}
}
