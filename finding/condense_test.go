package finding

import (
	"strings"
	"testing"
)

func TestCondense(t *testing.T) {
	var findings []Finding
	for i := range 30 {
		findings = append(findings, Finding{Rule: "openapi/no-error-schema", Level: Warning, Message: "m", Location: Location{File: "a.yaml", Line: i + 1}})
	}
	findings[0].Suppressed = &Suppression{}
	for i := range 10 {
		findings = append(findings, Finding{Rule: "openapi/no-pagination", Message: "p", Location: Location{File: "a.yaml", Line: i + 1}})
	}
	for i := range 20 {
		findings = append(findings, Finding{Rule: "go/no-timeout", Message: "g", Location: Location{File: "a.go", Line: i + 1}})
	}
	got := Condense(findings, func(rule string) bool { return strings.HasPrefix(rule, "openapi/") })
	if len(got) != 1+1+10+20 {
		t.Fatalf("%d findings are left; want the suppressed one, one for 29, 10 and 20", len(got))
	}
	if f := got[1]; f.Line != 2 || len(f.Related) != 10 || !strings.Contains(f.Message, "29") {
		t.Errorf("condensed to %+v", f)
	}
}
