package xds

import (
	"encoding/base64"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/commslint/commslint/envoycfg/descriptor"
	"github.com/commslint/commslint/tree"
	"google.golang.org/protobuf/types/descriptorpb"
)

// text is the text of a scalar that the document says.
func (v Value) text() (string, bool) {
	if !v.Known() || v.Node.Kind == tree.Object || v.Node.Kind == tree.Array || v.Node.Kind == tree.Null {
		return "", false
	}
	return v.Node.Text, true
}

// String is the value of a string, or the text of any scalar; empty if it is absent or not known.
func (v Value) String() string {
	s, _ := v.text()
	return s
}

// Uint is the value of a whole number, which is not negative, or of a wrapper of one; false if it is
// absent or not known.
func (v Value) Uint() (uint64, bool) {
	s, ok := v.text()
	if !ok {
		return 0, false
	}
	if n, err := strconv.ParseUint(s, 10, 64); err == nil {
		return n, true
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f < 0 || f != math.Trunc(f) || f >= 1<<64 {
		return 0, false
	}
	return uint64(f), true
}

// UintOr is Uint, with a default for absent values only: of one that is not known it reports false.
func (v Value) UintOr(byDefault uint64) (uint64, bool) {
	if !v.Set() {
		return byDefault, true
	}
	return v.Uint()
}

// Float is the value of a number.
func (v Value) Float() (float64, bool) {
	s, ok := v.text()
	if !ok {
		return 0, false
	}
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil
}

// Bool is the value of a bool or BoolValue; false, false if it is absent or not known.
func (v Value) Bool() (value, ok bool) {
	s, ok := v.text()
	if !ok {
		return false, false
	}
	return parseBool(s)
}

// IsTrue reports whether the value is known to be true.
func (v Value) IsTrue() bool {
	value, ok := v.Bool()
	return ok && value
}

// parseBool reads bools as Envoy's YAML reader does, which takes those of YAML 1.1.
func parseBool(s string) (value, ok bool) {
	switch strings.ToLower(s) {
	case "true", "yes", "on", "y":
		return true, true
	case "false", "no", "off", "n":
		return false, true
	}
	return false, false
}

// Enum is the name of an enum's value as the proto writes it; empty if it is absent or not known.
func (v Value) Enum() string {
	s, ok := v.text()
	if !ok || v.Field == nil {
		return ""
	}
	if value := enumValue(v.Field.Enum(), s); value != nil {
		return value.Name
	}
	return ""
}

func enumValue(e *descriptor.Enum, text string) *descriptor.EnumValue {
	if e == nil {
		return nil
	}
	if n, err := strconv.ParseInt(text, 10, 32); err == nil {
		return e.ByNumber(int32(n))
	}
	return e.Value(text)
}

// Duration is the value of a Duration; false if it is absent or not known. One that is longer than a
// time.Duration can be is the longest of them.
func (v Value) Duration() (time.Duration, bool) {
	if !v.Known() {
		return 0, false
	}
	if length, ok := duration(v.Node); ok {
		return length, true
	}
	length, err := time.ParseDuration(v.Node.Text)
	return length, err == nil && v.Node.Kind == tree.String
}

func isGoDuration(n *tree.Node) bool {
	_, err := time.ParseDuration(n.Text)
	return err == nil && n.Kind == tree.String
}

// duration reads "1.5s", and {seconds: 1, nanos: 500000000} as Envoy does too.
func duration(n *tree.Node) (time.Duration, bool) {
	if n.Kind == tree.Object {
		seconds, ok1 := wholeNumber(n.Get("seconds"))
		nanos, ok2 := wholeNumber(n.Get("nanos"))
		for _, m := range n.Members {
			if m.Key != "seconds" && m.Key != "nanos" {
				return 0, false
			}
		}
		return seconds1e9(seconds, nanos), ok1 && ok2
	}
	text, ok := strings.CutSuffix(n.Text, "s")
	if n.Kind != tree.String || !ok {
		return 0, false
	}
	negative := strings.HasPrefix(text, "-")
	whole, fraction, _ := strings.Cut(strings.TrimPrefix(text, "-"), ".")
	if len(fraction) > 9 {
		return 0, false
	}
	seconds, err1 := strconv.ParseUint(whole, 10, 63)
	nanos, err2 := strconv.ParseUint((fraction + "000000000")[:9], 10, 63)
	if err1 != nil || err2 != nil {
		return 0, false
	}
	d := seconds1e9(int64(seconds), int64(nanos))
	if negative {
		d = -d
	}
	return d, true
}

func seconds1e9(seconds, nanos int64) time.Duration {
	if seconds > math.MaxInt64/int64(time.Second)-1 {
		return math.MaxInt64
	}
	return time.Duration(seconds)*time.Second + time.Duration(nanos)
}

// wholeNumber reads a number that may be missing, which is 0.
func wholeNumber(n *tree.Node) (int64, bool) {
	if n == nil || n.Kind == tree.Null {
		return 0, true
	}
	i, err := strconv.ParseInt(n.Text, 10, 64)
	return i, err == nil && (n.Kind == tree.Number || n.Kind == tree.String)
}

// Percent is the value of a FractionalPercent or RuntimeFractionalPercent (of its default, which the
// runtime may change), Percent, or of a number of percent: a share from 0 to 1.
func (v Value) Percent() (float64, bool) {
	m := v.message
	if m == nil {
		f, ok := v.Float()
		return f / 100, ok
	}
	if strings.HasPrefix(m.Type.ShortName(), "Runtime") {
		return m.Get("default_value").Percent()
	}
	if m.Type.ShortName() == "Percent" {
		f, ok := m.Get("value").Float()
		return f / 100, ok || !m.Has("value")
	}
	numerator, ok := m.Get("numerator").UintOr(0)
	denominator := 100.0
	switch m.Get("denominator").Enum() {
	case "TEN_THOUSAND":
		denominator = 1e4
	case "MILLION":
		denominator = 1e6
	}
	return float64(numerator) / denominator, ok
}

// scalarFault says what was expected where the text of a scalar does not fit the kind of a field; it is
// empty if it does. Like Envoy's reader it takes numbers in quotes and text without.
func scalarFault(f *descriptor.Field, n *tree.Node) string {
	switch f.Kind {
	case descriptorpb.FieldDescriptorProto_TYPE_STRING:
	case descriptorpb.FieldDescriptorProto_TYPE_BYTES:
		if !isBase64(n.Text) {
			return "bytes in base64"
		}
	case descriptorpb.FieldDescriptorProto_TYPE_BOOL:
		if _, ok := parseBool(n.Text); !ok {
			return "true or false"
		}
	case descriptorpb.FieldDescriptorProto_TYPE_DOUBLE, descriptorpb.FieldDescriptorProto_TYPE_FLOAT:
		if _, err := strconv.ParseFloat(n.Text, 64); err != nil {
			return "a number"
		}
	default:
		return wholeNumberFault(f.Kind, n.Text)
	}
	return ""
}

func isBase64(s string) bool {
	for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
		if _, err := encoding.DecodeString(s); err == nil {
			return true
		}
	}
	return false
}

func wholeNumberFault(kind descriptor.Kind, text string) string {
	least, most := -1<<63, float64(1<<63)
	expected := "a whole number"
	switch kind {
	case descriptorpb.FieldDescriptorProto_TYPE_UINT32, descriptorpb.FieldDescriptorProto_TYPE_FIXED32:
		least, most, expected = 0, 1<<32, "a whole number from 0 to 4294967295"
	case descriptorpb.FieldDescriptorProto_TYPE_UINT64, descriptorpb.FieldDescriptorProto_TYPE_FIXED64:
		least, most, expected = 0, 1<<64, "a whole number that is not negative"
	case descriptorpb.FieldDescriptorProto_TYPE_INT32, descriptorpb.FieldDescriptorProto_TYPE_SINT32,
		descriptorpb.FieldDescriptorProto_TYPE_SFIXED32:
		least, most, expected = -1<<31, 1<<31, "a whole number from -2147483648 to 2147483647"
	}
	if _, err := strconv.ParseUint(text, 10, 64); err == nil && most == 1<<64 {
		return ""
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || f != math.Trunc(f) || f < float64(least) || f >= most {
		return expected
	}
	return ""
}
