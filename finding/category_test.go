package finding

import "testing"

func TestCategorySurvives(t *testing.T) {
	for _, tt := range []struct {
		strength Strength
		atMost   Level
	}{{Proven, ""}, {Likely, ""}, {Proven, Warning}, {Possible, Note}} {
		s, l := ParseCategory(Category(tt.strength, tt.atMost))
		if s != tt.strength || l != tt.atMost {
			t.Errorf("%q at most %q became %q at most %q", tt.strength, tt.atMost, s, l)
		}
	}
	if s, l := ParseCategory(""); s != Proven || l != "" {
		t.Errorf("an empty category is %q at most %q, want proven", s, l)
	}
}
