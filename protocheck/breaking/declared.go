package breaking

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/commslint/commslint/protocheck/source"
)

// A kind is a kind of elements that files declare.
type kind struct {
	word      string
	rule      string
	inFile    string // buf's rule about its file
	inPackage string // and about its package
	exists    func(s *side, name protoreflect.FullName) []protoreflect.Descriptor
}

var (
	messages   = kind{word: "message", rule: messageRemoved, inFile: "MESSAGE_NO_DELETE", inPackage: "PACKAGE_MESSAGE_NO_DELETE", exists: named((*side).messagesNamed)}
	enums      = kind{word: "enum", rule: enumRemoved, inFile: "ENUM_NO_DELETE", inPackage: "PACKAGE_ENUM_NO_DELETE", exists: named((*side).enumsNamed)}
	extensions = kind{word: "extension", rule: extensionRemoved, inFile: "EXTENSION_NO_DELETE", inPackage: "PACKAGE_EXTENSION_NO_DELETE", exists: named((*side).extensionsNamed)}
	services   = kind{word: "service", rule: serviceRemoved, inFile: "SERVICE_NO_DELETE", inPackage: "PACKAGE_SERVICE_NO_DELETE", exists: named((*side).servicesNamed)}
)

func named[D protoreflect.Descriptor](find func(*side, protoreflect.FullName) []D) func(*side, protoreflect.FullName) []protoreflect.Descriptor {
	return func(s *side, name protoreflect.FullName) []protoreflect.Descriptor {
		var found []protoreflect.Descriptor
		for _, d := range find(s, name) {
			found = append(found, d)
		}
		return found
	}
}

func (d *side) messagesNamed(name protoreflect.FullName) []protoreflect.MessageDescriptor {
	return d.messages[name]
}
func (d *side) enumsNamed(name protoreflect.FullName) []protoreflect.EnumDescriptor {
	return d.enums[name]
}
func (d *side) servicesNamed(name protoreflect.FullName) []protoreflect.ServiceDescriptor {
	return d.services[name]
}

func (d *side) extensionsNamed(name protoreflect.FullName) []protoreflect.FieldDescriptor {
	var found []protoreflect.FieldDescriptor
	for _, x := range d.extensions {
		if x.FullName() == name {
			found = append(found, x)
		}
	}
	return found
}

// compareDeclared reports what a file declared and is not there any more. n is what
// became of the file; nil if it is gone.
func (c *comparison) compareDeclared(f, n *source.File) {
	source.EachType(f,
		func(m protoreflect.MessageDescriptor) {
			c.compareExistence(messages, m, f, n)
			c.compareExtensionsOf(m.Extensions(), f, n)
		},
		func(e protoreflect.EnumDescriptor) { c.compareExistence(enums, e, f, n) },
	)
	c.compareExtensionsOf(f.Extensions(), f, n)
	for i := range f.Services().Len() {
		c.compareExistence(services, f.Services().Get(i), f, n)
	}
}

func (c *comparison) compareExtensionsOf(list protoreflect.ExtensionDescriptors, f, n *source.File) {
	for i := range list.Len() {
		c.compareExistence(extensions, list.Get(i), f, n)
	}
}

// compareExistence reports an element that is not in its file any more, or not even
// in its package.
func (c *comparison) compareExistence(k kind, d protoreflect.Descriptor, f, n *source.File) {
	name := nested(d)
	elsewhere := k.exists(c.new, d.FullName())
	left := n != nil && !slices.ContainsFunc(k.exists(c.new, qualified(n.Package(), name)), func(e protoreflect.Descriptor) bool {
		return c.new.fileOf[e.ParentFile()] == n
	})
	lost := len(elsewhere) == 0 && c.packageExists(f.Package())
	if !left && !lost || len(elsewhere) == 0 && c.unknown[f.Package()] {
		return
	}
	ch := change{rule: k.rule, dims: Source, before: c.oldAt(d)}
	if left {
		ch.buf = append(ch.buf, k.inFile)
	}
	if lost {
		ch.buf = append(ch.buf, k.inPackage)
	}
	if n != nil {
		ch.at = c.survivor(n, name)
	} else {
		ch.gone = f
	}
	if len(elsewhere) > 0 {
		to := elsewhere[0]
		ch.rule = elementMoved
		ch.message = fmt.Sprintf("the %s %s moved to %s: code that includes the file it was in does not find it", k.word, d.FullName(), to.ParentFile().Path())
		ch.related = append(ch.related, c.also(c.newAt(to), "it is here now"))
		c.report(ch)
		return
	}
	if lost && left && k.rule == messageRemoved {
		// The innermost message around it may be in another file by now.
		if at := c.survivorInPackage(d); at.file != nil && at.file != n {
			other := ch
			other.buf, other.at = []string{k.inPackage}, at
			c.reportGone(k, d, other)
			ch.buf = []string{k.inFile}
		}
	}
	c.reportGone(k, d, ch)
}

// survivorInPackage is the innermost message that still exists of those that held an
// element, in whatever file.
func (c *comparison) survivorInPackage(d protoreflect.Descriptor) place {
	for parent := d.Parent(); parent != nil; parent = parent.Parent() {
		if m, ok := parent.(protoreflect.MessageDescriptor); ok {
			if found := c.new.messages[m.FullName()]; len(found) > 0 {
				return c.newAt(found[0])
			}
		}
	}
	return place{}
}

func (c *comparison) reportGone(k kind, d protoreflect.Descriptor, ch change) {
	ch.message = fmt.Sprintf("the %s %s is gone", k.word, d.FullName())
	switch d := d.(type) {
	case protoreflect.ServiceDescriptor:
		ch.dims = AllDimensions
		ch.message += fmt.Sprintf(": calls of /%s/… are refused", d.FullName())
		if to := c.renamedService(d); to != nil {
			ch.message = fmt.Sprintf("the service %s was renamed to %s: calls of /%s/… are refused", d.FullName(), to.FullName(), d.FullName())
			ch.related = append(ch.related, c.also(c.newAt(to), "it is here now"))
		}
	case protoreflect.MessageDescriptor:
		if d.IsMapEntry() {
			ch.message = fmt.Sprintf("the map entry %s is gone", d.FullName())
		}
		if c.isPayload(d) {
			ch.dims = AllDimensions
			ch.message += ", and it may be the content of a google.protobuf.Any, which names it"
		}
	case protoreflect.FieldDescriptor:
		ch.dims |= JSON
		ch.message += fmt.Sprintf(": number %d of %s", d.Number(), d.ContainingMessage().FullName())
	}
	c.report(ch)
}

// renamedService finds a new service with the methods of one that is gone.
func (c *comparison) renamedService(d protoreflect.ServiceDescriptor) protoreflect.ServiceDescriptor {
	for _, name := range slices.Sorted(maps.Keys(c.new.services)) {
		s := c.new.services[name][0]
		if len(c.old.services[name]) == 0 && s.ParentFile().Package() == d.ParentFile().Package() && sameMethods(d, s) {
			return s
		}
	}
	return nil
}

func sameMethods(a, b protoreflect.ServiceDescriptor) bool {
	if a.Methods().Len() != b.Methods().Len() || a.Methods().Len() == 0 {
		return false
	}
	for i := range a.Methods().Len() {
		if b.Methods().ByName(a.Methods().Get(i).Name()) == nil {
			return false
		}
	}
	return true
}

func qualified(pkg protoreflect.FullName, name string) protoreflect.FullName {
	if pkg == "" {
		return protoreflect.FullName(name)
	}
	return pkg + "." + protoreflect.FullName(name)
}

// packageExists reports whether any new file declares a package.
func (c *comparison) packageExists(name protoreflect.FullName) bool {
	if c.new.packages[name] {
		return true
	}
	if c.elsewhere == nil {
		c.elsewhere = c.new.snapshot.Packages()
	}
	return c.elsewhere[string(name)]
}

// survivor is the innermost message of a file that held the element of a nested
// name, or the file.
func (c *comparison) survivor(n *source.File, name string) place {
	for i := strings.LastIndexByte(name, '.'); i >= 0; i = strings.LastIndexByte(name[:i], '.') {
		for _, m := range c.new.messages[qualified(n.Package(), name[:i])] {
			if c.new.fileOf[m.ParentFile()] == n {
				return c.newAt(m)
			}
		}
	}
	return place{file: n}
}
