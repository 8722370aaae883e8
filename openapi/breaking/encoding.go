package breaking

import (
	"fmt"
	"slices"
	"strings"

	"github.com/commslint/commslint/openapi/document"
	"github.com/commslint/commslint/openapi/schema"
)

// encodings compares how the properties of forms and of multipart bodies are written.
func (x *exchange) encodings(what string, o, n *document.MediaType, s sender) {
	if !parseMedia(n.Range).isForm() || len(o.Encodings)+len(n.Encodings) == 0 {
		return
	}
	var properties []string
	for _, e := range slices.Concat(o.Encodings, n.Encodings) {
		if !slices.Contains(properties, e.Property) {
			properties = append(properties, e.Property)
		}
	}
	for _, property := range properties {
		x.encoding(what, property, o, n, s)
	}
}

func (x *exchange) encoding(what, property string, o, n *document.MediaType, s sender) {
	before, after := propertyOf(o.Schema(), property), propertyOf(n.Schema(), property)
	if before == nil || after == nil {
		return // the property is new or gone, which its schema tells
	}
	was, is := o.Encoding(property), n.Encoding(property)
	old, new := contentTypes(was, before), contentTypes(is, after)
	sub, super := old, new
	if s == serverSends {
		sub, super = new, old
	}
	// Where neither says it, the default follows the schema, which is compared.
	written := hasContentType(was) || hasContentType(is)
	if written && len(super) > 0 && slices.ContainsFunc(sub, func(m mediaRange) bool { return !covered(m, super) }) {
		x.reencoded(what, property, o, n, fmt.Sprintf("is written as %s, no more as %s", join(new), join(old)))
		return
	}
	if was == nil || is == nil {
		return
	}
	a := &value{schema: before, Serialization: was.Serialization}
	b := &value{schema: after, Serialization: is.Serialization}
	if detail := writing(a, b); detail != "" {
		x.reencoded(what, property, o, n, "is written in another way: "+detail)
	}
}

func covered(m mediaRange, among []mediaRange) bool {
	return slices.ContainsFunc(among, func(r mediaRange) bool { return r.covers(m) })
}

func join(ranges []mediaRange) string {
	var names []string
	for _, m := range ranges {
		names = append(names, m.kind+"/"+m.subtype)
	}
	return strings.Join(names, ", ")
}

func hasContentType(e *document.Encoding) bool { return e != nil && e.ContentType != "" }

// contentTypes are the media types that a part may have: those written, or the default
// for its schema (OpenAPI 3.1, "Encoding Object"), as far as its keyword type tells.
func contentTypes(e *document.Encoding, s *schema.Schema) []mediaRange {
	if !hasContentType(e) {
		if typesOf(s) == 0 {
			return nil
		}
		return []mediaRange{defaultContentType(s)}
	}
	var ranges []mediaRange
	for t := range strings.SplitSeq(e.ContentType, ",") {
		ranges = append(ranges, parseMedia(t))
	}
	return ranges
}

func defaultContentType(s *schema.Schema) mediaRange {
	f := follow(s)
	switch {
	case f.ContentMediaType != "":
		return parseMedia(f.ContentMediaType)
	case f.Types&schema.Object != 0:
		return mediaRange{kind: "application", subtype: "json"}
	case f.Types&schema.Array != 0 && f.Items != nil && f.Items != s:
		return defaultContentType(follow(f.Items))
	case f.Format == "binary" || f.ContentEncoding != "":
		return mediaRange{kind: "application", subtype: "octet-stream"}
	}
	return mediaRange{kind: "text", subtype: "plain"}
}

// propertyOf finds the schema of a property, also in the branches of allOf.
func propertyOf(s *schema.Schema, name string) *schema.Schema {
	if s == nil {
		return nil
	}
	s = follow(s)
	if p := s.Property(name); p != nil {
		return p
	}
	for _, branch := range s.AllOf {
		if p := follow(branch).Property(name); p != nil {
			return p
		}
	}
	return nil
}

func (x *exchange) reencoded(what, property string, o, n *document.MediaType, detail string) {
	at := keyPlace(n.Node, "encoding", n.At)
	if e := n.Encoding(property); e != nil {
		at = e.Node.Location()
	}
	was := keyPlace(o.Node, "encoding", o.At)
	if e := o.Encoding(property); e != nil {
		was = e.Node.Location()
	}
	x.report(cause{rule: serializationChanged, old: o.Node, new: n.Node, detail: property}, func() *change {
		return &change{
			message: fmt.Sprintf("the property %q of the %s %s", property, what, detail),
			place:   at,
			related: x.before(was, "it was written in another way here"),
		}
	})
}
