package breaking

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// Custom options by the numbers that their extensions have.
const (
	optionHTTP      = 72295728 // google.api.http
	optionSignature = 1051     // google.api.method_signature
	optionOperation = 1049     // google.longrunning.operation_info
	optionBehavior  = 1052     // google.api.field_behavior
	optionResource  = 1053     // google.api.resource
)

// A binding is one HTTP request that an rpc is called with
// (https://github.com/googleapis/googleapis/blob/master/google/api/http.proto).
type binding struct {
	verb, path         string
	body, responseBody string
	method             protoreflect.MethodDescriptor
	segments           []string // * and ** stand for variables and wildcards
	variables          map[int]string
}

// custom reads a custom option of an element; ok is false where it is not set.
func custom(d protoreflect.Descriptor, name protoreflect.FullName) (v protoreflect.Value, ok bool) {
	options := optionsOf(d)
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

func bindings(m protoreflect.MethodDescriptor) []binding {
	v, ok := custom(m, "google.api.http")
	if !ok {
		return nil
	}
	return appendBindings(nil, v.Message(), m)
}

func appendBindings(all []binding, rule protoreflect.Message, m protoreflect.MethodDescriptor) []binding {
	b := binding{method: m, body: stringField(rule, "body"), responseBody: stringField(rule, "response_body")}
	for _, verb := range []protoreflect.Name{"get", "put", "post", "delete", "patch"} {
		if fd := rule.Descriptor().Fields().ByName(verb); fd != nil && rule.Has(fd) {
			b.verb, b.path = strings.ToUpper(string(verb)), rule.Get(fd).String()
		}
	}
	if fd := rule.Descriptor().Fields().ByName("custom"); fd != nil && rule.Has(fd) {
		pattern := rule.Get(fd).Message()
		b.verb, b.path = stringField(pattern, "kind"), stringField(pattern, "path")
	}
	if b.path != "" {
		b.parse()
		all = append(all, b)
	}
	if fd := rule.Descriptor().Fields().ByName("additional_bindings"); fd != nil && fd.IsList() {
		for i := range rule.Get(fd).List().Len() {
			all = appendBindings(all, rule.Get(fd).List().Get(i).Message(), m)
		}
	}
	return all
}

func stringField(m protoreflect.Message, name protoreflect.Name) string {
	if fd := m.Descriptor().Fields().ByName(name); fd != nil && fd.Kind() == protoreflect.StringKind && !fd.IsList() {
		return m.Get(fd).String()
	}
	return ""
}

// parse splits a path into segments, with the variables that begin at them.
func (b *binding) parse() {
	b.variables = map[int]string{}
	rest := strings.TrimPrefix(b.path, "/")
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
			b.variables[len(b.segments)] = name
			b.segments = append(b.segments, strings.Split(pattern, "/")...)
			rest = rest[end+1:]
			if rest != "" && rest[0] != '/' { // a verb as in {name}:cancel
				var suffix string
				suffix, rest, _ = strings.Cut(rest, "/")
				b.segments[len(b.segments)-1] += suffix
			}
			rest = strings.TrimPrefix(rest, "/")
			continue
		}
		var segment string
		segment, rest, _ = strings.Cut(rest, "/")
		b.segments = append(b.segments, segment)
	}
}

// covers reports whether a binding takes all requests that another one took.
func (b *binding) covers(old *binding) bool {
	if b.verb != old.verb {
		return false
	}
	for i, s := range b.segments {
		if s == "**" {
			return i <= len(old.segments)
		}
		if i >= len(old.segments) || s != old.segments[i] && (s != "*" || strings.Contains(old.segments[i], "**") || strings.Contains(old.segments[i], ":")) {
			return false
		}
	}
	return len(b.segments) == len(old.segments)
}

func (b *binding) String() string { return b.verb + " " + b.path }

// compareHTTP compares the REST form of an rpc, which only JSON clients use.
func (c *comparison) compareHTTP(m, n protoreflect.MethodDescriptor) {
	was, is := bindings(m), bindings(n)
	if len(was) == 0 {
		return
	}
	at := firstOf(c.newAt(n, methodOptions, optionHTTP), c.newAt(n))
	before := firstOf(c.oldAt(m, methodOptions, optionHTTP), c.oldAt(m))
	if len(is) == 0 {
		c.report(change{
			rule: httpRemoved, dims: JSON, at: at, before: before,
			message: fmt.Sprintf("the rpc %s cannot be called over HTTP any more: google.api.http, which had %s, is gone", m.FullName(), was[0].String()),
		})
		return
	}
	for i := range was {
		o := &was[i]
		best := slices.IndexFunc(is, func(b binding) bool { return b.covers(o) })
		ch := change{dims: JSON, at: at, before: before}
		if best < 0 {
			ch.rule, ch.message = httpRemoved, fmt.Sprintf("requests %s of the rpc %s are refused", o, m.FullName())
			if to := successor(o, i, was, is); to != nil {
				ch.rule = httpChanged
				ch.message = fmt.Sprintf("the rpc %s changed from %s to %s", m.FullName(), o, to)
			}
			c.report(ch)
			continue
		}
		for _, difference := range c.bindingDifferences(o, &is[best]) {
			ch.rule, ch.message = httpChanged, fmt.Sprintf("%s, of the rpc %s: %s", o, m.FullName(), difference)
			c.report(ch)
		}
	}
}

// successor is what became of a binding that is gone: the new one in its place, if
// that is not an old one too, of as many.
func successor(o *binding, i int, was, is []binding) *binding {
	if i >= len(is) || len(is) < len(was) && i > 0 {
		return nil
	}
	if slices.ContainsFunc(was, func(b binding) bool { return b.verb == is[i].verb && b.path == is[i].path }) {
		return nil
	}
	return &is[i]
}

// bindingDifferences tells what requests of the same verb and path mean differently.
func (c *comparison) bindingDifferences(o, n *binding) []string {
	var differences []string
	for at, name := range o.variables {
		if to, ok := n.variables[at]; ok && fieldNumber(o.method.Input(), name) != fieldNumber(n.method.Input(), to) {
			differences = append(differences, fmt.Sprintf("the variable %s of the path is the field %s now", name, to))
		}
	}
	slices.Sort(differences)
	if o.body != n.body && (o.body == "*" || n.body == "*" || fieldNumber(o.method.Input(), o.body) != fieldNumber(n.method.Input(), n.body)) {
		differences = append(differences, fmt.Sprintf("the body changed from %s to %s", bodyText(o.body), bodyText(n.body)))
	}
	if o.responseBody != n.responseBody && fieldNumber(o.method.Output(), o.responseBody) != fieldNumber(n.method.Output(), n.responseBody) {
		differences = append(differences, fmt.Sprintf("the response body changed from %s to %s", responseText(o.responseBody), responseText(n.responseBody)))
	}
	return differences
}

func bodyText(body string) string {
	switch body {
	case "":
		return "none"
	case "*":
		return "the whole request"
	}
	return "the field " + body
}

func responseText(body string) string {
	if body == "" {
		return "the whole response"
	}
	return "the field " + body
}

// fieldNumber follows the first element of a path of fields; 0 if there is no such field.
func fieldNumber(m protoreflect.MessageDescriptor, path string) protoreflect.FieldNumber {
	name, _, _ := strings.Cut(path, ".")
	if f := m.Fields().ByName(protoreflect.Name(name)); f != nil {
		return f.Number()
	}
	return 0
}

// pathBound reports whether a field appears in JSON nowhere, as all that uses its
// message are rpcs that take it from the path of the URL, on both sides.
func (p *fieldPair) pathBound() bool {
	m := p.old.ContainingMessage()
	if p.old.IsExtension() || p.comparison.old.fieldsUse(m.FullName()) {
		return false
	}
	bound := false
	for _, f := range p.comparison.old.files {
		for i := range f.Services().Len() {
			methods := f.Services().Get(i).Methods()
			for j := range methods.Len() {
				o := methods.Get(j)
				if o.Output().FullName() == m.FullName() {
					return false
				}
				if o.Input().FullName() != m.FullName() {
					continue
				}
				if !p.boundIn(o) {
					return false
				}
				bound = true
			}
		}
	}
	return bound
}

// boundIn reports whether all bindings of a method take the field from the path,
// before and after.
func (p *fieldPair) boundIn(o protoreflect.MethodDescriptor) bool {
	for _, s := range p.comparison.new.services[o.Parent().FullName()] {
		n := s.Methods().ByName(o.Name())
		if n == nil || !takesFromPath(bindings(n), p.new) {
			return false
		}
	}
	return takesFromPath(bindings(o), p.old)
}

func takesFromPath(all []binding, f protoreflect.FieldDescriptor) bool {
	for _, b := range all {
		found := false
		for _, name := range b.variables {
			found = found || name == string(f.Name())
		}
		if !found {
			return false
		}
	}
	return len(all) > 0
}

// fieldsUse reports whether the type of any field of a side is the message.
func (d *side) fieldsUse(name protoreflect.FullName) bool {
	for _, list := range d.messages {
		for _, m := range list {
			for i := range m.Fields().Len() {
				if inner := m.Fields().Get(i).Message(); inner != nil && inner.FullName() == name {
					return true
				}
			}
		}
	}
	return false
}
