package policy_test

import (
	"strings"
	"testing"
	"time"

	"github.com/commslint/commslint/envoycfg/policy"
)

func TestMaskTemplate(t *testing.T) {
	for text, want := range map[string]string{
		"a;\n":                                "a;\n",
		"{{ if x }}\na {{ b }};\n{{ end }}\n": "          \na $$$$$$$;\n         \n",
		"{% for %}{{ a }}\n":                  "                \n",
		"x{#a\nb#}\n":                         "x   \n   \n",
		"a {{if x}}b{{ ends }}{{end}}\n":      "a         b$$$$$$$$$$       \n",
		"<%= a %>:<% b\n":                     "$$$$$$$$:<% b\n",
		"a { b { } }":                         "a { b { } }",
		"{{ a":                                "{{ a",
	} {
		if got := string(policy.MaskTemplate([]byte(text))); got != want {
			t.Errorf("%q\n%q; want\n%q", text, got, want)
		}
	}
}

// TestMaskTemplateTime bounds the time for texts that are made to cost it.
func TestMaskTemplateTime(t *testing.T) {
	start := time.Now()
	policy.MaskTemplate([]byte(strings.Repeat("{{a}}\n", 200_000)))
	policy.MaskTemplate([]byte(strings.Repeat("{{ <% {% ", 200_000) + "}}"))
	if took := time.Since(start); took > 10*time.Second {
		t.Error(took)
	}
}
