package xds

import (
	"strings"

	"github.com/commslint/commslint/envoycfg/descriptor"
	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/tree"
)

// A Message is an object of a configuration, read as a message of Envoy's. All methods of a nil
// Message do what they do for one without fields.
type Message struct {
	Type *descriptor.Message
	Node *tree.Node
	key  *tree.Member // under which it stands; nil at the top and in lists
	// fields are those that are set, in the order of the document.
	fields []Value
	// extension says that the message was packed in an Any, so that its type depends on the document.
	extension bool
}

// A Value is a field of a message, set or not. The zero Value is of a field that no message has.
type Value struct {
	Field *descriptor.Field // nil if the type of the message has no such field
	Node  *tree.Node        // nil if the field is not set
	Key   *tree.Member      // the key that sets the field or the entry; nil for an item of a list

	in       *Message // the message that has the field or, if it is absent, the innermost on the way to it
	message  *Message
	items    []Value
	typeName string // of what an Any holds
}

// Strict makes Get panic where a path has a name that no type of the protos has there, rather than
// return an absent value. It is for tests: a misspelt name would never be found otherwise.
var Strict bool

// Get returns the field at a path of names in snake_case, such as "route.retry_policy.num_retries".
// A path leads through messages and into what an Any holds, but not into lists or maps. Where something
// on the way is not set or is of another type, the value is absent; see [Value.Set] and [Value.At].
func (m *Message) Get(path string) Value {
	v := Value{in: m, message: m}
	for path != "" {
		name, rest, _ := strings.Cut(path, ".")
		path = rest
		if v.message == nil {
			return Value{in: v.in}
		}
		v = v.message.field(name)
	}
	return v
}

func (m *Message) field(name string) Value {
	for i := range m.fields {
		if m.fields[i].Field.Name == name {
			return m.fields[i]
		}
	}
	f := m.Type.Field(name)
	if f == nil && Strict && !m.extension {
		panic("xds: " + m.Type.Name + " has no field " + name)
	}
	return Value{Field: f, in: m}
}

// Has reports whether the field at a path is set.
func (m *Message) Has(path string) bool { return m.Get(path).Set() }

// Is reports whether the message is of a type, given by its full name.
func (m *Message) Is(name string) bool { return m != nil && m.Type.Name == name }

// Fields are the fields that are set, in the order of the document.
func (m *Message) Fields() []Value {
	if m == nil {
		return nil
	}
	return m.fields
}

// Oneof returns the field of a oneof that is set; an absent value if none is.
func (m *Message) Oneof(name string) Value {
	for _, v := range m.Fields() {
		if v.Field.Oneof != nil && v.Field.Oneof.Name == name {
			return v
		}
	}
	return Value{in: m}
}

// At is the place of the message: of its key, or else of its beginning.
func (m *Message) At() finding.Location {
	switch {
	case m == nil:
		return finding.Location{}
	case m.key != nil:
		return m.Node.File.Location(m.key.KeyStart, m.key.KeyEnd)
	case m.Node.Kind == tree.Object && len(m.Node.Members) > 0 && m.Node.Members[0].Value.File == m.Node.File:
		first := m.Node.Members[0]
		if first.KeyStart >= m.Node.Start && first.KeyEnd <= m.Node.End {
			return m.Node.File.Location(first.KeyStart, first.KeyEnd)
		}
	}
	return m.Node.Location()
}

// Set reports whether the document sets the field.
func (v Value) Set() bool { return v.Node != nil }

// Known reports whether the field is set to something that the document says, rather than to what a
// template fills in later.
func (v Value) Known() bool {
	if v.Node == nil {
		return false
	}
	return v.Node.Kind == tree.Object || v.Node.Kind == tree.Array || !v.Node.Templated()
}

// At is the place of the value, where it is a scalar, or else of its key. For an absent value it is the
// place of the message that lacks it.
func (v Value) At() finding.Location {
	if v.Node == nil {
		return v.in.At()
	}
	if v.Node.Kind == tree.Object || v.Node.Kind == tree.Array {
		if v.message != nil && v.Key == nil {
			return v.message.At()
		}
		return v.KeyAt()
	}
	return v.Node.Location()
}

// KeyAt is the place of the key that sets the field; of the value, where it is an item of a list.
func (v Value) KeyAt() finding.Location {
	switch {
	case v.Node == nil:
		return v.in.At()
	case v.Key == nil:
		return v.Node.Location()
	}
	return v.Key.Value.File.Location(v.Key.KeyStart, v.Key.KeyEnd)
}

// In is the message that has the field, or the innermost one on the way to it.
func (v Value) In() *Message { return v.in }

// Message is the value of a message, and what an Any holds; nil if it is absent, no message, or of a type
// that is not known.
func (v Value) Message() *Message { return v.message }

// Get is Message().Get, except that an absent value remembers where it is missing.
func (v Value) Get(path string) Value {
	if v.message == nil {
		return Value{in: v.in}
	}
	return v.message.Get(path)
}

// TypeName is the full name of the type that an Any says to hold, known or not; empty for other values.
func (v Value) TypeName() string { return v.typeName }

// List returns the items of a list, and the values of a map, whose Name is their key.
func (v Value) List() []Value { return v.items }

// Messages are the items of a list or map of messages, without those whose type is not known.
func (v Value) Messages() []*Message {
	var messages []*Message
	for i := range v.items {
		if m := v.items[i].message; m != nil {
			messages = append(messages, m)
		}
	}
	return messages
}

// Entry returns the value under a key of a map.
func (v Value) Entry(key string) Value {
	for _, item := range v.items {
		if item.Key != nil && item.Key.Key == key {
			return item
		}
	}
	return Value{in: v.in}
}

// Name is the key that the value stands under, as the document writes it.
func (v Value) Name() string {
	if v.Key == nil {
		return ""
	}
	return v.Key.Key
}

// Walk calls f with the message and all messages in it, in the order of the document, and goes on below
// those for which f returns true.
func (m *Message) Walk(f func(*Message) bool) {
	if m == nil || !f(m) {
		return
	}
	for i := range m.fields {
		v := &m.fields[i]
		v.message.Walk(f)
		for j := range v.items {
			v.items[j].message.Walk(f)
		}
	}
}
