package tree

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// inlineValue reads a value that begins on the line of its key or dash: a scalar, or a
// collection in brackets. Its further lines are indented by more than outer.
func (r *reader) inlineValue(outer int) *Node {
	var n *Node
	switch c := r.src[r.pos]; {
	case c == '{' || c == '[':
		n = r.flowValue()
	case c == '"' || c == '\'':
		n = r.quoted(outer)
	case c == '|' || c == '>':
		return r.blockScalar(outer)
	case r.startsPlain():
		return r.plain(outer)
	}
	if n == nil || !r.restOfLine() {
		return nil
	}
	return n
}

// plain reads a scalar without quotes.
func (r *reader) plain(outer int) *Node {
	n := r.node(String, r.pos)
	start := r.pos
	end, ok := r.plainLine()
	if !ok {
		return nil
	}
	n.End = int32(end)
	if !r.hasMoreLines(outer) {
		n.resolve(r.src[start:end])
		return n
	}
	lines := foldedLines{}
	lines.add(r.src[start:end])
	for r.hasMoreLines(outer) {
		if ok := r.foldBreaks(&lines); !ok || r.src[r.pos] == '#' {
			return nil
		}
		start = r.pos
		if end, ok = r.plainLine(); !ok {
			return nil
		}
		n.End = int32(end)
		lines.add(r.src[start:end])
	}
	n.Text = lines.String()
	return n
}

// plainLine moves over one line of a scalar without quotes, to the line's end or to the comment
// that ends the scalar, and returns where its text ends.
func (r *reader) plainLine() (end int, ok bool) {
	start := r.pos
	i := start
	for ; i < len(r.src) && r.src[i] != '\n'; i++ {
		switch r.src[i] {
		case ':':
			if r.isIndicated(i) {
				return 0, false
			}
		case '#':
			if i > start && isBlank(r.src[i-1]) {
				r.pos = i
				return trimmedEnd(r.src, start, i), true
			}
		}
	}
	r.pos = i
	return trimmedEnd(r.src, start, i), true
}

// trimmedEnd is the end of src[start:end] without the blanks that it ends with.
func trimmedEnd(src string, start, end int) int {
	for end > start && (isBlank(src[end-1]) || src[end-1] == '\r') {
		end--
	}
	return end
}

// hasMoreLines reports whether a scalar that has come to the reader's position goes on: whether
// the next line that is not empty is indented by more than outer and is no comment.
func (r *reader) hasMoreLines(outer int) bool {
	if r.pos >= len(r.src) || r.src[r.pos] == '#' {
		return false
	}
	lineStart := r.pos
	for i := r.pos; i < len(r.src); i++ {
		switch r.src[i] {
		case '\n':
			lineStart = i + 1
		case ' ', '\r', '\t':
		case '#':
			return false
		default:
			if i-lineStart == 0 && r.isMarkerAt(i) {
				return false
			}
			return i-lineStart > outer
		}
	}
	return false
}

func (r *reader) isMarkerAt(i int) bool {
	at := reader{src: r.src, pos: i}
	return at.atMarker()
}

// foldedLines joins the lines of a scalar: one line end becomes a blank, more of
// them become one line feed less.
type foldedLines struct{ strings.Builder }

func (l *foldedLines) add(line string) { l.WriteString(line) }

func (l *foldedLines) breaks(count int) {
	if count == 1 {
		l.WriteByte(' ')
		return
	}
	for range count - 1 {
		l.WriteByte('\n')
	}
}

// foldBreaks moves from a line end to the first character of the next line that is not empty.
func (r *reader) foldBreaks(lines *foldedLines) bool {
	count := 0
	for r.pos < len(r.src) {
		switch r.src[r.pos] {
		case '\n':
			count++
			r.pos++
		case ' ', '\r':
			r.pos++
		case '\t':
			return false
		default:
			lines.breaks(count)
			return count > 0
		}
	}
	return false
}

// quotedEnd is where the quoted scalar that begins at start ends; -1 if it does not.
func quotedEnd(src string, start int) int {
	quote := src[start]
	for i := start + 1; i < len(src); i++ {
		switch {
		case src[i] == '\\' && quote == '"':
			i++
		case src[i] != quote:
		case quote == '\'' && i+1 < len(src) && src[i+1] == '\'':
			i++
		default:
			return i + 1
		}
	}
	return -1
}

func (r *reader) quoted(outer int) *Node {
	n := r.node(String, r.pos)
	var ok bool
	if r.src[r.pos] == '"' {
		n.Text, ok = r.doubleQuoted(outer)
	} else {
		n.Text, ok = r.singleQuoted(outer)
	}
	if !ok {
		return nil
	}
	n.End = int32(r.pos)
	return n
}

func (r *reader) singleQuoted(outer int) (string, bool) {
	end := quotedEnd(r.src, r.pos)
	if end < 0 {
		return "", false
	}
	text := r.src[r.pos+1 : end-1]
	if strings.IndexByte(text, '\n') < 0 {
		r.pos = end
		return strings.ReplaceAll(text, "''", "'"), true
	}
	lines := foldedLines{}
	for r.pos++; ; {
		start := r.pos
		for r.pos < end-1 && r.src[r.pos] != '\n' {
			r.pos++
		}
		if r.pos == end-1 {
			lines.add(strings.ReplaceAll(r.src[start:r.pos], "''", "'"))
			r.pos = end
			return lines.String(), true
		}
		lines.add(strings.ReplaceAll(r.src[start:trimmedEnd(r.src, start, r.pos)], "''", "'"))
		if !r.foldBreaks(&lines) || r.column() <= outer || r.column() == 0 {
			return "", false
		}
	}
}

func (r *reader) doubleQuoted(outer int) (string, bool) {
	start := r.pos + 1
	i := start
	for i < len(r.src) && r.src[i] != '"' && r.src[i] != '\\' && r.src[i] != '\n' {
		i++
	}
	if i < len(r.src) && r.src[i] == '"' {
		r.pos = i + 1
		return r.src[start:i], true
	}
	lines := foldedLines{}
	for r.pos = start; r.pos < len(r.src); {
		switch r.src[r.pos] {
		case '"':
			lines.add(r.src[start:r.pos])
			r.pos++
			return lines.String(), true
		case '\\':
			lines.add(r.src[start:r.pos])
			if !r.escape(&lines, outer) {
				return "", false
			}
			start = r.pos
		case '\n':
			lines.add(r.src[start:trimmedEnd(r.src, start, r.pos)])
			if !r.foldBreaks(&lines) || r.column() <= outer || r.column() == 0 {
				return "", false
			}
			start = r.pos
		default:
			r.pos++
		}
	}
	return "", false
}

// escape writes what the escape at the reader's position stands for. An escaped line end
// stands for nothing, and neither do the blanks that the next line begins with.
func (r *reader) escape(lines *foldedLines, outer int) bool {
	rest := r.src[r.pos:]
	if strings.HasPrefix(rest, "\\\n") || strings.HasPrefix(rest, "\\\r\n") {
		r.pos += strings.IndexByte(rest, '\n') + 1
		for r.peek() == ' ' {
			r.pos++
		}
		return !isBlank(r.peek()) && !r.atLineEnd() && r.column() > max(outer, 0)
	}
	char, length := yamlEscape(rest)
	if length == 0 {
		return false
	}
	lines.WriteRune(char)
	r.pos += length
	return true
}

// yamlEscape decodes the escape that s begins with (YAML 1.2.2 §5.7), and says how long it is;
// 0 if it is none. Pairs of surrogates are JSON's, and welcome.
func yamlEscape(s string) (rune, int) {
	if len(s) < 2 {
		return 0, 0
	}
	switch s[1] {
	case '0':
		return 0, 2
	case 'a':
		return '\a', 2
	case 'v':
		return '\v', 2
	case 'e':
		return 0x1b, 2
	case ' ':
		return ' ', 2
	case 'N':
		return 0x85, 2
	case '_':
		return 0xa0, 2
	case 'L':
		return 0x2028, 2
	case 'P':
		return 0x2029, 2
	case 'x':
		if char, ok := hexadecimal(s, 2, 2); ok {
			return char, 4
		}
		return 0, 0
	case 'U':
		if char, ok := hexadecimal(s, 2, 8); ok && utf8.ValidRune(char) && !utf16.IsSurrogate(char) {
			return char, 10
		}
		return 0, 0
	}
	return jsonEscape(s)
}
