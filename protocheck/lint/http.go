package lint

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/commslint/commslint/protocheck/httprule"
	"github.com/commslint/commslint/protocheck/source"
)

// A route is what a server tells requests apart by: those of one host, or where no host
// is declared of one package.
type route struct{ scope, route string }

// routes reports requests that two rpcs claim.
func (c *checker) routes(m *method) {
	for i := range m.bindings {
		b := &m.bindings[i]
		if b.Flaw() != "" {
			continue
		}
		key := route{scopeOf(m), b.Route()}
		first := c.hosts[key]
		switch {
		case first == nil:
			c.hosts[key] = m
		case first.FullName() != m.FullName() && !alias(first, m):
			f := c.reportf(httpDuplicateRoute, c.bindingAt(m, b, b.Pattern),
				"%s of the rpc %s is what %s is called with too: only one of them is reached over HTTP", b, m.Name(), rpcName(first, m))
			other := slices.IndexFunc(first.bindings, func(o httprule.Binding) bool { return o.Route() == b.Route() })
			related(f, c.bindingAt(first, &first.bindings[other], first.bindings[other].Pattern), "claimed here first")
			return
		}
	}
}

// alias reports whether two rpcs may share their requests: one replaces the other, or
// both are the same in two services.
func alias(a, b *method) bool {
	return a.deprecated() || b.deprecated() ||
		a.Name() == b.Name() && a.Input().FullName() == b.Input().FullName() && a.Output().FullName() == b.Output().FullName()
}

func scopeOf(m *method) string {
	if v, ok := httprule.Extension(m.Parent().Options().ProtoReflect(), "google.api.default_host"); ok && v.String() != "" {
		return m.file.Root + " " + string(m.ParentFile().Package()) + " " + v.String()
	}
	return m.file.Root + " " + string(m.ParentFile().Package())
}

// rpcName is what an rpc is called beside another one.
func rpcName(m, beside *method) string {
	if m.Parent().FullName() == beside.Parent().FullName() {
		return string(m.Name())
	}
	return fmt.Sprintf("%s.%s", m.Parent().Name(), m.Name())
}

// templates reports bindings that no gateway can serve.
func (c *checker) templates(m *method) {
	for i := range m.bindings {
		b := &m.bindings[i]
		at := c.bindingAt(m, b, b.Pattern)
		if flaw := b.Flaw(); flaw != "" {
			c.reportf(httpInvalid, at, "%q is no path template: %s", b.Path, flaw)
			continue
		}
		if b.Depth > 1 {
			c.reportf(httpInvalid, at, "%s is in additional_bindings of additional_bindings, where it is not read", b)
		}
		if source.IsUnknown(m.Input()) {
			continue
		}
		for _, index := range sortedIndexes(b.Variables) {
			if flaw := variableFlaw(m.Input(), b.Variables[index]); flaw != "" {
				c.reportf(httpInvalid, at, "the variable {%s} of %s %s", b.Variables[index], b, flaw)
			}
		}
		if b.Body != "" && b.Body != "*" && m.Input().Fields().ByName(protoreflect.Name(b.Body)) == nil {
			c.reportf(httpInvalid, c.bindingAt(m, b, httprule.FieldBody), "the body %q of %s is no field of %s%s", b.Body, b, m.Input().Name(), nearField(m.Input(), b.Body))
		}
	}
}

func sortedIndexes(variables map[int]string) []int {
	var indexes []int
	for i := range variables {
		indexes = append(indexes, i)
	}
	slices.Sort(indexes)
	return indexes
}

// variableFlaw says why a field cannot be taken from the path.
func variableFlaw(m protoreflect.MessageDescriptor, path string) string {
	elements := strings.Split(path, ".")
	for i, element := range elements {
		f := m.Fields().ByName(protoreflect.Name(element))
		switch {
		case f == nil:
			return fmt.Sprintf("is no field of %s%s", m.Name(), nearField(m, element))
		case f.IsMap() || f.IsList():
			return "is repeated, and one path has one value"
		case f.Message() == nil && i < len(elements)-1:
			return fmt.Sprintf("leads into %s, which is no message", f.Name())
		case f.Message() != nil && i == len(elements)-1 && f.Message().ParentFile().Package() != "google.protobuf":
			return "is a message, and a path holds single values"
		case f.Message() != nil:
			if m = f.Message(); source.IsUnknown(m) {
				return ""
			}
		}
	}
	return ""
}

// nearField proposes the field that was meant: of the same letters, or in another case.
func nearField(m protoreflect.MessageDescriptor, name string) string {
	for i := range m.Fields().Len() {
		if f := m.Fields().Get(i); plain(string(f.Name())) == plain(name) {
			return fmt.Sprintf("; did you mean %s?", f.Name())
		}
	}
	return ""
}

// fields reports what becomes of the fields of a request: those that are neither in the
// path nor in the body are in the query.
func (c *checker) fields(m *method) {
	for i := range m.bindings {
		b := &m.bindings[i]
		if b.Flaw() != "" {
			continue
		}
		noBody := b.Verb == "GET" || b.Verb == "DELETE"
		if noBody && b.Body != "" {
			c.reportf(httpBody, c.bindingAt(m, b, httprule.FieldBody),
				"%s of the rpc %s has a body, which means nothing with %s: proxies and clients drop it or refuse the request", b, m.Name(), b.Verb)
			continue
		}
		rest := inQuery(m.Input(), b)
		if !noBody && b.Body == "" {
			if f, what := c.unfit(rest); f != nil {
				c.reportf(httpBody, c.bindingAt(m, b, b.Pattern),
					"%s of the rpc %s has no body, so that %s.%s, %s, is in the query of the URL: logs and proxies keep it, and its length is limited", b, m.Name(), m.Input().Name(), f.Name(), what)
			}
		}
		for _, f := range rest {
			if what := inexpressible(f); what != "" {
				c.reportf(httpUnreachable, c.bindingAt(m, b, b.Pattern),
					"%s of the rpc %s cannot carry %s.%s: it is %s, which has no form in a query", b, m.Name(), m.Input().Name(), f.Name(), what)
			}
		}
	}
}

// unfit finds a field that should not be in a URL: a secret, or content without a limit.
func (c *checker) unfit(fields []protoreflect.FieldDescriptor) (f protoreflect.FieldDescriptor, what string) {
	for _, f := range fields {
		switch name := plain(string(f.Name())); {
		case inexpressible(f) != "":
		case f.Kind() == protoreflect.BytesKind:
			return f, "which is bytes"
		case f.Message() != nil && f.Message().ParentFile().Package() != "google.protobuf" && f.Message().Fields().Len() > 1:
			return f, "which is a message"
		case f.Kind() == protoreflect.StringKind && slices.ContainsFunc(c.opt.SecretWords, func(word string) bool { return strings.HasSuffix(name, plain(word)) }):
			return f, "a secret by its name"
		}
	}
	return nil, ""
}

// inQuery lists the fields of a request that are sent as parameters.
func inQuery(m protoreflect.MessageDescriptor, b *httprule.Binding) []protoreflect.FieldDescriptor {
	if b.Body == "*" {
		return nil
	}
	inPath := map[string]bool{b.Body: true}
	for _, variable := range b.Variables {
		first, _, _ := strings.Cut(variable, ".")
		inPath[first] = true
	}
	var rest []protoreflect.FieldDescriptor
	for i := range m.Fields().Len() {
		if f := m.Fields().Get(i); !inPath[string(f.Name())] && !outputOnly(f) {
			rest = append(rest, f)
		}
	}
	return rest
}

// inexpressible says what keeps a field out of a query: http.proto allows single and
// repeated values and single messages.
func inexpressible(f protoreflect.FieldDescriptor) string {
	switch {
	case f.IsMap():
		return "a map"
	case f.IsList() && f.Message() != nil && f.Message().ParentFile().Package() != "google.protobuf" && !source.IsUnknown(f.Message()):
		return "a list of messages"
	}
	return ""
}
