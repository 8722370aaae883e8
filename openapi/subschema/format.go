package subschema

import (
	"encoding/base64"
	"math/big"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/commslint/commslint/openapi/schema"
)

// numberFormats are the formats of the OpenAPI format registry that are ranges of numbers.
// https://spec.openapis.org/registry/format/
var numberFormats = [...]struct{ name, low, high string }{
	{"int8", "-128", "127"},
	{"uint8", "0", "255"},
	{"int16", "-32768", "32767"},
	{"uint16", "0", "65535"},
	{"int32", "-2147483648", "2147483647"},
	{"uint32", "0", "4294967295"},
	{"int64", "-9223372036854775808", "9223372036854775807"},
	{"uint64", "0", "18446744073709551615"},
	{"float", "-340282346638528859811704183484516925440", "340282346638528859811704183484516925440"},
	{"double", "-1.7976931348623157e308", "1.7976931348623157e308"},
}

// formatRange is the range of numbers that a format stands for.
func formatRange(format string) (low, high *big.Rat, ok bool) {
	if format == "" {
		return nil, nil, false
	}
	for _, f := range numberFormats {
		if f.name == format {
			low, _ = schema.ParseRat(f.low)
			high, _ = schema.ParseRat(f.high)
			return low, high, true
		}
	}
	return nil, nil, false
}

// formatRange is none if formats are annotations.
func (c *Checker) formatRange(format string) (low, high *big.Rat, ok bool) {
	if !c.options.Formats {
		return nil, nil, false
	}
	return formatRange(format)
}

// stringFormat is the format as far as it says something of strings: ranges of numbers do not,
// nor do the hints "password" (how to show it) and "binary" (any octets).
func stringFormat(format string) string {
	if format == "" || format == "password" || format == "binary" {
		return ""
	}
	if _, _, ranged := formatRange(format); ranged {
		return ""
	}
	return format
}

// stringFormat is none if formats are annotations.
func (c *Checker) stringFormat(format string) string {
	if !c.options.Formats {
		return ""
	}
	return stringFormat(format)
}

// sampleTable holds strings that have a format, known to the validator library: the first that
// fits is the witness where one is needed.
var sampleTable = [...]struct {
	format  string
	samples []string
}{
	{"date-time", []string{"2024-01-02T03:04:05Z", "1999-12-31T23:59:59.123Z", "2024-01-02T03:04:05+01:00"}},
	{"date", []string{"2024-01-02", "1999-12-31"}},
	{"time", []string{"03:04:05Z", "23:59:59.5+01:00"}},
	{"duration", []string{"P1D", "PT1H30M", "P2W"}},
	{"email", []string{"a@example.com", "first.last@example.org"}},
	{"hostname", []string{"example.com", "a", "localhost"}},
	{"byte", []string{"", "YQ==", "dGVzdA=="}},
	{"ipv4", []string{"192.0.2.1", "10.0.0.1"}},
	{"ipv6", []string{"2001:db8::1", "::1"}},
	{"uuid", []string{"123e4567-e89b-42d3-a456-426614174000", "00000000-0000-0000-0000-000000000000"}},
	{"uri", []string{"https://example.com/a", "urn:isbn:0451450523", "http://example.com", "mailto:a@example.com"}},
	{"uri-reference", []string{"/a", "https://example.com/a", "a?b#c"}},
	{"iri", []string{"https://example.com/ä", "https://example.com/a"}},
	{"iri-reference", []string{"/ä", "https://example.com/a"}},
	{"uri-template", []string{"/a/{b}", "https://example.com/{id}"}},
	{"json-pointer", []string{"/a/b", ""}},
	{"relative-json-pointer", []string{"1/a", "0#"}},
	{"regex", []string{"^a$", "a"}},
	{"semver", []string{"1.2.3", "0.1.0-rc.1"}},
	{"period", []string{"2024-01-01T00:00:00Z/2024-02-01T00:00:00Z"}},
}

func formatSamples(format string) []string {
	for _, row := range sampleTable {
		if row.format == format {
			return row.samples
		}
	}
	return nil
}

// widerFormats lists the formats that hold of every string that has the given one: RFC 3986 and
// 3987 define the one by extending the other, and so do the internationalised formats.
func widerFormats(format string) []string {
	switch format {
	case "uri":
		return []string{"uri-reference", "iri", "iri-reference"}
	case "uri-reference":
		return []string{"iri-reference"}
	case "iri":
		return []string{"iri-reference"}
	case "email":
		return []string{"idn-email"}
	case "hostname":
		return []string{"idn-hostname"}
	}
	return nil
}

// byteFormat is base64 (OpenAPI 3.0.4, 4.4), which the validator library does not know.
var byteFormat = &jsonschema.Format{Name: "byte", Validate: func(v any) error {
	s, ok := v.(string)
	if !ok {
		return nil
	}
	_, err := base64.StdEncoding.DecodeString(s)
	return err
}}

// formatHolds asks the validator library, which knows the formats above and no others.
func (c *Checker) formatHolds(format, s string) truth {
	if formatSamples(format) == nil {
		return maybe
	}
	check, ok := c.formats[format]
	if !ok {
		compiler := jsonschema.NewCompiler()
		compiler.AssertFormat()
		compiler.RegisterFormat(byteFormat)
		if err := compiler.AddResource("mem:///format", map[string]any{"format": format}); err == nil {
			check, _ = compiler.Compile("mem:///format")
		}
		c.formats[format] = check
	}
	if check == nil {
		return maybe
	}
	return truthOf(check.Validate(s) == nil)
}
