package descriptor

import (
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// Rules are what the values of a field must be like, as the protos state it for protoc-gen-validate,
// and Envoy checks it. The zero Rules demand nothing.
type Rules struct {
	Required bool // a message must be there
	Skip     bool // what is in the message is not checked
	// IgnoreEmpty says that the rules do not hold for a value that is zero or empty.
	IgnoreEmpty bool

	Number   *Bounds // of numbers; of durations in seconds
	Text     *TextRules
	OnlyEnum bool // an enum may have no other values than those declared
	// In and NotIn are allowed and forbidden texts, or the types of an Any.
	In, NotIn []string

	MinItems, MaxItems uint64 // of lists and maps; 0 if not bounded
	Unique             bool
	Items              *Rules // of each value of a list or map
	Keys               *Rules // of each key of a map
}

// Bounds are bounds of numbers.
type Bounds struct {
	Const, Less, AtMost, More, AtLeast *float64
	In, NotIn                          []float64
}

// TextRules are rules about strings and bytes. Lengths are 0 if not bounded.
type TextRules struct {
	Const                                            *string
	MinLength, MaxLength, Length                     uint64 // in characters
	MinBytes, MaxBytes, BytesLength                  uint64
	Pattern, Prefix, Suffix, Contains, NotContaining string
	// HTTPHeaderName and HTTPHeaderValue ask for what RFC 7230 allows there; if Lax only for what
	// has no NUL, CR or LF.
	HTTPHeaderName, HTTPHeaderValue, Lax bool
	// Form is "address", "hostname", "ip", "ipv4", "ipv6", "uri" or "uriRef", or empty for any.
	Form string
}

// parseRules reads validate.FieldRules; nil if there are none.
func parseRules(b []byte) *Rules {
	if len(b) == 0 {
		return nil
	}
	r := &Rules{}
	eachField(b, func(number protowire.Number, rules []byte) {
		switch {
		case number >= 1 && number <= 12:
			r.numbers(number, rules)
		case number == 14:
			r.text(rules)
		case number == 15:
			r.bytes(rules)
		case number == 16:
			r.enum(rules)
		case number == 17:
			eachNumber(rules, func(n protowire.Number, v uint64) {
				r.Skip = r.Skip || n == 1 && v != 0
				r.Required = r.Required || n == 2 && v != 0
			})
		case number == 18:
			r.repeated(rules)
		case number == 19:
			r.pairs(rules)
		case number == 20:
			eachNumber(rules, func(n protowire.Number, v uint64) { r.Required = r.Required || n == 1 && v != 0 })
			eachField(rules, func(n protowire.Number, v []byte) { r.list(n, 2, string(v)) })
		case number == 21:
			r.duration(rules)
		case number == 22:
			eachNumber(rules, func(n protowire.Number, v uint64) { r.Required = r.Required || n == 1 && v != 0 })
		}
	})
	return r
}

// list adds to In, whose number is given, or to NotIn, whose number is the next.
func (r *Rules) list(number, in protowire.Number, value string) {
	switch number {
	case in:
		r.In = append(r.In, value)
	case in + 1:
		r.NotIn = append(r.NotIn, value)
	}
}

// decoders turn the bits of numbers into them, by the number of their rules in FieldRules.
var decoders = [...]func(uint64) float64{
	1:  func(v uint64) float64 { return float64(math.Float32frombits(uint32(v))) },
	2:  math.Float64frombits,
	3:  func(v uint64) float64 { return float64(int32(v)) },
	4:  func(v uint64) float64 { return float64(int64(v)) },
	5:  func(v uint64) float64 { return float64(v) },
	6:  func(v uint64) float64 { return float64(v) },
	7:  func(v uint64) float64 { return float64(protowire.DecodeZigZag(v)) },
	8:  func(v uint64) float64 { return float64(protowire.DecodeZigZag(v)) },
	9:  func(v uint64) float64 { return float64(v) },
	10: func(v uint64) float64 { return float64(v) },
	11: func(v uint64) float64 { return float64(int32(v)) },
	12: func(v uint64) float64 { return float64(int64(v)) },
}

func (r *Rules) numbers(kind protowire.Number, rules []byte) {
	r.Number = &Bounds{}
	eachNumber(rules, func(number protowire.Number, bits uint64) {
		if number == 8 {
			r.IgnoreEmpty = bits != 0
			return
		}
		r.Number.set(number, decoders[kind](bits))
	})
}

// set obeys the numbering that the rules of all numbers share.
func (b *Bounds) set(number protowire.Number, value float64) {
	switch number {
	case 1:
		b.Const = &value
	case 2:
		b.Less = &value
	case 3:
		b.AtMost = &value
	case 4:
		b.More = &value
	case 5:
		b.AtLeast = &value
	case 6:
		b.In = append(b.In, value)
	case 7:
		b.NotIn = append(b.NotIn, value)
	}
}

// duration reads DurationRules, whose numbers are one more than those of numbers.
func (r *Rules) duration(rules []byte) {
	r.Number = &Bounds{}
	eachNumber(rules, func(n protowire.Number, v uint64) { r.Required = r.Required || n == 1 && v != 0 })
	eachField(rules, func(number protowire.Number, value []byte) {
		seconds := 0.0
		eachNumber(value, func(n protowire.Number, v uint64) {
			switch n {
			case 1:
				seconds += float64(int64(v))
			case 2:
				seconds += float64(int32(v)) / 1e9
			}
		})
		r.Number.set(number-1, seconds)
	})
}

func (r *Rules) text(rules []byte) {
	t := &TextRules{}
	r.Text = t
	eachField(rules, func(number protowire.Number, value []byte) {
		s := string(value)
		switch number {
		case 1:
			t.Const = &s
		case 6:
			t.Pattern = s
		case 7:
			t.Prefix = s
		case 8:
			t.Suffix = s
		case 9:
			t.Contains = s
		case 23:
			t.NotContaining = s
		default:
			r.list(number, 10, s)
		}
	})
	strict := true
	eachNumber(rules, func(number protowire.Number, v uint64) {
		switch number {
		case 2:
			t.MinLength = v
		case 3:
			t.MaxLength = v
		case 4:
			t.MinBytes = v
		case 5:
			t.MaxBytes = v
		case 19:
			t.Length = v
		case 20:
			t.BytesLength = v
		case 24:
			t.HTTPHeaderName, t.HTTPHeaderValue = v == 1, v == 2
		case 25:
			strict = v != 0
		case 26:
			r.IgnoreEmpty = v != 0
		default:
			if form := textForm(number); form != "" && v != 0 {
				t.Form = form
			}
		}
	})
	t.Lax = !strict
}

func textForm(number protowire.Number) string {
	switch number {
	case 13:
		return "hostname"
	case 14:
		return "ip"
	case 15:
		return "ipv4"
	case 16:
		return "ipv6"
	case 17:
		return "uri"
	case 18:
		return "uriRef"
	case 21:
		return "address"
	}
	return ""
}

func (r *Rules) bytes(rules []byte) {
	t := &TextRules{}
	r.Text = t
	eachNumber(rules, func(number protowire.Number, v uint64) {
		switch number {
		case 2:
			t.MinBytes = v
		case 3:
			t.MaxBytes = v
		case 13:
			t.BytesLength = v
		case 14:
			r.IgnoreEmpty = v != 0
		}
	})
}

func (r *Rules) enum(rules []byte) {
	r.Number = &Bounds{}
	eachNumber(rules, func(number protowire.Number, v uint64) {
		switch number {
		case 1:
			r.Number.set(1, float64(int32(v)))
		case 2:
			r.OnlyEnum = v != 0
		case 3:
			r.Number.In = append(r.Number.In, float64(int32(v)))
		case 4:
			r.Number.NotIn = append(r.Number.NotIn, float64(int32(v)))
		}
	})
}

func (r *Rules) repeated(rules []byte) {
	eachNumber(rules, func(number protowire.Number, v uint64) {
		switch number {
		case 1:
			r.MinItems = v
		case 2:
			r.MaxItems = v
		case 3:
			r.Unique = v != 0
		case 5:
			r.IgnoreEmpty = v != 0
		}
	})
	r.Items = parseRules(option(rules, 4))
}

func (r *Rules) pairs(rules []byte) {
	eachNumber(rules, func(number protowire.Number, v uint64) {
		switch number {
		case 1:
			r.MinItems = v
		case 2:
			r.MaxItems = v
		case 6:
			r.IgnoreEmpty = v != 0
		}
	})
	r.Keys, r.Items = parseRules(option(rules, 4)), parseRules(option(rules, 5))
}
