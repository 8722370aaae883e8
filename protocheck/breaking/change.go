package breaking

import (
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/protocheck/source"
)

// A change is one difference, and whom it breaks.
type change struct {
	rule    string
	buf     []string   // the rules of buf that it breaks
	dims    Dimensions // none if it breaks nobody
	message string
	at      place        // in the new files
	gone    *source.File // or the old file or package that has no place there
	before  place        // in the old files
	related []finding.Related
	likely  bool // it rests on a guess
}

// report adds a change to the findings, unless its dimensions do not matter to the user.
func (c *comparison) report(ch change) {
	f := finding.Finding{
		Rule: ch.rule, Level: finding.Error, Strength: finding.Proven,
		Message: ch.message, Location: c.location(&ch), Properties: map[string]any{},
	}
	dims := ch.dims & c.opt.dimensions(f.File)
	switch {
	case dims != 0:
		f.Properties["verdict"] = "broken"
		f.Message += " (" + strings.Join(dims.Names(), ", ") + ")"
	case c.opt.All:
		f.Rule = compatibleChange
	default:
		return
	}
	if ch.likely {
		f.Strength = finding.Likely
	}
	f.Properties["dimensions"] = nonNil(dims.Names())
	switch len(ch.buf) {
	case 0:
	case 1:
		f.Properties["bufRule"] = ch.buf[0]
	default:
		f.Properties["bufRule"] = ch.buf
	}
	f.Related = append(c.previously(&ch), ch.related...)
	f.Suppressed = c.ignored(&ch)
	c.findings = append(c.findings, f)
}

func (o *Options) dimensions(file string) Dimensions {
	if o.Dimensions != nil {
		if dims := o.Dimensions(file); dims != 0 {
			return dims
		}
	}
	return AllDimensions
}

func nonNil(names []string) []string {
	if names == nil {
		return []string{}
	}
	return names
}

func (c *comparison) location(ch *change) finding.Location {
	if ch.gone != nil {
		return finding.Location{File: c.new.name(ch.gone.TreePath)}
	}
	return ch.at.location(c.new.name)
}

// previously points at the old place.
func (c *comparison) previously(ch *change) []finding.Related {
	if ch.before.file == nil {
		return nil
	}
	return []finding.Related{{Location: ch.before.location(c.old.name), Message: "before"}}
}

// also points at another place of the new files.
func (c *comparison) also(p place, message string) finding.Related {
	return finding.Related{Location: p.location(c.new.name), Message: message}
}

func quote[S ~string](s S) string { return strconv.Quote(string(s)) }

// A place is an element of a file, by its path in the descriptor of the file. A path
// that has no position, as the option that was removed, is that of the whole file.
type place struct {
	file *source.File
	path protoreflect.SourcePath
}

func (p place) location(name func(string) string) finding.Location {
	at := finding.Location{File: name(p.file.TreePath), Line: 1, Column: 1}
	loc := p.file.SourceLocations().ByPath(p.path)
	if len(p.path) == 0 || len(loc.Path) == 0 {
		return at
	}
	at.Line, at.Column = loc.StartLine+1, p.file.ByteColumn(loc.StartLine+1, loc.StartColumn+1)
	at.EndLine, at.EndColumn = loc.EndLine+1, p.file.ByteColumn(loc.EndLine+1, loc.EndColumn+1)
	return at
}

func (p place) exists() bool {
	return p.file != nil && len(p.file.SourceLocations().ByPath(p.path).Path) > 0
}

func (c *comparison) place(f *source.File, path protoreflect.SourcePath) place { return place{f, path} }

// newAt and oldAt are places of elements, or of parts of them.
func (c *comparison) newAt(d protoreflect.Descriptor, part ...int32) place {
	return place{c.new.fileOf[d.ParentFile()], partPath(d, part)}
}

func (c *comparison) oldAt(d protoreflect.Descriptor, part ...int32) place {
	return place{c.old.fileOf[d.ParentFile()], partPath(d, part)}
}

// partPath is the path of a part of an element. All that is written of the entry of a
// map is the type of the field.
func partPath(d protoreflect.Descriptor, part []int32) protoreflect.SourcePath {
	m, ok := d.(protoreflect.MessageDescriptor)
	if f, isField := d.(protoreflect.FieldDescriptor); isField && !f.IsExtension() {
		m, ok = f.ContainingMessage(), true
	}
	if ok && m.IsMapEntry() {
		part = []int32{fieldTypeName}
	}
	return append(pathOf(d), part...)
}

// firstOf returns the first of the places that is written in its file; the last if none is.
func firstOf(candidates ...place) place {
	for _, p := range candidates {
		if p.exists() {
			return p
		}
	}
	return candidates[len(candidates)-1]
}

// optionAt is the place of an option, or of a field within one. Where that is written
// as part of a literal which has no position of its own, it is the literal.
func optionAt(p place, options, option int32, within ...int32) place {
	least := len(p.path) + 2
	path := append(slices.Clone(p.path), options, option)
	path = append(path, within...)
	for ; len(path) >= least; path = path[:len(path)-1] {
		if q := (place{p.file, path}); q.exists() {
			return q
		}
	}
	return place{p.file, append(slices.Clone(p.path), options, option)}
}

// Numbers of fields in descriptor.proto, of which paths consist.
const (
	fileMessages, fileEnums, fileServices, fileExtensions, fileOptions = 4, 5, 6, 7, 8
	fileSyntax, fileEdition                                            = 12, 14
	messageFields, messageMessages, messageEnums, messageExtensions    = 2, 3, 4, 6
	messageOptions, messageOneofs                                      = 7, 8
	fieldName, fieldType, fieldTypeName, fieldDefault, fieldOptions    = 1, 5, 6, 7, 8
	fieldJSONName                                                      = 10
	enumValues, enumOptions, valueNumber                               = 2, 3, 2
	serviceMethods, methodInput, methodOutput, methodOptions           = 2, 2, 3, 4
	optionCType, optionJSType, optionFeatures                          = 1, 6, 21
	optionMessageFeatures, optionEnumFeatures, optionNoAccessor        = 12, 7, 2
	optionIdempotency, optionJavaCheckUTF8                             = 34, 27
	featureEnumType, featureUTF8, featureJSON, featureCpp, featureJava = 2, 4, 6, 1000, 1001
	featureCppStringType, featureJavaUTF8                              = 2, 2
)

var filePackagePath = protoreflect.SourcePath{2}

// pathOf is the path of an element in the descriptor of its file. The entry of a map
// is written nowhere but in the field.
func pathOf(d protoreflect.Descriptor) protoreflect.SourcePath {
	parent := d.Parent()
	if m, ok := parent.(protoreflect.MessageDescriptor); ok && m.IsMapEntry() {
		d, parent = m, m.Parent()
	}
	if m, ok := d.(protoreflect.MessageDescriptor); ok && m.IsMapEntry() {
		if f := fieldOf(m); f != nil {
			d = f
		}
	}
	if parent == nil {
		return nil
	}
	_, top := parent.(protoreflect.FileDescriptor)
	var field int32
	switch d := d.(type) {
	case protoreflect.MessageDescriptor:
		field = choose(top, fileMessages, messageMessages)
	case protoreflect.EnumDescriptor:
		field = choose(top, fileEnums, messageEnums)
	case protoreflect.ServiceDescriptor:
		field = fileServices
	case protoreflect.MethodDescriptor:
		field = serviceMethods
	case protoreflect.EnumValueDescriptor:
		field = enumValues
	case protoreflect.OneofDescriptor:
		field = messageOneofs
	case protoreflect.FieldDescriptor:
		field = messageFields
		if d.IsExtension() {
			field = choose(top, fileExtensions, messageExtensions)
		}
	}
	return append(pathOf(parent), field, int32(d.Index()))
}

// fieldOf finds the map field that an entry belongs to.
func fieldOf(entry protoreflect.MessageDescriptor) protoreflect.FieldDescriptor {
	m, ok := entry.Parent().(protoreflect.MessageDescriptor)
	if !ok {
		return nil
	}
	for i := range m.Fields().Len() {
		if f := m.Fields().Get(i); f.Message() == entry {
			return f
		}
	}
	return nil
}

func choose(first bool, a, b int32) int32 {
	if first {
		return a
	}
	return b
}
