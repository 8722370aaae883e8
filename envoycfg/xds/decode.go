package xds

import (
	"fmt"
	"slices"
	"strings"

	"github.com/commslint/commslint/envoycfg/descriptor"
	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/rules"
	"github.com/commslint/commslint/tree"
	"google.golang.org/protobuf/types/descriptorpb"
)

// maxFindings bounds what is said of one file: a document that is none of Envoy's has no end of it.
const maxFindings = 200

// A decoder reads nodes as messages.
type decoder struct {
	file *File
	// left is how many more values are read. Aliases of YAML could make billions of a few bytes.
	left int
	// dump says that fields which are not known are skipped, as Envoy writes some into its dumps that
	// it does not read.
	dump bool
	// patch says that what is read is merged into something else, so that nothing need be there.
	patch bool
	// unchecked says that what is read is in a message whose field is exempt from the rules.
	unchecked bool
	// goDurations says that durations may be written as Go has them ("500ms"), as Istio reads its patches.
	goDurations bool
}

func newDecoder(f *File, text []byte) *decoder {
	// Each value that is written out takes a byte at least, so that only aliases can exceed this.
	return &decoder{file: f, left: len(text) + 1_000_000}
}

func (d *decoder) report(f finding.Finding) {
	if len(d.file.Findings) < maxFindings {
		f.Level, f.Strength = finding.Error, finding.Proven
		d.file.Findings = append(d.file.Findings, f)
	}
}

func (d *decoder) invalid(at finding.Location, format string, args ...any) {
	d.report(finding.Finding{Rule: RuleInvalid, Location: at, Message: fmt.Sprintf(format, args...)})
}

// spend counts a value; it reports false when there have been too many.
func (d *decoder) spend(n *tree.Node) bool {
	d.left--
	if d.left == 0 {
		d.report(finding.Finding{
			Rule: RuleInput, Location: n.Location(),
			Message: "the aliases of this document stand for more values than any configuration has: it is not read on from here",
		})
	}
	return d.left > 0
}

// message reads an object as a message of a type. It returns nil, and reports what is wrong, if the
// node is none.
func (d *decoder) message(t *descriptor.Message, n *tree.Node, key *tree.Member) *Message {
	m := &Message{Type: t, Node: n, key: key}
	if n.Kind != tree.Object {
		if n.Templated() {
			return m
		}
		d.invalid(n.Location(), "expected an object (%s), found %s", t.Name, describe(n))
		return nil
	}
	m.fields = make([]Value, 0, len(n.Members))
	for i := range n.Members {
		member := &n.Members[i]
		if member.KeyTemplated() || member.Key == typeKey {
			continue
		}
		if !d.spend(n) {
			return m
		}
		d.member(m, member)
	}
	d.check(m)
	return m
}

// member reads one member of the object that m is read from.
func (d *decoder) member(m *Message, member *tree.Member) {
	f := m.Type.Field(member.Key)
	if f == nil {
		d.unknownField(m, member)
		return
	}
	if member.Value.Kind == tree.Null && (f.Kind != kindMessage || f.Message().Form != descriptor.AnyValue) {
		return // null is how to say that a field is not set
	}
	if f.Deprecated || f.Disallowed {
		d.deprecated(f, m.Type, keyAt(member))
	}
	if !d.alone(m, f, member) {
		return
	}
	if v, ok := d.value(m, f, member); ok {
		m.fields = append(m.fields, v)
	}
}

// alone reports whether nothing else in the message excludes a field.
func (d *decoder) alone(m *Message, f *descriptor.Field, member *tree.Member) bool {
	for i := range m.fields {
		other := &m.fields[i]
		switch {
		case other.Field == f:
			d.report(finding.Finding{
				Rule: RuleInvalid, Location: keyAt(member),
				Message: fmt.Sprintf("%s is set a second time, as %s and %s: remove one of them", f.Name, other.Key.Key, member.Key),
				Related: []finding.Related{{Location: keyAt(other.Key), Message: "set here first"}},
			})
			return false
		case f.Oneof != nil && other.Field.Oneof == f.Oneof && !m.Node.Templated():
			d.report(finding.Finding{
				Rule: RuleInvalid, Location: keyAt(member),
				Message: fmt.Sprintf("%s and %s exclude each other: %s takes one of them", other.Key.Key, member.Key, m.Type.ShortName()),
				Related: []finding.Related{{Location: keyAt(other.Key), Message: "the other one"}},
			})
			return false
		}
	}
	return true
}

func keyAt(m *tree.Member) finding.Location {
	return m.Value.File.Location(m.KeyStart, m.KeyEnd)
}

// value reads the value of a member, which may be a list or map.
func (d *decoder) value(in *Message, f *descriptor.Field, member *tree.Member) (Value, bool) {
	n := member.Value
	v := Value{Field: f, Node: n, Key: member, in: in}
	switch {
	case n.Templated() && isScalar(n):
		return v, true
	case f.Map:
		return d.entries(v)
	case !f.List:
		return d.single(v)
	case n.Kind == tree.Array && !(f.Kind == kindMessage && f.Message().Form == descriptor.ListValue):
		for _, item := range n.Items {
			if !d.spend(n) {
				return v, true
			}
			if item, ok := d.single(Value{Field: f, Node: item, in: in}); ok {
				v.items = append(v.items, item)
			}
		}
		return v, true
	default: // Envoy takes a single value for a list of one
		item, ok := d.single(Value{Field: f, Node: n, Key: member, in: in})
		if ok {
			v.items = []Value{item}
		}
		return v, ok
	}
}

func isScalar(n *tree.Node) bool { return n.Kind != tree.Object && n.Kind != tree.Array }

// entries reads a map.
func (d *decoder) entries(v Value) (Value, bool) {
	if v.Node.Kind != tree.Object {
		d.invalid(v.Node.Location(), "%s: expected an object, found %s", v.Field.Name, describe(v.Node))
		return v, false
	}
	for i := range v.Node.Members {
		member := &v.Node.Members[i]
		if !d.spend(v.Node) {
			return v, true
		}
		if entry, ok := d.single(Value{Field: v.Field.MapValue, Node: member.Value, Key: member, in: v.in}); ok {
			v.items = append(v.items, entry)
		}
	}
	return v, true
}

// single reads a value that is no list and no map.
func (d *decoder) single(v Value) (Value, bool) {
	n, f := v.Node, v.Field
	if n.Templated() && isScalar(n) {
		return v, true
	}
	switch f.Kind {
	case kindMessage:
		return d.typed(v, f.Message())
	case kindEnum:
		return v, d.enum(v)
	}
	return v, d.scalar(v, f)
}

// typed reads a value whose type is a message.
func (d *decoder) typed(v Value, t *descriptor.Message) (Value, bool) {
	if t == nil {
		return v, true // only in options of protos, which no configuration has
	}
	n := v.Node
	expected := ""
	switch t.Form {
	case descriptor.Plain:
		before := d.unchecked
		d.unchecked = before || v.Field.Rules != nil && v.Field.Rules.Skip
		v.message = d.message(t, n, v.Key)
		d.unchecked = before
		return v, v.message != nil
	case descriptor.Any:
		return d.any(v)
	case descriptor.Wrapper:
		return v, d.scalar(v, t.Field("value"))
	case descriptor.Duration:
		if _, ok := duration(n); !ok && !(d.goDurations && isGoDuration(n)) {
			expected = `a duration in seconds, such as "1.5s"`
		}
	case descriptor.Struct:
		if n.Kind != tree.Object {
			expected = "an object"
		}
	case descriptor.ListValue:
		if n.Kind != tree.Array {
			expected = "an array"
		}
	case descriptor.Timestamp, descriptor.FieldMask:
		if n.Kind != tree.String {
			expected = "a string"
		}
	}
	if expected != "" {
		d.invalid(n.Location(), "%s: expected %s, found %s", v.Field.Name, expected, describe(n))
	}
	return v, expected == ""
}

func (d *decoder) scalar(v Value, f *descriptor.Field) bool {
	expected := "a single value"
	if isScalar(v.Node) && v.Node.Kind != tree.Null {
		expected = scalarFault(f, v.Node)
	}
	if expected != "" {
		d.invalid(v.Node.Location(), "%s: expected %s, found %s", v.Field.Name, expected, describe(v.Node))
	}
	return expected == ""
}

func (d *decoder) enum(v Value) bool {
	e := v.Field.Enum()
	if e == nil {
		return true
	}
	value := enumValue(e, v.Node.Text)
	if value == nil && v.Node.Kind == tree.Number && scalarFault(v.Field, v.Node) == "" {
		if r := v.Field.Rules; r != nil && r.OnlyEnum {
			d.invalid(v.Node.Location(), "%s: %s has no value %s: Envoy refuses it", v.Field.Name, e.Name, v.Node.Text)
		}
		return true // enums are open: what has no name is kept as its number
	}
	if value == nil || !isScalar(v.Node) {
		d.invalid(v.Node.Location(), "%s: expected %s, found %s", v.Field.Name, alternatives(e), describe(v.Node))
		return false
	}
	if value.Deprecated || value.Disallowed {
		d.deprecatedValue(v, value)
	}
	return true
}

// alternatives names the values of an enum, if they are few.
func alternatives(e *descriptor.Enum) string {
	if len(e.Values) > 12 {
		return "a value of " + e.Name
	}
	names := make([]string, len(e.Values))
	for i := range e.Values {
		names[i] = e.Values[i].Name
	}
	return "one of " + strings.Join(names, ", ")
}

// describe names what a node is, for messages.
func describe(n *tree.Node) string {
	switch n.Kind {
	case tree.Object:
		return "an object"
	case tree.Array:
		return "a list"
	case tree.Null:
		return "nothing"
	case tree.String:
		if len(n.Text) > 40 {
			return fmt.Sprintf("%q…", strings.ToValidUTF8(n.Text[:40], ""))
		}
		return fmt.Sprintf("%q", n.Text)
	}
	return n.Text
}

// unknownField reports a key that names no field: Envoy does not start with one.
func (d *decoder) unknownField(m *Message, member *tree.Member) {
	if d.dump {
		d.file.Ignored = append(d.file.Ignored, keyAt(member))
		return
	}
	if d.removedField(m, member) {
		return
	}
	f := finding.Finding{
		Rule: RuleInvalid, Location: keyAt(member),
		Message: fmt.Sprintf("%s has no field %q: Envoy refuses it", m.Type.Name, member.Key),
	}
	if name, ok := nearestField(m, member.Key); ok {
		f.Message += fmt.Sprintf("; did you mean %q?", name)
		f.Fixes = []finding.Fix{{Message: "rename it to " + name, Edits: []finding.Edit{member.Rename(name)}}}
	}
	d.report(f)
}

// nearestField suggests a field that the message does not have yet, spelt as the document spells names.
func nearestField(m *Message, key string) (string, bool) {
	var names []string
	for _, f := range m.Type.Fields {
		if slices.ContainsFunc(m.fields, func(v Value) bool { return v.Field == f }) {
			continue
		}
		names = append(names, f.Name)
	}
	name, ok := rules.Nearest(snake(key), names)
	if ok && key != strings.ToLower(key) {
		name = m.Type.Field(name).JSONName
	}
	return name, ok
}

// snake writes camelCase as snake_case.
func snake(key string) string {
	var b strings.Builder
	for _, c := range key {
		if 'A' <= c && c <= 'Z' {
			b.WriteByte('_')
			c += 'a' - 'A'
		}
		b.WriteRune(c)
	}
	return b.String()
}

const (
	kindMessage = descriptorpb.FieldDescriptorProto_TYPE_MESSAGE
	kindEnum    = descriptorpb.FieldDescriptorProto_TYPE_ENUM
)
