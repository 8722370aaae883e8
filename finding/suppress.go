package finding

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

const (
	// UnusedSuppression is the rule that a directive breaks which silences nothing.
	UnusedSuppression = "suppress/unused"
	// UnexplainedSuppression is the rule that a directive without a reason breaks.
	UnexplainedSuppression = "suppress/no-reason"

	suppressDomain = "suppress/"
	inputDomain    = "input/"
)

// IsInputFailure reports whether the finding says that an input could not be
// analysed. Such findings cannot be silenced by a comment: what was not read
// must never look clean.
func (f *Finding) IsInputFailure() bool { return strings.HasPrefix(f.Rule, inputDomain) }

// ApplyOptions says what Apply knows of the run whose findings it is given.
type ApplyOptions struct {
	// Today is the day on which directives are judged, as 2027-01-31; empty
	// lets none expire.
	Today string
	// Resolve gives the rule that an id or alias stands for, and reports false
	// for an unknown one. It is not asked about wildcards. Nil takes every id as
	// known and as its own.
	Resolve func(id string) (rule string, known bool)
	// Nearest gives the rule that an unknown id was probably meant for, and
	// reports false if none is near. Nil guesses none.
	Nearest func(id string) (rule string, near bool)
	// Ran reports whether the run would have found breaches of a rule, or of
	// any rule of a wildcard such as go/* or *. A directive for what did not run
	// is not called unused. Nil takes everything as run.
	Ran func(rule string) bool
}

// Apply returns the findings with Suppressed set where a directive silences one,
// and with findings for directives that are not in order: suppress/unused
// (warning) for what silences nothing or names an unknown rule,
// suppress/no-reason (error) for what gives no reason. The result is sorted; the
// slices given are not changed.
func Apply(findings []Finding, directives []PlacedDirective, opts ApplyOptions) []Finding {
	s := newSuppressor(directives, opts)
	out := slices.Clone(findings)
	for i := range out {
		s.silence(&out[i])
	}
	s.noteBrokenInputs(findings)
	complaints := s.complaints(false)
	for i := range complaints {
		s.silence(&complaints[i])
	}
	out = slices.Concat(out, complaints, s.complaints(true))
	Sort(out)
	return out
}

// A suppressor matches findings with directives and remembers which of the
// directives' rules were of use.
type suppressor struct {
	opts       ApplyOptions
	directives []*suppression
	byFile     map[string][]*suppression
	broken     map[string]bool // directories with inputs that could not be analysed
}

type suppression struct {
	PlacedDirective
	rules []suppressedRule
}

type suppressedRule struct {
	written string // as in the comment
	pattern string // with an alias resolved
	known   bool
	used    bool
}

func newSuppressor(directives []PlacedDirective, opts ApplyOptions) *suppressor {
	s := &suppressor{opts: opts, byFile: map[string][]*suppression{}, broken: map[string]bool{}}
	for _, d := range directives {
		sup := &suppression{PlacedDirective: d}
		for _, id := range d.Rules {
			r := suppressedRule{written: id, pattern: id, known: true}
			if opts.Resolve != nil && !strings.HasSuffix(id, "*") {
				if rule, ok := opts.Resolve(id); ok {
					r.pattern = rule
				} else {
					r.known = false
				}
			}
			sup.rules = append(sup.rules, r)
		}
		s.directives = append(s.directives, sup)
		s.byFile[d.File] = append(s.byFile[d.File], sup)
	}
	return s
}

// silence marks f as suppressed by the most specific directive that covers it.
// Every directive that covers it counts as used.
func (s *suppressor) silence(f *Finding) {
	if f.IsInputFailure() || f.Rule == UnexplainedSuppression {
		return
	}
	var by *suppression
	for _, d := range s.byFile[f.File] {
		if d.Malformed != "" || !d.Covers(f.Line) || !d.use(f.Rule) {
			continue
		}
		if d.expired(s.opts.Today) {
			f.Related = append(slices.Clip(f.Related), Related{
				Location: d.Location,
				Message:  fmt.Sprintf("the suppression here expired on %s", d.Until),
			})
			continue
		}
		if by == nil || by.FileWide && !d.FileWide {
			by = d
		}
	}
	if by != nil && f.Suppressed == nil {
		f.Suppressed = &Suppression{Kind: "inSource", Justification: by.Reason, Location: by.Location}
	}
}

// use reports whether the directive names the rule, and notes that it was of use.
func (d *suppression) use(rule string) bool {
	named := false
	for i := range d.rules {
		if r := &d.rules[i]; r.known && matchRule(r.pattern, rule) {
			r.used, named = true, true
		}
	}
	return named
}

func (s *suppressor) noteBrokenInputs(findings []Finding) {
	for i := range findings {
		if f := &findings[i]; f.IsInputFailure() {
			s.broken[path.Clean(f.File)] = true // which may be a directory
			s.broken[path.Dir(f.File)] = true
		}
	}
}

// complaints lists what is wrong with the directives that are about findings of
// the suppress domain themselves, or with all others. The latter are judged
// first, because the former may silence what comes out.
func (s *suppressor) complaints(aboutSuppressions bool) []Finding {
	var out []Finding
	for _, d := range s.directives {
		if d.aboutSuppressions() != aboutSuppressions {
			continue
		}
		if d.Malformed != "" {
			out = append(out, d.malformed())
			continue
		}
		if f, ok := s.unused(d); ok {
			out = append(out, f)
		}
	}
	return out
}

func (d *suppression) aboutSuppressions() bool {
	return slices.ContainsFunc(d.rules, func(r suppressedRule) bool {
		return strings.HasPrefix(r.pattern, suppressDomain)
	})
}

func (d *suppression) malformed() Finding {
	f := Finding{
		Rule:     UnusedSuppression,
		Level:    Warning,
		Strength: Proven,
		Message:  "this directive suppresses nothing: " + d.Malformed,
		Location: d.Location,
	}
	if d.Reason == "" {
		f.Rule, f.Level = UnexplainedSuppression, Error
	}
	return f
}

// unused describes those of a directive's rules that were of no use.
func (s *suppressor) unused(d *suppression) (Finding, bool) {
	var faults []string
	idle, misspelt := 0, false
	for _, r := range d.rules {
		switch {
		case r.used:
		case !r.known:
			misspelt = true
			faults = append(faults, fmt.Sprintf("there is no rule %s%s (commslint rules lists them)", r.written, s.nearest(r.written)))
		case strings.HasPrefix(r.pattern, inputDomain):
			idle++
			faults = append(faults, r.written+" cannot be suppressed by a comment: exclude the file in the configuration")
		case s.judged(d, r.pattern):
			idle++
			faults = append(faults, s.uselessness(d, r.written))
		}
	}
	if len(faults) == 0 {
		return Finding{}, false
	}
	f := Finding{
		Rule:     UnusedSuppression,
		Level:    Warning,
		Strength: Proven,
		Message:  strings.Join(faults, "; "),
		Location: d.Location,
	}
	// What is misspelt was meant for something: its reason is worth more than the comment's removal.
	if idle == len(d.rules) && !misspelt && d.Removal.File != "" {
		f.Fixes = []Fix{{Message: "delete the directive", Edits: []Edit{d.Removal}}}
	}
	return f, true
}

// judged reports whether the run could have shown a use of the pattern.
func (s *suppressor) judged(d *suppression, pattern string) bool {
	return !s.broken[path.Dir(d.File)] && (s.opts.Ran == nil || s.opts.Ran(pattern))
}

// nearest is "; did you mean X?" for an unknown rule, or nothing.
func (s *suppressor) nearest(written string) string {
	if s.opts.Nearest == nil {
		return ""
	}
	rule, near := s.opts.Nearest(written)
	if !near {
		return ""
	}
	return "; did you mean " + rule + "?"
}

func (s *suppressor) uselessness(d *suppression, rule string) string {
	what := rule
	if rule == anyRule {
		what = "commslint"
	}
	where := fmt.Sprintf("on line %d", d.Target())
	if d.FileWide {
		where = "in this file"
	}
	mend := "delete the directive"
	if len(d.rules) > 1 {
		mend = "take it off the list"
	}
	if d.expired(s.opts.Today) {
		mend += ", which expired on " + d.Until
	}
	return fmt.Sprintf("%s finds nothing to suppress %s: %s", what, where, mend)
}
