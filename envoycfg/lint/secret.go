package lint

import (
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/commslint/commslint/envoycfg/xds"
	"github.com/commslint/commslint/finding"
)

// secrets finds secrets that stand in a message: values of fields that Envoy's protos mark as sensitive.
func (c *checker) secrets(m *xds.Message) {
	for _, v := range m.Fields() {
		if !v.Field.Sensitive {
			continue
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
	what := v.Field.Name
	if !isSecret(what, text) {
		return
	}
	f := finding.Finding{
		Rule: inlineSecret, Location: source.At(),
		Message: fmt.Sprintf("the %s stands in the configuration: whoever reads the file or its history has it", strings.ReplaceAll(what, "_", " ")),
	}
	c.report(f)
}

// isSecret reports whether a text is a secret rather than what stands for one.
func isSecret(field, text string) bool {
	text = strings.TrimSpace(text)
	switch {
	case text == "", strings.Contains(text, "[redacted]"), strings.HasPrefix(text, "%"), strings.HasPrefix(text, "<") && strings.HasSuffix(text, ">"):
		return false
	case field == "private_key":
		return strings.Contains(text, "PRIVATE KEY-----") && strings.Count(text, "\n") > 1
	}
	return true
}
