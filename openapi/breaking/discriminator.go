package breaking

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/commslint/commslint/openapi/document"
	"github.com/commslint/commslint/openapi/schema"
)

// discriminators reports discriminators that tell alternatives apart in another way.
// No schema says so: the values may be the same.
func (x *exchange) discriminators(what string, before, after *schema.Schema, s sender) {
	if x.usesDiscriminators(x.comparison.old) || x.usesDiscriminators(x.comparison.new) {
		x.walkDiscriminators(what, before, after, s)
	}
}

// usesDiscriminators looks at the text, so that the walk is made only where it can
// find something: discriminators, or strings that hold what is encoded.
func (c *comparison) usesDiscriminators(d *document.Document) bool {
	uses, known := c.discriminating[d]
	if !known {
		for _, f := range d.Files {
			uses = uses || bytes.Contains(f.Text, []byte("discriminator")) || bytes.Contains(f.Text, []byte("contentEncoding")) ||
				bytes.Contains(f.Text, []byte("contentMediaType"))
		}
		c.discriminating[d] = uses
	}
	return uses
}

// walkDiscriminators goes through both schemas side by side, by the names of
// properties and the places or names of branches.
func (x *exchange) walkDiscriminators(what string, before, after *schema.Schema, s sender) {
	if before == nil || after == nil || before == after {
		return
	}
	before, after = unwrapped(before), unwrapped(after)
	key := schemaPair{before, after, s}
	if x.walked[key] {
		return
	}
	x.walked[key] = true
	if before.Discriminator != nil && after.Discriminator != nil {
		x.discriminator(what, before, after, s)
	}
	x.contentOf(what, before, after)
	walk := func(a, b *schema.Schema) { x.walkDiscriminators(what, a, b, s) }
	for _, p := range before.Properties {
		walk(p.Schema, after.Property(p.Name))
	}
	walk(before.Items, after.Items)
	walk(before.AdditionalProperties, after.AdditionalProperties)
	for _, branches := range [][2][]*schema.Schema{{before.AllOf, after.AllOf}, {before.AnyOf, after.AnyOf}, {before.OneOf, after.OneOf}} {
		for i, b := range branches[0] {
			walk(b, branchLike(branches[1], b, i))
		}
	}
}

// unwrapped goes to what a schema is a reference to, or the only branch of, as long as
// it says nothing itself that is looked for here.
func unwrapped(s *schema.Schema) *schema.Schema {
	for range 100 { // a reference may lead to itself
		inner := target(s)
		if inner.Discriminator == nil && inner.ContentEncoding == "" && inner.ContentMediaType == "" && inner.Format == "" &&
			inner.Types == 0 && len(inner.AllOf) == 1 && len(inner.AnyOf)+len(inner.OneOf) == 0 {
			inner = inner.AllOf[0]
		}
		if inner == s {
			return s
		}
		s = inner
	}
	return s
}

// target follows references that say nothing else.
func target(s *schema.Schema) *schema.Schema {
	for range 100 {
		if s.Ref == nil {
			return s
		}
		s = s.Ref
	}
	return s
}

// branchLike finds the branch of the same component name, or else the one at the
// same place.
func branchLike(branches []*schema.Schema, b *schema.Schema, i int) *schema.Schema {
	if name := target(b).Name; name != "" {
		for _, other := range branches {
			if target(other).Name == name {
				return other
			}
		}
	}
	if i < len(branches) {
		return branches[i]
	}
	return nil
}

func (x *exchange) discriminator(what string, before, after *schema.Schema, s sender) {
	o, n := before.Discriminator, after.Discriminator
	message := ""
	switch {
	case o.PropertyName != n.PropertyName:
		message = fmt.Sprintf("the property that tells the alternatives apart is %q, no more %q", n.PropertyName, o.PropertyName)
	case s == clientSends && len(o.Mapping) > 0 && len(n.Mapping) > 0:
		for _, value := range slices.Sorted(maps.Keys(o.Mapping)) {
			if n.Mapping[value] == nil && !isImplied(value, after) {
				message = fmt.Sprintf("the value %q of %s stands for no alternative any more", value, n.PropertyName)
				break
			}
		}
	}
	if message == "" {
		return
	}
	x.report(cause{rule: serializationChanged, old: nodeOf(before), new: nodeOf(after), detail: "discriminator"}, func() *change {
		return &change{
			message: what + ": " + message,
			place:   schemaPlace(after, "discriminator", x.new.At),
			related: x.before(schemaPlace(before, "discriminator", x.old.At), "it was here"),
		}
	})
}

// contentOf reports strings that hold something encoded in another way. JSON Schema
// does not assert what they hold, and still no reader of one understands the other.
func (x *exchange) contentOf(what string, before, after *schema.Schema) {
	if !isString(before) || !isString(after) {
		return // the parts of other schemas are told apart by what they accept
	}
	was, is := encodingOf(before), encodingOf(after)
	keyword, from, to := "contentEncoding", was, is
	if was == is {
		keyword, from, to = "contentMediaType", before.ContentMediaType, after.ContentMediaType
		if from == "" || to == "" || parseMedia(to).covers(parseMedia(from)) {
			return // an annotation that says more than before
		}
	}
	x.report(cause{rule: serializationChanged, old: nodeOf(before), new: nodeOf(after), detail: keyword}, func() *change {
		return &change{
			message: fmt.Sprintf("%s: %s %s became %s", what, keyword, orPlain(from), orPlain(to)),
			place:   schemaPlace(after, keyword, x.new.At),
			related: x.before(schemaPlace(before, keyword, x.old.At), "it was here"),
		}
	})
}

// isString reports whether a schema by itself says that its values are strings.
func isString(s *schema.Schema) bool {
	return s.Types&^schema.Null == schema.String && s.Ref == nil && len(s.AllOf)+len(s.AnyOf)+len(s.OneOf) == 0
}

// encodingOf is how a string is encoded; 3.0 calls base64 the format byte.
func encodingOf(s *schema.Schema) string {
	switch {
	case s.ContentEncoding != "":
		return strings.ToLower(s.ContentEncoding)
	case s.Format == "byte":
		return "base64"
	}
	return ""
}

func orPlain(s string) string {
	if s == "" {
		return "(none)"
	}
	return s
}

// isImplied reports whether a value is the name of an alternative, which needs no
// mapping.
func isImplied(value string, s *schema.Schema) bool {
	return slices.ContainsFunc(slices.Concat(s.OneOf, s.AnyOf), func(b *schema.Schema) bool { return target(b).Name == value })
}
