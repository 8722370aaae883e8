package breaking

import (
	"fmt"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// compareType compares the types of fields: messages and enums by what they hold,
// not by what they are called.
func (p *fieldPair) compareType() {
	was, is := p.old.Kind(), p.new.Kind()
	if was == is && typeName(p.old) == typeName(p.new) {
		return
	}
	ch := change{
		rule: fieldTypeChanged, buf: p.bufTypeRules(), dims: Source | p.typeDimensions(p.old, p.new),
		message: fmt.Sprintf("%s changed its type from %s to %s", p.name(), typeText(p.old), typeText(p.new)),
		at:      p.newAt(p.new, typePart(p.new)), before: p.oldAt(p.old, typePart(p.old)),
	}
	switch {
	case ch.dims == Source && was == is:
		ch.message += ", which holds the same"
	case bits(was) > bits(is) && bits(is) > 0 && ch.dims&Wire == 0:
		ch.message += ": larger values are cut off"
	}
	p.report(ch)
}

func typePart(f protoreflect.FieldDescriptor) int32 {
	if f.Message() != nil || f.Enum() != nil {
		return fieldTypeName
	}
	return fieldType
}

// typeName is the full name of the type of a field; empty for a scalar.
func typeName(f protoreflect.FieldDescriptor) protoreflect.FullName {
	switch {
	case f.Message() != nil:
		return f.Message().FullName()
	case f.Enum() != nil:
		return f.Enum().FullName()
	}
	return ""
}

func typeText(f protoreflect.FieldDescriptor) string {
	switch {
	case f.Kind() == protoreflect.GroupKind && f.ParentFile().Syntax() != protoreflect.Proto2:
		return fmt.Sprintf("%s with delimited encoding", f.Message().FullName())
	case typeName(f) != "":
		return string(typeName(f))
	}
	return f.Kind().String()
}

// wireGroup groups kinds by how values are encoded in the binary format: those of one
// group can be read for one another (https://protobuf.dev/programming-guides/proto3/#updating).
func wireGroup(k protoreflect.Kind) int {
	switch k {
	case protoreflect.Int32Kind, protoreflect.Int64Kind, protoreflect.Uint32Kind, protoreflect.Uint64Kind, protoreflect.BoolKind:
		return 1
	case protoreflect.Sint32Kind, protoreflect.Sint64Kind:
		return 2
	case protoreflect.Fixed32Kind, protoreflect.Sfixed32Kind:
		return 3
	case protoreflect.Fixed64Kind, protoreflect.Sfixed64Kind:
		return 4
	}
	return 100 + int(k)
}

// jsonGroup groups kinds by what values look like in JSON: numbers of 32 bits,
// numbers of 64 bits, which are strings, fractions, and everything else by itself
// (https://protobuf.dev/programming-guides/json/).
func jsonGroup(k protoreflect.Kind) int {
	switch k {
	case protoreflect.Int32Kind, protoreflect.Uint32Kind, protoreflect.Sint32Kind, protoreflect.Fixed32Kind, protoreflect.Sfixed32Kind:
		return 1
	case protoreflect.Int64Kind, protoreflect.Uint64Kind, protoreflect.Sint64Kind, protoreflect.Fixed64Kind, protoreflect.Sfixed64Kind:
		return 2
	case protoreflect.FloatKind, protoreflect.DoubleKind:
		return 3
	case protoreflect.MessageKind, protoreflect.GroupKind:
		return 4
	}
	return 100 + int(k)
}

// bits is the size of integers; 0 for other kinds.
func bits(k protoreflect.Kind) int {
	switch k {
	case protoreflect.BoolKind:
		return 1
	case protoreflect.Int32Kind, protoreflect.Uint32Kind, protoreflect.Sint32Kind:
		return 32
	case protoreflect.Int64Kind, protoreflect.Uint64Kind, protoreflect.Sint64Kind:
		return 64
	}
	return 0
}

// typeDimensions are those of wire and json in which values of the old type of a
// field are not read as the same by its new type.
func (c *comparison) typeDimensions(old, new protoreflect.FieldDescriptor) Dimensions {
	was, is := old.Kind(), new.Kind()
	var dims Dimensions
	if wireGroup(was) != wireGroup(is) && !wireConvertible(was, is) {
		dims |= Wire
	}
	if jsonGroup(was) != jsonGroup(is) {
		dims |= JSON
	}
	switch {
	case old.Message() != nil && new.Message() != nil:
		dims |= c.messageDimensions(old.Message(), new.Message())
	case old.Enum() != nil && new.Enum() != nil:
		dims |= enumDimensions(old.Enum(), new.Enum())
	}
	return dims
}

// wireConvertible reports kinds whose values are read as long as they are ordinary.
func wireConvertible(was, is protoreflect.Kind) bool {
	return was == protoreflect.StringKind && is == protoreflect.BytesKind ||
		was == protoreflect.EnumKind && wireGroup(is) == 1 || is == protoreflect.EnumKind && wireGroup(was) == 1
}

type typePair struct{ old, new protoreflect.FullName }

// messageDimensions are those in which an old message is not read as the same by
// another one. Fields that only the new one has are no obstacle. Messages that hold
// themselves are taken to be equal while they are looked at.
func (c *comparison) messageDimensions(old, new protoreflect.MessageDescriptor) Dimensions {
	key := typePair{old.FullName(), new.FullName()}
	if key.old == key.new {
		return 0 // what changed within it is found at the message itself
	}
	if dims, ok := c.equal[key]; ok {
		return dims
	}
	c.equal[key] = 0
	var dims Dimensions
	for i := range old.Fields().Len() {
		f := old.Fields().Get(i)
		n := new.Fields().ByNumber(f.Number())
		if n == nil || wireCardinality(f) != wireCardinality(n) {
			dims |= Wire
		} else {
			dims |= c.typeDimensions(f, n) & Wire
		}
		if n = new.Fields().ByJSONName(f.JSONName()); n == nil || jsonCardinality(f) != jsonCardinality(n) {
			dims |= JSON
		} else {
			dims |= c.typeDimensions(f, n) & JSON
		}
	}
	for i := range new.Fields().Len() {
		if n := new.Fields().Get(i); n.Cardinality() == protoreflect.Required && old.Fields().ByNumber(n.Number()) == nil {
			dims |= Wire | JSON
		}
	}
	c.equal[key] = dims
	return dims
}

// enumDimensions are those in which values of an old enum are not values of another one.
func enumDimensions(old, new protoreflect.EnumDescriptor) Dimensions {
	if old.FullName() == new.FullName() {
		return 0
	}
	var dims Dimensions
	for i := range old.Values().Len() {
		v := old.Values().Get(i)
		if new.Values().ByNumber(v.Number()) == nil {
			dims |= Wire
		}
		if n := new.Values().ByName(v.Name()); n == nil {
			dims |= JSON
		} else if n.Number() != v.Number() {
			dims |= Wire
		}
	}
	return dims
}

// bufTypeRules are the rules of buf that a change of type breaks; buf goes by names.
func (p *fieldPair) bufTypeRules() []string {
	rules := []string{"FIELD_SAME_TYPE"}
	was, is := p.old.Kind(), p.new.Kind()
	named := typeName(p.old) != typeName(p.new) && !(was == protoreflect.EnumKind && is == protoreflect.EnumKind && renamedEnum(p.old.Enum(), p.new.Enum()))
	if wire := wireGroup(was) != wireGroup(is); wire && !(was == protoreflect.StringKind && is == protoreflect.BytesKind) || !wire && named {
		rules = append(rules, "FIELD_WIRE_COMPATIBLE_TYPE")
	}
	if json := bufJSONGroup(was) != bufJSONGroup(is); json || named {
		rules = append(rules, "FIELD_WIRE_JSON_COMPATIBLE_TYPE")
	}
	return rules
}

func bufJSONGroup(k protoreflect.Kind) int {
	switch k {
	case protoreflect.Int32Kind, protoreflect.Uint32Kind:
		return 1
	case protoreflect.Int64Kind, protoreflect.Uint64Kind:
		return 2
	case protoreflect.Fixed32Kind, protoreflect.Sfixed32Kind:
		return 3
	case protoreflect.Fixed64Kind, protoreflect.Sfixed64Kind:
		return 4
	}
	return 100 + int(k)
}

// renamedEnum reports what buf takes for the same enum: the same name in whatever
// message or package, and all old values.
func renamedEnum(old, new protoreflect.EnumDescriptor) bool {
	if old.Name() != new.Name() {
		return false
	}
	for i := range old.Values().Len() {
		v := old.Values().Get(i)
		if n := new.Values().ByName(v.Name()); n == nil || n.Number() != v.Number() {
			return false
		}
	}
	return true
}
