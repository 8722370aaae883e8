package xds

import (
	"strings"

	"github.com/commslint/commslint/envoycfg/descriptor"
	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/tree"
)

// typeKey is the key of an Any that names the type of what it holds.
const typeKey = "@type"

// TypeName is the full name of a type in a URL such as type.googleapis.com/envoy.config.cluster.v3.Cluster.
func TypeName(url string) string { return url[strings.LastIndexByte(url, '/')+1:] }

// any reads an Any and what it holds.
func (d *decoder) any(v Value) (Value, bool) {
	n := v.Node
	if n.Kind != tree.Object {
		d.invalid(n.Location(), "%s: expected an object with %q, found %s", v.Field.Name, typeKey, describe(n))
		return v, false
	}
	url := n.Get(typeKey)
	switch {
	case len(n.Members) == 0 || n.Templated() && (url == nil || url.Templated()):
		return v, true
	case url == nil || url.Kind != tree.String:
		at := n.Location()
		if v.Key != nil {
			at = keyAt(v.Key)
		}
		d.invalid(at, "%s: expected a %q that names the type of the object", v.Field.Name, typeKey)
		return v, false
	}
	v.typeName = TypeName(url.Text)
	v.message = d.unpack(n, url, v.Key)
	return v, true
}

// unpack reads an object with a @type; it returns nil if the type is not known.
func (d *decoder) unpack(n, url *tree.Node, key *tree.Member) *Message {
	name := TypeName(url.Text)
	t := descriptor.Find(name)
	if t == nil || isVersion2(name) {
		d.unknownType(name, t, url)
		return nil
	}
	if t.Form != descriptor.Plain {
		return d.wellKnown(t, n, key)
	}
	m := d.message(t, n, key)
	if m == nil {
		return nil
	}
	m.extension = true
	if t.ShortName() == "TypedStruct" {
		if inner := d.typedStruct(m); inner != nil {
			return inner
		}
	}
	return m
}

// wellKnown reads what JSON writes as {"@type": …, "value": …}.
func (d *decoder) wellKnown(t *descriptor.Message, n *tree.Node, key *tree.Member) *Message {
	m := &Message{Type: t, Node: n, key: key, extension: true}
	if value := n.Member("value"); value != nil && t.Form == descriptor.Struct && value.Value.Kind == tree.Object {
		m.Node = value.Value
	}
	return m
}

// typedStruct reads a TypedStruct, which names its type in a field of its own, if that type is known.
func (d *decoder) typedStruct(m *Message) *Message {
	url, value := m.Get("type_url"), m.Get("value")
	t := descriptor.Find(TypeName(url.String()))
	if t == nil || t.Form != descriptor.Plain || isVersion2(t.Name) {
		if url.Known() {
			d.unknownType(TypeName(url.String()), t, url.Node)
		}
		return nil
	}
	if !value.Set() {
		return &Message{Type: t, Node: m.Node, key: m.key, extension: true}
	}
	inner := d.message(t, value.Node, value.Key)
	if inner != nil {
		inner.extension = true
	}
	return inner
}

// unknownType notes a type that the protos do not have; of one of version 2 they still have the name.
func (d *decoder) unknownType(name string, t *descriptor.Message, url *tree.Node) {
	if t != nil && isVersion2(name) {
		d.report(finding.Finding{
			Rule: RuleDeprecated, Location: url.Location(),
			Message: name + " belongs to version 2 of Envoy's API, which Envoy has not read since 1.18: use the type of version 3",
		})
		return
	}
	d.file.Unknown = append(d.file.Unknown, UnknownType{Name: name, At: url.Location()})
}
