// Package nginx reads configurations of nginx: which requests go to which upstream, how long nginx waits for an answer,
// and to how many servers it passes a request on.
//
//	if nginx.Sniff(text) {
//		files = append(files, nginx.File{Name: name, Text: text})
//	}
//	result := nginx.Check(files, policy.NewOptions(param))
package nginx

import (
	"bytes"
	"slices"

	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/envoycfg/policy"
	"github.com/commslint/commslint/finding"
)

// A File is a configuration, or a part of one that others include.
type File struct {
	Name string
	Text []byte
}

// A Failure is a file that cannot be read.
type Failure struct {
	finding.Location
	Message string
	// Template says that expressions stand in the file that are filled in later, so that it may be fine.
	Template bool
}

// A Result is what the configurations show.
type Result struct {
	Findings []finding.Finding
	Routes   []callgraph.Route
	Failures []Failure
}

// system is nginx as the rules see it.
var system = policy.System{ID: "nginx", Name: "nginx"}

// passes are the modules that send requests on; each has directives of its own with the same endings (_pass, _next_upstream …).
var passes = []string{"proxy", "grpc", "fastcgi", "uwsgi", "scgi"}

// Sniff reports whether a text may be a configuration of nginx that sends requests anywhere. It looks at words and not at
// syntax.
func Sniff(text []byte) bool {
	if !bytes.ContainsRune(text, '{') || !bytes.ContainsRune(text, ';') || bytes.HasPrefix(bytes.TrimLeft(text, " \t\r\n"), []byte("{")) {
		return false
	}
	if bytes.Contains(text, []byte("_by_lua")) && bytes.Contains(text, []byte("location")) {
		return true
	}
	for _, module := range passes {
		for rest := text; ; {
			i := bytes.Index(rest, []byte(module+"_pass"))
			if i < 0 {
				break
			}
			before := lineBefore(rest[:i])
			rest = rest[i+len(module)+len("_pass"):]
			if len(bytes.TrimSpace(before)) == 0 && len(rest) > 0 && (rest[0] == ' ' || rest[0] == '\t') && endsStatement(rest) {
				return true
			}
		}
	}
	return isUpstream(text) || isMain(text)
}

// isMain reports whether a block for HTTP begins whose servers are in other files: what it sets holds for them.
func isMain(text []byte) bool {
	begun := false
	for line := range bytes.Lines(text) {
		line = bytes.TrimSpace(line)
		if rest, ok := bytes.CutPrefix(line, []byte("http")); ok && bytes.HasPrefix(bytes.TrimLeft(rest, " \t"), []byte("{")) {
			begun = true
		}
		if begun && bytes.HasPrefix(line, []byte("include ")) && bytes.HasSuffix(line, []byte(";")) {
			return true
		}
	}
	return false
}

// isUpstream reports whether a block begins that names servers, in a file of its own.
func isUpstream(text []byte) bool {
	for line := range bytes.Lines(text) {
		if bytes.HasPrefix(line, []byte("upstream ")) && bytes.IndexByte(line, '{') > 0 {
			return true
		}
	}
	return false
}

func lineBefore(text []byte) []byte {
	line := text[bytes.LastIndexByte(text, '\n')+1:]
	if i := bytes.LastIndexAny(line, "{;"); i >= 0 {
		line = line[i+1:]
	}
	return line
}

// endsStatement reports whether a semicolon ends what begins here, in the same line.
func endsStatement(text []byte) bool {
	line, _, _ := bytes.Cut(text[:min(len(text), 4096)], []byte("\n"))
	return bytes.IndexByte(line, ';') >= 0
}

// Check reads configurations and asks the rules mesh/… of them. Parts that one file includes from another are taken where the
// names fit; paths are those of the machine that nginx runs on, and so only their ends count.
func Check(files []File, opt policy.Options) *Result {
	w := &workspace{byName: map[string][]*upstream{}, report: policy.NewReport(opt), result: &Result{}}
	for _, f := range files {
		w.read(f)
	}
	w.link()
	w.findUpstreams()
	for _, c := range w.configs {
		if !c.included {
			w.serve(c)
		}
	}
	w.report.Check(w.routes)
	w.result.Findings = w.report.Findings()
	for i := range w.routes {
		w.result.Routes = append(w.result.Routes, w.routes[i].Graph()...)
	}
	slices.SortStableFunc(w.result.Routes, func(a, b callgraph.Route) int {
		if a.At.File != b.At.File {
			if a.At.File < b.At.File {
				return -1
			}
			return 1
		}
		return a.At.Line - b.At.Line
	})
	return w.result
}

// A workspace is the configurations of a repository.
type workspace struct {
	configs []*config
	left    int // how many more directives includes may copy
	byName  map[string][]*upstream
	routes  []policy.Route
	report  *policy.Report
	result  *Result
	// included is how often files were included.
	included int
}
