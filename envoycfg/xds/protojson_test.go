package xds

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"github.com/commslint/commslint/envoycfg/descriptor"
	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/tree"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
)

// What this package reads, the implementation of protobuf reads too, once it is written as strictly as that
// wants it: the same messages, with nothing left over.
func TestAgreesWithProtojson(t *testing.T) {
	set := &descriptorpb.FileDescriptorSet{}
	if err := proto.Unmarshal(descriptor.Text(), set); err != nil {
		t.Fatal(err)
	}
	registry, err := protodesc.NewFiles(set)
	if err != nil {
		t.Fatal(err)
	}
	types := dynamicpb.NewTypes(registry)
	resources, messages := 0, 0
	for _, folder := range []string{"envoy", "envoy-gateway", "envoy-istio", "envoy-kuma"} {
		texts := files(t, folder)
		for _, name := range slices.Sorted(maps.Keys(texts)) {
			f := Load(name, texts[name])
			if f.Template || slices.ContainsFunc(f.Findings, isInvalid) {
				continue
			}
			for _, r := range f.Resources {
				resources++
				messages += compare(t, name, r.Message, types)
			}
		}
	}
	t.Logf("%d resources of %d messages agree", resources, messages)
	if resources < 500 {
		t.Errorf("only %d resources were compared", resources)
	}
}

func compare(t *testing.T, name string, m *Message, types *dynamicpb.Types) (messages int) {
	t.Helper()
	text, err := json.Marshal(canonical(m))
	if err != nil {
		t.Fatal(err)
	}
	kind, err := types.FindMessageByName(protoreflect.FullName(m.Type.Name))
	if err != nil {
		t.Fatal(err)
	}
	read := kind.New().Interface()
	if err := (protojson.UnmarshalOptions{Resolver: types}).Unmarshal(text, read); err != nil {
		t.Errorf("%s: %s at line %d: %v", name, m.Type.Name, m.At().Line, err)
		return 0
	}
	m.Walk(func(*Message) bool { messages++; return true })
	if theirs := countMessages(t, read.ProtoReflect(), types); theirs != messages {
		t.Errorf("%s: %s at line %d has %d messages, protojson finds %d", name, m.Type.Name, m.At().Line, messages, theirs)
	}
	return messages
}

// countMessages counts the messages that Walk meets: no scalars in messages of their own, and what an Any
// holds in its stead.
func countMessages(t *testing.T, m protoreflect.Message, types *dynamicpb.Types) int {
	switch form := descriptor.Find(string(m.Descriptor().FullName())); {
	case form.Form == descriptor.Any:
		url := m.Get(m.Descriptor().Fields().ByName("type_url")).String()
		if url == "" {
			return 0
		}
		kind, err := types.FindMessageByURL(url)
		if err != nil {
			t.Error(err)
			return 0
		}
		inner := kind.New()
		if err := proto.Unmarshal(m.Get(m.Descriptor().Fields().ByName("value")).Bytes(), inner.Interface()); err != nil {
			t.Error(err)
		}
		if descriptor.Find(string(inner.Descriptor().FullName())).Form != descriptor.Plain {
			return 1
		}
		return countMessages(t, inner, types)
	case form.Form != descriptor.Plain:
		return 0
	}
	count := 1
	m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case f.IsMap() && f.MapValue().Kind() == protoreflect.MessageKind:
			v.Map().Range(func(_ protoreflect.MapKey, v protoreflect.Value) bool {
				count += countMessages(t, v.Message(), types)
				return true
			})
		case f.IsMap() || f.Kind() != protoreflect.MessageKind:
		case f.IsList():
			for i := range v.List().Len() {
				count += countMessages(t, v.List().Get(i).Message(), types)
			}
		default:
			count += countMessages(t, v.Message(), types)
		}
		return true
	})
	return count
}

func isInvalid(f finding.Finding) bool { return f.Rule != RuleDeprecated || f.AtMost != finding.Note }

// canonical writes a message as the mapping of protobuf to JSON has it.
func canonical(m *Message) any {
	object := map[string]any{}
	if m.Type.Form == descriptor.Struct {
		return map[string]any{"@type": "type.googleapis.com/" + m.Type.Name, "value": m.Node.Value()}
	}
	if m.Type.Form != descriptor.Plain {
		return map[string]any{"value": m.Node.Get("value").Value()}
	}
	for _, v := range m.Fields() {
		var value any
		switch {
		case v.Field.Map:
			entries := map[string]any{}
			for _, item := range v.List() {
				if c := canonicalValue(item); c != nil {
					entries[item.Name()] = c
				}
			}
			value = entries
		case v.Field.List:
			list := []any{}
			for _, item := range v.List() {
				if c := canonicalValue(item); c != nil {
					list = append(list, c)
				}
			}
			value = list
		default:
			value = canonicalValue(v)
		}
		if value != nil {
			object[v.Field.JSONName] = value
		}
	}
	return object
}

func canonicalValue(v Value) any {
	t := v.Field.Message()
	switch {
	case t == nil && v.Field.Kind == kindEnum:
		if name := v.Enum(); name != "" {
			return name
		}
		return json.Number(v.Node.Text)
	case t == nil:
		return canonicalScalar(v.Field, v)
	}
	switch t.Form {
	case descriptor.Any:
		if v.Message() == nil {
			return nil // of a type that is not known
		}
		object := canonical(v.Message()).(map[string]any)
		if v.Message().Is("google.protobuf.Empty") {
			object["value"] = map[string]any{} // which protojson wants, unlike Envoy
		}
		object["@type"] = "type.googleapis.com/" + v.Message().Type.Name // not that of a TypedStruct
		return object
	case descriptor.Plain:
		return canonical(v.Message())
	case descriptor.Wrapper:
		return canonicalScalar(t.Field("value"), v)
	case descriptor.Duration:
		d, _ := v.Duration()
		return map[bool]string{true: v.Node.Text, false: formatSeconds(d.Seconds())}[v.Node.Kind == tree.String]
	}
	return v.Node.Value()
}

func formatSeconds(s float64) string {
	text, _ := json.Marshal(s)
	return string(text) + "s"
}

func canonicalScalar(f *descriptor.Field, v Value) any {
	switch f.Kind {
	case descriptorpb.FieldDescriptorProto_TYPE_BOOL:
		value, _ := v.Bool()
		return value
	case descriptorpb.FieldDescriptorProto_TYPE_STRING, descriptorpb.FieldDescriptorProto_TYPE_BYTES:
		return v.Node.Text
	}
	return json.Number(v.Node.Text)
}
