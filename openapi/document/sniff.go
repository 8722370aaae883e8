package document

import (
	"bytes"
	"strings"
)

// Sniff reports whether a text may be an OpenAPI description: whether openapi or swagger is
// one of its top-level keys with a version as value. It reads no more than it needs to, and
// may err on the side of true.
func Sniff(text []byte) bool {
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	if trimmed := bytes.TrimLeft(text, " \t\r\n"); len(trimmed) > 0 && trimmed[0] == '{' {
		return sniffJSON(trimmed)
	}
	for len(text) > 0 {
		var line []byte
		line, text, _ = bytes.Cut(text, []byte("\n"))
		if len(line) == 0 || line[0] != 'o' && line[0] != 's' && line[0] != '"' && line[0] != '\'' {
			continue
		}
		key, value, ok := strings.Cut(string(line[:min(len(line), 200)]), ":")
		if ok && isVersionKey(strings.Trim(strings.TrimSpace(key), `"'`)) && isVersionText(value) {
			return true
		}
	}
	return false
}

func isVersionKey(key string) bool { return key == "openapi" || key == "swagger" }

// isVersionText reports whether a value as it is written begins as a version does.
func isVersionText(value string) bool {
	value = strings.TrimLeft(value, " \t\"'")
	return value != "" && '0' <= value[0] && value[0] <= '9'
}

// sniffJSON looks for the key at the top level: brackets are counted outside of strings.
func sniffJSON(text []byte) bool {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case '"':
			end := stringEnd(text, i)
			if end < 0 {
				return false
			}
			if depth == 1 && isVersionKey(string(text[i+1:end])) {
				rest := strings.TrimLeft(string(text[end+1:min(len(text), end+40)]), " \t\r\n")
				if value, ok := strings.CutPrefix(rest, ":"); ok && isVersionText(strings.TrimLeft(value, "\r\n \t")) {
					return true
				}
			}
			i = end
		}
	}
	return false
}

// stringEnd is the place of the quote that ends the string which begins at start; -1 if none does.
func stringEnd(text []byte, start int) int {
	for i := start + 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return -1
}
