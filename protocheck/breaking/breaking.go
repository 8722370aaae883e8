// Package breaking compares two states of .proto files and reports what breaks
// those who rely on the older one: peers that exchange the binary encoding, peers
// that exchange JSON, and code that is compiled against newly generated code.
package breaking

import (
	"path"
	"slices"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/protocheck/source"
)

// Options are what the user decides. The zero value reports everything.
type Options struct {
	// Dimensions are those that matter for changes in a file, by what findings call
	// it; all do if it is nil, or returns zero.
	Dimensions func(file string) Dimensions
	// All adds changes that break nothing, as findings of the rule CompatibleChange.
	All bool
	// OldName and NewName turn the path of a file into what findings call it; nil
	// leaves it as it is.
	OldName, NewName func(file string) string
}

// Compare reports what changed from the old to the new state, sorted. The old
// snapshot holds the files that were changed or removed, the new one those that were
// changed or added; files that are the same in both may be left out of both.
func Compare(old, new *source.Snapshot, opt Options) []finding.Finding {
	c := &comparison{
		opt: opt,
		old: newSide(old, opt.OldName), new: newSide(new, opt.NewName),
		equal: map[typePair]Dimensions{}, elsewhereUsed: map[*source.File][2]map[protoreflect.FullName]bool{},
	}
	c.leaveOutFailed()
	c.pairFiles()
	c.comparePackages()
	c.compareFiles()
	c.compareMessages()
	c.compareExtensions()
	c.compareEnums()
	c.compareServices()
	finding.Sort(c.findings)
	return c.findings
}

// A comparison is one run of Compare.
type comparison struct {
	opt      Options
	old, new *side
	pairs    []filePair
	pairOf   map[*source.File]*source.File // new file by old
	findings []finding.Finding

	unknown   map[protoreflect.FullName]bool // packages of new files that could not be compiled
	elsewhere map[string]bool                // packages of new files that are not compared; nil until asked
	equal     map[typePair]Dimensions        // what was found out about pairs of messages
	requests  map[protoreflect.FullName]bool // messages that old requests hold; nil until asked
	responses map[protoreflect.FullName]bool // messages that old responses hold, and new ones of either kind
	// elsewhereUsed caches what usageElsewhere finds.
	elsewhereUsed map[*source.File][2]map[protoreflect.FullName]bool
}

type filePair struct{ old, new *source.File }

// A side is one of the states.
type side struct {
	snapshot *source.Snapshot
	name     func(string) string
	files    []*source.File
	fileOf   map[protoreflect.FileDescriptor]*source.File
	packages map[protoreflect.FullName]bool

	messages   map[protoreflect.FullName][]protoreflect.MessageDescriptor
	enums      map[protoreflect.FullName][]protoreflect.EnumDescriptor
	services   map[protoreflect.FullName][]protoreflect.ServiceDescriptor
	extensions []protoreflect.FieldDescriptor
	referenced map[protoreflect.FullName]bool // see references
}

func newSide(s *source.Snapshot, name func(string) string) *side {
	if name == nil {
		name = func(file string) string { return file }
	}
	d := &side{
		snapshot: s, name: name, files: s.Files,
		fileOf:   make(map[protoreflect.FileDescriptor]*source.File, len(s.Files)),
		packages: map[protoreflect.FullName]bool{},
		messages: map[protoreflect.FullName][]protoreflect.MessageDescriptor{},
		enums:    map[protoreflect.FullName][]protoreflect.EnumDescriptor{},
		services: map[protoreflect.FullName][]protoreflect.ServiceDescriptor{},
	}
	for _, f := range s.Files {
		d.index(f)
	}
	return d
}

func (d *side) index(f *source.File) {
	d.fileOf[f.FileDescriptor] = f
	d.packages[f.Package()] = true
	source.EachType(f,
		func(m protoreflect.MessageDescriptor) {
			d.messages[m.FullName()] = append(d.messages[m.FullName()], m)
			d.extensions = appendExtensions(d.extensions, m.Extensions())
		},
		func(e protoreflect.EnumDescriptor) { d.enums[e.FullName()] = append(d.enums[e.FullName()], e) },
	)
	d.extensions = appendExtensions(d.extensions, f.Extensions())
	for i := range f.Services().Len() {
		s := f.Services().Get(i)
		d.services[s.FullName()] = append(d.services[s.FullName()], s)
	}
}

func appendExtensions(all []protoreflect.FieldDescriptor, more protoreflect.ExtensionDescriptors) []protoreflect.FieldDescriptor {
	for i := range more.Len() {
		all = append(all, more.Get(i))
	}
	return all
}

// leaveOutFailed takes the old states of files out that are still there and cannot be
// compiled: they are not gone. What they declare may be anything of their packages.
func (c *comparison) leaveOutFailed() {
	failed := c.new.snapshot.Failed()
	c.old.files = slices.DeleteFunc(slices.Clone(c.old.files), func(f *source.File) bool {
		_, still := failed[f.TreePath]
		return still
	})
	c.unknown = map[protoreflect.FullName]bool{}
	for _, pkg := range failed {
		c.unknown[protoreflect.FullName(pkg)] = true
	}
}

// pairFiles pairs files of the same path, and then those whose import folder moved.
func (c *comparison) pairFiles() {
	c.pairOf = map[*source.File]*source.File{}
	byName, byPath := map[string]*source.File{}, map[string]*source.File{}
	for _, f := range c.new.files {
		byName[f.TreePath] = f
	}
	for _, f := range c.old.files {
		if n := byName[f.TreePath]; n != nil {
			c.pair(f, n)
			delete(byName, f.TreePath)
		}
	}
	for _, f := range byName {
		if other := byPath[f.Path()]; other == nil || f.TreePath < other.TreePath {
			byPath[f.Path()] = f
		}
	}
	for _, f := range c.old.files {
		n := byPath[f.Path()]
		if c.pairOf[f] == nil && n != nil && f.Root != n.Root {
			c.pair(f, n)
			delete(byPath, f.Path())
		}
	}
}

func (c *comparison) pair(old, new *source.File) {
	c.pairOf[old] = new
	c.pairs = append(c.pairs, filePair{old, new})
}

// counterpart picks, of the descriptors with the name of an old one, that in the
// file which its file became, or in the same import folder, or any.
func counterpart[D protoreflect.Descriptor](c *comparison, old protoreflect.Descriptor, candidates []D) (found D, ok bool) {
	if len(candidates) == 0 {
		return found, false
	}
	file := c.old.fileOf[old.ParentFile()]
	if len(candidates) == 1 || file == nil {
		return candidates[0], true
	}
	for _, d := range candidates {
		if n := c.new.fileOf[d.ParentFile()]; n != nil && n == c.pairOf[file] {
			return d, true
		}
	}
	for _, d := range candidates {
		if n := c.new.fileOf[d.ParentFile()]; n != nil && n.Root == file.Root {
			return d, true
		}
	}
	return candidates[0], true
}

// comparePackages reports packages that have no file any more.
func (c *comparison) comparePackages() {
	first := map[protoreflect.FullName]*source.File{}
	callable := map[protoreflect.FullName]bool{}
	for _, f := range c.old.files {
		if c.new.packages[f.Package()] {
			continue
		}
		if first[f.Package()] == nil {
			first[f.Package()] = f
		}
		callable[f.Package()] = callable[f.Package()] || f.Services().Len() > 0 || c.holdsPayload(f)
	}
	if len(first) == 0 {
		return
	}
	for name, f := range first {
		if c.unknown[name] || c.packageExists(name) {
			continue
		}
		dims := Source
		if callable[name] {
			dims |= Wire | JSON
		}
		c.report(change{
			rule: packageRemoved, buf: []string{"PACKAGE_NO_DELETE"}, dims: dims,
			message: "the package " + quote(name) + " is gone: no file declares it" + c.movedPackage(f),
			gone:    f, before: c.place(f, filePackagePath),
		})
	}
}

// movedPackage says where the package of a file went, if a file of the same base
// name with the same services or messages is new in another package.
func (c *comparison) movedPackage(f *source.File) string {
	for _, n := range c.new.files {
		if path.Base(n.TreePath) == path.Base(f.TreePath) && n.Package() != f.Package() && sameTopLevel(f, n) {
			return ", it seems to be " + quote(n.Package()) + " now; callers of /" + string(f.Package()) + ".… are refused"
		}
	}
	return ""
}

func sameTopLevel(a, b *source.File) bool {
	return slices.Equal(topLevelNames(a), topLevelNames(b))
}

func topLevelNames(f *source.File) []string {
	var names []string
	for i := range f.Services().Len() {
		names = append(names, string(f.Services().Get(i).Name()))
	}
	for i := range f.Messages().Len() {
		names = append(names, string(f.Messages().Get(i).Name()))
	}
	slices.Sort(names)
	return names
}
