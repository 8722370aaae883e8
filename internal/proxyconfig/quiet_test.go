package proxyconfig

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/internal/workspace"
	"github.com/commslint/commslint/rules"
)

// TestQuiet reads configurations as careful people write them, of which nothing may be said above a note. The number of
// routes shows that they are read.
func TestQuiet(t *testing.T) {
	for _, tt := range []struct {
		folder string
		routes int
	}{{"envoy", 13}, {"istio", 11}, {"gateway-api", 8}, {"nginx", 15}, {"haproxy", 11}} {
		t.Run(tt.folder, func(t *testing.T) {
			dir, err := filepath.Abs(filepath.Join("testdata/quiet", tt.folder))
			if err != nil {
				t.Fatal(err)
			}
			ws := workspace.Find([]string{dir}, workspace.Options{Dir: dir, Env: os.LookupEnv})
			result := Load(ws, Options{Dir: dir})
			for _, f := range append(result.Findings, result.Failures...) {
				r, ok := rules.Lookup(f.Rule)
				if !ok {
					t.Errorf("%s: no such rule", f.Rule)
					continue
				}
				level := f.Strength.Cap(r.Level)
				if f.AtMost != "" && level.Rank() > f.AtMost.Rank() {
					level = f.AtMost
				}
				if level != finding.Note {
					t.Errorf("%s:%d: %s: %s [%s]", f.File, f.Line, level, f.Message, f.Rule)
				}
			}
			if len(result.Routes) != tt.routes {
				t.Errorf("%d routes, want %d", len(result.Routes), tt.routes)
			}
		})
	}
}
