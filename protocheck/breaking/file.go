package breaking

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/bufbuild/protocompile/protoutil"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/commslint/commslint/protocheck/source"
)

// compareFiles compares what belongs to files, and what they declare.
func (c *comparison) compareFiles() {
	for _, f := range c.old.files {
		n := c.pairOf[f]
		if n == nil {
			c.report(change{
				rule: fileRemoved, buf: []string{"FILE_NO_DELETE"}, dims: Source,
				message: fmt.Sprintf("the file %s is gone: files that import it are not compiled any more", f.Path()),
				gone:    f, before: place{file: f},
			})
		} else {
			c.compareSyntax(f, n)
			c.compareFileOptions(f, n)
			c.comparePackageOf(f, n)
		}
		c.compareDeclared(f, n)
	}
}

func (c *comparison) comparePackageOf(f, n *source.File) {
	if f.Package() == n.Package() {
		return
	}
	c.report(change{
		rule: packageChanged, buf: []string{"FILE_SAME_PACKAGE"}, dims: AllDimensions,
		message: fmt.Sprintf("the package changed from %q to %q: paths of rpcs, type URLs and generated names with it", f.Package(), n.Package()),
		at:      place{n, filePackagePath}, before: place{f, filePackagePath},
	})
}

// compareSyntax reports a change of the syntax, or of the edition. It breaks nobody
// if the file means the same: by default it then has the same features.
func (c *comparison) compareSyntax(f, n *source.File) {
	was, is := syntaxName(f), syntaxName(n)
	if was == is {
		return
	}
	dims := Source
	if sameFeatures(f, n) {
		dims = 0
	}
	c.report(change{
		rule: syntaxChanged, buf: []string{"FILE_SAME_SYNTAX"}, dims: dims,
		message: fmt.Sprintf("the syntax changed from %s to %s, and with it what fields and enums mean by default", was, is),
		at:      syntaxPlace(n), before: syntaxPlace(f),
	})
}

func syntaxPlace(f *source.File) place {
	return firstOf(place{f, protoreflect.SourcePath{fileSyntax}}, place{f, protoreflect.SourcePath{fileEdition}})
}

func syntaxName(f *source.File) string {
	if f.Syntax() == protoreflect.Editions {
		return "edition " + f.Edition
	}
	return f.Syntax().String()
}

// sameFeatures reports whether two files have the same features where nothing below
// the file says otherwise.
func sameFeatures(f, n *source.File) bool {
	for _, name := range []protoreflect.Name{"field_presence", "enum_type", "repeated_field_encoding", "utf8_validation", "message_encoding", "json_format"} {
		if feature(f, featureField(name)) != feature(n, featureField(name)) {
			return false
		}
	}
	return true
}

// feature is the number of the value of a feature that holds for an element.
func feature(d protoreflect.Descriptor, f protoreflect.FieldDescriptor) protoreflect.EnumNumber {
	v, err := protoutil.ResolveFeature(d, f)
	if err != nil {
		return 0
	}
	return v.Enum()
}

// A fileOption is an option of files whose value generated code depends on.
type fileOption struct {
	field int32 // in google.protobuf.FileOptions
	rule  string
}

var fileOptionRules = []fileOption{
	{1, "FILE_SAME_JAVA_PACKAGE"},
	{8, "FILE_SAME_JAVA_OUTER_CLASSNAME"},
	{9, "FILE_SAME_OPTIMIZE_FOR"},
	{10, "FILE_SAME_JAVA_MULTIPLE_FILES"},
	{11, "FILE_SAME_GO_PACKAGE"},
	{16, "FILE_SAME_CC_GENERIC_SERVICES"},
	{17, "FILE_SAME_JAVA_GENERIC_SERVICES"},
	{18, "FILE_SAME_PY_GENERIC_SERVICES"},
	{31, "FILE_SAME_CC_ENABLE_ARENAS"},
	{36, "FILE_SAME_OBJC_CLASS_PREFIX"},
	{37, "FILE_SAME_CSHARP_NAMESPACE"},
	{39, "FILE_SAME_SWIFT_PREFIX"},
	{40, "FILE_SAME_PHP_CLASS_PREFIX"},
	{41, "FILE_SAME_PHP_NAMESPACE"},
	{44, "FILE_SAME_PHP_METADATA_NAMESPACE"},
	{45, "FILE_SAME_RUBY_PACKAGE"},
}

func (c *comparison) compareFileOptions(f, n *source.File) {
	was, is := optionsOf(f), optionsOf(n)
	for _, o := range fileOptionRules {
		fd := (*descriptorpb.FileOptions)(nil).ProtoReflect().Descriptor().Fields().ByNumber(protoreflect.FieldNumber(o.field))
		before, after := optionText(was, fd), optionText(is, fd)
		if before == after {
			continue
		}
		c.report(change{
			rule: fileOptionChanged, buf: []string{o.rule}, dims: Source,
			message: fmt.Sprintf("the option %s changed from %s to %s: generated code is found under another name or looks different", fd.Name(), before, after),
			at:      place{n, protoreflect.SourcePath{fileOptions, o.field}}, before: place{f, protoreflect.SourcePath{fileOptions, o.field}},
		})
	}
}

// optionsOf reads the options of an element.
func optionsOf(d protoreflect.Descriptor) protoreflect.Message {
	return d.Options().ProtoReflect()
}

func optionText(options protoreflect.Message, fd protoreflect.FieldDescriptor) string {
	if !options.IsValid() {
		options = options.New()
	}
	v := options.Get(fd)
	if fd.Kind() == protoreflect.EnumKind {
		return string(fd.Enum().Values().ByNumber(v.Enum()).Name())
	}
	if fd.Kind() == protoreflect.StringKind {
		return strconv.Quote(v.String())
	}
	return v.String()
}

// nested is the name of an element without the package of its file.
func nested(d protoreflect.Descriptor) string {
	name, pkg := string(d.FullName()), string(d.ParentFile().Package())
	if pkg == "" {
		return name
	}
	return strings.TrimPrefix(name, pkg+".")
}
