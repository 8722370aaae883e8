package tree

import "strings"

// A blockHeader is what follows | or > on its line.
type blockHeader struct {
	folded bool
	chomp  byte // '-', '+', or 0 for neither
	indent int  // as written; 0 if it is not
}

// blockScalar reads a literal or folded scalar, whose lines are indented by more than outer.
func (r *reader) blockScalar(outer int) *Node {
	if outer < 0 {
		return nil // the whole document is a text: no document of ours
	}
	n := r.node(String, r.pos)
	header, ok := r.blockHeader()
	if !ok {
		return nil
	}
	n.End = int32(trimmedEnd(r.src, int(n.Start), r.pos))
	if r.pos < len(r.src) {
		r.pos++ // the line feed
	}
	indent := outer + header.indent
	if header.indent == 0 {
		if indent, ok = r.blockIndent(outer); !ok {
			return nil
		}
	}
	if n.Text, ok = r.blockText(header, indent, n); !ok {
		return nil
	}
	return n
}

func (r *reader) blockHeader() (h blockHeader, ok bool) {
	h.folded = r.src[r.pos] == '>'
	for r.pos++; r.pos < len(r.src); r.pos++ {
		switch c := r.src[r.pos]; {
		case (c == '-' || c == '+') && h.chomp == 0:
			h.chomp = c
		case '1' <= c && c <= '9' && h.indent == 0:
			h.indent = int(c - '0')
		default:
			return h, r.restOfLine()
		}
	}
	return h, true
}

// blockIndent finds how far the lines of a block scalar are indented: as its first line that is
// not empty. If that is not indented by more than outer, the scalar is empty.
func (r *reader) blockIndent(outer int) (int, bool) {
	lineStart, widest := r.pos, 0
	for i := r.pos; i < len(r.src); i++ {
		switch r.src[i] {
		case ' ', '\r':
		case '\n':
			widest = max(widest, i-lineStart)
			lineStart = i + 1
		case '\t':
			return 0, false
		default:
			if indent := i - lineStart; indent > outer {
				return indent, widest <= indent
			}
			return max(widest, outer+1), true
		}
	}
	return max(widest, len(r.src)-lineStart, outer+1), true
}

// blockText reads the lines that are indented by at least indent.
func (r *reader) blockText(header blockHeader, indent int, n *Node) (string, bool) {
	var b strings.Builder
	lineBreak, emptyLines := "", 0
	afterIndented := false // the line before began with a blank: folding leaves it alone
	for {
		empty, ok := r.blockEmptyLines(indent)
		if !ok {
			return "", false
		}
		emptyLines += empty
		if !r.atBlockLine(indent) {
			break
		}
		r.pos += indent
		indented := isBlank(r.src[r.pos])
		switch {
		case !header.folded || afterIndented || indented || lineBreak == "":
			b.WriteString(lineBreak)
		case emptyLines == 0:
			b.WriteByte(' ')
		}
		writeBreaks(&b, emptyLines)
		emptyLines, afterIndented = 0, indented
		start := r.pos
		r.skipLine()
		end := r.pos
		if end > start && r.src[end-1] == '\r' {
			end--
		}
		b.WriteString(r.src[start:end])
		n.End, lineBreak = int32(end), ""
		if r.pos < len(r.src) {
			lineBreak = "\n"
			r.pos++
		}
	}
	if header.chomp != '-' {
		b.WriteString(lineBreak)
	}
	if header.chomp == '+' {
		writeBreaks(&b, emptyLines)
	}
	return b.String(), true
}

func writeBreaks(b *strings.Builder, count int) {
	for range count {
		b.WriteByte('\n')
	}
}

// blockEmptyLines moves over lines of at most indent blanks and nothing else.
func (r *reader) blockEmptyLines(indent int) (count int, ok bool) {
	for r.pos < len(r.src) {
		i := r.pos
		for i < len(r.src) && i-r.pos < indent && r.src[i] == ' ' {
			i++
		}
		if i < len(r.src) && r.src[i] == '\t' && i-r.pos < indent {
			return 0, false
		}
		if i < len(r.src) && r.src[i] == '\r' {
			i++
		}
		if i >= len(r.src) {
			r.pos = i
			return count, true
		}
		if r.src[i] != '\n' {
			return count, true
		}
		count++
		r.pos = i + 1
	}
	return count, true
}

// atBlockLine reports whether the line that begins at the reader's position is indented by indent.
func (r *reader) atBlockLine(indent int) bool {
	if r.pos+indent >= len(r.src) {
		return false
	}
	for _, c := range []byte(r.src[r.pos : r.pos+indent]) {
		if c != ' ' {
			return false
		}
	}
	return true
}
