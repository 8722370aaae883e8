package breaking

import (
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
)

// cppString is the C++ type of a string field: the option ctype, or the feature that
// replaces it (https://protobuf.dev/editions/features/#string_type).
func cppString(f protoreflect.FieldDescriptor) string {
	if o, _ := f.Options().(*descriptorpb.FieldOptions); o != nil && o.Ctype != nil {
		if o.GetCtype() != descriptorpb.FieldOptions_STRING || f.ParentFile().Syntax() != protoreflect.Editions {
			return o.GetCtype().String()
		}
		return "STRING"
	}
	if value := languageFeature(f, "pb.cpp", "string_type"); value != "" {
		return value
	}
	return "STRING"
}

// javaUTF8 is how Java checks a string field: the option java_string_check_utf8, or
// the feature that replaces it, or else what holds for all languages.
func javaUTF8(f protoreflect.FieldDescriptor) string {
	o, _ := f.ParentFile().Options().(*descriptorpb.FileOptions)
	if f.ParentFile().Syntax() != protoreflect.Editions || o != nil && o.JavaStringCheckUtf8 != nil {
		if o.GetJavaStringCheckUtf8() {
			return descriptorpb.FeatureSet_VERIFY.String()
		}
		return utf8(f)
	}
	if languageFeature(f, "pb.java", "utf8_validation") == "VERIFY" {
		return descriptorpb.FeatureSet_VERIFY.String()
	}
	return utf8(f)
}

// languageFeature is the value of a feature of one language that is set on an element
// or on what it is in; empty if it is nowhere set.
func languageFeature(d protoreflect.Descriptor, language protoreflect.FullName, name protoreflect.Name) string {
	for ; d != nil; d = d.Parent() {
		features, ok := featuresOf(d)
		if !ok {
			continue
		}
		value := ""
		features.Range(func(fd protoreflect.FieldDescriptor, v protoreflect.Value) bool {
			if fd.IsExtension() && fd.FullName() == language {
				value = enumText(v.Message(), name)
			}
			return value == ""
		})
		if value != "" {
			return value
		}
	}
	return ""
}

func featuresOf(d protoreflect.Descriptor) (protoreflect.Message, bool) {
	options := optionsOf(d)
	if !options.IsValid() {
		return nil, false
	}
	fd := options.Descriptor().Fields().ByName("features")
	if fd == nil || !options.Has(fd) {
		return nil, false
	}
	return options.Get(fd).Message(), true
}

func enumText(m protoreflect.Message, name protoreflect.Name) string {
	fd := m.Descriptor().Fields().ByName(name)
	if fd == nil || fd.Enum() == nil || !m.Has(fd) {
		return ""
	}
	if v := fd.Enum().Values().ByNumber(m.Get(fd).Enum()); v != nil {
		return string(v.Name())
	}
	return ""
}
