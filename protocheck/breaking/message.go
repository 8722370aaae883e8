package breaking

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
)

// compareMessages compares the messages of the same full name.
func (c *comparison) compareMessages() {
	for _, name := range slices.Sorted(maps.Keys(c.old.messages)) {
		for _, m := range c.old.messages[name] {
			if n, ok := counterpart(c, m, c.new.messages[name]); ok {
				c.compareMessage(m, n)
			}
		}
	}
}

func (c *comparison) compareMessage(m, n protoreflect.MessageDescriptor) {
	p := &messagePair{comparison: c, old: m, new: n}
	p.compareFields()
	p.compareRequired()
	p.compareOneofs()
	p.compareRanges()
	c.compareReservedNames("message", m, n, m.ReservedNames(), n.ReservedNames())
	c.compareJSONFormat("message", m, n, messageOptions, optionMessageFeatures)
	c.compareAccessor(m, n)
	c.compareVisibility("message", m, n)
	c.compareResource(m, n)
}

// A messagePair is a message on both sides.
type messagePair struct {
	*comparison
	old, new protoreflect.MessageDescriptor
}

// compareFields pairs fields by number, as the encoding does, and looks by name for
// those that only have another number.
func (p *messagePair) compareFields() {
	for i := range p.old.Fields().Len() {
		f := p.old.Fields().Get(i)
		if n := p.new.Fields().ByNumber(f.Number()); n != nil {
			p.compareField(&fieldPair{comparison: p.comparison, old: f, new: n, moved: p.movedTo(f)})
			continue
		}
		p.removed(f)
	}
	for i := range p.new.Fields().Len() {
		if n := p.new.Fields().Get(i); p.old.Fields().ByNumber(n.Number()) == nil && p.old.Fields().ByName(n.Name()) == nil {
			p.compareBehavior(nil, n)
			p.compareValidation(nil, n)
		}
	}
}

// movedTo finds the field that has the name of an old one, and another number.
func (p *messagePair) movedTo(f protoreflect.FieldDescriptor) protoreflect.FieldDescriptor {
	if n := p.new.Fields().ByName(f.Name()); n != nil && n.Number() != f.Number() {
		return n
	}
	return nil
}

// removed reports a number that is not used any more.
func (p *messagePair) removed(f protoreflect.FieldDescriptor) {
	ch := change{
		rule: fieldRemoved, buf: []string{"FIELD_NO_DELETE"}, dims: Source,
		message: fmt.Sprintf("field %s = %d of %s is gone", f.Name(), f.Number(), p.old.FullName()),
		at:      p.newAt(p.new), before: p.oldAt(f),
	}
	var unreserved []string
	if !p.new.ReservedRanges().Has(f.Number()) {
		ch.buf = append(ch.buf, "FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED")
		ch.dims |= Wire
		unreserved = append(unreserved, "number")
	}
	if !p.new.ReservedNames().Has(f.Name()) {
		ch.buf = append(ch.buf, "FIELD_NO_DELETE_UNLESS_NAME_RESERVED")
		ch.dims |= JSON
		unreserved = append(unreserved, "name")
	}
	if to := p.movedTo(f); to != nil {
		ch.rule, ch.dims = fieldRenumbered, Wire
		ch.message = fmt.Sprintf("field %s of %s changed its number from %d to %d: each side takes it for absent", f.Name(), p.old.FullName(), f.Number(), to.Number())
		ch.related = append(ch.related, p.also(p.newAt(to, fieldName), "it is here now"))
	} else if len(unreserved) > 0 {
		ch.message += fmt.Sprintf(", and its %s not reserved, so that another field may take it", strings.Join(unreserved, " and ")+verb(len(unreserved)))
	}
	p.report(ch)
}

func verb(n int) string {
	if n == 1 {
		return " is"
	}
	return " are"
}

// compareRequired reports required fields that came or went.
func (p *messagePair) compareRequired() {
	why := "a side that does not know of it sends messages that the other refuses, or refuses messages without it"
	for i := range p.old.Fields().Len() {
		f := p.old.Fields().Get(i)
		if n := p.new.Fields().ByNumber(f.Number()); f.Cardinality() == protoreflect.Required && (n == nil || n.Cardinality() != protoreflect.Required) {
			p.report(change{
				rule: requiredFieldChanged, buf: []string{"MESSAGE_SAME_REQUIRED_FIELDS"}, dims: Wire | JSON,
				message: fmt.Sprintf("field %s = %d of %s is required no more: %s", f.Name(), f.Number(), p.old.FullName(), why),
				at:      p.newAt(p.new), before: p.oldAt(f),
			})
		}
	}
	for i := range p.new.Fields().Len() {
		n := p.new.Fields().Get(i)
		if f := p.old.Fields().ByNumber(n.Number()); n.Cardinality() == protoreflect.Required && (f == nil || f.Cardinality() != protoreflect.Required) {
			ch := change{
				rule: requiredFieldChanged, buf: []string{"MESSAGE_SAME_REQUIRED_FIELDS"}, dims: Wire | JSON,
				message: fmt.Sprintf("field %s = %d of %s is required now: %s", n.Name(), n.Number(), p.old.FullName(), why),
				at:      p.newAt(n),
			}
			if f != nil {
				ch.before = p.oldAt(f)
			}
			p.report(ch)
		}
	}
}

func (p *messagePair) compareOneofs() {
	for i := range p.old.Oneofs().Len() {
		o := p.old.Oneofs().Get(i)
		if o.IsSynthetic() || p.new.Oneofs().ByName(o.Name()) != nil {
			continue
		}
		p.report(change{
			rule: oneofRemoved, buf: []string{"ONEOF_NO_DELETE"}, dims: Source,
			message: fmt.Sprintf("the oneof %s of %s is gone", o.Name(), p.old.FullName()),
			at:      p.newAt(p.new), before: p.oldAt(o),
		})
	}
}

// compareRanges compares the numbers that are reserved, and those for extensions.
func (p *messagePair) compareRanges() {
	for _, missing := range missingRanges(fieldSpans(p.old.ReservedRanges()), fieldSpans(p.new.ReservedRanges())) {
		p.report(change{
			rule: reservedRemoved, buf: []string{"RESERVED_MESSAGE_NO_DELETE"}, dims: Wire,
			message: fmt.Sprintf("numbers that %s reserved are free again: %s of %s", p.old.FullName(), missing.gone, missing.of),
			at:      p.newAt(p.new), before: p.oldAt(p.old),
		})
	}
	for _, missing := range missingRanges(fieldSpans(p.old.ExtensionRanges()), fieldSpans(p.new.ExtensionRanges())) {
		p.report(change{
			rule: extensionRangeRemoved, buf: []string{"EXTENSION_MESSAGE_NO_DELETE"}, dims: Source,
			message: fmt.Sprintf("%s may not be extended any more with numbers %s of %s", p.old.FullName(), missing.gone, missing.of),
			at:      p.newAt(p.new), before: p.oldAt(p.old),
		})
	}
}

// compareReservedNames reports names that were reserved.
func (c *comparison) compareReservedNames(word string, m, n protoreflect.Descriptor, was, is protoreflect.Names) {
	rule := "RESERVED_MESSAGE_NO_DELETE"
	if word == "enum" {
		rule = "RESERVED_ENUM_NO_DELETE"
	}
	for i := range was.Len() {
		if name := was.Get(i); !is.Has(name) {
			c.report(change{
				rule: reservedRemoved, buf: []string{rule}, dims: JSON,
				message: fmt.Sprintf("the name %q that %s reserved is free again", name, m.FullName()),
				at:      c.newAt(n), before: c.oldAt(m),
			})
		}
	}
}

// featureField finds a feature of google.protobuf.FeatureSet by its name.
func featureField(name protoreflect.Name) protoreflect.FieldDescriptor {
	return (*descriptorpb.FeatureSet)(nil).ProtoReflect().Descriptor().Fields().ByName(name)
}

func (c *comparison) compareJSONFormat(word string, m, n protoreflect.Descriptor, options, features int32) {
	allow := protoreflect.EnumNumber(descriptorpb.FeatureSet_ALLOW)
	if feature(m, featureField("json_format")) != allow || feature(n, featureField("json_format")) == allow {
		return
	}
	rule := "MESSAGE_SAME_JSON_FORMAT"
	if word == "enum" {
		rule = "ENUM_SAME_JSON_FORMAT"
	}
	c.report(change{
		rule: jsonFormatRemoved, buf: []string{rule}, dims: JSON,
		message: fmt.Sprintf("the %s %s has no dependable JSON form any more: json_format is not ALLOW", word, m.FullName()),
		at:      firstOf(optionAt(c.newAt(n), options, features, featureJSON), c.newAt(n)),
		before:  firstOf(optionAt(c.oldAt(m), options, features, featureJSON), c.oldAt(m)),
	})
}

func (c *comparison) compareAccessor(m, n protoreflect.MessageDescriptor) {
	was, _ := m.Options().(*descriptorpb.MessageOptions)
	is, _ := n.Options().(*descriptorpb.MessageOptions)
	if was.GetNoStandardDescriptorAccessor() || !is.GetNoStandardDescriptorAccessor() {
		return
	}
	c.report(change{
		rule: generatedCodeChanged, buf: []string{"MESSAGE_NO_REMOVE_STANDARD_DESCRIPTOR_ACCESSOR"}, dims: Source,
		message: fmt.Sprintf("generated code of %s has no accessor descriptor() any more", m.FullName()),
		at:      optionAt(c.newAt(n), messageOptions, optionNoAccessor), before: c.oldAt(m),
	})
}

func (c *comparison) compareVisibility(word string, m, n protoreflect.Descriptor) {
	was, is := c.old.fileOf[m.ParentFile()], c.new.fileOf[n.ParentFile()]
	if was == nil || is == nil || was.Local(m.FullName()) || !is.Local(n.FullName()) {
		return
	}
	c.report(change{
		rule: visibilityNarrowed, dims: Source,
		message: fmt.Sprintf("the %s %s is local now: other files cannot use it any more", word, m.FullName()),
		at:      c.newAt(n), before: c.oldAt(m),
	})
}
