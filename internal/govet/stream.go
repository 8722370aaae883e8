package govet

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/internal/vettool"
	"github.com/commslint/commslint/internal/workspace"
	"github.com/commslint/commslint/rules"
)

// The shape of go vet -json: one object per package, one after the other, in
// the order in which they finish. It is defined by
// golang.org/x/tools/internal/analysis/driverutil.JSONTree.
type (
	tree       map[string]map[string]json.RawMessage // package id, analyzer
	diagnostic struct {
		Category string `json:"category"`
		Posn     string `json:"posn"`
		End      string `json:"end"`
		Message  string `json:"message"`
		Fixes    []struct {
			Message string `json:"message"`
			Edits   []struct {
				Filename string `json:"filename"`
				Start    int    `json:"start"`
				End      int    `json:"end"`
				New      string `json:"new"`
			} `json:"edits"`
		} `json:"suggested_fixes"`
		Related []struct {
			Posn    string `json:"posn"`
			End     string `json:"end"`
			Message string `json:"message"`
		} `json:"related"`
	}
)

// output is what one call of go vet left behind, beyond what was recorded.
type output struct {
	failed   bool // the go command was not content
	packages int  // how many packages came back
	stderr   string
}

// exitRefused is go vet's exit code if the tool or its flags are unusable.
const exitRefused = 2

// vet runs go vet over the patterns and records what it reports. The error is
// not nil only if the go command could not be run or speaks another language.
func (r *run) vet(ctx context.Context, patterns []string) (output, error) {
	var out output
	var stderr bytes.Buffer
	cmd := r.command(ctx, append(append(r.args(), "--"), patterns...)...)
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return out, err
	}
	if err := cmd.Start(); err != nil {
		return out, fmt.Errorf("cannot run the go command: %w", err)
	}
	n, readErr := r.read(stdout)
	if readErr != nil {
		io.Copy(io.Discard, stdout) // let the child end by itself
	}
	waitErr := cmd.Wait()
	out.packages, out.stderr = n, stderr.String()
	r.unmatched(out.stderr)
	if ctx.Err() != nil {
		return out, ctx.Err()
	}
	if readErr != nil {
		return out, fmt.Errorf("unexpected output of go vet -json: %w", readErr)
	}
	if exit, ok := errors.AsType[*exec.ExitError](waitErr); ok {
		if strings.Contains(out.stderr, vettool.OldGo) {
			return out, errors.New(vettool.OldGo)
		}
		if exit.ExitCode() == exitRefused {
			return out, fmt.Errorf("go vet cannot use commslint as its tool: %s", firstLine(out.stderr))
		}
		out.failed = true
	} else if waitErr != nil {
		return out, fmt.Errorf("cannot run the go command: %w", waitErr)
	}
	return out, nil
}

// read records the diagnostics in a stream and counts its packages.
func (r *run) read(stream io.Reader) (packages int, err error) {
	dec := json.NewDecoder(stream)
	for {
		var t tree
		if err := dec.Decode(&t); err == io.EOF {
			return packages, nil
		} else if err != nil {
			return packages, err
		}
		packages++
		if r.opt.OnPackage != nil {
			r.opt.OnPackage()
		}
		r.Packages++
		for pkg, analyzers := range t {
			for name, raw := range analyzers {
				if err := r.analyzer(pkg, name, raw); err != nil {
					return packages, err
				}
			}
		}
	}
}

// analyzer records what one analyzer says of one package: a list of
// diagnostics, or an object with an error.
func (r *run) analyzer(pkg, name string, raw json.RawMessage) error {
	if bytes.HasPrefix(raw, []byte("{")) {
		var failure struct {
			Error string `json:"error"`
		}
		if err := json.Unmarshal(raw, &failure); err != nil {
			return err
		}
		if !strings.HasPrefix(failure.Error, "failed prerequisites:") {
			r.internalError(pkg, name, failure.Error)
		}
		return nil
	}
	var diags []diagnostic
	if err := json.Unmarshal(raw, &diags); err != nil {
		return err
	}
	for _, d := range diags {
		r.diagnostic(pkg, name, d)
	}
	return nil
}

// internalError records that an analyzer failed, which is commslint's fault.
// analyzer may be empty if it is not known which.
func (r *run) internalError(pkg, analyzer, message string) {
	if analyzer != "" {
		message = analyzer + ": " + message
	}
	r.fail("input/internal-error", finding.Location{File: r.display(r.unit.Dir)},
		"commslint failed on package %s, please report this: %s", pkg, firstLine(message))
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(strings.TrimSpace(s), "\n")
	return s
}

// directives is the analyzer that reports comments.
const directives = "directives"

func (r *run) diagnostic(pkg, analyzer string, d diagnostic) {
	rule, isRule := rules.ByAnalyzer(analyzer)
	if !isRule && analyzer != directives {
		r.Emissions = append(r.Emissions, Emission{Package: pkg, Analyzer: analyzer, Text: d.Message})
		return
	}
	loc, file := r.location(d.Posn, d.End)
	if r.opt.Wanted != nil && !r.opt.Wanted(pkg, file) {
		return
	}
	if analyzer == directives {
		r.Comments = append(r.Comments, Comment{Location: loc, Text: d.Message, Alone: d.Category == "alone"})
		return
	}
	f := finding.Finding{Rule: rule.ID, Message: d.Message, Location: loc}
	f.Strength, f.AtMost = finding.ParseCategory(d.Category)
	for _, rel := range d.Related {
		at, file := r.location(rel.Posn, rel.End)
		if rel, err := filepath.Rel(r.unit.Dir, file); err == nil && file != "" && !filepath.IsLocal(rel) {
			at.File = workspace.Name(r.opt.Dir, file)
		}
		f.Related = append(f.Related, finding.Related{Location: at, Message: rel.Message})
	}
	for _, fix := range d.Fixes {
		out := finding.Fix{Message: fix.Message}
		for _, e := range fix.Edits {
			out.Edits = append(out.Edits, finding.Edit{
				File: workspace.Relative(r.opt.Dir, e.Filename), Start: e.Start, End: e.End, New: e.New,
			})
		}
		f.Fixes = append(f.Fixes, out)
	}
	r.Findings = append(r.Findings, f)
}

// location turns go vet's file:line:column pairs into a location relative to
// the working directory, and the absolute file name.
func (r *run) location(start, end string) (loc finding.Location, file string) {
	file, loc.Line, loc.Column = splitPosition(start)
	endFile, endLine, endColumn := splitPosition(end)
	if endFile == file && (endLine != loc.Line || endColumn != loc.Column) {
		loc.EndLine, loc.EndColumn = endLine, endColumn
	}
	if file == "" {
		return loc, ""
	}
	if !filepath.IsAbs(file) {
		file = filepath.Join(r.unit.Dir, file)
	}
	loc.File = workspace.Relative(r.opt.Dir, file)
	return loc, file
}

// splitPosition splits file:line:column from the right, as the file may hold
// colons; column, or both numbers, may be missing.
func splitPosition(s string) (file string, line, column int) {
	rest, last, ok := cutNumber(s)
	if !ok {
		return strings.TrimSuffix(s, "-"), 0, 0
	}
	if file, first, ok := cutNumber(rest); ok {
		return file, first, last
	}
	return rest, last, 0
}

func cutNumber(s string) (rest string, n int, ok bool) {
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		return s, 0, false
	}
	n, err := strconv.Atoi(s[i+1:])
	return s[:i], n, err == nil
}

func sortComments(cs []Comment) []Comment {
	slices.SortFunc(cs, func(a, b Comment) int {
		return cmp.Or(
			cmp.Compare(a.Location.File, b.Location.File),
			cmp.Compare(a.Location.Line, b.Location.Line),
			cmp.Compare(a.Location.Column, b.Location.Column),
		)
	})
	return slices.Compact(cs)
}

func sortEmissions(es []Emission) []Emission {
	slices.SortFunc(es, func(a, b Emission) int {
		return cmp.Or(
			cmp.Compare(a.Package, b.Package),
			cmp.Compare(a.Analyzer, b.Analyzer),
			cmp.Compare(a.Text, b.Text),
		)
	})
	return slices.Compact(es) // two modules may share a package
}
