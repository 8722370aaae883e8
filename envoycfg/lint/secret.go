package lint

import (
	"encoding/base64"
	"strings"

	"github.com/commslint/commslint/envoycfg/xds"
)

// secrets finds secrets that stand in a message: values of fields that Envoy's protos mark as sensitive.
func (c *checker) secrets(m *xds.Message) {
	for _, v := range m.Fields() {
		if !v.Field.Sensitive || v.Field.Map {
			continue // maps hold what their keys say, and few of those are secrets
		}
		c.secret(v)
		for _, item := range v.List() {
			c.secret(item)
		}
	}
}

func (c *checker) secret(v xds.Value) {
	source := v
	if m := v.Message(); m != nil {
		source = m.Get("inline_string")
		if !source.Set() {
			source = m.Get("inline_bytes")
		}
	}
	text := source.String()
	if source.Field != nil && source.Field.Name == "inline_bytes" {
		decoded, err := base64.StdEncoding.DecodeString(text)
		if err == nil {
			text = string(decoded)
		}
	}
	if !isSecret(v.Field.Name, text) {
		return
	}
	c.reportf(inlineSecret, source.At(), "%s is a secret and stands in the configuration: whoever reads the file or its history has it", v.Field.Name)
}

// isSecret reports whether a text is a secret rather than what stands for one.
func isSecret(field, text string) bool {
	text = strings.TrimSpace(text)
	switch {
	case text == "", strings.Contains(strings.ToUpper(text), xds.Redacted), isPlaceholder(text):
		return false
	case field == "private_key":
		return strings.Contains(text, "PRIVATE KEY-----") && strings.Count(text, "\n") > 1
	}
	return true
}

// isPlaceholder reports whether a text is a name for something that is put in later: $NAME, %NAME%, <name>.
func isPlaceholder(text string) bool {
	if len(text) < 2 || strings.ContainsAny(text, " \n") {
		return false
	}
	switch first, last := text[0], text[len(text)-1]; {
	case first == '$':
		return strings.Trim(text[1:], "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == ""
	case first == '%' && last == '%', first == '<' && last == '>', first == '@' && last == '@':
		return true
	}
	return strings.HasPrefix(text, "__") && strings.HasSuffix(text, "__")
}
