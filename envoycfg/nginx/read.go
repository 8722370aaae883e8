package nginx

import (
	"bytes"
	"errors"
	"io"
	"path"
	"slices"
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
	includes []*directive // wherever they stand
	size     int          // how many directives it has, those in blocks among them
	included bool         // another file includes it
}

// A directive is one statement of a configuration.
type directive struct {
	config *config
	name   string
	args   []string
	line   int
	block  []*directive
	files  []*config // what an include means
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
		d := &directive{config: c, name: p.Directive, args: p.Args, line: p.Line, block: c.take(p.Block)}
		if d.name == "include" {
			c.includes = append(c.includes, d)
		}
		c.size++
		all = append(all, d)
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

// maxCopies is how many times the directives of all files together may be copied into others by includes. Real configurations include
// a part in each server or location; includes of includes could make billions of a few lines.
const maxCopies = 100

// link finds out which files each include means. An include that closes a circle is dropped: nginx refuses it.
func (w *workspace) link() {
	byFolder := map[string][]*config{}
	for _, c := range w.configs {
		folder := path.Base(path.Dir(c.name))
		byFolder[folder] = append(byFolder[folder], c)
		w.left += maxCopies * c.size
	}
	underWay, done := map[*config]bool{}, map[*config]bool{}
	var visit func(c *config)
	visit = func(c *config) {
		underWay[c] = true
		for _, d := range c.includes {
			d.files = slices.DeleteFunc(matching(d, byFolder), func(to *config) bool { return underWay[to] })
			for _, to := range d.files {
				if to.included = true; !done[to] {
					visit(to)
				}
			}
		}
		underWay[c], done[c] = false, true
	}
	for _, c := range w.configs {
		if !done[c] {
			visit(c)
		}
	}
}

// expand gives a block with what it includes in the place of its includes.
func (w *workspace) expand(block []*directive) []*directive {
	var all []*directive
	for _, d := range block {
		if d.name != "include" {
			all = append(all, d)
			continue
		}
		for _, c := range d.files {
			if w.left -= 1 + c.size; w.left < 0 {
				return all
			}
			all = append(all, w.expand(c.block)...)
		}
	}
	return all
}

// matching lists the files that an include means, of those in folders of a name. Its path is one of the machine that nginx runs on:
// the file names must fit, and the folder, where there is one of that name.
func matching(include *directive, byFolder map[string][]*config) []*config {
	pattern := include.arg()
	base, folder := path.Base(pattern), path.Base(path.Dir(pattern))
	within := path.Dir(include.config.name)
	var all []*config
	for _, c := range byFolder[folder] {
		dir := path.Dir(c.name)
		if within == "." || strings.HasPrefix(dir, within+"/") || path.Dir(dir) == path.Dir(within) {
			all = append(all, c)
		}
	}
	if !strings.ContainsAny(base, "*?") {
		for _, c := range byFolder[path.Base(within)] {
			if path.Dir(c.name) == within && !slices.Contains(all, c) {
				all = append(all, c)
			}
		}
	}
	return slices.DeleteFunc(all, func(c *config) bool {
		fits, err := path.Match(base, path.Base(c.name))
		return err != nil || !fits || c == include.config
	})
}
