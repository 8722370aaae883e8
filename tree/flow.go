package tree

// skipFlowBlanks moves over blanks, line ends and comments between brackets.
func (r *reader) skipFlowBlanks() bool {
	for r.pos < len(r.src) {
		switch r.src[r.pos] {
		case ' ', '\t', '\r':
			r.pos++
		case '\n':
			r.pos++
			if r.atMarker() {
				return false
			}
		case '#':
			if !isBlank(r.src[r.pos-1]) && r.src[r.pos-1] != '\n' {
				return false
			}
			r.skipLine()
		default:
			return true
		}
	}
	return false
}

// flowValue reads a value between brackets.
func (r *reader) flowValue() *Node {
	switch c := r.peek(); c {
	case '{', '[':
		if !r.enter() {
			return nil
		}
		var n *Node
		if c == '{' {
			n = r.flowMapping()
		} else {
			n = r.flowSequence()
		}
		r.depth--
		return n
	case '"', '\'':
		return r.quoted(-1)
	}
	return r.flowPlain()
}

func (r *reader) flowSequence() *Node {
	n, mark := r.node(Array, r.pos), len(r.items)
	r.pos++
	for {
		if !r.skipFlowBlanks() {
			return nil
		}
		if r.peek() == ']' {
			break
		}
		item := r.flowValue()
		if item == nil || !r.skipFlowBlanks() {
			return nil
		}
		r.items = append(r.items, item)
		if !r.flowSeparator(']') {
			return nil
		}
	}
	r.pos++
	n.End = int32(r.pos)
	r.array(n, mark)
	return n
}

// flowSeparator consumes a comma, and leaves the closing bracket where it is.
func (r *reader) flowSeparator(closing byte) bool {
	switch r.peek() {
	case ',':
		r.pos++
		return true
	case closing:
		return true
	}
	return false
}

func (r *reader) flowMapping() *Node {
	n, mark := r.node(Object, r.pos), len(r.members)
	r.pos++
	for {
		if !r.skipFlowBlanks() {
			return nil
		}
		if r.peek() == '}' {
			break
		}
		m, ok := r.flowMember()
		if !ok || !r.skipFlowBlanks() {
			return nil
		}
		r.members = append(r.members, m)
		if !r.flowSeparator('}') {
			return nil
		}
	}
	r.pos++
	n.End = int32(r.pos)
	r.object(n, mark)
	return n
}

func (r *reader) flowMember() (Member, bool) {
	m := Member{KeyStart: int32(r.pos)}
	quoted := false
	var ok bool
	switch r.peek() {
	case '"', '\'':
		quoted = true
		end := quotedEnd(r.src, r.pos)
		if end < 0 || end-r.pos > maxKey {
			return m, false
		}
		m.Key, ok = r.keyText(end)
	default:
		m.Key, ok = r.flowPlainText()
	}
	if !ok {
		return m, false
	}
	if m.KeyEnd = int32(r.pos); m.Key == mergeKey {
		return m, false
	}
	for r.pos < len(r.src) && isBlank(r.src[r.pos]) {
		r.pos++
	}
	if r.peek() != ':' || !quoted && !r.isIndicated(r.pos) {
		return m, false
	}
	r.pos++
	if !r.skipFlowBlanks() {
		return m, false
	}
	m.Value = r.flowValue()
	return m, m.Value != nil
}

// flowPlain reads a scalar without quotes, of one line.
func (r *reader) flowPlain() *Node {
	n := r.node(String, r.pos)
	text, ok := r.flowPlainText()
	if !ok {
		return nil
	}
	n.End = int32(r.pos)
	n.resolve(text)
	return n
}

func (r *reader) flowPlainText() (string, bool) {
	if r.pos >= len(r.src) || !r.startsPlain() || r.src[r.pos] == '-' && isFlowIndicator(r.src[r.pos+1]) {
		return "", false
	}
	start := r.pos
	i := start
scan:
	for ; i < len(r.src); i++ {
		switch c := r.src[i]; c {
		case ',', ']', '}', '\n':
			break scan
		case '[', '{', '?':
			return "", false
		case ':':
			if i+1 < len(r.src) && isFlowIndicator(r.src[i+1]) {
				return "", false
			}
			if r.isIndicated(i) {
				break scan
			}
		case '#':
			if isBlank(r.src[i-1]) {
				break scan
			}
		}
	}
	end := i
	for end > start && (isBlank(r.src[end-1]) || r.src[end-1] == '\r') {
		end--
	}
	r.pos = end
	return r.src[start:end], end > start
}

func isFlowIndicator(c byte) bool {
	return c == ',' || c == '[' || c == ']' || c == '{' || c == '}'
}
