package program

import (
	"cmp"
	"slices"
	"strings"

	"github.com/commslint/commslint/analyzers/callsheet"
	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/report"
)

// Calls lists every request that the functions which were asked for send, with
// what is known of each, sorted by place. Those of generated code are left out: its
// callers are listed.
func (p *Program) Calls(variable callgraph.Count) *report.CallSheet {
	s := &sheetMaker{
		program: p,
		notes:   p.notes(),
		layers:  p.layers(),
		loads:   make(map[string][]*callgraph.Amplification),
		ways:    make(map[callgraph.Posn][]*callgraph.Amplification),
	}
	s.evaluate(variable)
	generated := p.generated()
	sheet := &report.CallSheet{Version: report.CallSheetVersion, Calls: []report.Call{}}
	for i := range p.packages {
		pkg := &p.packages[i]
		for j := range pkg.Functions {
			if f := &pkg.Functions[j]; p.wanted[f.ID] && !generated[f.At.File] {
				sheet.Calls = append(sheet.Calls, s.callsOf(f)...)
			}
		}
	}
	slices.SortFunc(sheet.Calls, func(a, b report.Call) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column),
			strings.Compare(a.Operation, b.Operation))
	})
	sheet.Calls = slices.CompactFunc(sheet.Calls, func(a, b report.Call) bool {
		return a.File == b.File && a.Line == b.Line && a.Column == b.Column && a.Operation == b.Operation
	})
	return sheet
}

func (p *Program) generated() map[string]bool {
	files := make(map[string]bool)
	for i := range p.sheets {
		for _, file := range p.sheets[i].Generated {
			files[file] = true
		}
	}
	return files
}

// A sheetMaker joins what the analyzers noted of single calls with what the whole
// program makes of them.
type sheetMaker struct {
	program *Program
	notes   map[callgraph.Posn]*callsheet.Call
	layers  map[callgraph.Posn]*callgraph.Layer
	loads   map[string][]*callgraph.Amplification         // by target
	ways    map[callgraph.Posn][]*callgraph.Amplification // by the request that they lead to
}

// notes finds what is noted of a call by its place.
func (p *Program) notes() map[callgraph.Posn]*callsheet.Call {
	notes := make(map[callgraph.Posn]*callsheet.Call)
	for i := range p.sheets {
		for j := range p.sheets[i].Calls {
			c := &p.sheets[i].Calls[j]
			notes[c.At] = c
		}
	}
	return notes
}

// layers finds retry layers by their place.
func (p *Program) layers() map[callgraph.Posn]*callgraph.Layer {
	layers := make(map[callgraph.Posn]*callgraph.Layer)
	for i := range p.packages {
		pkg := &p.packages[i]
		for j := range pkg.Functions {
			for _, n := range pkg.Functions[j].Body.Nodes {
				if n.Layer != nil {
					layers[place(n.Layer.At)] = n.Layer
				}
			}
		}
		for j := range pkg.Connections {
			for _, m := range pkg.Connections[j].Layers {
				for k := range m.Layers {
					layers[place(m.Layers[k].At)] = &m.Layers[k]
				}
			}
		}
	}
	return layers
}

// place is a position without its column, as steps of paths have it.
func place(at callgraph.Posn) callgraph.Posn { return callgraph.Posn{File: at.File, Line: at.Line} }

// evaluate lists what the entries make of each target, and of each place that a
// worst way leads to, the worst first.
func (s *sheetMaker) evaluate(variable callgraph.Count) {
	all := s.program.Graph(callgraph.GraphOptions{Variable: variable}).Amplification
	slices.SortStableFunc(all, func(a, b callgraph.Amplification) int {
		return cmp.Or(cmp.Compare(b.Hard, a.Hard), strings.Compare(a.Entry, b.Entry))
	})
	for i := range all {
		a := &all[i]
		s.loads[a.Target] = append(s.loads[a.Target], a)
		if at, ok := lastRequest(a.Path); ok {
			s.ways[at] = append(s.ways[at], a)
		}
	}
}

// callsOf lists the requests in a function.
func (s *sheetMaker) callsOf(f *callgraph.Function) []report.Call {
	var calls []report.Call
	for i := range f.Body.Nodes {
		if n := &f.Body.Nodes[i]; n.Kind == callgraph.Send && n.Request != nil {
			calls = append(calls, s.call(f, n))
		}
	}
	return calls
}

func (s *sheetMaker) call(f *callgraph.Function, n *callgraph.Node) report.Call {
	req := n.Request
	c := report.Call{
		File: n.At.File, Line: n.At.Line, Column: n.At.Col, Function: f.ID,
		Operation: callgraph.ShowText(req.Operation), Protocol: req.Protocol, Callee: req.Callee,
		Resolved: req.Resolved,
	}
	note := s.notes[n.At]
	if note == nil {
		note = new(callsheet.Call)
	}
	c.Timeout = s.timeout(n, note)
	c.Idempotency = idempotency(req, note)
	c.Failure = failure(note)
	s.attempts(&c, n)
	c.Backpressure = s.backpressure(f, &c)
	return c
}

// timeout is what bounds a call: in the code, or in its connection's configuration.
func (s *sheetMaker) timeout(n *callgraph.Node, note *callsheet.Call) report.Timeout {
	t := report.Timeout{Kind: report.Unknown}
	switch note.Bound {
	case callsheet.Bounded:
		t = report.Timeout{Kind: "bounded", Duration: durationText(note.Timeout)}
	case callsheet.Inherited:
		t.Kind = "inherits"
	case callsheet.UnboundedCall:
		t = report.Timeout{Kind: "unbounded", Evidence: note.BoundText}
	case callsheet.OpenOnPurpose:
		t.Kind = "stream"
	}
	if n.Request.Bound > 0 && t.Duration == "" {
		t = report.Timeout{Kind: "bounded", Duration: durationText(n.Request.Bound)}
	}
	if t.Kind == "bounded" && t.Duration != "" {
		return t
	}
	if d, at, ok := s.program.configuredTimeout(n.Request); ok {
		return report.Timeout{Kind: "bounded", Duration: durationText(d), Evidence: "the connection's service config", File: at.File, Line: at.Line}
	}
	return t
}

// safeMethods are idempotent by RFC 9110, section 9.2.2.
var safeMethods = []string{"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"}

func idempotency(req *callgraph.Request, note *callsheet.Call) report.Idempotency {
	i := report.Idempotency{Method: report.Unknown, Key: note.Key, KeyFile: note.KeyAt.File, KeyLine: note.KeyAt.Line}
	method := req.Method
	if method == "" && req.Protocol == "http" {
		method, _, _ = strings.Cut(callgraph.ShowText(req.Operation), " ")
	}
	switch {
	case req.Protocol != "http":
	case slices.Contains(safeMethods, method):
		i.Method = "yes"
	case method == "POST" || method == "PATCH":
		i.Method = "no"
	}
	return i
}

func failure(note *callsheet.Call) report.Failure {
	if note.Outcome == callsheet.OutcomeUnknown {
		return report.Failure{Kind: report.Unknown}
	}
	return report.Failure{Kind: string(note.Outcome), File: note.OutcomeAt.File, Line: note.OutcomeAt.Line}
}
