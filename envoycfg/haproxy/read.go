package haproxy

import (
	"bytes"
	"strings"

	"github.com/commslint/commslint/envoycfg/policy"
	"github.com/commslint/commslint/finding"
)

// A config is one file.
type config struct {
	file     string
	sections []*section
	report   *policy.Report
	routes   []policy.Route
	reached  map[*section]bool // backends that a frontend leads to
	timed    map[*section]bool // sections whose timeouts were looked at
	named    map[[2]string]*section
	whole    bool // the file has defaults, or what is global, and so is no part of one
}

// A section is a part of a configuration: defaults, frontend, backend, listen.
type section struct {
	kind, name string
	at         policy.Place
	defaults   *section // what holds where the section says nothing
	lines      []line
	acls       map[string][]line // by their names; filled on first use
}

// acl lists the lines of an access list, which are alternatives.
func (s *section) acl(name string) []line {
	if s.acls == nil {
		s.acls = map[string][]line{}
		for _, l := range s.lines {
			if l.is("acl") {
				s.acls[l.word(1)] = append(s.acls[l.word(1)], l)
			}
		}
	}
	return s.acls[name]
}

// A line is a keyword with its arguments.
type line struct {
	words  []string
	places []policy.Place
}

func (l line) word(i int) string {
	if i < len(l.words) {
		return l.words[i]
	}
	return ""
}

// is reports whether a line begins with words.
func (l line) is(words ...string) bool {
	if len(l.words) < len(words) {
		return false
	}
	for i, w := range words {
		if l.words[i] != w {
			return false
		}
	}
	return true
}

// read takes a text apart: sections begin with a keyword of theirs, and a defaults section holds for those that follow it, or for
// those that name it (from).
func (c *config) read(text []byte) {
	c.reached, c.timed, c.named = map[*section]bool{}, map[*section]bool{}, map[[2]string]*section{}
	var current, defaults *section
	number, offset := 0, 0
	for raw := range bytes.Lines(text) {
		number++
		l := c.split(string(bytes.TrimRight(raw, "\r\n")), number, offset)
		offset += len(raw)
		if len(l.words) == 0 {
			continue
		}
		if !isSection(l.words[0]) {
			if current != nil {
				current.lines = append(current.lines, l)
			}
			continue
		}
		current = &section{kind: l.words[0], name: l.word(1), at: l.places[0]}
		if current.name != "" {
			current.at = l.places[1]
		}
		current.defaults = defaults
		if i := indexOf(l.words, "from"); i > 0 && i+1 < len(l.words) {
			current.defaults = c.find("defaults", l.words[i+1])
		}
		if current.kind == "defaults" {
			if indexOf(l.words, "from") < 0 {
				current.defaults = nil
			}
			defaults = current
		}
		c.sections = append(c.sections, current)
		c.whole = c.whole || current.kind == "defaults" || current.kind == "global"
		if id := [2]string{current.kind, current.name}; c.named[id] == nil {
			c.named[id] = current
		}
	}
}

func isSection(word string) bool {
	switch word {
	case "global", "defaults", "frontend", "backend", "listen", "resolvers", "peers", "cache", "program", "userlist", "mailers", "ring",
		"http-errors", "fcgi-app", "log-forward", "crt-store", "traces", "acme":
		return true
	}
	return false
}

func indexOf(words []string, word string) int {
	for i, w := range words {
		if w == word {
			return i
		}
	}
	return -1
}

func (c *config) find(kind, name string) *section {
	return c.named[[2]string{kind, name}]
}

// split takes the words of a line, which blanks part except in quotes and after a backslash; # begins a comment.
func (c *config) split(text string, number, offset int) line {
	var l line
	for i := 0; i < len(text); {
		if text[i] == ' ' || text[i] == '\t' {
			i++
			continue
		}
		if text[i] == '#' {
			break
		}
		word, end := scanWord(text, i)
		l.words = append(l.words, word)
		l.places = append(l.places, policy.Place{
			Location: finding.Location{File: c.file, Line: number, Column: i + 1, EndLine: number, EndColumn: end + 1},
			Start:    offset + i, End: offset + end,
		})
		i = end
	}
	return l
}

func scanWord(text string, start int) (string, int) {
	var b strings.Builder
	quote := byte(0)
	i := start
	for ; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '\\' && quote != '\'' && i+1 < len(text):
			i++
			b.WriteByte(text[i])
		case quote != 0 && c == quote:
			quote = 0
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		case quote == 0 && (c == ' ' || c == '\t' || c == '#'):
			return b.String(), i
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), i
}

// get finds the last line of a section that begins with words, or that of its defaults.
func (s *section) get(words ...string) (line, bool) {
	for depth := 0; s != nil && depth < 20; depth++ {
		for i := len(s.lines) - 1; i >= 0; i-- {
			if s.lines[i].is(words...) {
				return s.lines[i], true
			}
		}
		s = s.defaults
	}
	return line{}, false
}

// text is the word after a keyword; empty if the keyword is not there.
func (s *section) text(words ...string) string {
	l, ok := s.get(words...)
	if !ok {
		return ""
	}
	return l.word(len(words))
}
