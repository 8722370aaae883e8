package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

var callColumns = []struct {
	name string
	cell func(c *Call) string
}{
	{"place", func(c *Call) string { return sourcePlace(c.File, c.Line) }},
	{"operation", func(c *Call) string { return c.Operation }},
	{"timeout", func(c *Call) string { return c.Timeout.String() }},
	{"attempts", func(c *Call) string { return c.Attempts.times() }},
	{"backoff", func(c *Call) string { return c.Attempts.backoff() }},
	{"jitter", func(c *Call) string { return c.Attempts.jitter() }},
	{"idempotent", func(c *Call) string { return c.Idempotency.String() }},
	{"budget", func(c *Call) string { return c.Attempts.budget() }},
	{"error", func(c *Call) string { return c.Failure.Kind }},
	{"load", func(c *Call) string { return c.Load.figure() }},
}

func (l *Load) figure() string {
	if l == nil {
		return Unknown
	}
	return readable(l.Requests, l.Symbolic)
}

// writeCallTable writes one line for each call.
func writeCallTable(w io.Writer, s *CallSheet) error {
	out := bufio.NewWriter(w)
	if len(s.Calls) == 0 {
		fmt.Fprintln(out, "No calls that reach the network were found.")
		return out.Flush()
	}
	lines := make([][]string, 1, len(s.Calls)+1)
	for _, c := range callColumns {
		lines[0] = append(lines[0], c.name)
	}
	for i := range s.Calls {
		var line []string
		for _, c := range callColumns {
			line = append(line, printable(c.cell(&s.Calls[i])))
		}
		lines = append(lines, line)
	}
	widths := make([]int, len(callColumns))
	for _, line := range lines {
		for i, cell := range line {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	for _, line := range lines {
		var b strings.Builder
		for i, cell := range line {
			b.WriteString(cell)
			b.WriteString(strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)+2))
		}
		fmt.Fprintln(out, strings.TrimRight(b.String(), " "))
	}
	return out.Flush()
}

// questions are what a review of a design asks about every call.
var questions = []struct {
	text   string
	answer func(c *Call) string
}{
	{"What is the timeout?", (*Call).timeoutAnswer},
	{"Is it idempotent?", (*Call).idempotencyAnswer},
	{"What happens on partial failure?", (*Call).failureAnswer},
	{"Where is the backpressure?", (*Call).backpressureAnswer},
	{"Can the retry amplify load?", (*Call).loadAnswer},
}

// writeCallMarkdown answers the five questions for every call.
func writeCallMarkdown(w io.Writer, s *CallSheet) error {
	out := bufio.NewWriter(w)
	fmt.Fprintln(out, "# Outgoing calls")
	if len(s.Calls) == 0 {
		fmt.Fprintln(out, "\nNone that reach the network were found.")
	}
	for i := range s.Calls {
		c := &s.Calls[i]
		fmt.Fprintf(out, "\n## %s\n\n%s in %s, by %s\n\n", code(c.Operation), sourcePlace(c.File, c.Line), code(c.Function), code(c.Callee))
		for _, q := range questions {
			fmt.Fprintf(out, "- **%s** %s\n", q.text, q.answer(c))
		}
	}
	return out.Flush()
}

// code writes text as it stands.
func code(s string) string { return "`" + strings.ReplaceAll(printable(s), "`", "'") + "`" }

// from adds where something is seen.
func from(text, file string, line int) string {
	if at := sourcePlace(file, line); at != "" {
		return text + " (" + at + ")"
	}
	return text
}

func (c *Call) timeoutAnswer() string {
	t := &c.Timeout
	switch t.Kind {
	case "bounded":
		text := "Bounded, for how long is unknown"
		if t.Duration != "" {
			text = t.Duration
		}
		if t.Evidence != "" {
			text += ", by " + t.Evidence
		}
		return from(text, t.File, t.Line) + "."
	case "inherits":
		return "Only what the caller's context or client sets."
	case "unbounded":
		if t.Evidence != "" {
			return "None: " + code(t.Evidence) + " sets no limit."
		}
		return "None."
	case "stream":
		return "None: the call stays open on purpose."
	}
	return "Unknown."
}

func (c *Call) idempotencyAnswer() string {
	i := &c.Idempotency
	text := "Unknown: the contract is not read."
	switch i.Method {
	case "yes":
		text = "By its method."
	case "no":
		text = "Not by its method."
	}
	if i.Key != "" {
		return text + " The request carries " + from(code(i.Key), i.KeyFile, i.KeyLine) + "."
	}
	if i.Method == "no" {
		text += " No idempotency key is seen."
	}
	return text
}

var failureTexts = map[string]string{
	"returned":        "The error is returned",
	"replaced":        "Another error is returned",
	"ignored":         "The error is ignored",
	"turned into nil": "The function returns no error",
	"handled":         "The error is looked at, and the function goes on",
}

func (c *Call) failureAnswer() string {
	text, ok := failureTexts[c.Failure.Kind]
	if !ok {
		return "Unknown."
	}
	return from(text, c.Failure.File, c.Failure.Line) + "."
}

func (c *Call) backpressureAnswer() string {
	if len(c.Backpressure) == 0 {
		return "None seen."
	}
	var all []string
	for _, g := range c.Backpressure {
		all = append(all, from(code(g.Name), g.File, g.Line))
	}
	return strings.Join(all, ", ") + "."
}

func (c *Call) loadAnswer() string {
	if c.Load == nil {
		return "Unknown: nothing that the outside starts is seen to lead here."
	}
	most := fmt.Sprintf("at most %s for one run of %s", c.Load.figure(), code(c.Load.Entry))
	if c.Load.figure() == "unbounded" {
		most = "without limit for one run of " + code(c.Load.Entry)
	}
	if c.Attempts == nil {
		return fmt.Sprintf("Requests to this operation: %s (%s); by what this call is repeated is unknown.", most, c.Load.Mode)
	}
	layers := c.repeats()
	switch {
	case len(layers) == 0:
		return "Nothing repeats it: " + most + "."
	case c.Attempts.backoff() == "-":
		return fmt.Sprintf("No retry is seen: %s. %s.", most, strings.Join(layers, "; "))
	}
	return fmt.Sprintf("Yes: %s (%s). %s.", most, c.Load.Mode, strings.Join(layers, "; "))
}

// repeats describes what repeats a call, outermost first.
func (c *Call) repeats() []string {
	var all []string
	for i := range c.Attempts.Layers {
		l := &c.Attempts.Layers[i]
		text := fmt.Sprintf("%s × %s", l.Attempts, l.Name)
		if l.Kind != "data" {
			text += fmt.Sprintf(", backoff %s, jitter %s, budget %s", l.Backoff, l.Jitter, l.Budget)
		}
		all = append(all, from(text, l.File, l.Line))
	}
	return all
}
