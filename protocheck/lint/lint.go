// Package lint finds what makes rpcs hard to call safely, in the .proto files that
// declare them: requests that cannot be repeated, lists without an end, HTTP forms that
// say something else than the rpc. It judges no style.
package lint

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/protocheck/httprule"
	"github.com/commslint/commslint/protocheck/source"
)

// Ids of the rules, which rules/catalogue/proto_lint.cue describes.
const (
	noIdempotencyLevel  = "proto/no-idempotency-level"
	createWithoutID     = "proto/create-without-request-id"
	idempotencyConflict = "proto/idempotency-conflict"
	noPagination        = "proto/no-pagination"
	httpDuplicateRoute  = "proto/http-duplicate-route"
	httpBody            = "proto/http-body"
	httpUnreachable     = "proto/http-unreachable-field"
	httpInvalid         = "proto/http-invalid"
)

// Rules are the ids of all rules of this package.
func Rules() []string {
	return []string{
		noIdempotencyLevel, createWithoutID, idempotencyConflict, noPagination, httpDuplicateRoute, httpBody,
		httpUnreachable, httpInvalid,
	}
}

// Implements reports whether a rule is one of this package.
func Implements(rule string) bool { return slices.Contains(Rules(), rule) }

// Check reports what is wrong with the services that files declare, sorted. The files
// must have positions if they declare services.
func Check(files []*source.File, opt Options) []finding.Finding {
	c := &checker{opt: opt, hosts: map[route]*method{}}
	for _, f := range files {
		for i := range f.Services().Len() {
			c.service(f, f.Services().Get(i))
		}
	}
	finding.Sort(c.findings)
	return c.findings
}

type checker struct {
	opt      Options
	findings []finding.Finding
	hosts    map[route]*method // the first method of each route
}

// A method is an rpc with what rules ask of it.
type method struct {
	protoreflect.MethodDescriptor
	file     *source.File
	bindings []httprule.Binding
	level    descriptorpb.MethodOptions_IdempotencyLevel
	verb     string // the first word of its name
	noun     string // the rest of it
}

func newMethod(f *source.File, d protoreflect.MethodDescriptor) *method {
	m := &method{MethodDescriptor: d, file: f, bindings: httprule.Bindings(d)}
	m.verb, m.noun = splitName(string(d.Name()))
	if o, ok := d.Options().(*descriptorpb.MethodOptions); ok {
		m.level = o.GetIdempotencyLevel()
	}
	return m
}

// unary reports whether an rpc takes one message and gives one.
func (m *method) unary() bool { return !m.IsStreamingClient() && !m.IsStreamingServer() }

func (m *method) deprecated() bool {
	o, ok := m.Options().(*descriptorpb.MethodOptions)
	return ok && o.GetDeprecated()
}

// known reports whether the messages of an rpc are known.
func (m *method) known() bool { return !source.IsUnknown(m.Input()) && !source.IsUnknown(m.Output()) }

func (c *checker) service(f *source.File, s protoreflect.ServiceDescriptor) {
	methods := make([]*method, s.Methods().Len())
	for i := range methods {
		methods[i] = newMethod(f, s.Methods().Get(i))
	}
	c.undeclared(f, s, methods)
	for _, m := range methods {
		c.conflicts(m)
		c.templates(m)
		c.routes(m)
		if m.known() {
			c.fields(m)
		}
		if m.known() && m.unary() && !m.deprecated() {
			c.creation(m)
			c.pagination(m, methods)
		}
	}
}

// splitName takes the verb from the name of an rpc: CreateBook is Create and Book.
func splitName(name string) (verb, noun string) {
	for i, r := range name {
		if i > 0 && (r < 'a' || r > 'z') {
			return name[:i], name[i:]
		}
	}
	return name, ""
}

func (c *checker) reportf(rule string, at finding.Location, format string, args ...any) *finding.Finding {
	c.findings = append(c.findings, finding.Finding{
		Rule: rule, Level: finding.Error, Strength: finding.Proven, Message: fmt.Sprintf(format, args...), Location: at,
	})
	return &c.findings[len(c.findings)-1]
}

// Numbers of fields in descriptor.proto, of which the paths of positions consist.
const (
	fileServices, serviceMethods, methodOptions = 6, 2, 4
	name                                        = 1
	optionIdempotency                           = 34
)

// at is the place of a part of a service or rpc: of the innermost element of the path
// that has one, or else of the name.
func (c *checker) at(f *source.File, d protoreflect.Descriptor, part ...int32) finding.Location {
	var own protoreflect.SourcePath
	switch d := d.(type) {
	case protoreflect.ServiceDescriptor:
		own = protoreflect.SourcePath{fileServices, int32(d.Index())}
	case protoreflect.MethodDescriptor:
		own = protoreflect.SourcePath{fileServices, int32(d.Parent().Index()), serviceMethods, int32(d.Index())}
	}
	for n := len(part); n > 0; n-- {
		if loc := f.SourceLocations().ByPath(append(slices.Clone(own), part[:n]...)); len(loc.Path) > 0 {
			return c.location(f, loc)
		}
	}
	return c.location(f, f.SourceLocations().ByPath(append(own, name)))
}

func (c *checker) location(f *source.File, loc protoreflect.SourceLocation) finding.Location {
	at := finding.Location{File: f.TreePath, Line: 1, Column: 1}
	if c.opt.Name != nil {
		at.File = c.opt.Name(f.TreePath)
	}
	if len(loc.Path) == 0 {
		return at
	}
	at.Line, at.Column = loc.StartLine+1, f.ByteColumn(loc.StartLine+1, loc.StartColumn+1)
	at.EndLine, at.EndColumn = loc.EndLine+1, f.ByteColumn(loc.EndLine+1, loc.EndColumn+1)
	return at
}

// bindingAt is the place of a binding, or of one of its fields.
func (c *checker) bindingAt(m *method, b *httprule.Binding, field ...int32) finding.Location {
	part := append(protoreflect.SourcePath{methodOptions}, b.Rule...)
	return c.at(m.file, m.MethodDescriptor, append(part, field...)...)
}

// plain is a name in lower case without what separates words.
func plain(name string) string { return strings.ToLower(strings.ReplaceAll(name, "_", "")) }
