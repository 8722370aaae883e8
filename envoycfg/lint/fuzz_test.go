package lint_test

import (
	"testing"

	"github.com/commslint/commslint/envoycfg/lint"
	"github.com/commslint/commslint/rules"
)

// FuzzCheck asks the rules of anything, and must come to an end without a panic. Fixes lie within the text.
func FuzzCheck(f *testing.F) {
	for _, r := range rules.All() {
		if lint.Implements(r.ID) {
			f.Add(r.Bad)
			f.Add(r.Good)
		}
	}
	options := lint.DefaultOptions()
	f.Fuzz(func(t *testing.T, text string) {
		for _, found := range lint.Check([]lint.File{{Name: "envoy.yaml", Text: []byte(text)}}, options).Findings {
			if found.Message == "" || found.File == "" {
				t.Errorf("%+v says nothing", found)
			}
			for _, fix := range found.Fixes {
				for _, edit := range fix.Edits {
					if edit.Start < 0 || edit.Start > edit.End || edit.End > len(text) {
						t.Errorf("%s edits %d to %d of %d bytes", found.Rule, edit.Start, edit.End, len(text))
					}
				}
			}
		}
	})
}
