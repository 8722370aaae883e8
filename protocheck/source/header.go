package source

import (
	"bytes"
	"strings"
)

// A header is what can be said of a file without parsing it: what it imports, and
// the package that it belongs to.
type header struct {
	pkg     string
	edition string
	imports []importStatement
	// services says that the file declares a service.
	services bool
}

// An importStatement names a file.
type importStatement struct {
	path                    string
	line, column, endColumn int // of the path with its quotes
	public                  bool
}

// scanHeader reads the statements at the top level of a file. It accepts any text:
// what is wrong with it is for the parser to say.
func scanHeader(text []byte) header {
	s := &scanner{text: text}
	var h header
	for depth := 0; ; {
		token := s.next()
		switch {
		case token == "":
			return h
		case token == "{" || token == "[" || token == "(":
			depth++
		case token == "}" || token == "]" || token == ")":
			depth = max(depth-1, 0)
		case depth > 0 || !s.atStart:
		case token == "package":
			h.pkg = s.dottedName()
		case token == "import":
			if imp, ok := s.importPath(); ok {
				h.imports = append(h.imports, imp)
			}
		case token == "service":
			h.services = true
		case token == "edition":
			if s.next() == "=" {
				h.edition = unquote(s.next())
			}
		}
	}
}

// A scanner splits a file into words, strings and single characters.
type scanner struct {
	text    []byte
	at      int
	begin   int  // of the last token
	atStart bool // the last token begins a statement
	opened  bool // the token before the last one opened a block
	last    string
}

// next returns the next token, or "" at the end of the file.
func (s *scanner) next() string {
	s.skipSpace()
	s.begin = s.at
	if s.at >= len(s.text) {
		return ""
	}
	switch c := s.text[s.at]; {
	case c == '"' || c == '\'':
		s.skipString(c)
	case isWordByte(c):
		for s.at < len(s.text) && isWordByte(s.text[s.at]) {
			s.at++
		}
	default:
		s.at++
	}
	token := string(s.text[s.begin:s.at])
	s.atStart = s.last == "" || s.last == ";" || s.last == "}"
	s.opened = s.last == "{"
	s.last = token
	return token
}

func isWordByte(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c >= 0x80
}

func (s *scanner) skipSpace() {
	for s.at < len(s.text) {
		rest := s.text[s.at:]
		switch {
		case rest[0] <= ' ' || bytes.HasPrefix(rest, []byte("\ufeff")):
			s.at++
			if rest[0] == 0xef {
				s.at += 2
			}
		case bytes.HasPrefix(rest, []byte("//")):
			s.skipPast("\n", 2)
		case bytes.HasPrefix(rest, []byte("/*")):
			s.skipPast("*/", 2)
		default:
			return
		}
	}
}

func (s *scanner) skipPast(end string, from int) {
	if i := bytes.Index(s.text[s.at+from:], []byte(end)); i >= 0 {
		s.at += from + i + len(end)
		return
	}
	s.at = len(s.text)
}

// skipString skips a string, which ends with its line at the latest.
func (s *scanner) skipString(quote byte) {
	for s.at++; s.at < len(s.text); s.at++ {
		switch s.text[s.at] {
		case '\\':
			s.at++
		case quote:
			s.at++
			return
		case '\n':
			return
		}
	}
	s.at = min(s.at, len(s.text))
}

func (s *scanner) dottedName() string {
	var name strings.Builder
	for {
		token := s.next()
		if token == "" || token == ";" || token == "}" || token == "{" {
			return name.String()
		}
		name.WriteString(token)
	}
}

// importPath reads the rest of an import statement.
func (s *scanner) importPath() (importStatement, bool) {
	public := false
	for {
		switch token := s.next(); {
		case token == "public" || token == "weak" || token == "option":
			public = public || token == "public"
		case token != "" && (token[0] == '"' || token[0] == '\''):
			line, column := s.position(s.begin)
			return importStatement{unquote(token), line, column, column + len(token), public}, true
		default:
			return importStatement{}, false
		}
	}
}

// position counts lines and bytes from 1.
func (s *scanner) position(at int) (line, column int) {
	before := s.text[:at]
	return bytes.Count(before, []byte("\n")) + 1, at - bytes.LastIndexByte(before, '\n')
}

func unquote(token string) string {
	if len(token) < 2 {
		return ""
	}
	return token[1 : len(token)-1]
}
