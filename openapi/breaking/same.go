package breaking

import (
	"encoding/binary"
	"hash/maphash"
	"slices"
	"strings"

	"github.com/commslint/commslint/openapi/document"
	"github.com/commslint/commslint/tree"
)

// A sameness tells parts that are written alike in both documents, down to all that
// they refer to, so that their schemas need not be read. Most of most documents is.
type sameness struct {
	old, new *side
	dirty    map[string]bool // references that lead to different things
	access   bool            // servers and security of the document are alike
}

// A side is one document, with what was found at its references.
type side struct {
	root    *tree.Node
	seed    maphash.Seed
	targets map[string]*written
}

// written is what a part of a document says, as a digest of its text, and what it
// refers to.
type written struct {
	digest uint64
	refs   []string // sorted
	// open says that it leads where only a loader can follow: to other files, or
	// by names of which the scope decides.
	open bool
}

// newSameness returns nil if nothing can be skipped, since what everything rests on
// is different, such as the version of the specification.
func newSameness(old, new *document.Document) *sameness {
	seed := maphash.MakeSeed()
	s := &sameness{
		old:   &side{root: old.Root, seed: seed, targets: map[string]*written{}},
		new:   &side{root: new.Root, seed: seed, targets: map[string]*written{}},
		dirty: map[string]bool{},
	}
	if s.old.foundation() != s.new.foundation() {
		return nil
	}
	s.access = s.old.accessDigest() == s.new.accessDigest()
	return s
}

// ownParts are the members of a document's root that its parts rest on only as far
// as they refer to them, or not at all.
var ownParts = []string{"paths", "webhooks", "components", "definitions", "parameters", "responses", "info", "tags", "externalDocs", "x-tagGroups"}

// accessParts are the members that operations rest on, and what is within them does not.
var accessParts = []string{"servers", "security", "securityDefinitions"}

// foundation is a digest of what all parts rest on.
func (s *side) foundation() uint64 {
	w := s.writer()
	for i := range s.root.Members {
		if m := &s.root.Members[i]; !slices.Contains(ownParts, m.Key) && !slices.Contains(accessParts, m.Key) {
			w.text(m.Key)
			w.node(m.Value)
		}
	}
	return w.hash.Sum64()
}

// accessDigest is a digest of where and by whom operations may be called.
func (s *side) accessDigest() uint64 {
	w := s.writer()
	for _, key := range accessParts {
		w.node(s.root.Get(key))
	}
	w.node(s.root.Get("components").Get("securitySchemes"))
	return w.hash.Sum64()
}

// operation reports whether an operation is written alike in both documents.
func (s *sameness) operation(old, new *document.Operation) bool {
	if s == nil || !s.access || !s.owns(old.Node, new.Node) || !s.owns(old.Item.Node, new.Item.Node) {
		return false
	}
	return s.equal(s.old.operation(old), s.new.operation(new))
}

// part reports whether a part of an operation is written alike.
func (s *sameness) part(old, new *tree.Node) bool {
	if s == nil || old == nil || new == nil || !s.owns(old, new) {
		return false
	}
	return s.equal(s.old.part(old), s.new.part(new))
}

// owns reports whether nodes stand in the documents' own files, where references
// start from.
func (s *sameness) owns(old, new *tree.Node) bool {
	return old.File == s.old.root.File && new.File == s.new.root.File
}

func (s *sameness) equal(o, n *written) bool {
	return o.digest == n.digest && !o.open && s.clean(o.refs)
}

// operation digests an operation with what its path item adds.
func (s *side) operation(op *document.Operation) *written {
	w := s.writer()
	w.text(op.Method)
	w.node(op.Node)
	w.node(op.Item.Node.Get("parameters"))
	w.node(op.Item.Node.Get("servers"))
	return w.written()
}

func (s *side) part(n *tree.Node) *written {
	w := s.writer()
	w.node(n)
	return w.written()
}

// clean reports whether references, which both documents make, lead to the same
// things, however far they go.
func (s *sameness) clean(refs []string) bool {
	return s.follow(refs, map[string]bool{})
}

// follow visits all that can be reached. What is found to be different is
// remembered; what is the same, as far as it is known, is too once all of it is.
func (s *sameness) follow(refs []string, seen map[string]bool) bool {
	for _, ref := range refs {
		if dirty, known := s.dirty[ref]; known && dirty {
			return false
		} else if known || seen[ref] {
			continue
		}
		seen[ref] = true
		o, n := s.old.target(ref), s.new.target(ref)
		if o == nil || n == nil || o.digest != n.digest || o.open || !s.follow(o.refs, seen) {
			s.dirty[ref] = true
			return false
		}
	}
	return true
}

// target digests what a reference within the document leads to; nil if it leads
// elsewhere.
func (s *side) target(ref string) *written {
	if t, ok := s.targets[ref]; ok {
		return t
	}
	var t *written
	if n := s.resolve(ref); n != nil {
		t = s.part(n)
	}
	s.targets[ref] = t
	return t
}

func (s *side) resolve(ref string) *tree.Node {
	pointer, ok := strings.CutPrefix(ref, "#/")
	if !ok || strings.Contains(ref, "%") {
		return nil
	}
	n := s.root
	for part := range strings.SplitSeq(pointer, "/") {
		n = n.Get(strings.ReplaceAll(strings.ReplaceAll(part, "~1", "/"), "~0", "~"))
	}
	return n
}

// A textWriter digests nodes and gathers their references.
type textWriter struct {
	hash maphash.Hash
	refs []string
	open bool
}

func (s *side) writer() *textWriter {
	w := &textWriter{}
	w.hash.SetSeed(s.seed)
	return w
}

func (w *textWriter) written() *written {
	slices.Sort(w.refs)
	return &written{digest: w.hash.Sum64(), refs: slices.Compact(w.refs), open: w.open}
}

func (w *textWriter) number(n int) {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], uint64(n))
	w.hash.Write(b[:])
}

func (w *textWriter) text(s string) {
	w.number(len(s))
	w.hash.WriteString(s)
}

func (w *textWriter) node(n *tree.Node) { w.write(n, false) }

// write digests a node; literally, if it is a part of a value of which every word
// counts.
func (w *textWriter) write(n *tree.Node, literally bool) {
	if n == nil {
		w.hash.WriteByte(0xff)
		return
	}
	w.hash.WriteByte(byte(n.Kind))
	switch n.Kind {
	case tree.Array:
		w.number(len(n.Items))
		for _, item := range n.Items {
			w.write(item, literally)
		}
	case tree.Object:
		for i := range n.Members {
			m := &n.Members[i]
			if !literally && isAnnotation(m) {
				continue
			}
			w.text(m.Key)
			w.write(m.Value, literally || isLiteral(m.Key))
			w.reference(m)
		}
		w.hash.WriteByte(0xfe)
	default:
		w.text(n.Text)
	}
}

// isAnnotation reports whether a member is only there for people. A property may bear
// such a name too, but it is no text then.
func isAnnotation(m *tree.Member) bool {
	if m.Value.Kind != tree.String {
		return false
	}
	switch m.Key {
	case "description", "summary", "title", "$comment", "example", "operationId":
		return true
	}
	return false
}

// isLiteral reports whether what stands under a key may be a value, in which no key is
// an annotation.
func isLiteral(key string) bool {
	switch key {
	case "enum", "const", "default", "mapping", "scopes", "required", "dependentRequired":
		return true
	}
	return false
}

// reference notes what a member refers to. A property may be called $ref as well,
// and costs nothing but a look.
func (w *textWriter) reference(m *tree.Member) {
	if !strings.HasPrefix(m.Key, "$") {
		return
	}
	switch m.Key {
	case "$ref":
		if m.Value.Kind == tree.String {
			w.refs = append(w.refs, m.Value.Text)
		}
	case "$id", "$anchor", "$dynamicRef", "$dynamicAnchor", "$recursiveRef":
		w.open = true
	}
}
