package policy

import "bytes"

// templateBrackets are those of Go's templates, Jinja's and ERB's.
var templateBrackets = []struct{ open, closing string }{{"{{", "}}"}, {"{%", "%}"}, {"{#", "#}"}, {"<%", "%>"}}

// IsTemplate reports whether expressions stand in a text that a template engine fills in.
func IsTemplate(text []byte) bool {
	start, _ := nextExpression(text, 0)
	return start >= 0
}

// MaskTemplate gives the text of a template with something of the same length in the place of its expressions, so that what
// stands around them can be read where it stands: dollars, as for a variable, in a line that has something else, and blanks otherwise.
// A text that is no template is returned as it is.
func MaskTemplate(text []byte) []byte {
	if !IsTemplate(text) {
		return text
	}
	masked := bytes.Clone(text)
	for at := 0; at < len(text); {
		start, end := nextExpression(text, at)
		if start < 0 {
			break
		}
		with := byte(' ')
		if !isStatement(text[start:end]) && !alone(text, start, end) {
			with = '$'
		}
		for i := start; i < end; i++ {
			if text[i] != '\n' && text[i] != '\r' {
				masked[i] = with
			}
		}
		at = end
	}
	return masked
}

// statements are the words of Go's templates that have no value.
var statements = []string{"if", "else", "end", "range", "with", "define", "block", "/*"}

// isStatement reports whether an expression has no value.
func isStatement(expression []byte) bool {
	switch {
	case bytes.HasPrefix(expression, []byte("{%")), bytes.HasPrefix(expression, []byte("{#")):
		return true
	case bytes.HasPrefix(expression, []byte("<%")):
		return !bytes.HasPrefix(expression, []byte("<%="))
	}
	inside := bytes.TrimLeft(expression[2:], "- \t\r\n")
	for _, word := range statements {
		if rest, ok := bytes.CutPrefix(inside, []byte(word)); ok && (len(rest) == 0 || !isLetter(rest[0])) {
			return true
		}
	}
	return false
}

func isLetter(c byte) bool { return c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z' }

// maxExpression is how long an expression may be: beyond that, the brackets are something else. Longer lines are not looked at as a
// whole either.
const maxExpression = 4096

// nextExpression is the first expression from an offset on; its start is negative if there is none.
func nextExpression(text []byte, from int) (start, end int) {
	for at := from; ; at++ {
		i := bytes.IndexAny(text[at:], "{<")
		if i < 0 {
			return -1, -1
		}
		at += i
		for _, b := range templateBrackets {
			if !bytes.HasPrefix(text[at:], []byte(b.open)) {
				continue
			}
			closing := bytes.Index(text[at:min(len(text), at+maxExpression)], []byte(b.closing))
			if closing >= 0 {
				return at, at + closing + len(b.closing)
			}
		}
	}
}

// alone reports whether an expression fills its lines, but for other expressions.
func alone(text []byte, start, end int) bool {
	from := max(0, start-maxExpression)
	line := from + bytes.LastIndexByte(text[from:start], '\n') + 1
	rest := text[end:min(len(text), end+maxExpression)]
	if i := bytes.IndexByte(rest, '\n'); i >= 0 {
		rest = rest[:i]
	} else if len(rest) == maxExpression || line == from && from > 0 {
		return false
	}
	return isExpressions(text[line:start]) && isExpressions(rest)
}

// isExpressions reports whether a part of a line has nothing but blanks and whole expressions.
func isExpressions(part []byte) bool {
	for {
		part = bytes.TrimSpace(part)
		if len(part) == 0 {
			return true
		}
		start, end := nextExpression(part, 0)
		if start != 0 {
			return false
		}
		part = part[end:]
	}
}
