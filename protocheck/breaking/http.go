package breaking

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/commslint/commslint/protocheck/httprule"
)

// Custom options by the numbers that their extensions have.
const (
	optionHTTP      = httprule.Option
	optionSignature = 1051 // google.api.method_signature
	optionOperation = 1049 // google.longrunning.operation_info
	optionBehavior  = 1052 // google.api.field_behavior
	optionResource  = 1053 // google.api.resource
)

type binding = httprule.Binding

// custom reads a custom option of an element; ok is false where it is not set.
func custom(d protoreflect.Descriptor, name protoreflect.FullName) (v protoreflect.Value, ok bool) {
	return httprule.Extension(optionsOf(d), name)
}

func stringField(m protoreflect.Message, name protoreflect.Name) string {
	if fd := m.Descriptor().Fields().ByName(name); fd != nil && fd.Kind() == protoreflect.StringKind && !fd.IsList() {
		return m.Get(fd).String()
	}
	return ""
}

// compareHTTP compares the REST form of an rpc, which only JSON clients use.
func (c *comparison) compareHTTP(m, n protoreflect.MethodDescriptor) {
	was, is := httprule.Bindings(m), httprule.Bindings(n)
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
		best := slices.IndexFunc(is, func(b binding) bool { return b.Covers(o) })
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
	if slices.ContainsFunc(was, func(b binding) bool { return b.Verb == is[i].Verb && b.Path == is[i].Path }) {
		return nil
	}
	return &is[i]
}

// bindingDifferences tells what requests of the same verb and path mean differently.
func (c *comparison) bindingDifferences(o, n *binding) []string {
	var differences []string
	for at, name := range o.Variables {
		if to, ok := n.Variables[at]; ok && fieldNumber(o.Method.Input(), name) != fieldNumber(n.Method.Input(), to) {
			differences = append(differences, fmt.Sprintf("the variable %s of the path is the field %s now", name, to))
		}
	}
	slices.Sort(differences)
	if o.Body != n.Body && (o.Body == "*" || n.Body == "*" || fieldNumber(o.Method.Input(), o.Body) != fieldNumber(n.Method.Input(), n.Body)) {
		differences = append(differences, fmt.Sprintf("the body changed from %s to %s", bodyText(o.Body), bodyText(n.Body)))
	}
	if o.ResponseBody != n.ResponseBody && fieldNumber(o.Method.Output(), o.ResponseBody) != fieldNumber(n.Method.Output(), n.ResponseBody) {
		differences = append(differences, fmt.Sprintf("the response body changed from %s to %s", responseText(o.ResponseBody), responseText(n.ResponseBody)))
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
		if n == nil || !takesFromPath(httprule.Bindings(n), p.new) {
			return false
		}
	}
	return takesFromPath(httprule.Bindings(o), p.old)
}

func takesFromPath(all []binding, f protoreflect.FieldDescriptor) bool {
	for _, b := range all {
		found := false
		for _, name := range b.Variables {
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
