// Package httprule reads how rpcs are called over HTTP, from their option
// google.api.http
// (https://github.com/googleapis/googleapis/blob/master/google/api/http.proto).
package httprule

import (
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// Option is the number of the extension of google.protobuf.MethodOptions.
const Option = 72295728

// Numbers of fields of google.api.HttpRule.
const (
	FieldBody               = 7
	fieldAdditionalBindings = 11
)

// A Binding is one HTTP request that an rpc is called with.
type Binding struct {
	Verb, Path         string
	Body, ResponseBody string
	Method             protoreflect.MethodDescriptor
	// Segments are those of the path; * and ** stand for variables and wildcards.
	Segments []string
	// Variables are the fields that the path gives, by the index of their first segment.
	Variables map[int]string
	// Rule is the path of the HttpRule in the options of the method, and Pattern the
	// number of the field that holds Path.
	Rule    protoreflect.SourcePath
	Pattern int32
	// Depth is 0 for the first binding, 1 for one of additional_bindings, and more for
	// those which are not allowed.
	Depth int
}

// Extension reads a custom option of an element; ok is false where it is not set.
func Extension(options protoreflect.Message, name protoreflect.FullName) (v protoreflect.Value, ok bool) {
	if !options.IsValid() {
		return v, false
	}
	options.Range(func(fd protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		if fd.IsExtension() && fd.FullName() == name {
			v, ok = value, true
		}
		return !ok
	})
	return v, ok
}

// Bindings returns all requests that an rpc is called with; nil if there is no option.
func Bindings(m protoreflect.MethodDescriptor) []Binding {
	v, ok := Extension(m.Options().ProtoReflect(), "google.api.http")
	if !ok {
		return nil
	}
	return appendBindings(nil, v.Message(), Binding{Method: m, Rule: protoreflect.SourcePath{Option}})
}

func appendBindings(all []Binding, rule protoreflect.Message, b Binding) []Binding {
	at, depth := b.Rule, b.Depth
	b.Body, b.ResponseBody = text(rule, "body"), text(rule, "response_body")
	fields := rule.Descriptor().Fields()
	for _, verb := range []protoreflect.Name{"get", "put", "post", "delete", "patch"} {
		if fd := fields.ByName(verb); fd != nil && rule.Has(fd) {
			b.Verb, b.Path, b.Pattern = strings.ToUpper(string(verb)), rule.Get(fd).String(), int32(fd.Number())
		}
	}
	if fd := fields.ByName("custom"); fd != nil && rule.Has(fd) {
		pattern := rule.Get(fd).Message()
		b.Verb, b.Path, b.Pattern = text(pattern, "kind"), text(pattern, "path"), int32(fd.Number())
	}
	if b.Path != "" {
		b.parse()
		all = append(all, b)
	}
	if fd := fields.ByName("additional_bindings"); fd != nil && fd.IsList() {
		for i := range rule.Get(fd).List().Len() {
			next := Binding{Method: b.Method, Depth: depth + 1}
			next.Rule = append(append(next.Rule, at...), fieldAdditionalBindings, int32(i))
			all = appendBindings(all, rule.Get(fd).List().Get(i).Message(), next)
		}
	}
	return all
}

func text(m protoreflect.Message, name protoreflect.Name) string {
	if fd := m.Descriptor().Fields().ByName(name); fd != nil && fd.Kind() == protoreflect.StringKind && !fd.IsList() {
		return m.Get(fd).String()
	}
	return ""
}

// parse splits a path into segments, with the variables that begin at them.
func (b *Binding) parse() {
	b.Segments, b.Variables = nil, map[int]string{}
	rest := strings.TrimPrefix(b.Path, "/")
	for rest != "" {
		if rest[0] == '{' {
			end := strings.IndexByte(rest, '}')
			if end < 0 {
				break
			}
			name, pattern, ok := strings.Cut(rest[1:end], "=")
			if !ok {
				pattern = "*"
			}
			b.Variables[len(b.Segments)] = name
			b.Segments = append(b.Segments, strings.Split(pattern, "/")...)
			rest = rest[end+1:]
			if rest != "" && rest[0] != '/' { // a verb as in {name}:cancel
				var suffix string
				suffix, rest, _ = strings.Cut(rest, "/")
				b.Segments[len(b.Segments)-1] += suffix
			}
			rest = strings.TrimPrefix(rest, "/")
			continue
		}
		var segment string
		segment, rest, _ = strings.Cut(rest, "/")
		b.Segments = append(b.Segments, segment)
	}
}

// Covers reports whether a binding takes all requests that another one took.
func (b *Binding) Covers(old *Binding) bool {
	if b.Verb != old.Verb {
		return false
	}
	for i, s := range b.Segments {
		if s == "**" {
			return i <= len(old.Segments)
		}
		if i >= len(old.Segments) || s != old.Segments[i] && (s != "*" || strings.Contains(old.Segments[i], "**") || strings.Contains(old.Segments[i], ":")) {
			return false
		}
	}
	return len(b.Segments) == len(old.Segments)
}

// Route is the same for all bindings that take the same requests.
func (b *Binding) Route() string { return b.Verb + " /" + strings.Join(b.Segments, "/") }

func (b *Binding) String() string { return b.Verb + " " + b.Path }

// Flaw says what is wrong with the path as a template; empty if nothing is.
func (b *Binding) Flaw() string {
	if !strings.HasPrefix(b.Path, "/") {
		return "it does not begin with a slash"
	}
	if strings.ContainsAny(b.Path, "? \t#") {
		return "it holds a character that no path has"
	}
	open := false
	for _, c := range b.Path {
		switch {
		case c == '{' && open:
			return "a variable is within another one"
		case c == '{':
			open = true
		case c == '}' && !open:
			return "a brace is closed that was not opened"
		case c == '}':
			open = false
		}
	}
	if open {
		return "a brace is not closed"
	}
	return ""
}
