package document

import (
	"slices"
	"strings"

	"github.com/commslint/commslint/tree"
)

// Swagger 2.0 is read as it stands, without conversion, so that everything keeps its place. What
// it writes in one object and 3.0 in two (a parameter and its schema) becomes two nodes of one place.

const (
	formURLEncoded = "application/x-www-form-urlencoded"
	formMultipart  = "multipart/form-data"
	// assumedMedia is the media type of bodies where neither consumes nor produces names one.
	assumedMedia = "application/json"
)

func isSwaggerBody(n *tree.Node) bool {
	in := n.Get("in")
	return in != nil && (in.Text == "body" || in.Text == "formData")
}

// swaggerServers makes servers of schemes, host and basePath.
func (b *builder) swaggerServers() []*Server {
	return b.serversOf(b.texts(b.doc.Root.Get("schemes"), "schemes"))
}

func (b *builder) serversOf(schemes []string) []*Server {
	root := b.doc.Root
	host, base := b.text(root, "host"), b.text(root, "basePath")
	node := root.Get("basePath")
	if host != "" {
		node = root.Get("host")
	}
	switch {
	case host == "" && base == "":
		return nil
	case host == "":
		return []*Server{{Node: node, URL: base}}
	case len(schemes) == 0:
		return []*Server{{Node: node, URL: "//" + host + base}}
	}
	var servers []*Server
	for _, scheme := range schemes {
		servers = append(servers, &Server{Node: node, URL: scheme + "://" + host + base})
	}
	return servers
}

// swaggerOperation reads what 2.0 says in another way than 3.0.
func (b *builder) swaggerOperation(op *Operation) {
	op.Servers = b.doc.Servers
	if schemes := b.texts(op.Node.Get("schemes"), "schemes"); len(schemes) > 0 {
		op.Servers = b.serversOf(schemes)
	}
	op.RequestBody = b.swaggerBody(op)
	produces := b.mediaTypes(op.Node, "produces")
	op.Responses = b.responses(op.Node, func(r *Response) {
		b.checkDescription(r.Node)
		r.Headers = b.headers(r.Node)
		schema := r.Node.Member("schema")
		if schema == nil {
			return
		}
		for _, media := range produces {
			r.Content = append(r.Content, &MediaType{Range: media, Node: r.Node, At: keyPlace(schema), value: b.schemaAt(r.Node, "schema")})
		}
	})
}

// mediaTypes are those that the operation or the document consumes or produces.
func (b *builder) mediaTypes(operation *tree.Node, key string) []string {
	for _, n := range []*tree.Node{operation, b.doc.Root} {
		if list := n.Get(key); list != nil {
			if types := b.texts(list, key); len(types) > 0 {
				return types
			}
		}
	}
	return []string{assumedMedia}
}

// swaggerBody makes a body of the body parameter, or of the parameters of a form.
func (b *builder) swaggerBody(op *Operation) *Body {
	var form []*tree.Node
	for _, n := range []*tree.Node{op.Node, op.Item.Node} {
		list := b.array(n.Get("parameters"), "parameters")
		if list == nil {
			continue
		}
		for _, item := range list.Items {
			p := b.object(item, "a parameter")
			if p == nil || !isSwaggerBody(p) {
				continue
			}
			if p.Get("in").Text == "body" {
				return b.bodyParameter(op, item, p)
			}
			form = append(form, p)
		}
	}
	if len(form) == 0 {
		return nil
	}
	return b.form(op, form)
}

func (b *builder) bodyParameter(op *Operation, use, n *tree.Node) *Body {
	body := &Body{Node: n, At: use.Location(), Required: b.flag(n, "required", false)}
	for _, media := range b.mediaTypes(op.Node, "consumes") {
		body.Content = append(body.Content, &MediaType{Range: media, Node: n, At: use.Location(), value: b.schemaAt(n, "schema")})
	}
	return body
}

// form makes a body of parameters: an object with a property for each.
func (b *builder) form(op *Operation, parameters []*tree.Node) *Body {
	first := parameters[0]
	object := b.madeObject(first)
	properties, required := b.madeObject(first), madeNode(first, tree.Array, "")
	hasFile := false
	var encodings []*Encoding
	for _, p := range parameters {
		name := b.text(p, "name")
		if name == "" || properties.Get(name) != nil {
			continue
		}
		addMember(properties, name, b.swaggerSchema(p))
		if b.flag(p, "required", false) {
			required.Items = append(required.Items, madeNode(p, tree.String, name))
		}
		hasFile = hasFile || b.text(p, "type") == "file"
		if b.text(p, "collectionFormat") != "" {
			encodings = append(encodings, &Encoding{Property: name, Node: p, Serialization: b.collectionFormat(p, "form")})
		}
	}
	addMember(object, "type", madeNode(first, tree.String, "object"))
	addMember(object, "properties", properties)
	addMember(object, "required", required)
	body := &Body{Node: first, At: first.Location(), Required: len(required.Items) > 0}
	for _, media := range b.formTypes(op, hasFile) {
		body.Content = append(body.Content, &MediaType{
			Range: media, Node: first, At: first.Location(), Encodings: encodings,
			value: valueSchema{node: object, reader: b.doc.schemas},
		})
	}
	return body
}

// formTypes are the media types of a form.
func (b *builder) formTypes(op *Operation, hasFile bool) []string {
	types := slices.DeleteFunc(slices.Clone(b.mediaTypes(op.Node, "consumes")), func(media string) bool {
		return !strings.HasPrefix(media, formURLEncoded) && !strings.HasPrefix(media, formMultipart)
	})
	switch {
	case len(types) > 0:
		return types
	case hasFile:
		return []string{formMultipart}
	}
	return []string{formURLEncoded}
}

// swaggerParameter reads a parameter that is its own schema.
func (b *builder) swaggerParameter(p *Parameter) {
	p.Serialization = b.collectionFormat(p.Node, defaultStyle(p.In))
	p.value = valueSchema{node: b.swaggerSchema(p.Node), reader: b.doc.schemas}
}

func (b *builder) swaggerHeader(h *Header) {
	h.Serialization = b.collectionFormat(h.Node, "simple")
	h.value = valueSchema{node: b.swaggerSchema(h.Node), reader: b.doc.schemas}
}

// collectionFormat is how a list is written, in the words of 3.0.
func (b *builder) collectionFormat(n *tree.Node, style string) Serialization {
	if b.text(n, "type") != "array" {
		return Serialization{Style: style, Explode: style == "form"}
	}
	switch b.text(n, "collectionFormat") {
	case "multi":
		return Serialization{Style: "form", Explode: true}
	case "ssv":
		return Serialization{Style: "spaceDelimited"}
	case "pipes":
		return Serialization{Style: "pipeDelimited"}
	case "tsv":
		return Serialization{Style: "tabDelimited"}
	}
	return Serialization{Style: style}
}

// swaggerKeywords are the keywords of schemas that parameters and headers of 2.0 can have.
var swaggerKeywords = []string{
	"type", "format", "items", "default", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "maxLength", "minLength",
	"pattern", "maxItems", "minItems", "uniqueItems", "enum", "multipleOf",
}

// swaggerSchema is the part of a parameter or header that is a schema, always the same node.
func (b *builder) swaggerSchema(n *tree.Node) *tree.Node {
	if made := b.made[n]; made != nil {
		return made
	}
	made := b.madeObject(n)
	for _, m := range n.Members {
		if slices.Contains(swaggerKeywords, m.Key) || strings.HasPrefix(m.Key, "x-") {
			made.Members = append(made.Members, m)
		}
	}
	if kind := made.Member("type"); kind != nil && kind.Value.Text == "file" {
		kind.Value = madeNode(kind.Value, tree.String, "string")
		addMember(made, "format", madeNode(kind.Value, tree.String, "binary"))
	}
	b.made[n] = made
	b.visitPart(n, made)
	return made
}

// madeNode is a node that stands for a part of what another one says, and at its place.
func madeNode(at *tree.Node, kind tree.Kind, text string) *tree.Node {
	return at.Like(kind, text)
}

func (b *builder) madeObject(at *tree.Node) *tree.Node { return madeNode(at, tree.Object, "") }

func addMember(n *tree.Node, key string, value *tree.Node) {
	if n.Get(key) == nil {
		n.Members = append(n.Members, tree.Member{Key: key, KeyStart: value.Start, KeyEnd: value.End, Value: value})
	}
}

// swaggerFlow is 3.0's name of a flow of 2.0.
func swaggerFlow(name string) string {
	switch name {
	case "accessCode":
		return "authorizationCode"
	case "application":
		return "clientCredentials"
	}
	return name
}
