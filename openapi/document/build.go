package document

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/openapi/schema"
	"github.com/commslint/commslint/tree"
)

// maxObjects bounds the objects of a document when references are written out. The largest
// of the published documents that this was tried on (GitHub's) has 40 000.
const maxObjects = 2_000_000

// Load reads the document at a slash-separated path, and the files that it refers to, through
// read. References into the network are problems of the document, and never fetched.
//
// The error is for what is no document at all: a file that read does not give, that cannot be
// parsed (a *tree.Error then), or that is no OpenAPI of a known version (likewise).
func Load(read func(path string) ([]byte, error), path string) (*Document, error) {
	loader := NewLoader(read)
	f, err := loader.file(path)
	if err != nil {
		return nil, err
	}
	version, text, err := versionOf(f)
	if err != nil {
		return nil, err
	}
	b := &builder{
		doc:      &Document{Root: f.Root, Version: version, VersionText: text},
		loader:   loader,
		items:    map[itemKey]*PathItem{},
		lists:    map[*tree.Node][]*Parameter{},
		groups:   map[string]*group{},
		reported: map[problemKey]bool{},
		visited:  map[*tree.Node]bool{},
		made:     map[*tree.Node]*tree.Node{},
	}
	b.doc.schemas = schema.NewReader(version.Dialect(), loader)
	b.build()
	return b.doc, nil
}

// versionOf finds the version that a file says it is of.
func versionOf(f *tree.File) (Version, string, error) {
	fail := func(n *tree.Node, format string, args ...any) (Version, string, error) {
		return 0, "", &tree.Error{Location: n.Location(), Message: fmt.Sprintf(format, args...)}
	}
	n := cmp.Or(f.Root.Get("openapi"), f.Root.Get("swagger"))
	if n == nil {
		start := &tree.Node{File: f, Start: f.Root.Start, End: f.Root.Start}
		return fail(start, "this is no OpenAPI document: expected an object with the key openapi, as in openapi: 3.1.0, or swagger: \"2.0\"")
	}
	text := n.Text
	if f.Root.Get("openapi") == nil {
		if text == "2.0" || text == "2" {
			return Swagger20, text, nil
		}
		return fail(n, "unknown version of Swagger: %s; expected swagger: \"2.0\", or openapi: with 3.0, 3.1 or 3.2", n.File.Text[n.Start:n.End])
	}
	for prefix, version := range map[string]Version{"3.0": OpenAPI30, "3.1": OpenAPI31, "3.2": OpenAPI32} {
		if text == prefix || strings.HasPrefix(text, prefix+".") {
			return version, text, nil
		}
	}
	return fail(n, "unknown version of OpenAPI: %s; expected 3.0, 3.1 or 3.2", n.File.Text[n.Start:n.End])
}

// Dialect is the language of the version's schemas.
func (v Version) Dialect() schema.Dialect {
	switch v {
	case Swagger20:
		return schema.OpenAPI20
	case OpenAPI30:
		return schema.OpenAPI30
	}
	return schema.OpenAPI31
}

// A builder makes a Document of trees.
type builder struct {
	doc    *Document
	loader *Loader

	items   map[itemKey]*PathItem
	lists   map[*tree.Node][]*Parameter // by the list
	schemes map[string]*SecurityScheme
	objects int
	lost    int // references of objects other than schemas that lead nowhere

	groups   map[string]*group // problems that stand for several places
	reported map[problemKey]bool

	pending []*tree.Node // schemas whose references are still to be followed
	visited map[*tree.Node]bool
	made    map[*tree.Node]*tree.Node // schemas of parameters of 2.0
}

// itemKey identifies a path item: cycles of callbacks lead to the same one.
type itemKey struct {
	node *tree.Node
	name string
}

// problemKey keeps a component that is used twice from having each problem twice.
type problemKey struct {
	at      finding.Location
	message string
}

func (b *builder) build() {
	root := b.doc.Root
	b.duplicateKeys(root.File)
	b.document(root)
	b.securitySchemes()
	b.doc.Security = b.security(root)
	b.doc.Servers = b.servers(root)
	if b.doc.Version == Swagger20 {
		b.doc.Servers = b.swaggerServers()
	}
	if b.doc.Servers == nil {
		b.doc.Servers = []*Server{{URL: "/"}}
	}
	b.doc.Paths = b.pathItems(root.Get("paths"), "paths")
	b.doc.Webhooks = b.pathItems(root.Get("webhooks"), "webhooks")
	b.components()
	b.componentSchemas()
	b.checkPaths()
	b.checkOperationIDs()
	b.checkReferences()
	b.doc.Files = b.files()
	b.doc.dangling = map[finding.Location]bool{}
	for _, f := range b.doc.Files[1:] {
		b.duplicateKeys(f)
	}
	b.finishGroups()
	sortProblems(b.doc.Problems)
}

// files are those that were read, the document's own first.
func (b *builder) files() []*tree.File {
	files := []*tree.File{b.doc.Root.File}
	for _, f := range b.loader.Files() {
		if f != b.doc.Root.File {
			files = append(files, f)
		}
	}
	return files
}

// spend counts an object, and reports whether there may be more.
func (b *builder) spend(n *tree.Node) bool { return b.spendSome(n, 1) }

// spendSome is spend for several objects.
func (b *builder) spendSome(n *tree.Node, count int) bool {
	before := b.objects
	b.objects += count
	if before < maxObjects && b.objects >= maxObjects {
		b.invalid(n, "the document has more than %d objects when its references are written out: the rest is not looked at", maxObjects)
	}
	return b.objects < maxObjects
}

// follow returns what a node stands for: the end of its references, or the node itself. It is
// nil, and a problem, if they lead nowhere.
func (b *builder) follow(n *tree.Node) *tree.Node {
	for hops := 0; n != nil; hops++ {
		ref := refOf(n)
		if ref == "" {
			return n
		}
		if hops > maxHops {
			b.danglingRef(n, errCircle)
			return nil
		}
		next, err := b.loader.Resolve(n, ref)
		if err != nil {
			b.danglingRef(n, err)
			return nil
		}
		n = next
	}
	return nil
}

// object follows references, and returns nil if there is no object, which is a problem unless
// there is nothing, or a key without a value.
func (b *builder) object(n *tree.Node, what string) *tree.Node {
	return b.expect(n, tree.Object, what)
}

// array is object for lists.
func (b *builder) array(n *tree.Node, what string) *tree.Node {
	return b.expect(n, tree.Array, what)
}

var kindNames = [...]string{
	tree.Null: "nothing", tree.Bool: "a boolean", tree.Number: "a number", tree.String: "a string", tree.Array: "a list", tree.Object: "an object",
}

func (b *builder) expect(n *tree.Node, kind tree.Kind, what string) *tree.Node {
	found := b.follow(n)
	if found == nil || found.Kind == kind {
		return found
	}
	if found.Kind != tree.Null {
		b.invalid(found, "expected %s, which is %s, and found %s", what, kindNames[kind], kindNames[found.Kind])
	}
	return nil
}

// text is the text of a string, a number or a boolean: versions are often written without quotes.
func (b *builder) text(n *tree.Node, key string) string {
	v := b.follow(n.Get(key))
	if v == nil || v.Kind == tree.Null {
		return ""
	}
	if v.Kind == tree.Object || v.Kind == tree.Array {
		b.invalid(v, "expected a string as %s, and found %s", key, kindNames[v.Kind])
		return ""
	}
	return v.Text
}

// flag is a boolean, or otherwise if it is absent.
func (b *builder) flag(n *tree.Node, key string, otherwise bool) bool {
	v := n.Get(key)
	if v == nil {
		return otherwise
	}
	if v.Kind != tree.Bool {
		b.invalid(v, "expected true or false as %s, and found %s", key, kindNames[v.Kind])
		return otherwise
	}
	return v.Text == "true"
}

// members calls f for each member of an object that is no extension.
func (b *builder) members(n *tree.Node, f func(m *tree.Member)) {
	if n == nil {
		return
	}
	for i := range n.Members {
		m := &n.Members[i]
		if isExtension(m.Key) {
			continue
		}
		if !b.spend(m.Value) {
			return
		}
		f(m)
	}
}

// entries is members for objects whose keys are names that the document gives: of headers, schemes,
// components. There x-request-id is as good as any, unless its value shows an extension.
func (b *builder) entries(n *tree.Node, f func(m *tree.Member)) {
	if n == nil {
		return
	}
	for i := range n.Members {
		m := &n.Members[i]
		if isExtension(m.Key) && m.Value.Kind != tree.Object && m.Value.Kind != tree.Array {
			continue
		}
		if !b.spend(m.Value) {
			return
		}
		f(m)
	}
}

func isExtension(key string) bool { return strings.HasPrefix(key, "x-") }

// texts are the strings of a list.
func (b *builder) texts(n *tree.Node, what string) []string {
	list := b.array(n, what)
	if list == nil {
		return nil
	}
	texts := make([]string, 0, len(list.Items))
	for _, item := range list.Items {
		if item.Kind == tree.Object || item.Kind == tree.Array {
			b.invalid(item, "expected a string in %s, and found %s", what, kindNames[item.Kind])
			continue
		}
		texts = append(texts, item.Text)
	}
	return texts
}

// keyPlace is the place of a member's key.
func keyPlace(m *tree.Member) finding.Location {
	return m.Value.File.Location(m.KeyStart, m.KeyEnd)
}
