package document

import (
	"strings"

	"github.com/commslint/commslint/tree"
)

// A Component is a named part of the document that others refer to.
type Component struct {
	Name string
	Node *tree.Node
}

// ComponentSchemas are the named schemas, in the order of the document.
func (d *Document) ComponentSchemas() []Component {
	if d.Version == Swagger20 {
		return componentsOf(d.Root.Get("definitions"))
	}
	return componentsOf(d.Root.Get("components").Get("schemas"))
}

func componentsOf(holder *tree.Node) []Component {
	if holder == nil {
		return nil
	}
	components := make([]Component, 0, len(holder.Members))
	for _, m := range holder.Members {
		if !isExtension(m.Key) || m.Value.Kind == tree.Object {
			components = append(components, Component{m.Key, m.Value})
		}
	}
	return components
}

// components reads the components that nothing may refer to, for the problems that they have.
func (b *builder) components() {
	holder := b.doc.Root.Get("components")
	if b.doc.Version == Swagger20 {
		holder = b.doc.Root
	} else if holder != nil {
		b.checkKeys(holder, componentsKeys)
	}
	each := func(kind, what string, read func(m *tree.Member, n *tree.Node)) {
		b.entries(b.object(holder.Get(kind), kind), func(m *tree.Member) {
			if n := b.object(m.Value, what); n != nil {
				read(m, n)
			}
		})
	}
	each("parameters", "a parameter", func(m *tree.Member, n *tree.Node) {
		if b.doc.Version != Swagger20 || !isSwaggerBody(n) {
			b.parameter(m.Value, n)
		}
	})
	each("responses", "a response", func(m *tree.Member, n *tree.Node) {
		b.response(&Response{Node: n, At: keyPlace(m)})
	})
	if b.doc.Version == Swagger20 {
		return
	}
	each("requestBodies", "a request body", func(m *tree.Member, _ *tree.Node) { b.body(m) })
	each("headers", "a header", func(*tree.Member, *tree.Node) {})
	b.headers(holder)
	each("callbacks", "a callback", func(m *tree.Member, _ *tree.Node) { b.callback(m) })
	each("pathItems", "a path item", func(m *tree.Member, _ *tree.Node) { b.pathItem(m) })
}

// componentSchemas follows the references of schemas that nothing may refer to.
func (b *builder) componentSchemas() {
	kind, holder := "schemas", b.doc.Root.Get("components")
	if b.doc.Version == Swagger20 {
		kind, holder = "definitions", b.doc.Root
	}
	if b.object(holder.Get(kind), kind) != nil {
		for _, c := range b.doc.ComponentSchemas() {
			b.visit(c.Node)
		}
	}
}

// visit notes a schema whose references are to be followed.
func (b *builder) visit(n *tree.Node) {
	if n != nil && !b.visited[n] {
		b.visited[n] = true
		b.doc.schemaNodes = append(b.doc.schemaNodes, n)
		b.pending = append(b.pending, n)
	}
}

// visitPart notes an object of 2.0 of which a part is a schema: the schema is made of it.
func (b *builder) visitPart(n, made *tree.Node) {
	b.doc.schemaNodes = append(b.doc.schemaNodes, made)
	b.pending = append(b.pending, n)
}

// checkReferences follows the references of all schemas.
func (b *builder) checkReferences() {
	for len(b.pending) > 0 {
		n := b.pending[len(b.pending)-1]
		b.pending = b.pending[:len(b.pending)-1]
		b.schemaReferences(n)
	}
}

// schemaReferences follows the references of a schema and of those inside of it.
func (b *builder) schemaReferences(n *tree.Node) {
	if n.Kind != tree.Object {
		return
	}
	if ref := refOf(n); ref != "" {
		b.schemaReference(n.Get("$ref"), n, ref)
	}
	for i := range n.Members {
		m := &n.Members[i]
		switch m.Key {
		case "items", "additionalItems", "contains", "additionalProperties", "propertyNames", "unevaluatedItems", "unevaluatedProperties",
			"not", "if", "then", "else", "contentSchema":
			if m.Value.Kind == tree.Array {
				b.schemaList(m.Value)
			} else {
				b.inside(n, m.Value)
			}
		case "allOf", "anyOf", "oneOf", "prefixItems":
			b.schemaList(m.Value)
		case "properties", "patternProperties", "$defs", "definitions", "dependentSchemas":
			for _, property := range m.Value.Members {
				b.inside(m.Value, property.Value)
			}
		case "discriminator":
			b.mappingReferences(n, m.Value)
		}
	}
}

func (b *builder) schemaList(list *tree.Node) {
	for _, item := range list.Items {
		b.inside(list, item)
	}
}

// inside goes on with a schema that another one holds. One that an alias stands for may be held by
// several, and is looked at once.
func (b *builder) inside(holder, n *tree.Node) {
	if n.Parent == holder {
		b.schemaReferences(n)
	} else {
		b.visit(n)
	}
}

func (b *builder) schemaReference(place, from *tree.Node, ref string) {
	found, err := b.loader.Resolve(from, ref)
	if err != nil {
		b.danglingAt(place, ref, err)
		return
	}
	b.visit(found)
}

// mappingReferences follows the references of a discriminator. Its values may also be names.
func (b *builder) mappingReferences(n, discriminator *tree.Node) {
	if mapping := discriminator.Get("mapping"); mapping != nil {
		for _, m := range mapping.Members {
			if m.Value.Kind == tree.String && strings.Contains(m.Value.Text, "#/") {
				b.schemaReference(m.Value, n, m.Value.Text)
			}
		}
	}
}
