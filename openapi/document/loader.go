package document

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/tree"
)

const (
	// maxFiles bounds the files of one document. DigitalOcean's, the one of most files among
	// those published, has about 2900.
	maxFiles = 20_000
	// maxHops bounds the references that lead from one to the next.
	maxHops = 100
)

// A Loader reads the files of a document and finds what references lead to. It fetches nothing
// from the network. It is no good for several goroutines at once.
type Loader struct {
	read  func(path string) ([]byte, error)
	files map[string]*loadedFile
	found map[reference]target
	// selves are the files by what they call themselves: $self of 3.2.
	selves  map[string]*tree.File
	speller speller
	depth   int // of references that lead through references
}

type loadedFile struct {
	file *tree.File
	err  error

	hasIDs  bool
	indexed bool
	anchors map[anchorKey]*tree.Node
	ids     map[string]*tree.Node
	uris    map[*tree.Node]string // of resources
}

// anchorKey is an anchor's name in the schema resource (or file) that it belongs to.
type anchorKey struct {
	base *tree.Node
	name string
}

// A reference is a $ref in the resource where it stands.
type reference struct {
	base *tree.Node
	ref  string
}

type target struct {
	node *tree.Node
	err  error
}

// NewLoader returns a loader that gets files from read, by slash-separated paths that are made
// of the document's own path and of what references say.
func NewLoader(read func(path string) ([]byte, error)) *Loader {
	return &Loader{
		read:    read,
		files:   map[string]*loadedFile{},
		found:   map[reference]target{},
		selves:  map[string]*tree.File{},
		speller: speller{maxSpelling},
	}
}

// file reads a file once.
func (l *Loader) file(name string) (*tree.File, error) {
	if f := l.files[name]; f != nil {
		return f.file, f.err
	}
	if len(l.files) >= maxFiles {
		return nil, fmt.Errorf("the document refers to more than %d files", maxFiles)
	}
	loaded := &loadedFile{}
	l.files[name] = loaded
	text, err := l.read(name)
	if err != nil {
		loaded.err = err
		return nil, err
	}
	loaded.file, loaded.err = tree.Parse(name, text)
	if loaded.err == nil && loaded.file.Root == nil {
		loaded.err = fmt.Errorf("%s is empty", name)
	}
	loaded.hasIDs = bytes.Contains(text, []byte("$id"))
	if self := loaded.file.Root.Get("$self"); loaded.err == nil && self != nil && self.Kind == tree.String {
		l.selves[withoutFragment(self.Text)] = loaded.file
	}
	return loaded.file, loaded.err
}

// Files are the files that were read, in the order of their names.
func (l *Loader) Files() []*tree.File {
	var files []*tree.File
	for _, f := range l.files {
		if f.file != nil {
			files = append(files, f.file)
		}
	}
	slices.SortFunc(files, func(a, b *tree.File) int { return strings.Compare(a.Name, b.Name) })
	return files
}

func withoutFragment(ref string) string {
	before, _, _ := strings.Cut(ref, "#")
	return before
}

// Resolve returns the node that a reference leads to, which may itself be a reference. The
// error says why it leads nowhere, without naming the place.
func (l *Loader) Resolve(from *tree.Node, ref string) (*tree.Node, error) {
	key := reference{base: l.base(from), ref: ref}
	if found, ok := l.found[key]; ok {
		return found.node, found.err
	}
	// A reference that needs itself on its way, as "#/a/b" in the object at #/a, leads nowhere.
	l.found[key] = target{err: errors.New("its references lead in a circle")}
	l.found[key] = target{nil, errCircle} // until it is known better
	if l.depth > maxHops {
		return nil, errCircle
	}
	l.depth++
	node, err := l.resolve(key.base, ref)
	l.depth--
	l.found[key] = target{node, err}
	return node, err
}

var errCircle = errors.New("its references lead in a circle, or too far")

// base is the root of the schema resource in which a node stands: the nearest node around it
// with an $id, or the root of the file.
func (l *Loader) base(n *tree.Node) *tree.Node {
	if f := l.files[n.File.Name]; f == nil || !f.hasIDs {
		return n.File.Root
	}
	for ; n.Parent != nil; n = n.Parent {
		if isResource(n) {
			return n
		}
	}
	return n
}

// isResource reports whether a schema has an identifier, so that references in it start from there.
func isResource(n *tree.Node) bool {
	id := n.Get("$id")
	return id != nil && id.Kind == tree.String && withoutFragment(id.Text) != ""
}

func (l *Loader) resolve(base *tree.Node, ref string) (*tree.Node, error) {
	address, fragment, _ := strings.Cut(ref, "#")
	root := base
	if address != "" {
		var err error
		if root, err = l.resource(base, address); err != nil {
			return nil, err
		}
	}
	if fragment != "" && !strings.HasPrefix(fragment, "/") {
		return l.anchor(root, fragment)
	}
	return l.pointer(root, fragment)
}

// resource returns the root of the file, or of the schema with an $id, that an address names.
func (l *Loader) resource(base *tree.Node, address string) (*tree.Node, error) {
	if f := l.selves[address]; f != nil {
		return f.Root, nil
	}
	if n := l.byID(base, address); n != nil {
		return n, nil
	}
	name, err := l.fileName(base.File, address)
	if err != nil {
		return nil, err
	}
	f, err := l.file(name)
	switch parse := (*tree.Error)(nil); {
	case err == nil:
		return f.Root, nil
	case errors.As(err, &parse):
		return nil, fmt.Errorf("the file cannot be read: %w", err)
	default:
		return nil, fmt.Errorf("there is no file %s", name)
	}
}

// within is an address in full, in a resource of a URI; the address itself if that has none.
func within(uri, address string) string {
	if uri == "" {
		return address
	}
	around, err := url.Parse(uri)
	if err != nil || len(uri) > maxURI {
		return address
	}
	u, err := around.Parse(address)
	if err != nil {
		return address
	}
	return u.String()
}

// maxURI bounds the identifiers that are put together: relative ones in each other get longer and longer.
const maxURI = 10_000

// fileName is the path of the file that an address names in a reference in another file.
func (l *Loader) fileName(from *tree.File, address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return path.Join(path.Dir(from.Name), address), nil
	}
	if u.Scheme != "" && len(u.Scheme) > 1 || u.Host != "" {
		if self := from.Root.Get("$self"); self != nil {
			dir := self.Text[:strings.LastIndexByte(self.Text, '/')+1]
			if rest, ok := strings.CutPrefix(address, dir); ok && dir != "" {
				return path.Join(path.Dir(from.Name), rest), nil
			}
		}
		return "", fmt.Errorf("it leads to the network, from which nothing is fetched: keep a copy beside the document and refer to that")
	}
	return path.Join(path.Dir(from.Name), u.Path), nil
}

// byID returns the schema of a file that an address in the resource base names by its $id.
func (l *Loader) byID(base *tree.Node, address string) *tree.Node {
	loaded := l.index(base.File)
	if loaded == nil || loaded.ids == nil {
		return nil
	}
	return loaded.ids[within(loaded.uris[base], address)]
}

func (l *Loader) anchor(root *tree.Node, name string) (*tree.Node, error) {
	if decoded, err := url.PathUnescape(name); err == nil {
		name = decoded
	}
	if loaded := l.index(root.File); loaded != nil {
		if n := loaded.anchors[anchorKey{root, name}]; n != nil {
			return n, nil
		}
	}
	return nil, fmt.Errorf("no schema has the $anchor %q; a reference into the document begins with #/", name)
}

// index finds the identifiers and anchors of a file, once.
func (l *Loader) index(f *tree.File) *loadedFile {
	loaded := l.files[f.Name]
	if loaded == nil || loaded.indexed {
		return loaded
	}
	loaded.indexed = true
	if !bytes.Contains(f.Text, []byte("$id")) && !bytes.Contains(f.Text, []byte("nchor")) {
		return loaded
	}
	loaded.anchors, loaded.ids, loaded.uris = map[anchorKey]*tree.Node{}, map[string]*tree.Node{}, map[*tree.Node]string{}
	if id := f.Root.Get("$id"); id != nil && id.Kind == tree.String {
		loaded.uris[f.Root] = withoutFragment(id.Text)
	}
	loaded.collect(f.Root, f.Root)
	return loaded
}

func (f *loadedFile) collect(n, base *tree.Node) {
	if n.Parent != nil && isResource(n) {
		uri := within(f.uris[base], withoutFragment(n.Get("$id").Text))
		base = n
		f.ids[uri], f.uris[n] = n, uri
	}
	for _, keyword := range []string{"$anchor", "$dynamicAnchor"} {
		if name := n.Get(keyword); name != nil && name.Kind == tree.String {
			f.anchors[anchorKey{base, name.Text}] = n
		}
	}
	for _, m := range n.Members {
		if m.Value.Parent == n && !holdsValues(n, m.Key) {
			f.collect(m.Value, base)
		}
	}
	for _, item := range n.Items {
		if item.Parent == n {
			f.collect(item, base)
		}
	}
}

// holdsValues says whether a key of an object holds instances instead of schemas, in which $id
// and $anchor mean nothing. In an object of named schemas every key is a name.
func holdsValues(n *tree.Node, key string) bool {
	switch n.Key() {
	case "properties", "patternProperties", "dependentSchemas", "$defs", "definitions", "schemas":
		return false
	}
	switch key {
	case "enum", "const", "default", "example", "examples":
		return true
	}
	return false
}

// pointer follows a JSON pointer (RFC 6901) in a fragment, where percent signs are escapes. Where
// it leads through a reference, that is followed.
func (l *Loader) pointer(root *tree.Node, fragment string) (*tree.Node, error) {
	n, done := root, ""
	for hops, rest := 0, strings.TrimPrefix(fragment, "/"); fragment != "" && fragment != "/"; {
		part, after, more := strings.Cut(rest, "/")
		next := step(n, part)
		if ref := refOf(n); next == nil && ref != "" {
			if hops++; hops > maxHops {
				return nil, errCircle
			}
			var err error
			if n, err = l.Resolve(n, ref); err != nil {
				return nil, err
			}
			continue
		}
		if next == nil {
			return nil, &missingError{done, part, l.speller.key(unescapePointer(part), n)}
		}
		n, done = next, done+"/"+part
		if rest = after; !more {
			break
		}
	}
	return n, nil
}

// step is one part of a pointer.
func step(n *tree.Node, part string) *tree.Node {
	if n.Kind == tree.Array {
		if i, err := strconv.Atoi(part); err == nil && 0 <= i && i < len(n.Items) {
			return n.Items[i]
		}
		return nil
	}
	key := part
	if decoded, err := url.PathUnescape(part); err == nil {
		key = decoded
	}
	if next := n.Get(unescapePointer(key)); next != nil {
		return next
	}
	return n.Get(unescapePointer(part))
}

func unescapePointer(part string) string {
	if !strings.Contains(part, "~") {
		return part
	}
	return strings.ReplaceAll(strings.ReplaceAll(part, "~1", "/"), "~0", "~")
}

// A missingError says where a pointer stops.
type missingError struct {
	holder string // what it leads to before, as a pointer
	part   string // of the pointer, as it is written
	close  string // what might have been meant; may be empty
}

func (e *missingError) Error() string {
	where := "the document"
	if e.holder != "" {
		where = "#" + e.holder
	}
	if e.close != "" {
		return fmt.Sprintf("%s has no %q: did you mean %q?", where, unescapePointer(e.part), e.close)
	}
	return fmt.Sprintf("%s has no %q", where, unescapePointer(e.part))
}

// edit replaces the part of a reference that is missing by what might have been meant; nil if the
// reference is written in another way.
func (e *missingError) edit(ref *tree.Node) *finding.Edit {
	before := strings.LastIndex(string(ref.File.Text[ref.Start:ref.End]), "/"+e.part)
	if before < 0 {
		return nil
	}
	start := int(ref.Start) + before + 1
	return &finding.Edit{File: ref.File.Name, Start: start, End: start + len(e.part), New: tree.EscapePointer(e.close)}
}

// refOf is the reference that a node is; "" if it is none. A property called $ref has no text.
func refOf(n *tree.Node) string {
	if ref := n.Get("$ref"); ref != nil && ref.Kind == tree.String {
		return ref.Text
	}
	return ""
}
