package subschema

import (
	"encoding/json"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/commslint/commslint/openapi/schema"
)

// Instances are JSON values as encoding/json decodes them with UseNumber: nil, bool, string,
// json.Number, []any and map[string]any.

// A kind is one of the six JSON types. Integers are numbers.
type kind uint8

const (
	kindNull kind = iota
	kindBoolean
	kindNumber
	kindString
	kindArray
	kindObject
)

// types is the set of types that hold every value of the kind or, of numbers, some.
func (k kind) types() schema.Types {
	return [...]schema.Types{
		schema.Null, schema.Boolean, schema.Number | schema.Integer,
		schema.String, schema.Array, schema.Object,
	}[k]
}

func kindOf(v any) kind {
	switch v.(type) {
	case nil:
		return kindNull
	case bool:
		return kindBoolean
	case json.Number:
		return kindNumber
	case string:
		return kindString
	case []any:
		return kindArray
	}
	return kindObject
}

// canonical writes a value in one way per JSON value: two values are equal in the sense of JSON
// Schema (1 is 1.0, members have no order) exactly if their texts are equal.
func canonical(v any) string {
	var b strings.Builder
	writeCanonical(&b, v)
	return b.String()
}

func writeCanonical(b *strings.Builder, v any) {
	switch v := v.(type) {
	case nil:
		b.WriteString("null")
	case bool:
		b.WriteString(strconv.FormatBool(v))
	case string:
		b.WriteString(strconv.Quote(v))
	case json.Number:
		if d, ok := schema.ParseDecimal(string(v)); ok {
			b.WriteString(d.String())
		} else {
			b.WriteString("number " + strconv.Quote(string(v)))
		}
	case []any:
		b.WriteByte('[')
		for _, item := range v {
			writeCanonical(b, item)
			b.WriteByte(',')
		}
		b.WriteByte(']')
	case map[string]any:
		b.WriteByte('{')
		for _, name := range sortedKeys(v) {
			b.WriteString(strconv.Quote(name))
			b.WriteByte(':')
			writeCanonical(b, v[name])
			b.WriteByte(',')
		}
		b.WriteByte('}')
	}
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// compact writes a value as JSON for a message, cut after some 40 bytes.
func compact(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return "a value"
	}
	if len(text) > 40 {
		cut := 40
		for cut > 0 && text[cut]&0xC0 == 0x80 {
			cut--
		}
		return string(text[:cut]) + "…"
	}
	return string(text)
}

// numberText writes a rational as a JSON number: every rational that arises from decimals by
// sums, halves and least common multiples has a finite decimal. False for the others.
func numberText(r *big.Rat) (json.Number, bool) {
	if r.IsInt() {
		return json.Number(r.Num().String()), true
	}
	digits, exact := r.FloatPrec()
	if !exact || digits > 2000 {
		return "", false
	}
	return json.Number(r.FloatString(digits)), true
}

// size counts the nodes of a value up to a limit: values share parts, so that a small witness
// in memory may be one that nobody can print.
func size(v any, limit int) int {
	n := 1
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			if n > limit {
				return n
			}
			n += size(item, limit-n)
		}
	case map[string]any:
		for _, item := range v {
			if n > limit {
				return n
			}
			n += size(item, limit-n)
		}
	}
	return n
}
