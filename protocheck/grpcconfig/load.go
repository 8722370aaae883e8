package grpcconfig

import (
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/rules"
	"github.com/commslint/commslint/tree"
)

// The fields of the messages of service_config.proto, as JSON names them.
var (
	configFields     = []string{"loadBalancingPolicy", "loadBalancingConfig", "methodConfig", "retryThrottling", "healthCheckConfig", "connectionScaling"}
	methodFields     = []string{"name", "waitForReady", "timeout", "maxRequestMessageBytes", "maxResponseMessageBytes", "retryPolicy", "hedgingPolicy"}
	nameFields       = []string{"service", "method"}
	retryFields      = []string{"maxAttempts", "initialBackoff", "maxBackoff", "backoffMultiplier", "retryableStatusCodes"}
	hedgingFields    = []string{"maxAttempts", "hedgingDelay", "nonFatalStatusCodes"}
	throttlingFields = []string{"maxTokens", "tokenRatio"}
)

// Load reads a service config. The error is a *tree.Error and says that the text
// cannot be read at all; whatever else is wrong, Check reports.
func Load(src Source) (*Config, error) {
	l := &loader{Config: &Config{source: src}}
	file, err := tree.Parse(src.Name, src.Text)
	l.file = file
	if err == nil {
		err = l.requireJSON()
	}
	if err == nil && file.Root == nil {
		err = &tree.Error{Location: finding.Location{File: src.Name, Line: 1, Column: 1}, Message: `the service config is empty: write {} for one that says nothing`}
	}
	if err == nil && file.Root.Kind != tree.Object {
		err = &tree.Error{Location: file.Root.Location(), Message: "expected a service config, an object with methodConfig or loadBalancingConfig"}
	}
	if parse, ok := errors.AsType[*tree.Error](err); ok {
		parse.Location = l.location(parse.Location)
		return nil, parse
	}
	for _, w := range file.Warnings {
		l.add(problem{Finding: finding.Finding{
			Rule: invalid, AtMost: finding.Warning, Message: w.Message, Location: l.location(w.Location),
			Related: []finding.Related{{Location: l.location(w.Earlier), Message: "the first one, which is lost"}},
		}})
	}
	l.config(file.Root)
	return l.Config, nil
}

// requireJSON wants JSON where clients read nothing else: in code, and in a file that
// is called so. Parse has tried YAML too, which takes more.
func (l *loader) requireJSON() error {
	if l.source.Go == nil && !strings.EqualFold(path.Ext(l.source.Name), ".json") {
		return nil
	}
	text := strings.TrimPrefix(string(l.source.Text), "\ufeff")
	var value json.RawMessage
	err := json.Unmarshal([]byte(text), &value)
	syntax, ok := errors.AsType[*json.SyntaxError](err)
	if !ok || l.file.Root == nil {
		return nil
	}
	at := int32(len(l.source.Text)-len(text)) + int32(max(syntax.Offset-1, 0))
	return &tree.Error{Location: l.file.Location(at, at), Message: "this is no JSON, which is all that clients read: " + syntax.Error()}
}

// A loader fills a Config.
type loader struct {
	*Config
	// decodedOnly is set while something is read of which grpc-go looks at the types
	// only, unread where it does not even do that.
	decodedOnly, unread bool
}

func (l *loader) add(p problem) { l.problems = append(l.problems, p) }

// refused reports what makes clients refuse a config.
func (l *loader) refused(rule string, at finding.Location, format string, args ...any) {
	l.add(problem{
		Finding: finding.Finding{Rule: rule, Location: at, Message: fmt.Sprintf(format, args...)},
		refused: !l.decodedOnly && !l.unread,
	})
}

// malformed reports a value that cannot be what its field wants.
func (l *loader) malformed(n *tree.Node, format string, args ...any) {
	l.add(problem{
		Finding: finding.Finding{Rule: invalid, Location: l.locate(n), Message: fmt.Sprintf(format, args...)},
		refused: !l.unread,
	})
}

// wrongType reports a value of another JSON type than its field has.
func (l *loader) wrongType(n *tree.Node, what, expected string) {
	l.malformed(n, "%s is %s; expected %s", what, kindNames[n.Kind], expected)
}

var kindNames = [...]string{tree.Null: "null", tree.Bool: "a boolean", tree.Number: "a number", tree.String: "a string", tree.Array: "an array", tree.Object: "an object"}

// memberOf finds a member by its key, or as Go does, by its key in other capitals.
func memberOf(n *tree.Node, key string) *tree.Member {
	if m := n.Member(key); m != nil {
		return m
	}
	if n == nil {
		return nil
	}
	for i := range n.Members {
		if strings.EqualFold(n.Members[i].Key, key) {
			return &n.Members[i]
		}
	}
	return nil
}

// get is the value of a field; nil if there is none, or it is null, which is the same.
func get(n *tree.Node, field string) *tree.Node {
	if m := memberOf(n, field); m != nil && m.Value.Kind != tree.Null {
		return m.Value
	}
	return nil
}

// object wants an object, of whose keys it reports those that are no fields.
func (l *loader) object(n *tree.Node, what string, fields []string) bool {
	if n == nil {
		return false
	}
	if n.Kind != tree.Object {
		l.wrongType(n, what, "an object")
		return false
	}
	for i := range n.Members {
		l.key(&n.Members[i], what, fields)
	}
	return true
}

// key reports a key that clients leave out without a word.
func (l *loader) key(m *tree.Member, what string, fields []string) {
	if oneOf(fields, m.Key) {
		return
	}
	f := finding.Finding{Rule: unknownField, Location: l.location(m.Value.File.Location(m.KeyStart, m.KeyEnd))}
	for _, field := range fields {
		if !strings.EqualFold(field, m.Key) {
			continue
		}
		if l.source.Go != nil || l.source.ByGo {
			return
		}
		f.Message = fmt.Sprintf("the key %q of %s is written %q: only grpc-go takes it in these capitals, other clients leave it out", m.Key, what, field)
		f.Fixes = rename(m, field)
		l.add(problem{Finding: f})
		return
	}
	f.Message = fmt.Sprintf("%s has no field %q: clients leave it out without a word", what, m.Key)
	if hint := misplaced(m.Key, fields); hint != "" {
		f.Message += "; " + hint
		l.add(problem{Finding: f})
		return
	}
	if near, ok := nearest(strings.ReplaceAll(m.Key, "_", ""), fields); ok {
		f.Message += fmt.Sprintf("; did you mean %q?", near)
		f.Fixes = rename(m, near)
	}
	l.add(problem{Finding: f})
}

// misplaced says where a key belongs that is a field of another message; empty if it is
// none.
func misplaced(key string, fields []string) string {
	switch {
	case oneOf(configFields, key):
		return "it belongs beside methodConfig"
	case oneOf(methodFields, key):
		return "it belongs into an entry of methodConfig"
	case oneOf(retryFields, key) && !oneOf(fields, "hedgingDelay"):
		return "it belongs into retryPolicy"
	}
	return ""
}

func rename(m *tree.Member, key string) []finding.Fix {
	return []finding.Fix{{Message: fmt.Sprintf("write %q", key), Edits: []finding.Edit{m.Rename(key)}}}
}

// nearest finds the word that another was probably meant to be, in whatever capitals.
func nearest(word string, words []string) (string, bool) {
	lower := make([]string, len(words))
	for i, w := range words {
		lower[i] = strings.ToLower(w)
	}
	near, ok := rules.Nearest(word, lower)
	for i := range lower {
		if ok && lower[i] == near {
			return words[i], true
		}
	}
	return "", false
}

func (l *loader) array(n *tree.Node, what string) []*tree.Node {
	if n == nil {
		return nil
	}
	if n.Kind != tree.Array {
		l.wrongType(n, what, "an array")
		return nil
	}
	return n.Items
}

func (l *loader) text(n *tree.Node, what string) string {
	if n == nil {
		return ""
	}
	if n.Kind != tree.String {
		l.wrongType(n, what, "a string")
		return ""
	}
	return n.Text
}

func (l *loader) boolean(n *tree.Node, what string) bool {
	if n != nil && n.Kind != tree.Bool {
		l.wrongType(n, what, "true or false")
		return false
	}
	return n != nil && n.Text == "true"
}

// integer reads a whole number. ok is false if there is none.
func (l *loader) integer(n *tree.Node, what string) (value int, ok bool) {
	if n == nil {
		return 0, false
	}
	digits := l.digits(n, what, "a whole number")
	if digits == "" {
		return 0, false
	}
	if value, err := strconv.Atoi(digits); err == nil {
		return value, true
	}
	if whole := strings.TrimRight(strings.TrimRight(digits, "0"), "."); strings.Contains(digits, ".") {
		if value, err := strconv.Atoi(whole); err == nil {
			l.onlyGo(n, what, "a whole number without decimals")
			return value, true
		}
	}
	l.malformed(n, "%s is %s; expected a whole number", what, digits)
	return 0, false
}

// number reads a number. ok is false if there is none.
func (l *loader) number(n *tree.Node, what string) (value float64, ok bool) {
	if n == nil {
		return 0, false
	}
	digits := l.digits(n, what, "a number")
	if digits == "" {
		return 0, false
	}
	value, err := strconv.ParseFloat(digits, 64)
	if err != nil {
		l.malformed(n, "%s is %s, which is more than a number can be", what, digits)
		return 0, false
	}
	return value, true
}

// digits is the text of a number; empty if the value is none. Clients but grpc-go take
// numbers in quotes too.
func (l *loader) digits(n *tree.Node, what, expected string) string {
	switch _, err := strconv.ParseFloat(n.Text, 64); {
	case n.Kind == tree.Number:
		return n.Text
	case n.Kind == tree.String && err == nil && strings.Trim(n.Text, "-+.0123456789eE") == "":
		l.onlyGo(n, what, expected+" without quotes")
		return n.Text
	}
	l.wrongType(n, what, expected)
	return ""
}

// onlyGo reports a number that grpc-go refuses and other clients take.
func (l *loader) onlyGo(n *tree.Node, what, expected string) {
	f := finding.Finding{
		Rule: invalid, Location: l.locate(n),
		Message: fmt.Sprintf("grpc-go refuses the whole config because of %s: it wants %s", what, expected),
	}
	if l.source.Go == nil && !l.source.ByGo {
		f.AtMost = finding.Warning
	}
	l.add(problem{Finding: f, refused: !l.unread})
}

// duration reads a duration. ok is false if there is none, or none that can be read.
func (l *loader) duration(n *tree.Node, what string) (d time.Duration, ok bool) {
	if n == nil {
		return 0, false
	}
	if n.Kind != tree.String {
		l.wrongType(n, what, `seconds with an s, in quotes: "0.1s"`)
		return 0, false
	}
	d, err := parseDuration(n.Text)
	if err != nil {
		l.malformed(n, "%s is %q; %v", what, n.Text, err)
		return 0, false
	}
	return d, true
}
