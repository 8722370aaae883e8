package tree

import "strings"

// This file and flow.go and scalar.go read the YAML that nearly all documents consist of. Their
// functions report false, with r.err nil, as soon as they meet anything else, whether it is rare
// or wrong: the library then reads the text from its beginning. What they do read, they read as
// the library does; a test holds them to it.

// isPlainText reports whether s consists of lines in the usual sense, of characters that need no
// second look. YAML 1.1 has more line ends than 1.2, and both forbid control characters.
func isPlainText(s string) bool {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\n' || c == '\t':
		case c == '\r':
			if i+1 == len(s) || s[i+1] != '\n' {
				return false
			}
		case c < ' ' || c == 0x7f:
			return false
		case c == 0xc2: // C1 controls, among them NEL, which ends lines
			if s[i+1] < 0xa0 {
				return false
			}
		case c == 0xe2: // U+2028 and U+2029 end lines
			if s[i+1] == 0x80 && s[i+2]&^1 == 0xa8 {
				return false
			}
		case c == 0xef: // U+FEFF, U+FFFE and U+FFFF
			if s[i+1] == 0xbb && s[i+2] == 0xbf || s[i+1] == 0xbf && s[i+2] >= 0xbe {
				return false
			}
		}
	}
	return true
}

// readYAML reads the whole text, one document, into r.root.
func (r *reader) readYAML() bool {
	if _, ok := r.nextContent(); !ok {
		return false
	}
	if strings.HasPrefix(r.src[r.pos:], "---") {
		r.pos += len("---")
		if !r.restOfLine() {
			return false
		}
		if _, ok := r.nextContent(); !ok {
			return false
		}
	}
	if r.pos >= len(r.src) {
		return true
	}
	root := r.blockNode(-1)
	if root == nil {
		return false
	}
	if _, ok := r.nextContent(); !ok || r.pos < len(r.src) {
		return false
	}
	r.root = root
	return true
}

// column is how far the reader's position lies from the beginning of its line.
func (r *reader) column() int { return r.pos - r.lineStart() }

func (r *reader) lineStart() int {
	start := strings.LastIndexByte(r.src[:r.pos], '\n') + 1
	if start == 0 && strings.HasPrefix(r.src, byteOrderMark) {
		return len(byteOrderMark)
	}
	return start
}

// nextContent moves to the next thing that is neither blank nor comment, and returns its column
// if it is the first of its line (which all callers but the first see to), or -1 at the end.
func (r *reader) nextContent() (column int, ok bool) {
	lineStart := r.lineStart()
	for r.pos < len(r.src) {
		switch r.src[r.pos] {
		case ' ':
			r.pos++
		case '\r':
			r.pos++
		case '\n':
			r.pos++
			lineStart = r.pos
		case '#':
			if r.pos > lineStart && !isBlank(r.src[r.pos-1]) {
				return 0, false
			}
			r.skipLine()
		case '\t':
			if !r.blankLine() {
				return 0, false
			}
			r.skipLine()
		default:
			return r.pos - lineStart, true
		}
	}
	return -1, true
}

// blankLine reports whether the rest of the line has nothing but blanks, tabs among them, and a comment.
// YAML allows that (1.2.2 §6.6); the library does not.
func (r *reader) blankLine() bool {
	i := r.pos
	for i < len(r.src) && (isBlank(r.src[i]) || r.src[i] == '\r') {
		i++
	}
	return i == len(r.src) || r.src[i] == '\n' || r.src[i] == '#'
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

// skipLine moves to the line feed that ends the line, or to the end of the text.
func (r *reader) skipLine() {
	if i := strings.IndexByte(r.src[r.pos:], '\n'); i >= 0 {
		r.pos += i
		return
	}
	r.pos = len(r.src)
}

// restOfLine moves to the end of the line, if it holds nothing more than a comment.
func (r *reader) restOfLine() bool {
	start := r.pos
	for r.pos < len(r.src) && isBlank(r.src[r.pos]) {
		r.pos++
	}
	switch {
	case r.atLineEnd():
		r.skipLine()
		return true
	case r.src[r.pos] == '#' && r.pos > start:
		r.skipLine()
		return true
	}
	return false
}

func (r *reader) atLineEnd() bool {
	return r.pos >= len(r.src) || r.src[r.pos] == '\n' || r.src[r.pos] == '\r'
}

// isIndicated reports whether the indicator at i stands alone: a blank, or the end of the line, follows.
func (r *reader) isIndicated(i int) bool {
	return i+1 >= len(r.src) || r.src[i+1] <= ' '
}

// atMarker reports whether the reader stands on --- or ..., which end a document.
func (r *reader) atMarker() bool {
	rest := r.src[r.pos:]
	return (strings.HasPrefix(rest, "---") || strings.HasPrefix(rest, "...")) && (len(rest) == 3 || rest[3] <= ' ')
}

// blockNode reads the value at the reader's position, where its first line has nothing before it
// but indentation and the dashes of sequences. The collection around it is indented by outer.
func (r *reader) blockNode(outer int) *Node {
	if !r.enter() {
		return nil
	}
	n := r.blockNodeInside(outer)
	r.depth--
	return n
}

func (r *reader) blockNodeInside(outer int) *Node {
	column := r.column()
	switch c := r.src[r.pos]; {
	case c == '-' && r.isIndicated(r.pos):
		if column == 0 && r.atMarker() {
			return nil
		}
		return r.blockSequence(column)
	case c == '{' || c == '[' || c == '|' || c == '>':
		return r.inlineValue(outer)
	}
	if _, ok := r.implicitKey(); ok || r.atExplicitKey() {
		return r.blockMapping(column)
	}
	if column == 0 && r.atMarker() {
		return nil
	}
	return r.inlineValue(outer)
}

// blockSequence reads the entries whose dashes stand in the column.
func (r *reader) blockSequence(column int) *Node {
	n, mark := r.node(Array, r.pos), len(r.items)
	for {
		r.pos++ // the dash
		item := r.blockEntry(column)
		if item == nil {
			return nil
		}
		r.items = append(r.items, item)
		n.End = max(item.End, n.Start)
		next, ok := r.nextContent()
		if !ok {
			return nil
		}
		if next < column || next == column && !r.atDash() {
			break
		}
		if next > column {
			return nil
		}
	}
	r.array(n, mark)
	return n
}

func (r *reader) atDash() bool {
	return r.src[r.pos] == '-' && r.isIndicated(r.pos) && !r.atMarker()
}

// blockEntry reads what follows a dash, or the colon of an explicit key, in the column.
func (r *reader) blockEntry(column int) *Node {
	dashEnd := r.pos
	for r.pos < len(r.src) && r.src[r.pos] == ' ' {
		r.pos++
	}
	if !r.atLineEnd() && r.src[r.pos] != '#' {
		if r.src[r.pos] == '\t' {
			return nil
		}
		return r.blockNode(column)
	}
	next, ok := r.nextContent()
	if !ok {
		return nil
	}
	if next > column {
		return r.blockNode(column)
	}
	return r.null(dashEnd)
}

// null is the value of nothing, at a position.
func (r *reader) null(at int) *Node {
	n := r.node(Null, at)
	n.Text, n.End = "null", int32(at)
	return n
}

// blockMapping reads the members whose keys stand in the column.
func (r *reader) blockMapping(column int) *Node {
	n, mark := r.node(Object, r.pos), len(r.members)
	for {
		m, ok := r.blockMember(column)
		if !ok {
			return nil
		}
		r.members = append(r.members, m)
		n.End = max(m.KeyEnd, m.Value.End)
		next, ok := r.nextContent()
		if !ok || next > column {
			return nil
		}
		if next < column {
			break
		}
		if next == 0 && r.atMarker() {
			return nil
		}
	}
	r.object(n, mark)
	return n
}

// blockMember reads a key that stands in the column, and its value.
func (r *reader) blockMember(column int) (Member, bool) {
	if r.atExplicitKey() {
		return r.explicitMember(column)
	}
	end, ok := r.implicitKey()
	m := Member{KeyStart: int32(r.pos), KeyEnd: int32(end)}
	if !ok {
		return m, false
	}
	if m.Key, ok = r.keyText(end); !ok {
		return m, false
	}
	for r.src[r.pos] != ':' {
		r.pos++
	}
	r.pos++
	colonEnd := r.pos
	for r.pos < len(r.src) && r.src[r.pos] == ' ' {
		r.pos++
	}
	if !r.atLineEnd() && r.src[r.pos] != '#' {
		m.Value = r.inlineValue(column)
		return m, m.Value != nil
	}
	next, ok := r.nextContent()
	if !ok {
		return m, false
	}
	switch {
	case next > column:
		m.Value = r.blockNode(column)
	case next == column && r.atDash():
		if !r.enter() {
			return m, false
		}
		m.Value = r.blockSequence(column)
		r.depth--
	default:
		m.Value = r.null(colonEnd)
	}
	return m, m.Value != nil
}

// atExplicitKey reports whether a key follows the question mark at the reader's position, as
// some programs write those of more than 128 characters.
func (r *reader) atExplicitKey() bool { return r.peek() == '?' && r.isIndicated(r.pos) }

// explicitMember reads "? key", and ": value" on a later line.
func (r *reader) explicitMember(column int) (m Member, ok bool) {
	for r.pos++; r.peek() == ' '; {
		r.pos++
	}
	if r.atLineEnd() {
		return m, false
	}
	if _, ok := r.implicitKey(); ok {
		return m, false
	}
	key := r.keyScalar(column)
	if key == nil || strings.IndexByte(r.src[key.Start:key.End], '\n') >= 0 {
		return m, false
	}
	m = Member{Key: key.Text, KeyStart: key.Start, KeyEnd: key.End}
	if next, ok := r.nextContent(); !ok || next != column || r.src[r.pos] != ':' || !r.isIndicated(r.pos) {
		return m, false
	}
	r.pos++
	m.Value = r.blockEntry(column)
	return m, m.Value != nil
}

// keyScalar reads a key that is a string, whatever kind its text would have as a value.
func (r *reader) keyScalar(column int) *Node {
	if c := r.src[r.pos]; c == '"' || c == '\'' {
		return r.inlineValue(column)
	}
	if !r.startsPlain() {
		return nil
	}
	n := r.plain(column)
	if n != nil {
		n.Kind, n.Text = String, r.src[n.Start:n.End]
	}
	if n == nil || n.Text == mergeKey {
		return nil
	}
	return n
}

// keyText reads the key that stands between the reader's position and end, and moves there.
func (r *reader) keyText(end int) (string, bool) {
	start := r.pos
	switch r.src[start] {
	case '"':
		return r.doubleQuoted(-1)
	case '\'':
		return r.singleQuoted(-1)
	}
	r.pos = end
	return r.src[start:end], r.src[start:end] != mergeKey
}

// mergeKey is the key whose value brings the members of other objects. It is of YAML 1.1, and used.
const mergeKey = "<<"

// maxKey is how long an implicit key may be (YAML 1.2.2 §7.4.2).
const maxKey = 1024

// implicitKey reports whether a key stands at the reader's position, and where it ends.
func (r *reader) implicitKey() (end int, ok bool) {
	switch c := r.src[r.pos]; {
	case c == '"' || c == '\'':
		end = quotedEnd(r.src, r.pos)
		if end < 0 || strings.IndexByte(r.src[r.pos:end], '\n') >= 0 {
			return 0, false
		}
	case !r.startsPlain():
		return 0, false
	default:
		return r.plainKey()
	}
	colon := end
	for colon < len(r.src) && r.src[colon] == ' ' {
		colon++
	}
	if colon >= len(r.src) || r.src[colon] != ':' || !r.isIndicated(colon) || end-r.pos > maxKey {
		return 0, false
	}
	return end, true
}

// plainKey is implicitKey for one that is not quoted.
func (r *reader) plainKey() (end int, ok bool) {
	for i := r.pos; i < len(r.src); i++ {
		switch r.src[i] {
		case '\n':
			return 0, false
		case '#':
			if isBlank(r.src[i-1]) {
				return 0, false
			}
		case ':':
			if !r.isIndicated(i) {
				continue
			}
			end = i
			for isBlank(r.src[end-1]) {
				if r.src[end-1] == '\t' {
					return 0, false
				}
				end--
			}
			return end, end > r.pos && end-r.pos <= maxKey
		}
	}
	return 0, false
}

// startsPlain reports whether a scalar without quotes may begin at the reader's position.
func (r *reader) startsPlain() bool {
	switch c := r.src[r.pos]; c {
	case '-':
		return !r.isIndicated(r.pos)
	case '\t', '?', ':', ',', '[', ']', '{', '}', '#', '&', '*', '!', '|', '>', '\'', '"', '%', '@', '`':
		return false
	}
	return true
}
