package document

import (
	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/openapi/schema"
	"github.com/commslint/commslint/tree"
)

// In all of these, Node is the object after its $ref is followed, and At is the place where it is
// used: in the operation, not among the components. Style, Explode and the like are those in
// force; that one was written shows in Node.Get("style").

// A Parameter is a part of a request other than its body. Swagger's body and form parameters are
// a Body.
type Parameter struct {
	Node *tree.Node
	At   finding.Location

	Name            string
	In              string // path, query, header, cookie, querystring
	Required        bool   // always of path parameters
	Deprecated      bool
	AllowEmptyValue bool

	Serialization
	// Content is set instead of a schema.
	Content []*MediaType

	value valueSchema
}

// Serialization says how a value is written into a URL, a header or a form.
type Serialization struct {
	Style         string // simple, label, matrix, form, spaceDelimited, pipeDelimited, deepObject, cookie; tabDelimited of 2.0
	Explode       bool
	AllowReserved bool
}

// Schema is the schema of the value; nil if it has none (or Content instead).
func (p *Parameter) Schema() *schema.Schema { return p.value.read() }

// SchemaNode is the place of the schema; nil if there is none, or if it was made.
func (p *Parameter) SchemaNode() *tree.Node { return p.value.node }

// A Body is what a request carries.
type Body struct {
	Node     *tree.Node // of 2.0: the body parameter, or the first parameter of the form
	At       finding.Location
	Required bool
	Content  []*MediaType
}

// A MediaType is a body in one representation.
type MediaType struct {
	Range string // application/json, text/*, …
	Node  *tree.Node
	At    finding.Location // of its key
	// Encodings are those written, in the order of the document; see Encoding.
	Encodings []*Encoding

	value, item valueSchema
}

// Schema is the schema of the body; nil if it has none.
func (m *MediaType) Schema() *schema.Schema { return m.value.read() }

// SchemaNode is the place of the schema; nil if there is none, or if it was made.
func (m *MediaType) SchemaNode() *tree.Node { return m.value.node }

// ItemSchema is the schema of each element of a sequence of values (3.2); nil if it has none.
func (m *MediaType) ItemSchema() *schema.Schema { return m.item.read() }

// ItemSchemaNode is the place of the schema of elements; nil if there is none.
func (m *MediaType) ItemSchemaNode() *tree.Node { return m.item.node }

// Encoding returns how a property of a form or of a multipart body is written; nil if that is
// left to the defaults.
func (m *MediaType) Encoding(property string) *Encoding {
	for _, e := range m.Encodings {
		if e.Property == property {
			return e
		}
	}
	return nil
}

// An Encoding says how one property of a form or of a multipart body is written.
type Encoding struct {
	Property    string
	Node        *tree.Node
	ContentType string // "" if left to the default for its schema
	Headers     []*Header
	// Serialization holds in application/x-www-form-urlencoded, and in multipart/form-data if
	// the encoding says anything of it.
	Serialization
}

// A Response is what an operation answers.
type Response struct {
	Status  string // 200, 4XX (in upper case), default
	Node    *tree.Node
	At      finding.Location // of its key
	Headers []*Header
	Content []*MediaType
}

// A Header is a header of a response, or of a part of a multipart body.
type Header struct {
	Name       string // as written; names are equal whatever their case
	Node       *tree.Node
	At         finding.Location // of its key
	Required   bool
	Deprecated bool

	Serialization
	// Content is set instead of a schema.
	Content []*MediaType

	value valueSchema
}

// Schema is the schema of the value; nil if it has none (or Content instead).
func (h *Header) Schema() *schema.Schema { return h.value.read() }

// SchemaNode is the place of the schema; nil if there is none.
func (h *Header) SchemaNode() *tree.Node { return h.value.node }

// A valueSchema is a schema that is read when it is asked for: most of two documents that are
// compared is equal, and never is.
type valueSchema struct {
	node   *tree.Node
	reader schemaReader
	made   *schema.Schema // instead of node
}

// A schemaReader returns the schema that stands at a node, always the same one.
type schemaReader interface {
	Read(n *tree.Node) *schema.Schema
}

func (v valueSchema) read() *schema.Schema {
	switch {
	case v.made != nil:
		return v.made
	case v.node == nil:
		return nil
	}
	return v.reader.Read(v.node)
}
