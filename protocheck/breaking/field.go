package breaking

import (
	"fmt"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
)

// A fieldPair is two fields, or two extensions of one message, of the same number.
type fieldPair struct {
	*comparison
	old, new protoreflect.FieldDescriptor
	// moved is the new field with the name of the old one, if it has another number.
	// The two then are different fields, which only peers on the wire confuse.
	moved protoreflect.FieldDescriptor
}

func (p *messagePair) compareField(f *fieldPair) {
	f.compareName()
	f.compareType()
	f.compareCardinality()
	f.compareDefault()
	f.compareOneof()
	f.compareStrings()
	f.compareJSType()
	if f.moved == nil {
		p.compareBehavior(f.old, f.new)
		p.compareValidation(f.old, f.new)
	}
}

// compareExtensions pairs extensions by what they extend and their number.
func (c *comparison) compareExtensions() {
	type key struct {
		extended protoreflect.FullName
		number   protoreflect.FieldNumber
	}
	byNumber := map[key][]protoreflect.FieldDescriptor{}
	for _, x := range c.new.extensions {
		k := key{x.ContainingMessage().FullName(), x.Number()}
		byNumber[k] = append(byNumber[k], x)
	}
	for _, x := range c.old.extensions {
		n, ok := counterpart(c, x, byNumber[key{x.ContainingMessage().FullName(), x.Number()}])
		if !ok {
			continue
		}
		f := &fieldPair{comparison: c, old: x, new: n}
		f.compareName()
		f.compareType()
		f.compareCardinality()
		f.compareDefault()
		f.compareStrings()
		f.compareJSType()
	}
}

// name tells which field it is.
func (p *fieldPair) name() string {
	if p.old.IsExtension() {
		return fmt.Sprintf("extension %s = %d of %s", p.old.FullName(), p.old.Number(), p.old.ContainingMessage().FullName())
	}
	return fmt.Sprintf("field %s = %d of %s", p.old.Name(), p.old.Number(), p.old.ContainingMessage().FullName())
}

// report narrows what concerns a number that two different fields have.
func (p *fieldPair) report(ch change) {
	if p.moved != nil && ch.rule != fieldRenumbered {
		ch.dims &= Wire
	}
	p.comparison.report(ch)
}

// compareName compares names, and the names in JSON that follow from them.
func (p *fieldPair) compareName() {
	sameName := p.old.Name() == p.new.Name()
	if p.old.IsExtension() {
		sameName = p.old.FullName() == p.new.FullName()
	}
	sameJSON := p.old.IsExtension() || p.old.JSONName() == p.new.JSONName()
	if !sameName {
		p.renamed(sameJSON)
	}
	if !sameJSON && (sameName || p.spelledJSONName()) {
		dims := JSON
		if p.pathBound() {
			dims = 0
		}
		p.report(change{
			rule: jsonNameChanged, buf: []string{"FIELD_SAME_JSON_NAME"}, dims: dims,
			message: fmt.Sprintf("%s changed its JSON name from %q to %q", p.name(), p.old.JSONName(), p.new.JSONName()),
			at:      firstOf(p.newAt(p.new, fieldJSONName), p.newAt(p.new)),
			before:  firstOf(p.oldAt(p.old, fieldJSONName), p.oldAt(p.old)),
		})
	}
}

// spelledJSONName reports whether a JSON name is written out, on either side.
func (p *fieldPair) spelledJSONName() bool {
	return p.newAt(p.new, fieldJSONName).exists() || p.oldAt(p.old, fieldJSONName).exists()
}

func (p *fieldPair) renamed(sameJSON bool) {
	ch := change{
		rule: fieldRenamed, buf: []string{"FIELD_SAME_NAME"}, dims: Source,
		message: fmt.Sprintf("%s was renamed to %s", p.name(), p.new.Name()),
		at:      p.newAt(p.new, fieldName), before: p.oldAt(p.old, fieldName),
	}
	if p.old.IsExtension() {
		ch.message = fmt.Sprintf("%s was renamed to %s", p.name(), p.new.FullName())
		ch.dims |= JSON
	}
	if !sameJSON {
		if !p.spelledJSONName() {
			ch.buf = append(ch.buf, "FIELD_SAME_JSON_NAME")
		}
		if !p.pathBound() {
			ch.dims |= JSON
			ch.message += fmt.Sprintf(": in JSON it is %q now, not %q", p.new.JSONName(), p.old.JSONName())
		}
	}
	switch {
	case p.moved != nil:
		ch.rule, ch.dims = fieldRenumbered, Wire
		ch.message = fmt.Sprintf("%s has number %d now, and its number went to %s: each side reads one for the other", p.name(), p.moved.Number(), p.new.Name())
		ch.related = append(ch.related, p.also(p.newAt(p.moved, fieldName), "it is here now"))
	case !p.old.IsExtension() && unlike(string(p.old.Name()), string(p.new.Name())):
		ch.rule, ch.dims, ch.likely = fieldReused, AllDimensions, true
		ch.message = fmt.Sprintf("%s seems to be another field now, %s: data that is stored or under way is taken for it", p.name(), p.new.Name())
	}
	p.report(ch)
}

// compareStrings compares how strings are checked and represented.
func (p *fieldPair) compareStrings() {
	if !stringLike(p.old) || !stringLike(p.new) {
		return
	}
	inMap := p.old.ContainingMessage().IsMapEntry() && p.new.ContainingMessage().IsMapEntry()
	if was, is := cppString(p.old), cppString(p.new); was != is && !inMap && !(was == "STRING_PIECE" && is == "STRING") {
		p.report(change{
			rule: generatedCodeChanged, buf: []string{"FIELD_SAME_CPP_STRING_TYPE"}, dims: Source,
			message: fmt.Sprintf("%s changed its C++ string type from %s to %s", p.name(), was, is),
			at:      cppStringPlace(p.newAt(p.new)), before: cppStringPlace(p.oldAt(p.old)),
		})
	}
	if p.old.Kind() != protoreflect.StringKind || p.new.Kind() != protoreflect.StringKind {
		return
	}
	if was, is := utf8(p.old), utf8(p.new); was != is {
		p.report(change{
			rule: stringValidationChanged, buf: []string{"FIELD_SAME_UTF8_VALIDATION"}, dims: Source,
			message: fmt.Sprintf("%s changed its UTF-8 validation from %s to %s", p.name(), was, is),
			at:      p.written(p.newAt(p.new), utf8Place), before: p.written(p.oldAt(p.old), utf8Place),
		})
	}
	if was, is := javaUTF8(p.old), javaUTF8(p.new); was != is {
		p.report(change{
			rule: stringValidationChanged, buf: []string{"FIELD_SAME_JAVA_UTF8_VALIDATION"}, dims: Source,
			message: fmt.Sprintf("%s changed its UTF-8 validation in Java from %s to %s", p.name(), was, is),
			at:      firstOf(javaFilePlace(p.newAt(p.new)), p.written(p.newAt(p.new), javaUTF8Place)),
			before:  firstOf(javaFilePlace(p.oldAt(p.old)), p.written(p.oldAt(p.old), javaUTF8Place)),
		})
	}
}

func stringLike(f protoreflect.FieldDescriptor) bool {
	return f.Kind() == protoreflect.StringKind || f.Kind() == protoreflect.BytesKind
}

func cppStringPlace(p place) place {
	ctype := place{p.file, append(append(protoreflect.SourcePath{}, p.path...), fieldOptions, optionCType)}
	return firstOf(ctype, optionAt(p, fieldOptions, optionFeatures, featureCpp, featureCppStringType), p)
}

// written finds the place of an option of a field by a function. The key and the
// value of a map have no options of their own.
func (p *fieldPair) written(field place, option func(place) place) place {
	if p.new.ContainingMessage().IsMapEntry() {
		return field
	}
	return option(field)
}

func utf8Place(p place) place {
	return firstOf(optionAt(p, fieldOptions, optionFeatures, featureUTF8), p)
}

func javaFilePlace(p place) place {
	return place{p.file, protoreflect.SourcePath{fileOptions, optionJavaCheckUTF8}}
}

func javaUTF8Place(p place) place {
	return firstOf(optionAt(p, fieldOptions, optionFeatures, featureJava, featureJavaUTF8), p)
}

func utf8(f protoreflect.FieldDescriptor) string {
	return descriptorpb.FeatureSet_Utf8Validation(feature(f, featureField("utf8_validation"))).String()
}

func (p *fieldPair) compareJSType() {
	if !is64Bit(p.old.Kind()) || !is64Bit(p.new.Kind()) {
		return
	}
	was, _ := p.old.Options().(*descriptorpb.FieldOptions)
	is, _ := p.new.Options().(*descriptorpb.FieldOptions)
	if was.GetJstype() == is.GetJstype() {
		return
	}
	p.report(change{
		rule: generatedCodeChanged, buf: []string{"FIELD_SAME_JSTYPE"}, dims: Source,
		message: fmt.Sprintf("%s changed its JavaScript type from %s to %s", p.name(), was.GetJstype(), is.GetJstype()),
		at:      firstOf(optionAt(p.newAt(p.new), fieldOptions, optionJSType), p.newAt(p.new)),
		before:  firstOf(optionAt(p.oldAt(p.old), fieldOptions, optionJSType), p.oldAt(p.old)),
	})
}

func is64Bit(k protoreflect.Kind) bool {
	switch k {
	case protoreflect.Int64Kind, protoreflect.Uint64Kind, protoreflect.Sint64Kind, protoreflect.Fixed64Kind, protoreflect.Sfixed64Kind:
		return true
	}
	return false
}
