package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/commslint/commslint/finding"
)

// writeText writes for a reader at a terminal: per finding a line that editors
// and grep understand, the source with the place underlined, the evidence and
// the mend; then what it all comes to.
func writeText(w io.Writer, in *Input) error {
	out := bufio.NewWriter(w)
	p := &textPrinter{w: out, in: in, sources: newSources(in), ink: ink(in.Color), helped: map[string]bool{}}
	for i := range in.Findings {
		if f := &in.Findings[i]; f.Suppressed == nil {
			p.finding(f)
		}
	}
	fmt.Fprintln(out, p.ink.bold(summaryLine(Summarize(in))))
	return out.Flush()
}

type textPrinter struct {
	w       io.Writer
	in      *Input
	sources *sources
	ink     palette
	helped  map[string]bool // rules whose mend has been shown
}

func (p *textPrinter) finding(f *finding.Finding) {
	if at := place(f.Location); at != "" {
		fmt.Fprintf(p.w, "%s: ", p.ink.bold(printable(at)))
	}
	fmt.Fprintf(p.w, "%s: %s %s\n",
		p.ink.level(f.Level, string(f.Level)),
		printable(f.Message),
		p.ink.dim("["+f.Rule+"]"))
	gutter := p.excerpt(f)
	p.evidence(gutter, f)
	fmt.Fprintln(p.w)
}

// excerpt shows the finding's source line, if it can be read, and returns how
// far what belongs to it is indented.
func (p *textPrinter) excerpt(f *finding.Finding) (gutter int) {
	gutter = 4
	line, ok := p.sources.file(f.File).line(f.Line)
	if !ok {
		return gutter
	}
	number := fmt.Sprint(f.Line)
	gutter = max(gutter, len(number)+2)
	room := p.in.Width
	if room <= 0 {
		room = defaultWidth
	}
	text, before, marks := underline(line, f.Location, room-gutter-3)
	fmt.Fprintf(p.w, "%s %s\n", p.ink.frame(fmt.Sprintf("%*s |", gutter, number)), text)
	if marks > 0 {
		fmt.Fprintf(p.w, "%s %s%s\n", p.ink.frame(fmt.Sprintf("%*s |", gutter, "")),
			strings.Repeat(" ", before), p.ink.level(f.Level, strings.Repeat("^", marks)))
	}
	return gutter
}

// evidence shows what the finding rests on and how to mend it. The rule's own
// advice appears with its first finding only.
func (p *textPrinter) evidence(gutter int, f *finding.Finding) {
	note := func(text string) {
		fmt.Fprintf(p.w, "%s %s\n", p.ink.frame(fmt.Sprintf("%*s =", gutter, "")), text)
	}
	for _, r := range f.Related {
		note(step(p.ink.bold(printable(place(r.Location))), printable(r.Message)))
	}
	if f.Strength == finding.Likely || f.Strength == finding.Possible {
		note(fmt.Sprintf("strength: %s, not proven", f.Strength))
	}
	if len(f.Fixes) > 0 {
		note("fix: " + printable(f.Fixes[0].Message) + " (--fix does it)")
		return
	}
	if advice := p.advice(f.Rule); advice != "" && !p.helped[f.Rule] {
		p.helped[f.Rule] = true
		note("help: " + advice)
	}
}

// advice is the first sentence of the rule's remediation.
func (p *textPrinter) advice(id string) string {
	r, ok := p.in.rule(id)
	if !ok {
		return ""
	}
	paragraph, _, _ := strings.Cut(strings.TrimSpace(r.Remediation), "\n\n")
	text := strings.Join(strings.Fields(paragraph), " ")
	for i := range len(text) - 2 {
		if text[i:i+2] == ". " && unicode.IsUpper(rune(text[i+2])) {
			return text[:i+1]
		}
	}
	return text
}

// step writes one step of the evidence, of which either part may be missing.
func step(place, message string) string {
	if place == "" || message == "" {
		return place + message
	}
	return place + ": " + message
}

// place writes a location as file:line:column, as far as it is known.
func place(l finding.Location) string {
	switch {
	case l.Line <= 0:
		return l.File
	case l.Column <= 0:
		return fmt.Sprintf("%s:%d", l.File, l.Line)
	}
	return fmt.Sprintf("%s:%d:%d", l.File, l.Line, l.Column)
}

func summaryLine(s Summary) string {
	var counts []string
	for _, c := range []struct {
		n    int
		noun string
	}{{s.Levels.Error, "error"}, {s.Levels.Warning, "warning"}, {s.Levels.Note, "note"}} {
		if c.n > 0 {
			counts = append(counts, count(c.n, c.noun))
		}
	}
	text := "no findings"
	if len(counts) > 0 {
		text = strings.Join(counts, ", ") + " in " + count(s.FilesAffected, "file")
	}
	var silent []string
	if s.Suppressed > 0 {
		silent = append(silent, fmt.Sprintf("%d suppressed", s.Suppressed))
	}
	if s.Baseline != nil && s.Baseline.Known > 0 {
		silent = append(silent, fmt.Sprintf("%d in the baseline", s.Baseline.Known))
	}
	if len(silent) > 0 {
		text += " (" + strings.Join(silent, ", ") + ")"
	}
	if s.InputsFailed > 0 {
		text += "; " + count(s.InputsFailed, "input") + " could not be analysed"
	}
	return text
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
