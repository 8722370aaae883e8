package tree

import (
	"bytes"
	"sort"
	"strings"
)

// ParseTemplate reads a text as ParseAll does, with the expressions in it that a template engine or
// envsubst fills in: {{ }}, {% %} and ${ }. Scalars with such an expression are Templated, and lines
// that hold nothing else are left out, so that a text that is YAML around them can be read.
func ParseTemplate(name string, text []byte) (*File, []*Error) {
	f := &File{Name: name}
	f.mask(text)
	return f, f.readAll()
}

// IsTemplate reports whether the text has expressions that are filled in later.
func (f *File) IsTemplate() bool { return len(f.holes) > 0 }

// Templated reports whether an expression that is filled in later stands in the value, anywhere.
func (n *Node) Templated() bool {
	if n == nil || len(n.File.holes) == 0 {
		return false
	}
	return n.File.hasHole(int(n.Start), int(n.End))
}

// KeyTemplated reports whether such an expression stands in the key.
func (m *Member) KeyTemplated() bool {
	f := m.Value.File
	return len(f.holes) > 0 && f.hasHole(int(m.KeyStart), int(m.KeyEnd))
}

func (f *File) hasHole(start, end int) bool {
	i := sort.Search(len(f.holes), func(i int) bool { return f.holes[i].end > start })
	return i < len(f.holes) && f.holes[i].start < end
}

// A hole is the place of an expression.
type hole struct{ start, end int }

// maxHole is how long an expression may be: beyond that, braces are something else.
const maxHole = 4096

// mask makes the text of the file from one with expressions, each of which gives way to as many
// bytes, so that offsets stay.
func (f *File) mask(text []byte) {
	f.Text = text
	f.holes = dropAlternatives(text, findHoles(text))
	if len(f.holes) == 0 {
		return
	}
	f.Text = bytes.Clone(text)
	for at := 0; at < len(f.holes); {
		lineStart := bytes.LastIndexByte(text[:f.holes[at].start], '\n') + 1
		next, onlyHoles := f.line(at, lineStart)
		fill := byte('x')
		if onlyHoles {
			fill = ' '
		}
		for _, h := range f.holes[at:next] {
			f.fill(h, fill)
		}
		at = next
	}
}

// line returns the first hole that begins on a later line than the one at index at, and whether
// the line has nothing but holes.
func (f *File) line(at, lineStart int) (next int, onlyHoles bool) {
	onlyHoles = true
	from := lineStart
	for next = at; next < len(f.holes); next++ {
		between := f.Text[from:f.holes[next].start]
		if next > at && bytes.IndexByte(between, '\n') >= 0 {
			break
		}
		onlyHoles = onlyHoles && len(bytes.TrimSpace(between)) == 0
		from = f.holes[next].end
	}
	rest := f.Text[from:]
	if i := bytes.IndexByte(rest, '\n'); i >= 0 {
		rest = rest[:i]
	}
	return next, onlyHoles && len(bytes.TrimSpace(rest)) == 0
}

// fill writes something harmless over a hole: a word, or blanks for statements, which have no value.
func (f *File) fill(h hole, with byte) {
	if f.Text[h.start+1] == '%' || f.Text[h.start+1] == '#' {
		with = ' '
	}
	for i := h.start; i < h.end; i++ {
		switch f.Text[i] {
		case '\n':
			with = ' '
		case '\r':
		default:
			f.Text[i] = with
		}
	}
}

var holeBrackets = []struct{ open, closing string }{{"{{", "}}"}, {"{%", "%}"}, {"${", "}"}, {"{#", "#}"}}

// maxBraces is how many braces that look like the beginning of an expression and have no end make it
// certain that a text is no template.
const maxBraces = 10_000

func findHoles(text []byte) []hole {
	var holes []hole
	unclosed := 0
	for at := 0; ; {
		i := bytes.IndexByte(text[at:], '{')
		if i < 0 || unclosed > maxBraces {
			return holes
		}
		at += i
		h, ok := holeAt(text, at)
		if !ok {
			at++
			if begins(text, at-1) {
				unclosed++
			}
			continue
		}
		holes = append(holes, h)
		at = h.end
	}
}

// holeAt finds the hole whose first brace is at an offset.
func holeAt(text []byte, at int) (hole, bool) {
	for _, b := range holeBrackets {
		start := at
		if b.open[0] == '$' {
			start--
		}
		if start < 0 || !bytes.HasPrefix(text[start:], []byte(b.open)) {
			continue
		}
		inside := text[start+len(b.open):]
		end := bytes.Index(inside[:min(len(inside), maxHole)], []byte(b.closing))
		if end < 0 || b.open == "${" && !isVariable(inside[:end]) {
			continue
		}
		return hole{start, start + len(b.open) + end + len(b.closing)}, true
	}
	return hole{}, false
}

// begins reports whether the brace at an offset is followed or preceded as those of holes are.
func begins(text []byte, at int) bool {
	return at+1 < len(text) && (text[at+1] == '{' || text[at+1] == '%') || at > 0 && text[at-1] == '$'
}

// isVariable reports whether the inside of ${ } begins with a name.
func isVariable(inside []byte) bool {
	if len(inside) == 0 || bytes.IndexByte(inside, '\n') >= 0 {
		return false
	}
	c := inside[0] | 0x20
	return 'a' <= c && c <= 'z' || inside[0] == '_'
}

// dropAlternatives widens the hole of each else by what stands between it and its end, so that one
// branch is left of an if, the first that has any text: both together would be no document.
func dropAlternatives(text []byte, holes []hole) []hole {
	type block struct {
		elseAt int // index of the hole whose else is dropped; -1 if none is
		begin  int // of what the block holds
		holes  int // how many were kept before it
	}
	var open []block
	var kept []hole
	dropped := 0 // blocks whose else is being dropped
	for _, h := range holes {
		word := statement(text[h.start:h.end])
		switch {
		case opensBlock(word):
			open = append(open, block{elseAt: -1, begin: h.end, holes: len(kept) + 1})
		case strings.HasPrefix(word, "else") || word == "elif":
			if n := len(open); n > 0 && open[n-1].elseAt < 0 && dropped == 0 && !isBlankBetween(text, open[n-1].begin, h.start, kept[min(open[n-1].holes, len(kept)):]) {
				kept = append(kept, h)
				open[n-1].elseAt = len(kept) - 1
				dropped++
				continue
			}
		case strings.HasPrefix(word, "end"):
			if n := len(open); n > 0 {
				if at := open[n-1].elseAt; at >= 0 {
					kept[at].end = h.end
					open, dropped = open[:n-1], dropped-1
					continue
				}
				open = open[:n-1]
			}
		}
		if dropped == 0 {
			kept = append(kept, h)
		}
	}
	return kept
}

// isBlankBetween reports whether there is nothing between two offsets but holes.
func isBlankBetween(text []byte, from, to int, holes []hole) bool {
	for _, h := range holes {
		if h.start >= from && h.start < to {
			if len(bytes.TrimSpace(text[from:h.start])) > 0 {
				return false
			}
			from = h.end
		}
	}
	return from >= to || len(bytes.TrimSpace(text[from:to])) == 0
}

func opensBlock(word string) bool {
	switch word {
	case "if", "range", "with", "define", "block", "for", "macro", "filter", "call":
		return true
	}
	return false
}

// statement is the first word of a statement in a hole; empty if that is an expression.
func statement(hole []byte) string {
	if len(hole) < 4 || hole[0] == '$' || hole[1] == '#' {
		return ""
	}
	inside := strings.Trim(string(hole[2:len(hole)-2]), "-~+ \t\r\n")
	word, _, _ := strings.Cut(inside, " ")
	switch word {
	case "if", "range", "with", "define", "block", "for", "macro", "filter", "call", "else", "elif", "end",
		"endif", "endfor", "endmacro", "endfilter", "endcall", "endblock":
		return word
	}
	return ""
}
