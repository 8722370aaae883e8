package grpcconfig_test

import (
	"fmt"

	"github.com/commslint/commslint/finding"
)

// line writes a finding as it is compared in tests.
func line(f finding.Finding) string {
	level := string(f.Strength)
	if f.AtMost != "" {
		level += "," + string(f.AtMost)
	}
	return fmt.Sprintf("%s:%d:%d: %s: %s [%s]", f.File, f.Line, f.Column, level, f.Message, f.Rule)
}
