package survey

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/internal/workspace"
	"github.com/commslint/commslint/rules"
)

// nouns say what there are several of; of a kind that is not here its own words are used.
var nouns = []struct {
	kind workspace.Kind
	noun string
}{
	{workspace.OpenAPI, "OpenAPI documents"},
	{workspace.ServiceConfig, "gRPC service configs"},
	{workspace.Envoy, "configurations of Envoy"},
	{workspace.Kubernetes, "Kubernetes documents"},
	{workspace.Nginx, "configurations of nginx"},
	{workspace.HAProxy, "configurations of HAProxy"},
}

// schemaURL is where editors find what the file may say (docs/commslint.schema.json).
const schemaURL = "https://raw.githubusercontent.com/commslint/commslint/main/docs/commslint.schema.json"

// maxRules is how many rules are listed, maxAddresses how many variables.
const (
	maxRules     = 15
	maxAddresses = 30
)

// Configuration writes a commslint.yaml that changes nothing about what is reported, with
// what its owner may want to change as comments.
func (s *Survey) Configuration() []byte {
	var out bytes.Buffer
	out.WriteString("# yaml-language-server: $schema=" + schemaURL + "\n")
	fmt.Fprintf(&out, "# The configuration of commslint. Here it was written for: %s.\n", s.summary())
	out.WriteString("# commslint config shows what is in force; commslint rules lists the rules.\n")
	out.WriteString("version: 1\n")
	s.writeRules(&out)
	out.WriteString(`
# Files in which nothing is reported: globs relative to this file.
# exclude:
#   - path: "**/generated/**"
#     reason: generated from contracts that are checked
`)
	if s.Protos > 0 {
		out.WriteString(`
# In which dimensions changes of .proto files matter: wire (binary peers), json (JSON
# peers, HTTP callers), source (users of generated code). All of them, if not set.
# dimensions:
#   - of: [wire, json]
`)
	}
	s.writeServices(&out)
	return out.Bytes()
}

// summary counts what there is.
func (s *Survey) summary() string {
	var parts []string
	if s.GoFiles > 0 {
		parts = append(parts, fmt.Sprintf("Go files: %d", s.GoFiles))
	}
	if s.Protos > 0 {
		parts = append(parts, fmt.Sprintf(".proto files: %d", s.Protos))
	}
	for _, n := range nouns {
		if count := s.Documents[n.kind]; count > 0 {
			parts = append(parts, fmt.Sprintf("%s: %d", n.noun, count))
		}
	}
	if len(parts) == 0 {
		return "nothing that it reads yet"
	}
	return strings.Join(parts, ", ")
}

func (s *Survey) writeRules(out *bytes.Buffer) {
	out.WriteString(`
# How loud rules are: error, warning, note or off, by id or by a pattern such as "go/*".
# commslint explain RULE says what a rule is about and which parameters it has.
`)
	if len(s.Rules) == 0 {
		out.WriteString("# Nothing was found when this was written.\n# rules:\n#   go/no-timeout: error\n")
		return
	}
	out.WriteString("# What was found when this was written, with the level that each has; commslint baseline\n# records it, so that only new findings fail.\n# rules:\n")
	width := 0
	for _, c := range s.Rules[:min(len(s.Rules), maxRules)] {
		width = max(width, len(ruleLine(c)))
	}
	for _, c := range s.Rules[:min(len(s.Rules), maxRules)] {
		noun := "findings"
		if c.Findings == 1 {
			noun = "finding"
		}
		fmt.Fprintf(out, "%-*s  # %d %s%s\n", width, ruleLine(c), c.Findings, noun, about(c.Rule))
	}
	if more := len(s.Rules) - maxRules; more > 0 {
		fmt.Fprintf(out, "#   and %d rules more: commslint check\n", more)
	}
}

func ruleLine(c Count) string {
	level := finding.Warning
	if r, ok := rules.Lookup(c.Rule); ok && r.Level != finding.Off {
		level = r.Level
	}
	return fmt.Sprintf("#   %s: %s", c.Rule, level)
}

func about(rule string) string {
	if r, ok := rules.Lookup(rule); ok && r.Summary != "" {
		return ": " + r.Summary
	}
	return ""
}

func (s *Survey) writeServices(out *bytes.Buffer) {
	out.WriteString(`
# The services of the system, by what code and configuration call them. With it the call
# graph joins a call with the service that it reaches: hosts, env (variables that hold the
# address), clusters (of Envoy and meshes), dir (its source).
`)
	if len(s.Services) < 2 {
		out.WriteString("# services:\n#   payments:\n#     hosts: [payments.internal]\n#     env: [PAYMENTS_URL]\n#     dir: services/payments\n")
	} else {
		out.WriteString("# These are the commands that were found; take out those that are no services.\nservices:\n")
		for _, svc := range s.Services {
			writeService(out, svc)
		}
	}
	if len(s.Addresses) == 0 {
		return
	}
	out.WriteString("# Variables with addresses that fit to none of them:\n")
	for _, a := range s.Addresses[:min(len(s.Addresses), maxAddresses)] {
		fmt.Fprintf(out, "#   %s (%s:%d)\n", a.Env, oneLine(a.File), a.Line)
	}
	if more := len(s.Addresses) - maxAddresses; more > 0 {
		fmt.Fprintf(out, "#   and %d more\n", more)
	}
}

func writeService(out *bytes.Buffer, s Service) {
	if s.Dir == "" && len(s.Env) == 0 {
		fmt.Fprintf(out, "  %s: {}\n", scalar(s.Name))
		return
	}
	fmt.Fprintf(out, "  %s:\n", scalar(s.Name))
	if len(s.Env) > 0 {
		fmt.Fprintf(out, "    env: [%s]\n", strings.Join(s.Env, ", "))
	}
	if s.Dir != "" {
		fmt.Fprintf(out, "    dir: %s\n", scalar(s.Dir))
	}
}

var plainScalar = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_./-]*$`) })

// scalar writes a string as a scalar of YAML, plain if that cannot be taken for anything else.
func scalar(s string) string {
	reserved := []string{"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
	if plainScalar().MatchString(s) && !slices.Contains(reserved, strings.ToLower(s)) {
		return s
	}
	quoted, err := json.Marshal(s)
	if err != nil { // a string can always be encoded
		return `""`
	}
	return string(quoted)
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
