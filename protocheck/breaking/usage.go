package breaking

import (
	"maps"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/commslint/commslint/protocheck/source"
)

// requested collects the messages that clients send: those that the requests of all
// services of some files hold, at any depth, but for what servers fill in.
func requested(files []*source.File) map[protoreflect.FullName]bool {
	return reachable(files, protoreflect.MethodDescriptor.Input, isOutput)
}

// answered collects the messages that responses hold.
func answered(files []*source.File) map[protoreflect.FullName]bool {
	return reachable(files, protoreflect.MethodDescriptor.Output, func(protoreflect.FieldDescriptor) bool { return false })
}

// isOutput reports whether servers ignore what clients send in a field.
func isOutput(f protoreflect.FieldDescriptor) bool {
	return slices.Contains(behaviors(f), behaviorOutputOnly)
}

func reachable(files []*source.File, part func(protoreflect.MethodDescriptor) protoreflect.MessageDescriptor, skip func(protoreflect.FieldDescriptor) bool) map[protoreflect.FullName]bool {
	seen := map[protoreflect.FullName]bool{}
	var reach func(m protoreflect.MessageDescriptor)
	reach = func(m protoreflect.MessageDescriptor) {
		if seen[m.FullName()] {
			return
		}
		seen[m.FullName()] = true
		for i := range m.Fields().Len() {
			if f := m.Fields().Get(i); f.Message() != nil && !skip(f) {
				reach(f.Message())
			}
		}
	}
	for _, f := range files {
		for i := range f.Services().Len() {
			methods := f.Services().Get(i).Methods()
			for j := range methods.Len() {
				reach(part(methods.Get(j)))
			}
		}
	}
	return seen
}

// sentByClients reports whether clients may have sent a message: if requests held it, or
// if no service has anything to do with it, before or now. The services that say so may
// be in files that did not change.
func (c *comparison) sentByClients(m protoreflect.MessageDescriptor) bool {
	if c.requests == nil {
		c.requests, c.responses = requested(c.old.files), answered(c.old.files)
		// That it is in use now does not say that clients sent it before.
		maps.Copy(c.responses, requested(c.new.files))
		maps.Copy(c.responses, answered(c.new.files))
	}
	if c.requests[m.FullName()] {
		return true
	}
	requests, responses := c.usageElsewhere(c.pairOf[c.old.fileOf[m.ParentFile()]])
	return requests[m.FullName()] || !c.responses[m.FullName()] && !responses[m.FullName()]
}

// usageElsewhere collects the messages of requests and of responses in services that
// did not change, as far as these import a file.
func (c *comparison) usageElsewhere(f *source.File) (requests, responses map[protoreflect.FullName]bool) {
	if f == nil {
		return nil, nil
	}
	if u, ok := c.elsewhereUsed[f]; ok {
		return u[0], u[1]
	}
	if importers, ok := c.new.snapshot.Importers(f.TreePath); ok {
		requests, responses = requested(importers), answered(importers)
	}
	c.elsewhereUsed[f] = [2]map[protoreflect.FullName]bool{requests, responses}
	return requests, responses
}

// references collects the messages of a side that fields or rpcs name.
func (d *side) references() map[protoreflect.FullName]bool {
	if d.referenced != nil {
		return d.referenced
	}
	d.referenced = map[protoreflect.FullName]bool{}
	for _, f := range d.files {
		source.EachType(f, func(m protoreflect.MessageDescriptor) {
			for i := range m.Fields().Len() {
				if inner := m.Fields().Get(i).Message(); inner != nil {
					d.referenced[inner.FullName()] = true
				}
			}
		}, func(protoreflect.EnumDescriptor) {})
		for i := range f.Services().Len() {
			methods := f.Services().Get(i).Methods()
			for j := range methods.Len() {
				d.referenced[methods.Get(j).Input().FullName()] = true
				d.referenced[methods.Get(j).Output().FullName()] = true
			}
		}
	}
	return d.referenced
}

// isPayload reports whether an old message may be sent in a google.protobuf.Any,
// where its full name goes with it: nothing else names it, and its file has such a field.
func (c *comparison) isPayload(m protoreflect.MessageDescriptor) bool {
	if _, top := m.Parent().(protoreflect.FileDescriptor); !top || c.old.references()[m.FullName()] {
		return false
	}
	return c.old.references()["google.protobuf.Any"] && importsAny(m.ParentFile())
}

func importsAny(f protoreflect.FileDescriptor) bool {
	for i := range f.Imports().Len() {
		if f.Imports().Get(i).Path() == "google/protobuf/any.proto" {
			return true
		}
	}
	return false
}

// holdsPayload reports whether a file declares a message that may be sent in an Any.
func (c *comparison) holdsPayload(f *source.File) bool {
	for i := range f.Messages().Len() {
		if c.isPayload(f.Messages().Get(i)) {
			return true
		}
	}
	return false
}

// unlike reports whether two names have nothing in common, so that a field is rather
// another one than renamed. Names of one or two letters tell nothing.
func unlike(a, b string) bool {
	if len(a) < 3 || len(b) < 3 {
		return false
	}
	for _, x := range strings.Split(a, "_") {
		for _, y := range strings.Split(b, "_") {
			if x == y || len(x) >= 3 && strings.Contains(b, x) || len(y) >= 3 && strings.Contains(a, y) {
				return false
			}
		}
	}
	return 4*commonSubsequence(a, b) < max(len(a), len(b))+2
}

// commonSubsequence is the length of the longest sequence of letters that two names share.
func commonSubsequence(a, b string) int {
	row := make([]int, len(b)+1)
	for i := range len(a) {
		diagonal := 0
		for j := range len(b) {
			above := row[j+1]
			if a[i] == b[j] {
				row[j+1] = diagonal + 1
			} else {
				row[j+1] = max(row[j+1], row[j])
			}
			diagonal = above
		}
	}
	return row[len(b)]
}
