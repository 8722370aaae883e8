package document

import (
	"strings"

	"github.com/commslint/commslint/tree"
)

func (b *builder) parameters(n *tree.Node) []*Parameter {
	list := b.array(n.Get("parameters"), "parameters")
	if list == nil {
		return nil
	}
	if parameters, ok := b.lists[list]; ok {
		return parameters
	}
	var parameters []*Parameter
	seen := map[parameterKey]bool{}
	for _, item := range list.Items {
		if !b.spend(item) {
			break
		}
		node := b.object(item, "a parameter")
		if node == nil {
			continue
		}
		if b.doc.Version == Swagger20 && isSwaggerBody(node) {
			continue
		}
		p := b.parameter(item, node)
		if p.Name != "" && seen[p.key()] {
			b.invalid(item, "the %s parameter %q stands here a second time: remove one of them", p.In, p.Name)
		}
		seen[p.key()] = true
		parameters = append(parameters, p)
	}
	b.lists[list] = parameters
	return parameters
}

// parameterKey tells the parameters of an operation apart.
type parameterKey struct{ in, name string }

func (p *Parameter) key() parameterKey { return parameterKey{p.In, p.Name} }

// merge adds to the parameters those of others that they do not override.
func (b *builder) merge(own, others []*Parameter) []*Parameter {
	if len(others) == 0 || !b.spendSome(others[0].Node, len(others)) {
		return own
	}
	if len(own) == 0 {
		return others
	}
	has := map[parameterKey]bool{}
	for _, p := range own {
		has[p.key()] = true
	}
	merged := own[:len(own):len(own)]
	for _, p := range others {
		if !has[p.key()] {
			merged = append(merged, p)
		}
	}
	return merged
}

func (b *builder) parameter(use, n *tree.Node) *Parameter {
	p := &Parameter{
		Node: n, At: use.Location(),
		Name:            b.text(n, "name"),
		In:              b.text(n, "in"),
		Required:        b.flag(n, "required", false),
		Deprecated:      b.flag(n, "deprecated", false),
		AllowEmptyValue: b.flag(n, "allowEmptyValue", false),
	}
	b.checkParameter(p)
	if p.In == "path" {
		p.Required = true
	}
	if b.doc.Version == Swagger20 {
		b.swaggerParameter(p)
		return p
	}
	b.checkKeys(n, parameterKeys)
	p.Serialization = b.serialization(n, defaultStyle(p.In))
	p.Content = b.content(n)
	p.value = b.schemaAt(n, "schema")
	return p
}

// defaultStyle is the style of a parameter that says none (OpenAPI 3.1.1, 4.8.12.2.1).
func defaultStyle(in string) string {
	switch in {
	case "query", "cookie":
		return "form"
	}
	return "simple"
}

// serialization is what an object says of how values are written, with the defaults for the rest.
func (b *builder) serialization(n *tree.Node, style string) Serialization {
	s := Serialization{Style: b.text(n, "style"), AllowReserved: b.flag(n, "allowReserved", false)}
	if s.Style == "" {
		s.Style = style
	}
	s.Explode = b.flag(n, "explode", s.Style == "form" || s.Style == "cookie")
	return s
}

// schemaAt is the schema that an object has under a key.
func (b *builder) schemaAt(n *tree.Node, key string) valueSchema {
	node := n.Get(key)
	b.visit(node)
	return valueSchema{node: node, reader: b.doc.schemas}
}

func (b *builder) body(m *tree.Member) *Body {
	if m == nil {
		return nil
	}
	n := b.object(m.Value, "a request body")
	if n == nil {
		return nil
	}
	b.checkKeys(n, requestBodyKeys)
	if n.Get("content") == nil {
		b.invalid(n, "the request body has no content: name its media types, as in content: {application/json: {schema: …}}")
	}
	return &Body{Node: n, At: keyPlace(m), Required: b.flag(n, "required", false), Content: b.content(n)}
}

func (b *builder) response(r *Response) {
	b.checkKeys(r.Node, responseKeys)
	b.checkDescription(r.Node)
	r.Headers = b.headers(r.Node)
	r.Content = b.content(r.Node)
}

func (b *builder) content(n *tree.Node) []*MediaType {
	var types []*MediaType
	b.members(b.object(n.Get("content"), "content"), func(m *tree.Member) {
		node := b.object(m.Value, "a media type")
		if node == nil {
			// "application/json:" without a value names the type and says nothing more.
			node = m.Value
		}
		b.checkKeys(node, mediaTypeKeys)
		t := &MediaType{Range: m.Key, Node: node, At: keyPlace(m), value: b.schemaAt(node, "schema")}
		if b.doc.Version == OpenAPI32 {
			t.item = b.schemaAt(node, "itemSchema")
		}
		t.Encodings = b.encodings(node)
		types = append(types, t)
	})
	return types
}

func (b *builder) encodings(n *tree.Node) []*Encoding {
	var encodings []*Encoding
	b.entries(b.object(n.Get("encoding"), "encoding"), func(m *tree.Member) {
		node := b.object(m.Value, "an encoding")
		if node == nil {
			return
		}
		encodings = append(encodings, &Encoding{
			Property: m.Key, Node: node,
			ContentType:   b.text(node, "contentType"),
			Headers:       b.headers(node),
			Serialization: b.serialization(node, "form"),
		})
	})
	return encodings
}

func (b *builder) headers(n *tree.Node) []*Header {
	var headers []*Header
	b.entries(b.object(n.Get("headers"), "headers"), func(m *tree.Member) {
		node := b.object(m.Value, "a header")
		if node == nil || strings.EqualFold(m.Key, "Content-Type") {
			return // the content says it (OpenAPI 3.1.1, 4.8.17.1)
		}
		h := &Header{
			Name: m.Key, Node: node, At: keyPlace(m),
			Required:   b.flag(node, "required", false),
			Deprecated: b.flag(node, "deprecated", false),
		}
		if b.doc.Version == Swagger20 {
			b.swaggerHeader(h)
		} else {
			b.checkKeys(node, headerKeys)
			h.Serialization = b.serialization(node, "simple")
			h.Content = b.content(node)
			h.value = b.schemaAt(node, "schema")
		}
		headers = append(headers, h)
	})
	return headers
}
