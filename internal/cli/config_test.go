package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// runIn runs the command line in dir and returns its exit code and outputs.
func runIn(t *testing.T, dir string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = Main(args, Env{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Dir: dir})
	return code, out.String(), errs.String()
}

// configDir makes a folder that holds .git, so that no search leaves it, and the
// given files.
func configDir(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, ".git"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, content := range files {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const teamConfig = `version: 1
rules:
  "*": off
  go/plaintext:
    severity: error
    mesh-encrypts: true
    exclude: [{path: "cmd/**", reason: local tools}]
exclude: [vendor]
services:
  pay: {hosts: [pay.internal], env: [PAY_URL], dir: services/pay}
dimensions:
  - of: [wire, json]
  - {path: internal/**, of: [wire]}
`

// columns matches what lies between the columns of a table.
var columns = regexp.MustCompile(`(\S) {2,}`)

func TestConfigText(t *testing.T) {
	dir := configDir(t, map[string]string{"commslint.yaml": teamConfig})
	code, stdout, stderr := runIn(t, dir, "config")
	if code != 0 || stderr != "" {
		t.Fatalf("exit code %d, %s", code, stderr)
	}
	for _, want := range []string{
		"configuration: commslint.yaml\n\n",
		"\ngo/no-timeout  off  commslint.yaml:3:8\n",
		"\ngo/plaintext  error  commslint.yaml:5:15\n  mesh-encrypts  true  commslint.yaml:6:20\n  allow-hosts  none  default\n",
		"\n  headers  Idempotency-Key,X-Idempotency-Key  default\n",
		"\n  headers  traceparent,X-Request-Id,Request-Id,…  default\n",
		"\n\nexcluded\n  vendor  every rule  commslint.yaml:8:11\n  cmd/**  go/plaintext  commslint.yaml:7:22 (local tools)\n",
		"\n\nservices\n  pay  hosts pay.internal; env PAY_URL; dir services/pay  commslint.yaml:10:3\n",
		"\n\ndimensions of .proto files\n  every file  wire, json  commslint.yaml:12:5\n  internal/**  wire  commslint.yaml:13:5\n",
	} {
		if !strings.Contains(columns.ReplaceAllString(stdout, "$1  "), want) {
			t.Errorf("missing:\n%s\nin:\n%s", want, stdout)
		}
	}
}

func TestConfigJSON(t *testing.T) {
	dir := configDir(t, map[string]string{"commslint.yaml": teamConfig})
	_, stdout, _ := runIn(t, dir, "config", "-f", "json")
	var got configDocument
	if err := json.Unmarshal([]byte(stdout), &got); err != nil {
		t.Fatal(err)
	}
	got.Values = slices.DeleteFunc(got.Values, func(v valueDocument) bool { return v.Rule != "go/amplification" || v.Name != "severity" })
	want := configDocument{
		Version: 1,
		File:    "commslint.yaml",
		Values:  []valueDocument{{Rule: "go/amplification", Name: "severity", Value: "off", Origin: "commslint.yaml:3:8"}},
		Exclude: []excludeDocument{
			{Glob: "vendor", Origin: "commslint.yaml:8:11"},
			{Rule: "go/plaintext", Glob: "cmd/**", Reason: "local tools", Origin: "commslint.yaml:7:22"},
		},
		Services: []serviceDocument{{Name: "pay", Hosts: []string{"pay.internal"}, Env: []string{"PAY_URL"}, Dir: "services/pay", Origin: "commslint.yaml:10:3"}},
		Dimensions: []dimensionsDocument{
			{Of: []string{"wire", "json"}, Origin: "commslint.yaml:12:5"},
			{Path: "internal/**", Of: []string{"wire"}, Origin: "commslint.yaml:13:5"},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// What flags set is in force, and said to come from them.
func TestConfigWithFlags(t *testing.T) {
	dir := configDir(t, map[string]string{"commslint.yaml": teamConfig})
	code, stdout, stderr := runIn(t, dir, "config", "--enable", "go/no-timeout", "--severity", "go/plaintext=note")
	if code != 0 || stderr != "" {
		t.Fatalf("exit code %d, %s", code, stderr)
	}
	for _, want := range []string{"\ngo/no-timeout  error  --enable\n", "\ngo/plaintext  note  --severity\n", "\ngo/body-leak  off  commslint.yaml:3:8\n"} {
		if !strings.Contains(columns.ReplaceAllString(stdout, "$1  "), want) {
			t.Errorf("missing:\n%s\nin:\n%s", want, stdout)
		}
	}
	if code, _, stderr := runIn(t, dir, "config", "--severity", "go/plaintxt=note"); code != 2 || !strings.Contains(stderr, `did you mean "go/plaintext"`) {
		t.Errorf("exit code %d, %s", code, stderr)
	}
}

func TestConfigVerify(t *testing.T) {
	for name, test := range map[string]struct {
		files          map[string]string
		args           []string
		code           int
		stdout, stderr string
	}{
		"none": {stdout: "no commslint.yaml or commslint.cue found: the defaults hold\n"},
		"found upward": {
			files:  map[string]string{"commslint.cue": "version: 1\n", "services/pay/main.go": ""},
			args:   []string{"services/pay"},
			stdout: "commslint.cue: valid\n",
		},
		"named": {
			files:  map[string]string{"commslint.yaml": "version: 2\n", "ci/strict.yaml": "version: 1\n"},
			args:   []string{"-c", "ci/strict.yaml"},
			stdout: "ci/strict.yaml: valid\n",
		},
		"two in one folder": {
			files:  map[string]string{"commslint.yaml": "version: 1\n", "commslint.cue": "version: 1\n"},
			stdout: "commslint.yaml: valid\n",
			stderr: "commslint: commslint.cue is not read, because commslint.yaml comes first; delete one of the two\n",
		},
		"mistakes": {
			files: map[string]string{"commslint.yaml": "version: 1\nrule: {}\nexclude: vendor\n"},
			code:  2,
			stderr: "commslint.yaml:2:1: unknown key \"rule\"; expected one of dimensions, exclude, rules, services, version; did you mean \"rules\"?\n" +
				"commslint.yaml:3:10: exclude is \"vendor\"; expected a list; put it in brackets: [\"vendor\"]\n",
		},
		"missing": {
			args:   []string{"-c", "strict.yaml"},
			code:   2,
			stderr: "strict.yaml: cannot be read: no such file or directory; expected a configuration file; check the path\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := configDir(t, test.files)
			code, stdout, stderr := runIn(t, dir, append([]string{"config", "verify"}, test.args...)...)
			if code != test.code || stdout != test.stdout || stderr != test.stderr {
				t.Errorf("exit code %d, want %d\nstdout %s\nwant   %s\nstderr %s\nwant   %s", code, test.code, stdout, test.stdout, stderr, test.stderr)
			}
		})
	}
}
