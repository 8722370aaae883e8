package descriptor

import (
	"strings"
	"sync"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/types/descriptorpb"
)

// A Message is a message type.
type Message struct {
	Name   string // full: "envoy.config.cluster.v3.Cluster"
	Fields []*Field
	Oneofs []*Oneof
	// Form says how the type is written, if it is one that JSON has a form of its own for.
	Form Form

	byName map[string]*Field
}

// ShortName is the name without its package and the messages around it.
func (m *Message) ShortName() string { return m.Name[strings.LastIndexByte(m.Name, '.')+1:] }

// Field returns the field with a name, in snake_case or camelCase; nil if there is none.
func (m *Message) Field(name string) *Field {
	if m == nil {
		return nil
	}
	return m.byName[name]
}

// A Form is the way in which values of a type are written.
type Form uint8

const (
	Plain     Form = iota // an object with the fields of the type
	Wrapper               // google.protobuf.UInt32Value and its like: the scalar alone
	Duration              // "1.5s"
	Timestamp             // "2026-01-02T15:04:05Z"
	FieldMask             // "a,b.c"
	Any                   // an object with @type
	Struct                // any object
	AnyValue              // google.protobuf.Value: anything
	ListValue             // any array
)

var forms = [...]struct {
	name string
	form Form
}{
	{"BoolValue", Wrapper}, {"BytesValue", Wrapper}, {"DoubleValue", Wrapper}, {"FloatValue", Wrapper},
	{"Int32Value", Wrapper}, {"Int64Value", Wrapper}, {"StringValue", Wrapper}, {"UInt32Value", Wrapper},
	{"UInt64Value", Wrapper}, {"Duration", Duration}, {"Timestamp", Timestamp}, {"FieldMask", FieldMask},
	{"Any", Any}, {"Struct", Struct}, {"Value", AnyValue}, {"ListValue", ListValue},
}

func formOf(name string) Form {
	short, ok := strings.CutPrefix(name, "google.protobuf.")
	if !ok {
		return Plain
	}
	for _, f := range forms {
		if f.name == short {
			return f.form
		}
	}
	return Plain
}

// A Kind is the kind of a field's values.
type Kind = descriptorpb.FieldDescriptorProto_Type

// A Field is a field of a message type.
type Field struct {
	Name     string // in snake_case
	JSONName string // in camelCase
	Kind     Kind
	List     bool // of repeated values, and no Map
	// Map says that values are objects with any keys; MapValue is the field of their values.
	Map      bool
	MapKey   *Field
	MapValue *Field
	Oneof    *Oneof // nil if in none
	// Deprecated says that the proto advises against it; Disallowed that Envoy refuses it unless
	// the runtime allows it.
	Deprecated, Disallowed bool
	// Since is the version of the API in which it was deprecated, such as "3.0"; empty if not told.
	Since string
	// Sensitive says that values are secrets.
	Sensitive bool
	// Rules are what values must be like; nil if anything may be.
	Rules *Rules

	typeName string
	message  func() *Message
	enum     func() *Enum
}

// Message is the type of the values; nil if they are scalars or enums.
func (f *Field) Message() *Message { return f.message() }

// Enum is the enum of the values; nil if they are of none.
func (f *Field) Enum() *Enum { return f.enum() }

// A Oneof is a group of fields of which at most one may be set.
type Oneof struct {
	Name     string
	Required bool
	Fields   []*Field
}

// An Enum is an enum type.
type Enum struct {
	Name   string
	Values []EnumValue
	byFold map[string]int
}

// An EnumValue is one value of an enum.
type EnumValue struct {
	Name                   string
	Number                 int32
	Deprecated, Disallowed bool
}

// Value returns the value with a name, in any case, as Envoy reads them; nil if there is none.
func (e *Enum) Value(name string) *EnumValue {
	if i, ok := e.byFold[strings.ToUpper(name)]; ok {
		return &e.Values[i]
	}
	return nil
}

// ByNumber returns the value with a number; nil if there is none.
func (e *Enum) ByNumber(number int32) *EnumValue {
	for i := range e.Values {
		if e.Values[i].Number == number {
			return &e.Values[i]
		}
	}
	return nil
}

// Numbers of the options that Envoy's protos annotate fields, oneofs and enum values with.
const (
	optionRules           = 1071      // validate.rules, of fields; validate.required, of oneofs
	optionDisallowed      = 189503207 // envoy.annotations.disallowed_by_default
	optionDisallowedEnum  = 70100853  // envoy.annotations.disallowed_by_default_enum
	optionDeprecatedSince = 157299826 // envoy.annotations.deprecated_at_minor_version
	optionSensitive       = 76569463  // udpa.annotations.sensitive
	labelRepeated         = descriptorpb.FieldDescriptorProto_LABEL_REPEATED
	kindMessage           = descriptorpb.FieldDescriptorProto_TYPE_MESSAGE
	kindEnum              = descriptorpb.FieldDescriptorProto_TYPE_ENUM
)

func (s *set) addEnum(scope string, p *descriptorpb.EnumDescriptorProto) {
	e := &Enum{Name: scope + p.GetName(), byFold: map[string]int{}}
	for i, v := range p.GetValue() {
		e.Values = append(e.Values, EnumValue{
			Name: v.GetName(), Number: v.GetNumber(), Deprecated: v.GetOptions().GetDeprecated(),
			Disallowed: boolOption(v.GetOptions().ProtoReflect().GetUnknown(), optionDisallowedEnum),
		})
		e.byFold[strings.ToUpper(v.GetName())] = i
	}
	s.enums[e.Name] = e
}

func (s *set) newMessage(name string, p *descriptorpb.DescriptorProto) *Message {
	m := &Message{Name: name, Form: formOf(name), byName: make(map[string]*Field, 2*len(p.GetField()))}
	for _, o := range p.GetOneofDecl() {
		m.Oneofs = append(m.Oneofs, &Oneof{
			Name: o.GetName(), Required: boolOption(o.GetOptions().ProtoReflect().GetUnknown(), optionRules),
		})
	}
	for _, fp := range p.GetField() {
		f := s.newField(fp)
		if fp.OneofIndex != nil && !fp.GetProto3Optional() {
			f.Oneof = m.Oneofs[fp.GetOneofIndex()]
			f.Oneof.Fields = append(f.Oneof.Fields, f)
		}
		m.Fields = append(m.Fields, f)
		m.byName[f.Name], m.byName[f.JSONName] = f, f
	}
	return m
}

func (s *set) newField(p *descriptorpb.FieldDescriptorProto) *Field {
	options := p.GetOptions().ProtoReflect().GetUnknown()
	f := &Field{
		Name: p.GetName(), JSONName: p.GetJsonName(), Kind: p.GetType(), List: p.GetLabel() == labelRepeated,
		Deprecated: p.GetOptions().GetDeprecated(), Disallowed: boolOption(options, optionDisallowed),
		Since: string(option(options, optionDeprecatedSince)), Sensitive: boolOption(options, optionSensitive),
		Rules:    parseRules(option(options, optionRules)),
		typeName: strings.TrimPrefix(p.GetTypeName(), "."),
	}
	f.message = func() *Message { return nil }
	f.enum = func() *Enum { return nil }
	switch f.Kind {
	case kindMessage:
		f.message = sync.OnceValue(func() *Message { return Find(f.typeName) })
		s.mapOf(f)
	case kindEnum:
		f.enum = sync.OnceValue(func() *Enum { return FindEnum(f.typeName) })
	}
	return f
}

// mapOf makes a map of a field that is a list of entries, which are nested in the message itself.
func (s *set) mapOf(f *Field) {
	entry := s.protos[f.typeName]
	if !f.List || entry == nil || !entry.GetOptions().GetMapEntry() {
		return
	}
	f.List, f.Map = false, true
	f.MapKey, f.MapValue = s.newField(entry.GetField()[0]), s.newField(entry.GetField()[1])
}

// option finds the last value of an option among those that descriptor.proto does not declare.
func option(options []byte, number protowire.Number) []byte {
	var found []byte
	eachField(options, func(n protowire.Number, value []byte) {
		if n == number {
			found = value
		}
	})
	return found
}

func boolOption(options []byte, number protowire.Number) bool {
	set := false
	eachNumber(options, func(n protowire.Number, value uint64) {
		if n == number {
			set = value != 0
		}
	})
	return set
}

// eachNumber calls f with the fields of a message that are numbers: for floating-point ones, with
// their bits.
func eachNumber(message []byte, f func(protowire.Number, uint64)) {
	for len(message) > 0 {
		number, kind, length := protowire.ConsumeTag(message)
		if length < 0 {
			return
		}
		message = message[length:]
		var value uint64
		switch kind {
		case protowire.VarintType:
			value, length = protowire.ConsumeVarint(message)
		case protowire.Fixed32Type:
			var v uint32
			v, length = protowire.ConsumeFixed32(message)
			value = uint64(v)
		case protowire.Fixed64Type:
			value, length = protowire.ConsumeFixed64(message)
		default:
			length = protowire.ConsumeFieldValue(number, kind, message)
			if length >= 0 {
				message = message[length:]
				continue
			}
		}
		if length < 0 {
			return
		}
		f(number, value)
		message = message[length:]
	}
}
