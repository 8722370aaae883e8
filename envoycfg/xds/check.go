package xds

import (
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/commslint/commslint/envoycfg/descriptor"
	"github.com/commslint/commslint/tree"
)

// check holds a message to the rules of its proto, which Envoy checks when it reads it.
func (d *decoder) check(m *Message) {
	if d.dump || d.unchecked {
		return // in a dump, Envoy has it from itself
	}
	for _, f := range m.Type.Fields {
		if f.Rules == nil {
			continue
		}
		v := m.field(f.Name)
		if !v.Set() {
			if f.Oneof == nil {
				d.checkAbsent(m, f)
			}
			continue
		}
		if fault := valueFault(v); fault != "" {
			d.invalid(v.At(), "%s.%s: expected %s: Envoy refuses it", m.Type.ShortName(), f.Name, fault)
		}
	}
	if fault := constructionFault(m); fault != "" {
		d.invalid(m.At(), "%s: Envoy refuses it", fault)
	}
	for _, o := range m.Type.Oneofs {
		if o.Required && !d.patch && !m.Node.Templated() && !d.attempted(m, o.Fields...) {
			d.invalid(m.At(), "%s: expected one of %s: Envoy refuses it", m.Type.ShortName(), fieldNames(o.Fields))
		}
	}
}

// constructionFault says what Envoy finds wrong when it makes something of a message, which no rule of the
// protos tells.
func constructionFault(m *Message) string {
	if !m.Is("envoy.config.route.v3.RetryPolicy.RetryBackOff") {
		return ""
	}
	base, ok1 := m.Get("base_interval").Duration()
	longest, ok2 := m.Get("max_interval").Duration()
	if ok1 && ok2 && longest < base { // retry_policy_impl.cc
		return fmt.Sprintf("RetryBackOff: expected a max_interval that is not less than the base_interval of %s", base)
	}
	return ""
}

// attempted reports whether the document has one of the fields, be it with a value that could not be read.
func (d *decoder) attempted(m *Message, fields ...*descriptor.Field) bool {
	return slices.ContainsFunc(m.Node.Members, func(member tree.Member) bool {
		f := m.Type.Field(member.Key)
		return f != nil && slices.Contains(fields, f) && member.Value.Kind != tree.Null
	})
}

func fieldNames(fields []*descriptor.Field) string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name
	}
	return strings.Join(names, ", ")
}

// checkAbsent reports a field that is not set where its rules do not allow that: a message that is
// required, or a scalar whose zero value is forbidden.
func (d *decoder) checkAbsent(m *Message, f *descriptor.Field) {
	if d.patch || m.Node.Templated() || d.attempted(m, f) {
		return
	}
	r := f.Rules
	missing := r.Required
	switch {
	case r.IgnoreEmpty:
	case f.List || f.Map:
		missing = r.MinItems > 0
	case f.Kind == kindMessage:
	case f.Kind == kindEnum:
		missing = r.Number != nil && boundsFault(r.Number, 0, "") != ""
	case r.Text != nil:
		missing = textFault(r, "") != ""
	case r.Number != nil:
		missing = boundsFault(r.Number, 0, "") != ""
	}
	if missing {
		d.invalid(m.At(), "%s needs %s: Envoy refuses it", m.Type.ShortName(), f.Name)
	}
}

// valueFault says what the rules of its field ask of a value that it is not; empty if nothing.
func valueFault(v Value) string {
	r, f := v.Field.Rules, v.Field
	if !f.List && !f.Map {
		return singleFault(r, v)
	}
	if !v.Known() || v.Node.Templated() {
		return ""
	}
	count := uint64(len(v.items))
	if v.Node.Kind == tree.Array {
		count = uint64(len(v.Node.Items))
	}
	switch {
	case count < r.MinItems && (count > 0 || !r.IgnoreEmpty):
		return fmt.Sprintf("at least %d", r.MinItems)
	case r.MaxItems > 0 && count > r.MaxItems:
		return fmt.Sprintf("at most %d", r.MaxItems)
	}
	if i := repeated(v.items); r.Unique && i >= 0 {
		return fmt.Sprintf("each value once (%s is there again)", v.items[i].String())
	}
	for _, item := range v.items {
		if r.Items != nil {
			if fault := singleFault(r.Items, item); fault != "" {
				return "items that are " + fault
			}
		}
		if r.Keys != nil && f.Map && r.Keys.Text != nil {
			if fault := textFault(r.Keys, item.Name()); fault != "" {
				return "keys that are " + fault
			}
		}
	}
	return ""
}

// repeated is the first of some scalars that stands among them twice; negative if there is none.
func repeated(items []Value) int {
	seen := map[string]bool{}
	for i, item := range items {
		text, known := item.text()
		if known && seen[text] {
			return i
		}
		seen[text] = known
	}
	return -1
}

func singleFault(r *descriptor.Rules, v Value) string {
	if !v.Known() {
		return ""
	}
	f := v.Field
	if f.Kind == kindMessage {
		switch t := f.Message(); t.Form {
		case descriptor.Wrapper:
			f = t.Field("value")
		case descriptor.Duration:
			return durationFault(r, v)
		case descriptor.Any:
			return anyFault(r, v.typeName)
		default:
			return ""
		}
	}
	switch {
	case r.Text != nil && (!r.IgnoreEmpty || v.Node.Text != ""):
		return textFault(r, v.Node.Text)
	case r.Number != nil:
		n, err := strconv.ParseFloat(v.Node.Text, 64)
		if f.Kind == kindEnum {
			if value := enumValue(f.Enum(), v.Node.Text); value != nil {
				n, err = float64(value.Number), nil
			}
		}
		if err == nil && (n != 0 || !r.IgnoreEmpty) {
			return boundsFault(r.Number, n, "")
		}
	}
	return ""
}

func durationFault(r *descriptor.Rules, v Value) string {
	length, ok := v.Duration()
	if !ok || r.Number == nil {
		return ""
	}
	return boundsFault(r.Number, length.Seconds(), "s")
}

func anyFault(r *descriptor.Rules, name string) string {
	isType := func(url string) bool { return TypeName(url) == name }
	switch {
	case name == "":
		return ""
	case len(r.In) > 0 && !slices.ContainsFunc(r.In, isType):
		return "one of the types " + strings.Join(r.In, ", ")
	case slices.ContainsFunc(r.NotIn, isType):
		return "another type than " + name
	}
	return ""
}

// boundsFault says which bounds a number exceeds; the unit follows the numbers.
func boundsFault(b *descriptor.Bounds, n float64, unit string) string {
	write := func(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) + unit }
	within := func(least *float64, inclusive bool) bool {
		return least == nil || n > *least || inclusive && n == *least
	}
	below := func(most *float64, inclusive bool) bool {
		return most == nil || n < *most || inclusive && n == *most
	}
	switch {
	case b.Const != nil && n != *b.Const:
		return write(*b.Const)
	case !within(b.More, false):
		return "more than " + write(*b.More)
	case !within(b.AtLeast, true):
		return "at least " + write(*b.AtLeast)
	case !below(b.Less, false):
		return "less than " + write(*b.Less)
	case !below(b.AtMost, true):
		return "at most " + write(*b.AtMost)
	case len(b.In) > 0 && !slices.Contains(b.In, n):
		return fmt.Sprint("one of ", b.In)
	case slices.Contains(b.NotIn, n):
		return fmt.Sprint("none of ", b.NotIn)
	}
	return ""
}

// textFault says what is wrong with a text.
func textFault(r *descriptor.Rules, s string) string {
	t := r.Text
	if fault := lengthFault(t, s); fault != "" {
		return fault
	}
	switch {
	case t.Const != nil && s != *t.Const:
		return strconv.Quote(*t.Const)
	case !strings.HasPrefix(s, t.Prefix):
		return "a text that begins with " + strconv.Quote(t.Prefix)
	case !strings.HasSuffix(s, t.Suffix):
		return "a text that ends with " + strconv.Quote(t.Suffix)
	case !strings.Contains(s, t.Contains):
		return "a text that contains " + strconv.Quote(t.Contains)
	case t.NotContaining != "" && strings.Contains(s, t.NotContaining):
		return "a text without " + strconv.Quote(t.NotContaining)
	case t.Pattern != "" && !matches(t.Pattern, s):
		return "a text that matches " + t.Pattern
	case len(r.In) > 0 && !slices.Contains(r.In, s):
		return "one of " + strings.Join(r.In, ", ")
	case slices.Contains(r.NotIn, s):
		return "none of " + strings.Join(r.NotIn, ", ")
	}
	return formFault(t, s)
}

func lengthFault(t *descriptor.TextRules, s string) string {
	least := max(t.MinLength, t.MinBytes)
	runes := uint64(utf8.RuneCountInString(s))
	switch {
	case least > 0 && s == "":
		return "a text that is not empty"
	case runes < t.MinLength:
		return fmt.Sprintf("at least %d characters", t.MinLength)
	case uint64(len(s)) < t.MinBytes:
		return fmt.Sprintf("at least %d bytes", t.MinBytes)
	case t.MaxLength > 0 && runes > t.MaxLength:
		return fmt.Sprintf("at most %d characters", t.MaxLength)
	case t.MaxBytes > 0 && uint64(len(s)) > t.MaxBytes:
		return fmt.Sprintf("at most %d bytes", t.MaxBytes)
	case t.Length > 0 && runes != t.Length:
		return fmt.Sprintf("%d characters", t.Length)
	case t.BytesLength > 0 && uint64(len(s)) != t.BytesLength:
		return fmt.Sprintf("%d bytes", t.BytesLength)
	}
	return ""
}

// What RFC 7230 allows in headers, as protoc-gen-validate has it.
const (
	headerName  = "^:?[0-9a-zA-Z!#$%&'*+\\-.^_|~`]+$"
	headerValue = `^[^\x00-\x08\x0A-\x1F\x7F]*$`
	headerLax   = `^[^\x00\x0A\x0D]*$`
)

func formFault(t *descriptor.TextRules, s string) string {
	header := t.HTTPHeaderName || t.HTTPHeaderValue
	switch {
	case header && !matches(headerLax, s):
		return "a text without line ends"
	case header && t.Lax, s == "":
	case t.HTTPHeaderName && !matches(headerName, s):
		return "the name of a header"
	case t.HTTPHeaderValue && !matches(headerValue, s):
		return "the value of a header"
	}
	return addressFault(t.Form, s)
}

func addressFault(form, s string) string {
	ip, err := netip.ParseAddr(s)
	switch form {
	case "ip":
		if err != nil {
			return "an IP address"
		}
	case "ipv4":
		if err != nil || !ip.Is4() {
			return "an IPv4 address"
		}
	case "ipv6":
		if err != nil || ip.Is4() {
			return "an IPv6 address"
		}
	case "uri":
		if u, err := url.Parse(s); err != nil || !u.IsAbs() {
			return "a URI"
		}
	case "uriRef":
		if _, err := url.Parse(s); err != nil {
			return "a URI"
		}
	}
	return ""
}

var patterns sync.Map // of *regexp.Regexp, by their text

// matches reports whether a text matches a pattern; any text matches one that cannot be compiled.
func matches(pattern, s string) bool {
	if compiled, ok := patterns.Load(pattern); ok {
		return compiled.(*regexp.Regexp).MatchString(s)
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		return true
	}
	patterns.Store(pattern, re)
	return re.MatchString(s)
}
