package nginx

import (
	"bytes"
	"errors"
	"io"
	"path"
	"sort"
	"strings"

	crossplane "github.com/nginxinc/nginx-go-crossplane"

	"github.com/commslint/commslint/envoycfg/policy"
	"github.com/commslint/commslint/finding"
)

// A config is a file that was read.
type config struct {
	name     string
	text     []byte
	lines    []int // offset of the first byte of each line
	block    []*directive
	included bool // another file includes it
}

// A directive is one statement of a configuration.
type directive struct {
	config *config
	name   string
	args   []string
	line   int
	block  []*directive
}

// maxDepth bounds how deep blocks may lie in each other; real ones have five.
const maxDepth = 100

// read adds a file, or a failure.
func (w *workspace) read(f File) {
	template := policy.IsTemplate(f.Text)
	f.Text = policy.MaskTemplate(f.Text)
	if depth(f.Text) > maxDepth {
		w.result.Failures = append(w.result.Failures, Failure{Location: finding.Location{File: f.Name}, Message: "blocks lie in each other deeper than 100 levels"})
		return
	}
	lua := &crossplane.Lua{}
	payload, err := crossplane.Parse(f.Name, &crossplane.ParseOptions{
		SingleFile: true, StopParsingOnError: true, SkipDirectiveContextCheck: true, SkipDirectiveArgsCheck: true,
		Open:       func(string) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(f.Text)), nil },
		LexOptions: crossplane.LexOptions{Lexers: []crossplane.RegisterLexer{lua.RegisterLexer()}},
	})
	if err == nil && len(payload.Config) == 1 {
		c := &config{name: f.Name, text: f.Text, lines: lineStarts(f.Text)}
		c.block = c.take(payload.Config[0].Parsed)
		w.configs = append(w.configs, c)
		return
	}
	failure := Failure{Location: finding.Location{File: f.Name}, Message: "the file cannot be read", Template: template}
	var parse *crossplane.ParseError
	if errors.As(err, &parse) {
		failure.Message = parse.What
		if parse.Line != nil {
			failure.Line, failure.Column = *parse.Line, 1
		}
	}
	w.result.Failures = append(w.result.Failures, failure)
}

func depth(text []byte) int {
	deepest, now := 0, 0
	for _, c := range text {
		switch c {
		case '{':
			now++
			deepest = max(deepest, now)
		case '}':
			now--
		}
	}
	return deepest
}

func lineStarts(text []byte) []int {
	starts := []int{0}
	for i, c := range text {
		if c == '\n' {
			starts = append(starts, i+1)
		}
	}
	return starts
}

func (c *config) take(parsed crossplane.Directives) []*directive {
	var all []*directive
	for _, p := range parsed {
		all = append(all, &directive{config: c, name: p.Directive, args: p.Args, line: p.Line, block: c.take(p.Block)})
	}
	return all
}

// place is where a range of bytes stands.
func (c *config) place(start, end int) policy.Place {
	line := sort.SearchInts(c.lines, start+1)
	endLine := sort.SearchInts(c.lines, end+1)
	return policy.Place{Start: start, End: end, Location: finding.Location{
		File: c.name, Line: line, Column: start - c.lines[line-1] + 1, EndLine: endLine, EndColumn: end - c.lines[endLine-1] + 1,
	}}
}

// at is where the directive stands.
func (d *directive) at() policy.Place { return d.find(-1) }

// argAt is where its argument i stands.
func (d *directive) argAt(i int) policy.Place { return d.find(i) }

// find looks for the words of the directive one after the other, from the start of its line.
func (d *directive) find(arg int) policy.Place {
	start := d.config.lines[min(d.line, len(d.config.lines))-1]
	rest := d.config.text[start:]
	i := bytes.Index(rest, []byte(d.name))
	if i < 0 {
		return d.config.place(start, start)
	}
	start += i
	end := start + len(d.name)
	for n := 0; n <= arg && n < len(d.args); n++ {
		i := bytes.Index(d.config.text[end:], []byte(d.args[n]))
		if i < 0 || d.args[n] == "" {
			break
		}
		start = end + i
		end = start + len(d.args[n])
	}
	return d.config.place(start, end)
}

// arg is the first argument; empty if there is none.
func (d *directive) arg() string {
	if len(d.args) == 0 {
		return ""
	}
	return d.args[0]
}

// maxIncluded bounds how often files are included by each other.
const maxIncluded = 20_000

// expand gives a block with what it includes in the place of its includes.
func (w *workspace) expand(block []*directive, depth int) []*directive {
	var all []*directive
	for _, d := range block {
		if d.name != "include" || depth > 5 || w.included > maxIncluded {
			all = append(all, d)
			continue
		}
		for _, c := range w.matching(d) {
			c.included = true
			w.included++
			all = append(all, w.expand(c.block, depth+1)...)
		}
	}
	return all
}

// matching lists the files that an include means. Its path is one of the machine that nginx runs on: the file names must fit,
// and the folder, where there is one of that name.
func (w *workspace) matching(include *directive) []*config {
	pattern := include.arg()
	base, folder := path.Base(pattern), path.Base(path.Dir(pattern))
	var all []*config
	for _, c := range w.configs {
		if c == include.config {
			continue
		}
		if ok, err := path.Match(base, path.Base(c.name)); err != nil || !ok {
			continue
		}
		within := path.Dir(include.config.name)
		beside := path.Dir(c.name) == within
		below := path.Base(path.Dir(c.name)) == folder && (within == "." || strings.HasPrefix(c.name, within+"/") || path.Dir(path.Dir(c.name)) == path.Dir(within))
		if below || beside && !strings.ContainsAny(base, "*?") {
			all = append(all, c)
		}
	}
	return all
}
