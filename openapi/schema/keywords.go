package schema

import (
	"crypto/sha256"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/commslint/commslint/tree"
)

// assertion reads a keyword that holds a plain value; false if it is none.
func (r *Reader) assertion(s *Schema, m *tree.Member) bool {
	n := m.Value
	switch m.Key {
	case "type":
		s.Types = r.types(n)
	case "enum":
		r.enum(s, n)
	case "const":
		s.Const = &Value{n.Value()}
	case "multipleOf":
		r.multipleOf(s, n)
	case "minimum":
		s.Minimum = r.number(s, n, m.Key)
	case "maximum":
		s.Maximum = r.number(s, n, m.Key)
	case "minLength":
		s.MinLength = r.count(n, m.Key)
	case "maxLength":
		s.MaxLength = r.count(n, m.Key)
	case "pattern":
		if text, ok := r.text(n, m.Key); ok {
			s.Pattern = &text
		}
	case "format":
		s.Format, _ = r.text(n, m.Key)
	case "minItems":
		s.MinItems = r.count(n, m.Key)
	case "maxItems":
		s.MaxItems = r.count(n, m.Key)
	case "uniqueItems":
		s.UniqueItems = r.boolean(n, m.Key)
	case "minContains":
		s.MinContains = r.count(n, m.Key)
	case "maxContains":
		s.MaxContains = r.count(n, m.Key)
	case "minProperties":
		s.MinProperties = r.count(n, m.Key)
	case "maxProperties":
		s.MaxProperties = r.count(n, m.Key)
	case "required":
		s.Required = r.texts(n, m.Key)
	case "dependentRequired":
		r.dependentRequired(s, n)
	default:
		return false
	}
	return true
}

// applicator reads a keyword that holds schemas; false if it is none.
func (r *Reader) applicator(s *Schema, m *tree.Member) bool {
	n := m.Value
	switch m.Key {
	case "$dynamicRef":
		r.dynamicReference(s, n)
	case "items":
		r.items(s, n)
	case "prefixItems":
		s.PrefixItems = r.list(n, m.Key)
	case "contains":
		s.Contains = r.Read(n)
	case "unevaluatedItems":
		s.UnevaluatedItems = r.Read(n)
	case "properties":
		s.Properties = r.named(n, m.Key)
	case "patternProperties":
		s.PatternProperties = r.named(n, m.Key)
	case "additionalProperties":
		s.AdditionalProperties = r.Read(n)
	case "unevaluatedProperties":
		s.UnevaluatedProperties = r.Read(n)
	case "propertyNames":
		s.PropertyNames = r.Read(n)
	case "dependentSchemas":
		s.DependentSchemas = r.named(n, m.Key)
	case "allOf":
		s.AllOf = append(s.AllOf, r.list(n, m.Key)...)
	case "anyOf":
		s.AnyOf = r.list(n, m.Key)
	case "oneOf":
		s.OneOf = r.list(n, m.Key)
	case "not":
		s.Not = r.Read(n)
	case "if":
		s.If = r.Read(n)
	case "then":
		s.Then = r.Read(n)
	case "else":
		s.Else = r.Read(n)
	default:
		return false
	}
	return true
}

func (r *Reader) annotation(s *Schema, m *tree.Member) {
	n := m.Value
	switch m.Key {
	case "readOnly":
		s.ReadOnly = r.boolean(n, m.Key)
	case "writeOnly":
		s.WriteOnly = r.boolean(n, m.Key)
	case "deprecated":
		s.Deprecated = r.boolean(n, m.Key)
	case "default":
		s.Default = &Value{n.Value()}
	case "contentMediaType":
		s.ContentMediaType, _ = r.text(n, m.Key)
	case "contentEncoding":
		s.ContentEncoding, _ = r.text(n, m.Key)
	case "discriminator":
		s.Discriminator = r.discriminator(s, n)
	}
}

// typeNames are the values of the keyword type; file is Swagger 2.0's name for octets.
var typeNames = [...]struct {
	name string
	set  Types
}{
	{"string", String}, {"object", Object}, {"array", Array}, {"integer", Integer},
	{"number", Number | Integer}, {"boolean", Boolean}, {"null", Null},
}

func (r *Reader) types(n *tree.Node) Types {
	if n.Kind == tree.Array {
		var set Types
		for _, item := range n.Items {
			set |= r.typeNamed(item)
		}
		return set
	}
	return r.typeNamed(n)
}

func (r *Reader) typeNamed(n *tree.Node) Types {
	if n.Kind == tree.Null { // an unquoted null of YAML
		return Null
	}
	if n.Kind != tree.String {
		r.wrong(n, "type", "the name of a type")
		return 0
	}
	for _, t := range typeNames {
		if n.Text == t.name {
			return t.set
		}
	}
	if r.dialect == OpenAPI20 && n.Text == "file" {
		return String
	}
	r.problem(n, "there is no type %q: expected string, number, integer, boolean, array, object or null; it is ignored", n.Text)
	return 0
}

// nullable folds 3.0's keyword into the types: "a true value adds "null" to the allowed type
// specified by the type keyword, only if type is explicitly defined within the same Schema
// Object" (OpenAPI 3.0.4).
func (r *Reader) nullable(s *Schema, n *tree.Node) {
	if r.dialect != OpenAPI30 {
		return
	}
	if flag := n.Get("nullable"); flag != nil && r.boolean(flag, "nullable") && s.Types != 0 {
		s.Types |= Null
	}
}

// bounds reads exclusiveMinimum and exclusiveMaximum: booleans in 3.0 and before, numbers since.
// Either form is read in every dialect, because documents mix them and each has one meaning.
func (r *Reader) bounds(s *Schema, n *tree.Node) {
	if bound := n.Get("exclusiveMinimum"); bound != nil {
		s.Minimum, s.ExclusiveMinimum = r.exclusive(s, bound, "exclusiveMinimum", s.Minimum)
	}
	if bound := n.Get("exclusiveMaximum"); bound != nil {
		s.Maximum, s.ExclusiveMaximum = r.exclusive(s, bound, "exclusiveMaximum", s.Maximum)
	}
}

func (r *Reader) exclusive(s *Schema, n *tree.Node, keyword string, bound *big.Rat) (inclusive, exclusive *big.Rat) {
	switch {
	case n.Kind == tree.Number:
		return bound, r.number(s, n, keyword)
	case n.Kind != tree.Bool:
		r.wrong(n, keyword, "a number or a boolean")
	case n.Text == "true":
		return nil, bound
	}
	return bound, nil
}

func (r *Reader) enum(s *Schema, n *tree.Node) {
	if n.Kind != tree.Array {
		r.wrong(n, "enum", "an array")
		return
	}
	s.Enum = make([]any, len(n.Items))
	for i, item := range n.Items {
		s.Enum[i] = item.Value()
	}
}

// number reads an exact number. One that is too large to be held makes the schema unresolved:
// ignoring a bound could turn an answer around.
func (r *Reader) number(s *Schema, n *tree.Node, keyword string) *big.Rat {
	if n.Kind != tree.Number {
		r.wrong(n, keyword, "a number")
		return nil
	}
	value, ok := ParseRat(n.Text)
	if !ok {
		r.problem(n, "the number of %s is not finite or lies beyond 10^%d: what it excludes is unknown", keyword, maxExponent)
		s.Unresolved = keyword + " " + shortened(n.Text) + " is out of range"
		return nil
	}
	return value
}

// shortened keeps long texts apart by a hash: what is unresolved for the same reason counts as the
// same thing.
func shortened(text string) string {
	if len(text) > 40 {
		return fmt.Sprintf("%s… (%x)", text[:40], sha256.Sum256([]byte(text)))
	}
	return text
}

func (r *Reader) multipleOf(s *Schema, n *tree.Node) {
	value := r.number(s, n, "multipleOf")
	if value != nil && value.Sign() <= 0 {
		r.problem(n, "multipleOf is more than 0: the keyword is ignored")
		return
	}
	s.MultipleOf = value
}

// count reads a number that is not negative and has no fraction.
func (r *Reader) count(n *tree.Node, keyword string) *int {
	if n.Kind != tree.Number {
		r.wrong(n, keyword, "a whole number")
		return nil
	}
	d, ok := ParseDecimal(n.Text)
	if !ok || !d.IsInteger() || d.Negative {
		r.problem(n, "%s is a whole number that is not negative: the keyword is ignored", keyword)
		return nil
	}
	value := math.MaxInt
	if d.Exponent < 19 {
		if v, err := strconv.Atoi(d.Digits + strings.Repeat("0", int(d.Exponent))); err == nil || d.Digits == "" {
			value = v
		}
	}
	return &value
}

func (r *Reader) text(n *tree.Node, keyword string) (string, bool) {
	if n.Kind != tree.String {
		r.wrong(n, keyword, "a string")
		return "", false
	}
	return n.Text, true
}

func (r *Reader) boolean(n *tree.Node, keyword string) bool {
	if n.Kind != tree.Bool {
		r.wrong(n, keyword, "true or false")
	}
	return n.Kind == tree.Bool && n.Text == "true"
}

func (r *Reader) texts(n *tree.Node, keyword string) []string {
	if n.Kind != tree.Array {
		r.wrong(n, keyword, "an array of strings")
		return nil
	}
	list := make([]string, 0, len(n.Items))
	for _, item := range n.Items {
		if text, ok := r.text(item, "each of "+keyword); ok {
			list = append(list, text)
		}
	}
	return list
}

func (r *Reader) dependentRequired(s *Schema, n *tree.Node) {
	if n.Kind != tree.Object {
		r.wrong(n, "dependentRequired", "an object")
		return
	}
	for i := range n.Members {
		m := &n.Members[i]
		s.DependentRequired = append(s.DependentRequired, Dependency{m.Key, r.texts(m.Value, "each of dependentRequired")})
	}
}

// items reads one schema for all items, or the list of schemas that it was before 2020-12, when
// additionalItems held for the rest.
func (r *Reader) items(s *Schema, n *tree.Node) {
	if n.Kind != tree.Array {
		s.Items = r.Read(n)
		return
	}
	s.PrefixItems = r.list(n, "items")
	s.Items = r.Read(n.Parent.Get("additionalItems"))
}

func (r *Reader) list(n *tree.Node, keyword string) []*Schema {
	if n.Kind != tree.Array {
		r.wrong(n, keyword, "an array of schemas")
		return nil
	}
	list := make([]*Schema, len(n.Items))
	for i, item := range n.Items {
		list[i] = r.Read(item)
	}
	return list
}

func (r *Reader) named(n *tree.Node, keyword string) []Property {
	if n.Kind != tree.Object {
		r.wrong(n, keyword, "an object of schemas")
		return nil
	}
	list := make([]Property, 0, len(n.Members))
	for i := range n.Members {
		list = append(list, Property{n.Members[i].Key, r.Read(n.Members[i].Value)})
	}
	return list
}

func (r *Reader) discriminator(s *Schema, n *tree.Node) *Discriminator {
	if n.Kind == tree.String && r.dialect == OpenAPI20 {
		return &Discriminator{PropertyName: n.Text}
	}
	name := n.Get("propertyName")
	if name == nil || name.Kind != tree.String {
		r.problem(n, "discriminator is an object with propertyName: it is ignored")
		return nil
	}
	d := &Discriminator{PropertyName: name.Text}
	mapping := n.Get("mapping")
	if mapping == nil || mapping.Kind != tree.Object {
		return d
	}
	d.Mapping = make(map[string]*Schema, len(mapping.Members))
	for i := range mapping.Members {
		m := &mapping.Members[i]
		if target := r.mapped(s, m.Value); target != nil {
			d.Mapping[m.Key] = target
		}
	}
	return d
}

// mapped follows a value of a discriminator's mapping: the name of a component, or a reference.
func (r *Reader) mapped(s *Schema, n *tree.Node) *Schema {
	if n.Kind != tree.String {
		r.wrong(n, "each of mapping", "a string")
		return nil
	}
	if !strings.ContainsAny(n.Text, "/#.") {
		if target, err := r.resolver.Resolve(s.Node, "#/components/schemas/"+n.Text); err == nil {
			return r.later(target)
		}
	}
	target, err := r.resolver.Resolve(s.Node, n.Text)
	if err != nil {
		r.problem(n, "the discriminator maps to %s, which leads nowhere: %v", n.Text, err)
		return nil
	}
	return r.later(target)
}
