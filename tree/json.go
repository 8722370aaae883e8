package tree

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// readJSON reads the whole text as JSON (RFC 8259) into r.root. It reports false,
// with r.err set, if the text is not that.
func (r *reader) readJSON() bool {
	r.skipBlanks()
	root := r.jsonValue()
	if root == nil {
		return false
	}
	r.skipBlanks()
	if r.pos < len(r.src) {
		return r.fail(r.pos, r.pos+1, "expected the end of the text after the first JSON value")
	}
	r.root = root
	return true
}

func (r *reader) skipBlanks() {
	for r.pos < len(r.src) {
		switch r.src[r.pos] {
		case ' ', '\n', '\t', '\r':
			r.pos++
		default:
			return
		}
	}
}

// peek is the byte at the reader's position; 0 at the end of the text.
func (r *reader) peek() byte {
	if r.pos < len(r.src) {
		return r.src[r.pos]
	}
	return 0
}

// jsonValue returns nil, with r.err set, if there is no value at the reader's position.
func (r *reader) jsonValue() *Node {
	switch c := r.peek(); {
	case c == '{':
		return r.jsonObject()
	case c == '[':
		return r.jsonArray()
	case c == '"':
		n := r.node(String, r.pos)
		text, ok := r.jsonString()
		if !ok {
			return nil
		}
		n.Text, n.End = text, int32(r.pos)
		return n
	case c == '-' || '0' <= c && c <= '9':
		return r.jsonNumber()
	default:
		return r.jsonLiteral()
	}
}

func (r *reader) jsonObject() *Node {
	if !r.enter() {
		return nil
	}
	n, mark := r.node(Object, r.pos), len(r.members)
	r.pos++
	r.skipBlanks()
	for r.peek() != '}' {
		if len(r.members) > mark && !r.jsonComma('}') {
			return nil
		}
		m := Member{KeyStart: int32(r.pos)}
		if r.peek() != '"' {
			r.fail(r.pos, r.pos+1, "expected a key in double quotes, or }")
			return nil
		}
		var ok bool
		if m.Key, ok = r.jsonString(); !ok {
			return nil
		}
		m.KeyEnd = int32(r.pos)
		r.skipBlanks()
		if r.peek() != ':' {
			r.fail(r.pos, r.pos+1, "expected : after the key %q", m.Key)
			return nil
		}
		r.pos++
		r.skipBlanks()
		if m.Value = r.jsonValue(); m.Value == nil {
			return nil
		}
		r.members = append(r.members, m)
		r.skipBlanks()
	}
	r.pos++
	n.End = int32(r.pos)
	r.object(n, mark)
	r.depth--
	return n
}

func (r *reader) jsonArray() *Node {
	if !r.enter() {
		return nil
	}
	n, mark := r.node(Array, r.pos), len(r.items)
	r.pos++
	r.skipBlanks()
	for r.peek() != ']' {
		if len(r.items) > mark && !r.jsonComma(']') {
			return nil
		}
		item := r.jsonValue()
		if item == nil {
			return nil
		}
		r.items = append(r.items, item)
		r.skipBlanks()
	}
	r.pos++
	n.End = int32(r.pos)
	r.array(n, mark)
	r.depth--
	return n
}

// jsonComma consumes the comma between two parts of a collection that ends with closing.
func (r *reader) jsonComma(closing byte) bool {
	if r.peek() != ',' {
		return r.fail(r.pos, r.pos+1, "expected a comma or %c", closing)
	}
	comma := r.pos
	r.pos++
	r.skipBlanks()
	if r.peek() == closing {
		return r.fail(comma, comma+1, "remove the comma: JSON allows none before %c", closing)
	}
	return true
}

func (r *reader) jsonLiteral() *Node {
	for kind, literals := range [...][]string{Null: {"null"}, Bool: {"true", "false"}} {
		for _, literal := range literals {
			if strings.HasPrefix(r.src[r.pos:], literal) {
				n := r.node(Kind(kind), r.pos)
				r.pos += len(literal)
				n.Text, n.End = literal, int32(r.pos)
				return n
			}
		}
	}
	if r.pos >= len(r.src) {
		r.fail(r.pos, r.pos, "the text ends where a JSON value is expected")
		return nil
	}
	r.fail(r.pos, r.pos+1, "expected a JSON value")
	return nil
}

func (r *reader) jsonNumber() *Node {
	n := r.node(Number, r.pos)
	end := r.pos + jsonNumberLength(r.src[r.pos:])
	if end == r.pos || end < len(r.src) && isNumberByte(r.src[end]) {
		r.fail(r.pos, end+1, "this is no JSON number")
		return nil
	}
	n.Text, n.End = r.src[r.pos:end], int32(end)
	r.pos = end
	return n
}

func isNumberByte(c byte) bool {
	return '0' <= c && c <= '9' || c == '.' || c == '-' || c == '+' || c == 'e' || c == 'E'
}

// jsonNumberLength is the length of the longest JSON number that s begins with; 0 if there is none.
func jsonNumberLength(s string) int {
	i := 0
	if i < len(s) && s[i] == '-' {
		i++
	}
	whole := digits(s[i:])
	if whole == 0 || whole > 1 && s[i] == '0' {
		return 0
	}
	i += whole
	if i < len(s) && s[i] == '.' {
		fraction := digits(s[i+1:])
		if fraction == 0 {
			return 0
		}
		i += 1 + fraction
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		j := i + 1
		if j < len(s) && (s[j] == '+' || s[j] == '-') {
			j++
		}
		exponent := digits(s[j:])
		if exponent == 0 {
			return 0
		}
		i = j + exponent
	}
	return i
}

func digits(s string) int {
	i := 0
	for i < len(s) && '0' <= s[i] && s[i] <= '9' {
		i++
	}
	return i
}

// jsonString reads the string whose opening quote is at the reader's position.
func (r *reader) jsonString() (string, bool) {
	start := r.pos + 1
	for i := start; i < len(r.src); i++ {
		switch c := r.src[i]; {
		case c == '"':
			r.pos = i + 1
			return r.src[start:i], true
		case c == '\\':
			return r.jsonEscaped(start, i)
		case c < ' ':
			return "", r.fail(i, i+1, "a string holds a raw control character: write it as an escape (\\n, \\t, \\u%04x)", c)
		}
	}
	return "", r.fail(start-1, start, "this string has no closing quote")
}

// jsonEscaped goes on with a string that began at start and has its first escape at i.
func (r *reader) jsonEscaped(start, i int) (string, bool) {
	var b strings.Builder
	for i < len(r.src) {
		c := r.src[i]
		switch {
		case c == '"':
			b.WriteString(r.src[start:i])
			r.pos = i + 1
			return b.String(), true
		case c == '\\':
			b.WriteString(r.src[start:i])
			char, length := jsonEscape(r.src[i:])
			if length == 0 {
				return "", r.fail(i, i+2, `unknown escape: expected one of \" \\ \/ \b \f \n \r \t \u0000`)
			}
			b.WriteRune(char)
			i += length
			start = i
		case c < ' ':
			return "", r.fail(i, i+1, "a string holds a raw control character: write it as an escape (\\n, \\t, \\u%04x)", c)
		default:
			i++
		}
	}
	return "", r.fail(r.pos, r.pos+1, "this string has no closing quote")
}

var jsonEscapes = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// jsonEscape decodes the escape that s begins with, and says how long it is; 0 if it is none.
func jsonEscape(s string) (rune, int) {
	if len(s) < 2 {
		return 0, 0
	}
	if c := jsonEscapes[s[1]]; c != 0 {
		return rune(c), 2
	}
	if s[1] != 'u' {
		return 0, 0
	}
	return unicodeEscape(s)
}

// unicodeEscape decodes \uXXXX, or two of them that are a surrogate pair; half a pair
// is the replacement character, as encoding/json has it.
func unicodeEscape(s string) (rune, int) {
	char, ok := hexadecimal(s, 2, 4)
	if !ok {
		return 0, 0
	}
	if !utf16.IsSurrogate(char) {
		return char, 6
	}
	if len(s) >= 12 && s[6] == '\\' && s[7] == 'u' {
		if low, ok := hexadecimal(s, 8, 4); ok {
			if pair := utf16.DecodeRune(char, low); pair != utf8.RuneError {
				return pair, 12
			}
		}
	}
	return utf8.RuneError, 6
}

// hexadecimal reads length hexadecimal digits of s from start on.
func hexadecimal(s string, start, length int) (rune, bool) {
	if len(s) < start+length {
		return 0, false
	}
	var char rune
	for _, c := range []byte(s[start : start+length]) {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		char = char<<4 | rune(c)
	}
	return char, true
}
