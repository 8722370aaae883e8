package subschema

import (
	"math/big"
	"slices"
	"strings"

	"github.com/commslint/commslint/openapi/schema"
)

// signature writes what a schema says about its instances, in one order, without what makes no
// difference: annotations, keywords at their defaults, keywords for types that are excluded.
// Every omission must leave the set of instances as it is; a difference that is kept although it
// makes none only costs time.
type signature struct {
	s     *schema.Schema
	types schema.Types // 0 is any
	child func(*schema.Schema) digest
	b     []byte
}

func (c *classes) sign(s *schema.Schema, child func(*schema.Schema) digest) digest {
	w := &signature{s: s, types: effectiveTypes(s), child: child, b: make([]byte, 0, 256)}
	w.values()
	if w.may(schema.Number | schema.Integer) {
		w.numbers()
	}
	if w.may(schema.String) {
		w.strings()
	}
	if w.may(schema.Array) {
		w.arrays()
	}
	if w.may(schema.Object) {
		w.objects()
	}
	w.logic()
	return c.hash(w.b)
}

// effectiveTypes is what the keyword type allows, 0 if it excludes nothing.
func effectiveTypes(s *schema.Schema) schema.Types {
	types := s.Types
	if types&schema.Number != 0 {
		types |= schema.Integer
	}
	if types == schema.AnyType {
		return 0
	}
	return types
}

func (w *signature) may(types schema.Types) bool { return w.types == 0 || w.types&types != 0 }

func (w *signature) values() {
	s := w.s
	switch {
	case s.Always != nil && !*s.Always:
		w.b = append(w.b, 'F')
	case s.Unresolved != "":
		// The reason names what is unknown: a reference that leads nowhere in both of two
		// revisions means the same unknown thing in both.
		w.b = appendText(append(w.b, '?'), s.Unresolved)
	}
	if s.ReadOnly {
		w.b = append(w.b, 'r')
	}
	if s.WriteOnly {
		w.b = append(w.b, 'w')
	}
	values, finite := finiteValues(s)
	if !finite {
		if w.types != 0 {
			w.b = append(w.b, 'T', byte(w.types))
		}
		return
	}
	w.types = 0
	texts := make([]string, 0, len(values))
	for _, v := range values {
		texts = append(texts, canonical(v))
		w.types |= kindOf(v).types()
	}
	slices.Sort(texts)
	w.b = append(w.b, 'e')
	for _, text := range slices.Compact(texts) {
		w.b = appendText(w.b, text)
	}
	if len(texts) == 0 {
		w.types = schema.Null // no typed keyword of a schema without instances says more
	}
}

// finiteValues returns the values that type, enum and const leave, if they leave finitely many.
func finiteValues(s *schema.Schema) ([]any, bool) {
	values := s.Enum
	switch {
	case s.Const != nil && s.Enum == nil:
		values = []any{s.Const.V}
	case s.Const != nil:
		values = slices.DeleteFunc(slices.Clone(s.Enum), func(v any) bool { return canonical(v) != canonical(s.Const.V) })
	case s.Enum == nil && (s.Types == 0 || s.Types&^(schema.Null|schema.Boolean) != 0):
		return nil, false
	case s.Enum == nil:
		if s.Types&schema.Null != 0 {
			values = append(values, nil)
		}
		if s.Types&schema.Boolean != 0 {
			values = append(values, false, true)
		}
		return values, true
	}
	if s.Types == 0 {
		return values, true
	}
	return slices.DeleteFunc(slices.Clone(values), func(v any) bool { return !hasType(v, s.Types) }), true
}

func (w *signature) numbers() {
	s := w.s
	low, exclusiveLow := s.Minimum, s.ExclusiveMinimum
	high, exclusiveHigh := s.Maximum, s.ExclusiveMaximum
	if w.types&schema.Number == 0 && w.types != 0 { // integers: > 0 is ≥ 1
		low, exclusiveLow = roundUp(low, exclusiveLow), nil
		high, exclusiveHigh = negate(roundUp(negate(high), negate(exclusiveHigh))), nil
	}
	w.b = appendRat(w.b, 'm', low)
	w.b = appendRat(w.b, 'n', exclusiveLow)
	w.b = appendRat(w.b, 'M', high)
	w.b = appendRat(w.b, 'N', exclusiveHigh)
	w.b = appendRat(w.b, '/', s.MultipleOf)
	if _, _, ranged := formatRange(s.Format); ranged {
		w.b = appendText(append(w.b, 'f'), s.Format)
	}
}

// roundUp is the least integer that is at least low and more than exclusive.
func roundUp(low, exclusive *big.Rat) *big.Rat {
	var least *big.Int
	if low != nil {
		least = ceiling(low)
	}
	if exclusive != nil {
		next := new(big.Int).Add(floor(exclusive), big.NewInt(1))
		if least == nil || next.Cmp(least) > 0 {
			least = next
		}
	}
	if least == nil {
		return nil
	}
	return new(big.Rat).SetInt(least)
}

func negate(r *big.Rat) *big.Rat {
	if r == nil {
		return nil
	}
	return new(big.Rat).Neg(r)
}

func floor(r *big.Rat) *big.Int {
	return new(big.Int).Div(r.Num(), r.Denom()) // Euclidean: rounds down for positive denominators
}

func ceiling(r *big.Rat) *big.Int {
	return new(big.Int).Neg(floor(new(big.Rat).Neg(r)))
}

func (w *signature) strings() {
	s := w.s
	w.b = appendInt(w.b, 'l', positive(s.MinLength))
	w.b = appendInt(w.b, 'L', s.MaxLength)
	if s.Pattern != nil {
		w.b = appendText(append(w.b, 'p'), *s.Pattern)
	}
	if format := stringFormat(s.Format); format != "" {
		w.b = appendText(append(w.b, 'g'), format)
	}
}

// positive drops a lower bound of zero, which excludes nothing.
func positive(n *int) *int {
	if n == nil || *n <= 0 {
		return nil
	}
	return n
}

func (w *signature) arrays() {
	s := w.s
	for _, item := range s.PrefixItems {
		w.b = appendDigest(append(w.b, 'i'), w.child(item))
	}
	w.one('I', s.Items)
	w.b = appendInt(w.b, 'a', positive(s.MinItems))
	w.b = appendInt(w.b, 'A', s.MaxItems)
	if s.UniqueItems {
		w.b = append(w.b, 'u')
	}
	if s.Contains != nil {
		w.b = appendDigest(append(w.b, 'c'), w.child(s.Contains))
		w.b = appendInt(w.b, 'd', s.MinContains)
		w.b = appendInt(w.b, 'D', s.MaxContains)
	}
	w.one('U', s.UnevaluatedItems)
}

func (w *signature) objects() {
	s := w.s
	w.named('P', s.Properties)
	w.named('Q', s.PatternProperties)
	w.one('O', s.AdditionalProperties)
	w.one('V', s.UnevaluatedProperties)
	w.one('y', s.PropertyNames)
	for _, name := range sortedSet(s.Required) {
		w.b = appendText(append(w.b, 'R'), name)
	}
	for _, d := range sortedByName(s.DependentRequired, func(d schema.Dependency) string { return d.Name }) {
		w.b = appendText(append(w.b, 'S'), d.Name)
		for _, name := range sortedSet(d.Required) {
			w.b = appendText(append(w.b, 's'), name)
		}
	}
	w.named('t', s.DependentSchemas)
	w.b = appendInt(w.b, 'o', positive(s.MinProperties))
	w.b = appendInt(w.b, 'q', s.MaxProperties)
}

// one writes a schema under a keyword. Even one that accepts everything is written: what it
// evaluates matters to unevaluatedProperties and unevaluatedItems of the schemas around it.
func (w *signature) one(keyword byte, s *schema.Schema) {
	if s != nil {
		w.b = appendDigest(append(w.b, keyword), w.child(s))
	}
}

// named writes named schemas by name. Properties are never dropped: the tolerant reading and
// unevaluatedProperties ask which are listed.
func (w *signature) named(keyword byte, list []schema.Property) {
	for _, p := range sortedByName(list, func(p schema.Property) string { return p.Name }) {
		w.b = appendText(append(w.b, keyword), p.Name)
		w.b = appendDigest(w.b, w.child(p.Schema))
	}
}

func (w *signature) logic() {
	s := w.s
	if s.Ref != nil {
		w.set('&', append([]*schema.Schema{s.Ref}, s.AllOf...))
	} else {
		w.set('&', s.AllOf)
	}
	w.set('|', s.AnyOf)
	if len(s.OneOf) > 0 {
		digests := w.sorted(s.OneOf) // two equal branches exclude each other: no duplicate is dropped
		w.b = append(w.b, '^')
		for _, d := range digests {
			w.b = appendDigest(w.b, d)
		}
	}
	if s.Not != nil {
		w.b = appendDigest(append(w.b, '!'), w.child(s.Not))
	}
	if s.If != nil {
		w.b = appendDigest(append(w.b, 'x'), w.child(s.If))
		w.one('X', s.Then)
		w.one('Y', s.Else)
	}
}

func (w *signature) sorted(list []*schema.Schema) []digest {
	digests := make([]digest, len(list))
	for i, s := range list {
		digests[i] = w.child(s)
	}
	slices.SortFunc(digests, compareDigests)
	return digests
}

func (w *signature) set(keyword byte, list []*schema.Schema) {
	if len(list) == 0 {
		return
	}
	w.b = append(w.b, keyword)
	for _, d := range slices.Compact(w.sorted(list)) {
		w.b = appendDigest(w.b, d)
	}
}

func sortedSet(names []string) []string {
	if len(names) < 2 {
		return names
	}
	sorted := slices.Clone(names)
	slices.Sort(sorted)
	return slices.Compact(sorted)
}

func sortedByName[T any](list []T, name func(T) string) []T {
	order := func(a, b T) int { return strings.Compare(name(a), name(b)) }
	if slices.IsSortedFunc(list, order) {
		return list
	}
	sorted := slices.Clone(list)
	slices.SortStableFunc(sorted, order)
	return sorted
}
