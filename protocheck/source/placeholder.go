package source

import (
	"bytes"
	"slices"
	"strings"

	"github.com/bufbuild/protocompile/parser"
	"github.com/bufbuild/protocompile/reporter"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
)

// IsUnknown reports whether a type stands for one that is not known, as it may come
// from an import that is not found.
func IsUnknown(d protoreflect.Descriptor) bool { return d.FullName() == unknownType }

// A nameSet holds full names that a file declares.
type nameSet map[string]bool

// isPartial reports whether names that a file uses may be declared where they cannot be
// seen: in an import that is not found, or that is only there in part.
func (g *group) isPartial(imported string) bool {
	if len(g.gone[imported]) > 0 {
		return true
	}
	seen := map[string]bool{imported: true}
	return slices.ContainsFunc(g.header(g.at[imported]).imports, func(imp importStatement) bool { return g.hides(imp.path, seen) })
}

// hides reports whether not all that a file declares, or passes on, is seen.
func (g *group) hides(imported string, seen map[string]bool) bool {
	name, ok := g.at[imported]
	if !ok || seen[imported] {
		return false
	}
	seen[imported] = true
	isPublic := func(imp importStatement) bool { return imp.public }
	return isBuiltin(name) || slices.ContainsFunc(g.gone[imported], isPublic) ||
		slices.ContainsFunc(g.header(name).imports, func(imp importStatement) bool { return imp.public && g.hides(imp.path, seen) })
}

// fillIn takes out of a file what it needs of imports that are not there: options go,
// and types are replaced by one that is not known.
func (g *group) fillIn(imported string, file *descriptorpb.FileDescriptorProto) {
	f := &filler{group: g, importer: imported, visible: g.visibleTo(imported, file)}
	gone := map[string]bool{}
	for _, imp := range g.gone[imported] {
		gone[imp.path] = true
		if !isExternal(g.at[imported]) {
			g.noteMissing(imp, g.at[imported])
		}
	}
	dropDependencies(file, gone)
	f.options(file.ProtoReflect(), file.GetPackage())
	f.messages(file.GetMessageType(), file.GetPackage())
	file.Extension = f.extensions(file.GetExtension(), file.GetPackage())
	for _, s := range file.GetService() {
		for _, m := range s.GetMethod() {
			f.method(m, qualify(file.GetPackage(), s.GetName()))
		}
	}
	if f.used {
		file.Dependency = append(file.Dependency, unknownFile)
	}
}

// dropDependencies takes imports out of a file.
func dropDependencies(file *descriptorpb.FileDescriptorProto, gone map[string]bool) {
	at := map[int32]int32{} // new places by old ones
	var kept []string
	for i, dep := range file.Dependency {
		if !gone[dep] {
			at[int32(i)] = int32(len(kept))
			kept = append(kept, dep)
		}
	}
	move := func(list []int32) []int32 {
		var moved []int32
		for _, i := range list {
			if to, ok := at[i]; ok {
				moved = append(moved, to)
			}
		}
		return moved
	}
	file.Dependency, file.PublicDependency, file.WeakDependency = kept, move(file.PublicDependency), move(file.WeakDependency)
}

// A filler replaces what one file needs and cannot have.
type filler struct {
	*group
	importer string
	visible  nameSet
	used     bool // something was replaced by the unknown type
}

func (f *filler) messages(list []*descriptorpb.DescriptorProto, scope string) {
	for _, m := range list {
		inside := qualify(scope, m.GetName())
		for _, field := range m.GetField() {
			f.field(field, inside)
		}
		m.Extension = f.extensions(m.GetExtension(), inside)
		f.messages(m.GetNestedType(), inside)
	}
}

func (f *filler) field(field *descriptorpb.FieldDescriptorProto, scope string) {
	if field.GetTypeName() == "" || f.resolves(field.GetTypeName(), scope) {
		return
	}
	f.lost(field.GetTypeName(), false)
	field.TypeName, field.Type, field.DefaultValue = proto.String("."+unknownType), descriptorpb.FieldDescriptorProto_TYPE_MESSAGE.Enum(), nil
	f.used = true
	if field.Options != nil {
		field.Options.Packed = nil
		// They are for enums and numbers, and the unknown type is neither.
		field.Options.UninterpretedOption = slices.DeleteFunc(field.Options.UninterpretedOption, func(o *descriptorpb.UninterpretedOption) bool {
			return len(o.Name) == 1 && (o.Name[0].GetNamePart() == "default" || o.Name[0].GetNamePart() == "packed")
		})
	}
}

// extensions leaves those out that extend what is not known.
func (f *filler) extensions(list []*descriptorpb.FieldDescriptorProto, scope string) []*descriptorpb.FieldDescriptorProto {
	return slices.DeleteFunc(list, func(x *descriptorpb.FieldDescriptorProto) bool {
		if !f.resolves(x.GetExtendee(), scope) {
			f.lost(x.GetExtendee(), false)
			return true
		}
		f.field(x, scope)
		return false
	})
}

func (f *filler) method(m *descriptorpb.MethodDescriptorProto, scope string) {
	for _, name := range []**string{&m.InputType, &m.OutputType} {
		if *name != nil && !f.resolves(**name, scope) {
			f.lost(**name, false)
			*name = proto.String("." + unknownType)
			f.used = true
		}
	}
}

// options drops, of an element and all in it, the custom options that are not known.
func (f *filler) options(m protoreflect.Message, scope string) {
	inside := scope
	switch e := m.Interface().(type) {
	case *descriptorpb.DescriptorProto:
		inside = qualify(scope, e.GetName())
	case *descriptorpb.EnumDescriptorProto:
		inside = qualify(scope, e.GetName())
	case *descriptorpb.ServiceDescriptorProto:
		inside = qualify(scope, e.GetName())
	}
	m.Range(func(fd protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		if fd.Kind() != protoreflect.MessageKind || fd.IsMap() {
			return true
		}
		if !fd.IsList() {
			f.options(v.Message(), inside)
			return true
		}
		list := v.List()
		kept := 0
		for i := range list.Len() {
			if o, ok := list.Get(i).Message().Interface().(*descriptorpb.UninterpretedOption); ok && !f.knows(o, inside) {
				continue
			}
			f.options(list.Get(i).Message(), inside)
			list.Set(kept, list.Get(i))
			kept++
		}
		list.Truncate(kept)
		return true
	})
}

func (f *filler) knows(o *descriptorpb.UninterpretedOption, scope string) bool {
	for _, part := range o.GetName() {
		if part.GetIsExtension() && !f.resolves(part.GetNamePart(), scope) {
			f.lost(part.GetNamePart(), true)
			return false
		}
	}
	return true
}

// resolves reports whether a name means something where it stands: from the innermost
// scope outwards (https://protobuf.dev/reference/protobuf/proto3-spec/).
func (f *filler) resolves(name, scope string) bool {
	if full, ok := strings.CutPrefix(name, "."); ok {
		return f.visible[full]
	}
	for {
		if f.visible[qualify(scope, name)] {
			return true
		}
		if scope == "" {
			return false
		}
		scope = scope[:max(strings.LastIndexByte(scope, '.'), 0)]
	}
}

func qualify(scope, name string) string {
	if scope == "" {
		return name
	}
	return scope + "." + name
}

// visibleTo collects the names that a file can use.
func (g *group) visibleTo(imported string, file *descriptorpb.FileDescriptorProto) nameSet {
	visible := namesIn(file)
	seen := map[string]bool{imported: true}
	for _, dep := range file.GetDependency() {
		g.addExported(dep, visible, seen)
	}
	return visible
}

// addExported adds what a file declares and imports publicly.
func (g *group) addExported(imported string, to nameSet, seen map[string]bool) {
	if seen[imported] {
		return
	}
	seen[imported] = true
	for name := range g.declares(imported) {
		to[name] = true
	}
	name, ok := g.at[imported]
	if !ok {
		return
	}
	for _, imp := range g.header(name).imports {
		if imp.public {
			g.addExported(imp.path, to, seen)
		}
	}
}

// declares parses a file for the names in it.
func (g *group) declares(imported string) nameSet {
	if known, ok := g.symbols[imported]; ok {
		return known
	}
	g.symbols[imported] = nil
	if file := g.protoOf(imported); file != nil {
		g.symbols[imported] = namesIn(file)
	}
	return g.symbols[imported]
}

func (g *group) protoOf(imported string) *descriptorpb.FileDescriptorProto {
	if file := g.compiled[imported]; file != nil {
		return file
	}
	name, ok := g.at[imported]
	if !ok {
		if found, err := standardFiles.FindFileByPath(imported); err == nil && found.Desc != nil {
			return protodesc.ToFileDescriptorProto(found.Desc)
		}
		return nil
	}
	text, err := g.read(name)
	if err != nil {
		return nil
	}
	if lowered, ok := lowerEdition2024(text); ok {
		text = lowered.text
	}
	// Mistakes are reported when the file is compiled.
	tolerant := reporter.NewHandler(reporter.NewReporter(func(reporter.ErrorWithPos) error { return nil }, nil))
	file, err := parser.Parse(imported, bytes.NewReader(text), tolerant)
	if file == nil || err != nil {
		return nil
	}
	parsed, err := parser.ResultFromAST(file, false, tolerant)
	if err != nil {
		return nil
	}
	return parsed.FileDescriptorProto()
}

// namesIn lists what a file declares that others may name: types and extensions.
func namesIn(file *descriptorpb.FileDescriptorProto) nameSet {
	found := nameSet{}
	add := func(scope string, enums []*descriptorpb.EnumDescriptorProto, extensions []*descriptorpb.FieldDescriptorProto) {
		for _, e := range enums {
			found[qualify(scope, e.GetName())] = true
		}
		for _, x := range extensions {
			found[qualify(scope, x.GetName())] = true
		}
	}
	var nested func(list []*descriptorpb.DescriptorProto, scope string)
	nested = func(list []*descriptorpb.DescriptorProto, scope string) {
		for _, m := range list {
			inside := qualify(scope, m.GetName())
			found[inside] = true
			add(inside, m.GetEnumType(), m.GetExtension())
			nested(m.GetNestedType(), inside)
		}
	}
	add(file.GetPackage(), file.GetEnumType(), file.GetExtension())
	nested(file.GetMessageType(), file.GetPackage())
	return found
}
