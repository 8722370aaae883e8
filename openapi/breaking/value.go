package breaking

import (
	"fmt"
	"strings"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/openapi/document"
	"github.com/commslint/commslint/openapi/schema"
	"github.com/commslint/commslint/tree"
)

// A value is a parameter or header: a value written as text.
type value struct {
	what    string // for messages: query parameter "limit"
	in      string // path, query, header, cookie
	node    *tree.Node
	at      finding.Location
	schema  *schema.Schema // nil if absent
	content []*document.MediaType
	document.Serialization
}

func parameterValue(p *document.Parameter) *value {
	return &value{fmt.Sprintf("%s parameter %q", p.In, p.Name), p.In, p.Node, p.At, p.Schema(), p.Content, p.Serialization}
}

func headerValue(h *document.Header) *value {
	return &value{fmt.Sprintf("header %q", h.Name), "header", h.Node, h.At, h.Schema(), h.Content, h.Serialization}
}

// A sender says who sends a value, and so whose freedom must not grow.
type sender uint8

const (
	clientSends sender = iota // what is accepted must not shrink
	serverSends               // what is sent must not grow
)

// sender turns the sender round in what the server starts.
func (x *exchange) sender(s sender) sender {
	if x.reversed {
		return 1 - s
	}
	return s
}

// values compares what two values may be.
func (x *exchange) values(rule string, o, n *value, s sender) {
	if len(o.content) > 0 && len(n.content) > 0 {
		x.payload(rule, n.what, o.content[0], n.content[0], s)
		return
	}
	before, after := o.schema, n.schema
	switch {
	case s == clientSends && x.sameText(before, after, true):
		x.compatibleText(o, n)
		return
	case s == serverSends && x.sameText(after, before, false):
		x.compatibleText(o, n)
		return
	}
	x.texts(rule, n.what, before, after, s, place{o.at, n.at})
}

// compatibleText notes a schema that is another one for the same text.
func (x *exchange) compatibleText(o, n *value) {
	if x.opt.All && o.schema != nil && n.schema != nil && !(x.included(o.schema, n.schema) && x.included(n.schema, o.schema)) {
		x.note(cause{old: o.node, new: n.node}, fmt.Sprintf("the %s has another schema for the same text", n.what), n.at)
	}
}

// scalar are the types whose values are a single piece of text; null is no text, or
// none at all.
const scalar = schema.Boolean | schema.Number | schema.Integer | schema.String | schema.Null

// sameText reports whether every value of a, written as text, is the text of a value
// of b. It says so only where it needs no look at the values: where b is any text,
// or a list of such (a list of one is written like its item) that may stand for a
// single value where lists are accepted.
func (x *exchange) sameText(a, b *schema.Schema, lists bool) bool {
	if b == nil {
		return true
	}
	types := typesOf(a)
	if types == 0 || types&^scalar != 0 {
		return false
	}
	b = follow(b)
	if isAnyText(b) {
		return true
	}
	if !lists || b.Types != schema.Array || b.Items == nil || b.MinItems != nil && *b.MinItems > 1 ||
		b.MaxItems != nil && *b.MaxItems < 1 || b.Contains != nil || len(b.PrefixItems) > 0 {
		return false
	}
	return isAnyText(follow(b.Items)) || x.included(a, b.Items)
}

// typesOf is what the keyword type says, through references and a single branch; 0 if
// nothing.
func typesOf(s *schema.Schema) schema.Types {
	if s == nil {
		return 0
	}
	return follow(s).Types
}

// follow goes to the target of a reference that says nothing else, and to a branch
// that stands alone.
func follow(s *schema.Schema) *schema.Schema {
	for range 100 { // a reference may lead to itself
		switch {
		case s.Types != 0 || s.Enum != nil || s.Const != nil:
			return s
		case s.Ref != nil && len(s.AllOf)+len(s.AnyOf)+len(s.OneOf) == 0:
			s = s.Ref
		case s.Ref == nil && len(s.AllOf) == 1 && len(s.AnyOf)+len(s.OneOf) == 0:
			s = s.AllOf[0]
		default:
			return s
		}
	}
	return s
}

// isAnyText reports whether a schema accepts every string.
func isAnyText(s *schema.Schema) bool {
	return s.Types&schema.String != 0 && s.Enum == nil && s.Const == nil && s.Ref == nil &&
		(s.MinLength == nil || *s.MinLength <= 1) && s.MaxLength == nil && s.Pattern == nil && s.Format == "" &&
		s.ContentEncoding == "" && s.ContentMediaType == "" &&
		len(s.AllOf)+len(s.AnyOf)+len(s.OneOf) == 0 && s.Not == nil && s.If == nil && s.Unresolved == ""
}

// acceptsEmptyText reports whether the empty string is a value.
func acceptsEmptyText(s *schema.Schema) bool {
	return s == nil || isAnyText(follow(s)) && follow(s).MinLength == nil
}

// serialization reports values that are written in another way than before; it
// returns false if comparing their schemas would mean nothing.
func (x *exchange) serialization(o, n *value) bool {
	if (len(o.content) > 0) != (len(n.content) > 0) {
		return !x.becameContent(o, n)
	}
	if len(o.content) > 0 {
		was, is := parseMedia(o.content[0].Range), parseMedia(n.content[0].Range)
		if is.covers(was) || x.reversed && was.covers(is) {
			return true
		}
		x.rewritten(o, n, "content", fmt.Sprintf("is written as %s, no more as %s", n.content[0].Range, o.content[0].Range))
		return false
	}
	detail := writing(o, n)
	if detail == "" {
		return true
	}
	x.rewritten(o, n, strings.Fields(detail)[0], detail)
	return false
}

// becameContent reports a value that has a media type on one side only. JSON
// writes numbers and booleans as the plain styles do.
func (x *exchange) becameContent(o, n *value) bool {
	typed, plain := n, o
	if len(o.content) > 0 {
		typed, plain = o, n
	}
	media := parseMedia(typed.content[0].Range)
	types := typesOf(plain.schema)
	unquoted := types != 0 && types&^(schema.Boolean|schema.Number|schema.Integer) == 0
	isJSON := media.subtype == "json" || strings.HasSuffix(media.subtype, "+json")
	if isJSON && unquoted || media == (mediaRange{kind: "text", subtype: "plain"}) && types&^scalar == 0 {
		return false
	}
	if typed == n {
		x.rewritten(o, n, "content", fmt.Sprintf("is written as %s now", n.content[0].Range))
	} else {
		x.rewritten(o, n, "content", fmt.Sprintf("is not written as %s any more", o.content[0].Range))
	}
	return true
}

func (x *exchange) rewritten(o, n *value, keyword, detail string) {
	x.report(cause{rule: serializationChanged, old: o.node, new: n.node, detail: keyword}, func() *change {
		return &change{
			message: fmt.Sprintf("the %s %s", n.what, detail),
			place:   keyPlace(n.node, keyword, n.at),
			related: x.before(keyPlace(o.node, keyword, o.at), "it was written in another way here"),
		}
	})
}

// writing says how two values without content are written differently; empty if a
// reader of one understands the other.
func writing(o, n *value) string {
	composite := mayBe(o.schema, schema.Array|schema.Object) && mayBe(n.schema, schema.Array|schema.Object)
	switch {
	case o.Style != n.Style && (composite || isPrefixed(o.Style) != isPrefixed(n.Style) || isPrefixed(n.Style)):
		return fmt.Sprintf("style %s became %s", o.Style, n.Style)
	case o.Explode != n.Explode && explodeMatters(o, n):
		return fmt.Sprintf("explode %t became %t", o.Explode, n.Explode)
	case o.AllowReserved && !n.AllowReserved && mayBe(n.schema, schema.String|schema.Array|schema.Object):
		return "allowReserved true became false"
	}
	return ""
}

// isPrefixed reports whether a style writes more than the value, whatever its type.
func isPrefixed(style string) bool { return style == "label" || style == "matrix" }

// explodeMatters reports whether explode changes the text. In the style simple it
// does so for objects only.
func explodeMatters(o, n *value) bool {
	types := schema.Array | schema.Object
	if n.Style == "simple" || n.Style == "deepObject" {
		types = schema.Object
	}
	if n.Style == "deepObject" {
		return false // it is defined with explode only
	}
	return mayBe(o.schema, types) && mayBe(n.schema, types)
}

// mayBe reports whether a schema lets a value be of one of the types, as far as its
// keyword type says.
func mayBe(s *schema.Schema, types schema.Types) bool {
	t := typesOf(s)
	if t == 0 && s != nil {
		if f := follow(s); f.Enum != nil || f.Const != nil {
			return types&scalar != 0 // lists and objects are never enumerated in practice
		}
		return true
	}
	return t == 0 || t&types != 0
}

// keyPlace is the place of a key of an object, or fallback if it has none.
func keyPlace(n *tree.Node, key string, fallback finding.Location) finding.Location {
	m := n.Member(key)
	if m == nil {
		return fallback
	}
	return m.Value.File.Location(m.KeyStart, m.Value.End)
}
