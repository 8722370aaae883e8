package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/commslint/commslint/callgraph"
)

// Unknown is what a call sheet says where the code does not tell.
const Unknown = "unknown"

// CallSheetVersion is the version of the format. It changes when fields change
// their meaning, not when some are added.
const CallSheetVersion = 1

// A CallSheet lists the requests that code sends, with what a review of its design
// asks about each.
type CallSheet struct {
	Version int    `json:"version"`
	Calls   []Call `json:"calls"` // sorted by place
}

// A Call is one place that sends requests.
type Call struct {
	File      string `json:"file"`
	Line      int    `json:"line"`
	Column    int    `json:"column"`
	Function  string `json:"function"` // full name
	Operation string `json:"operation"`
	Protocol  string `json:"protocol"`
	Callee    string `json:"callee"` // library function
	// Targets are the operations that the call is seen to reach, where the
	// function's callers say which.
	Targets []string `json:"targets,omitempty"`
	// Resolved is false if the operation only describes the place of the call.
	Resolved    bool        `json:"resolved"`
	Timeout     Timeout     `json:"timeout"`
	Idempotency Idempotency `json:"idempotency"`
	Failure     Failure     `json:"failure"`
	// Attempts is what repeats the call on the way from an entry, nil if no way
	// is known.
	Attempts *Attempts `json:"attempts,omitempty"`
	// Load is the worst that one request to any entry makes of the call's
	// target, nil if no entry leads there.
	Load         *Load   `json:"load,omitempty"`
	Backpressure []Guard `json:"backpressure,omitempty"`
}

// A Timeout is what bounds a call in time.
type Timeout struct {
	Kind     string `json:"kind"`               // bounded, inherits, unbounded, stream or unknown
	Duration string `json:"duration,omitempty"` // of a bounded one, if known
	Evidence string `json:"evidence,omitempty"`
	File     string `json:"file,omitempty"`
	Line     int    `json:"line,omitempty"`
}

// Idempotency tells whether a call may be sent again.
type Idempotency struct {
	Method  string `json:"method"`        // yes, no or unknown: by RFC 9110
	Key     string `json:"key,omitempty"` // header or field that is set; empty if none is seen
	KeyFile string `json:"keyFile,omitempty"`
	KeyLine int    `json:"keyLine,omitempty"`
}

// A Failure says what becomes of the call's error.
type Failure struct {
	// Kind is returned, replaced (by another error), ignored, turned into nil,
	// handled (and the function goes on) or unknown.
	Kind string `json:"kind"`
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
}

// Attempts is what repeats a call.
type Attempts struct {
	N      callgraph.Times `json:"n"`
	Entry  string          `json:"entry"`            // where the way begins
	Layers []Layer         `json:"layers,omitempty"` // outermost first
}

// Add puts a layer inside those that are there, and multiplies.
func (a *Attempts) Add(l Layer) {
	a.Layers = append(a.Layers, l)
	switch {
	case a.N.Text == "" && a.N.N.IsInfinite(), l.Attempts.Text == "" && l.Attempts.N.IsInfinite():
		a.N = callgraph.Times{N: callgraph.Infinity}
	case a.N.Text == "" && l.Attempts.Text == "":
		a.N.N *= l.Attempts.N
	case a.N.Text == "" && a.N.N == 1:
		a.N = l.Attempts
	default:
		a.N = callgraph.Times{Text: a.N.String() + " × " + l.Attempts.String()}
	}
}

// A Layer is what sends a call again, or a loop over data around it.
type Layer struct {
	Kind     string          `json:"kind"` // as in a graph; "data" for a loop over data
	Name     string          `json:"name,omitempty"`
	Attempts callgraph.Times `json:"attempts"`
	Backoff  string          `json:"backoff,omitempty"` // none, constant, growing or unknown
	Jitter   string          `json:"jitter,omitempty"`  // yes, no or unknown
	Budget   string          `json:"budget,omitempty"`  // yes, no or unknown
	File     string          `json:"file,omitempty"`
	Line     int             `json:"line,omitempty"`
}

// A Load is how many requests one request can become.
type Load struct {
	Entry    string          `json:"entry"`
	Requests callgraph.Count `json:"requests"`
	Symbolic string          `json:"symbolic"`
	Mode     string          `json:"mode"`
}

// A Guard limits how many calls run at once.
type Guard struct {
	Name string `json:"name"`
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
}

var callFormats = []struct {
	name  string
	write func(w io.Writer, s *CallSheet) error
}{
	{"table", writeCallTable},
	{"json", func(w io.Writer, s *CallSheet) error { return encode(w, s) }},
	{"markdown", writeCallMarkdown},
}

// CallFormats lists the names that WriteCalls takes, the default first.
func CallFormats() []string {
	names := make([]string, len(callFormats))
	for i, f := range callFormats {
		names[i] = f.name
	}
	return names
}

// WriteCalls writes a call sheet in the named format. It fails on an unknown
// format and on w's errors; what was written till then is not to be used.
func WriteCalls(w io.Writer, format string, s *CallSheet) error {
	for _, f := range callFormats {
		if f.name == format {
			return f.write(w, s)
		}
	}
	return fmt.Errorf("unknown format %q: expected one of %s", format, strings.Join(CallFormats(), ", "))
}

func (t *Timeout) String() string {
	switch {
	case t.Kind == "bounded" && t.Duration != "":
		return t.Duration
	case t.Kind == "inherits":
		return "inherits context"
	}
	return t.Kind
}

// times is how often a call is sent at most, and by what: "12 = 3 loop × 4
// service-config".
func (a *Attempts) times() string {
	if a == nil {
		return Unknown
	}
	if len(a.Layers) == 0 {
		return "1"
	}
	var parts []string
	for _, l := range a.Layers {
		kind := l.Kind
		if kind == "data" {
			kind = "loop over data"
		}
		parts = append(parts, l.Attempts.String()+" "+kind)
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return a.N.String() + " = " + strings.Join(parts, " × ")
}

// each lists a property of the layers that repeat a call, outermost first: "-" if
// there is none.
func (a *Attempts) each(property func(l *Layer) string) string {
	if a == nil {
		return Unknown
	}
	var all []string
	same := true
	for i := range a.Layers {
		if l := &a.Layers[i]; l.Kind != "data" {
			all = append(all, property(l))
			same = same && all[len(all)-1] == all[0]
		}
	}
	switch {
	case len(all) == 0:
		return "-"
	case same:
		return all[0]
	}
	return strings.Join(all, ", ")
}

func (a *Attempts) backoff() string { return a.each(func(l *Layer) string { return l.Backoff }) }
func (a *Attempts) jitter() string  { return a.each(func(l *Layer) string { return l.Jitter }) }
func (a *Attempts) budget() string  { return a.each(func(l *Layer) string { return l.Budget }) }

// String says whether a call may be sent again, and why.
func (i *Idempotency) String() string {
	switch {
	case i.Key != "":
		return "key " + i.Key
	case i.Method == "no":
		return "no, no key seen"
	}
	return i.Method
}
