package lint

import (
	"strings"
	"unicode"

	"github.com/commslint/commslint/openapi/schema"
)

// maxShape bounds the schemas that are looked at for the properties of one body, and
// maxProperties those properties.
const (
	maxShape      = 200
	maxProperties = 5000
)

// properties calls f for each property that instances of a schema may have at their top level:
// its own, those of what it refers to, and those of its branches.
func properties(s *schema.Schema, f func(schema.Property)) {
	w := &shapeWalk{seen: map[*schema.Schema]bool{}}
	left := maxProperties
	w.walk(s, func(s *schema.Schema) {
		for _, p := range s.Properties[:min(left, len(s.Properties))] {
			f(p)
		}
		left = max(0, left-len(s.Properties))
	})
}

type shapeWalk struct{ seen map[*schema.Schema]bool }

func (w *shapeWalk) walk(s *schema.Schema, f func(*schema.Schema)) {
	if s == nil || w.seen[s] || len(w.seen) > maxShape {
		return
	}
	w.seen[s] = true
	f(s)
	w.walk(s.Ref, f)
	for _, branches := range [][]*schema.Schema{s.AllOf, s.AnyOf, s.OneOf} {
		for _, branch := range branches {
			w.walk(branch, f)
		}
	}
}

// arrayItems is the schema of the elements, if instances are arrays without a bound on their
// length; nil otherwise.
func arrayItems(s *schema.Schema) *schema.Schema {
	var items *schema.Schema
	bounded := false
	w := &shapeWalk{seen: map[*schema.Schema]bool{}}
	w.walk(s, func(s *schema.Schema) {
		if s.Items != nil {
			items = s.Items
		}
		bounded = bounded || s.MaxItems != nil || len(s.PrefixItems) > 0
	})
	if bounded {
		return nil
	}
	return items
}

// isObject reports whether instances of a schema are objects with properties.
func isObject(s *schema.Schema) bool {
	found := false
	properties(s, func(schema.Property) { found = true })
	return found
}

// plainName is a name without what joins its words, in lower case: page[size] and pageSize are pagesize.
func plainName(name string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsLetter(c) || unicode.IsDigit(c) {
			return unicode.ToLower(c)
		}
		return -1
	}, name)
}

// words takes a name apart, in lower case: getUserById, get-user-by-id and get_user_by_id are the same.
func words(name string) []string {
	var list []string
	var word strings.Builder
	end := func() {
		if word.Len() > 0 {
			list = append(list, word.String())
			word.Reset()
		}
	}
	upper := false
	for _, c := range name {
		switch {
		case !unicode.IsLetter(c) && !unicode.IsDigit(c):
			end()
		case unicode.IsUpper(c) && !upper:
			end()
			word.WriteRune(unicode.ToLower(c))
		default:
			word.WriteRune(unicode.ToLower(c))
		}
		upper = unicode.IsUpper(c)
	}
	end()
	return list
}
