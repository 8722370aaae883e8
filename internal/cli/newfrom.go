package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/internal/revision"
	"github.com/commslint/commslint/openapi/breaking"
	protobreaking "github.com/commslint/commslint/protocheck/breaking"
)

// changes compares the working tree with the revision of --new-from-rev; nil without it.
func (c *findingRun) changes(ctx context.Context) (*revision.Changes, error) {
	if c.shared.newFrom == "" {
		return nil, nil
	}
	repository, err := revision.Open(ctx, comparedFolder(c.env, c.paths), c.env.Environ)
	if err != nil {
		return nil, fmt.Errorf("--new-from-rev: %w", err)
	}
	changes, err := repository.Changes(ctx, c.shared.newFrom)
	if err != nil {
		return nil, fmt.Errorf("--new-from-rev: %w", err)
	}
	return changes, nil
}

// onChangedLines leaves out findings that have nothing to do with lines that changed since
// the revision of --new-from-rev. Inputs that could not be analysed stay, and so do changes of
// contracts, which are new by what they are, and findings about no place.
func (c *findingRun) onChangedLines(ctx context.Context, findings []finding.Finding) ([]finding.Finding, error) {
	changes, err := c.changes(ctx)
	if changes == nil || err != nil {
		return findings, err
	}
	changed := func(l finding.Location) bool {
		return l.File != "" && changes.Touches(c.env.path(filepath.FromSlash(l.File)), l.Line, l.EndLine)
	}
	return slices.DeleteFunc(findings, func(f finding.Finding) bool {
		return !isNew(&f, changed)
	}), nil
}

// isNew reports whether a finding may come from lines that changed: one of its own, or one
// of those that its evidence names. golangci-lint looks at the finding's first line alone;
// but what makes a call wait for ever is often the client, in another place.
func isNew(f *finding.Finding, changed func(finding.Location) bool) bool {
	if f.IsInputFailure() || breaking.Implements(f.Rule) || protobreaking.Implements(f.Rule) {
		return true
	}
	placed := f.File != ""
	if changed(f.Location) {
		return true
	}
	for _, r := range f.Related {
		if placed = placed || r.File != ""; changed(r.Location) {
			return true
		}
	}
	return !placed
}
