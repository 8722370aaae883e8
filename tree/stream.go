package tree

import (
	"bytes"
	"errors"
	"strings"
)

// ParseAll reads a text as Parse does, and all the documents that a text in YAML may consist of.
// Each error is of one document; the others are read all the same.
func ParseAll(name string, text []byte) (*File, []*Error) {
	f := &File{Name: name, Text: text}
	return f, f.readAll()
}

func (f *File) readAll() []*Error {
	src, start, err := f.open()
	if err != nil {
		return asErrors(err)
	}
	var jsonErr *Error
	if looksLikeJSON(src[start:]) {
		r := &reader{file: f, src: src, pos: start}
		if r.readJSON() {
			f.Root, f.Documents = r.root, []*Node{r.root}
			return nil
		}
		jsonErr = r.err
		f.Warnings = nil
	}
	errs := f.readStream(src, start)
	if len(errs) > 0 && jsonErr != nil {
		return []*Error{jsonErr}
	}
	return errs
}

func asErrors(err error) []*Error {
	var e *Error
	if errors.As(err, &e) {
		return []*Error{e}
	}
	return nil
}

// readStream reads the documents of a text in YAML one by one.
func (f *File) readStream(src string, start int) []*Error {
	var errs []*Error
	for start < len(src) {
		end := documentEnd(src, start)
		f.Root = nil
		if err := parseYAML(f, src[:end], start); err != nil {
			errs = append(errs, asErrors(err)...)
		} else if f.Root != nil && f.Root.Kind != Null {
			f.Documents = append(f.Documents, f.Root)
		}
		start = end
	}
	f.Root = nil
	if len(f.Documents) > 0 {
		f.Root = f.Documents[0]
	}
	return errs
}

// documentEnd is where the document that begins at start ends: before the next marker. YAML
// forbids markers in the first column of scalars too (YAML 1.2.2 §9.1.2), so that lines are all
// there is to look at.
func documentEnd(src string, start int) int {
	begun := false // something of the document stands before
	for at := start; at < len(src); {
		line := src[at:]
		next := strings.IndexByte(line, '\n') + 1
		if next > 0 {
			line = line[:next]
		}
		switch {
		case isMarker(line, "---") && begun:
			return at
		case isMarker(line, "..."):
			return at + len(line)
		case isMarker(line, "---") || !isBlankLine(line) && line[0] != '%':
			begun = true
		}
		at += len(line)
	}
	return len(src)
}

func isMarker(line, marker string) bool {
	return strings.HasPrefix(line, marker) && (len(line) == len(marker) || line[len(marker)] <= ' ')
}

// isBlankLine reports whether a line has nothing but a comment.
func isBlankLine(line string) bool {
	line = strings.TrimLeft(line, " \t\r\n")
	return line == "" || line[0] == '#'
}

// Embedded reads the documents that a string of a file holds, such as a configuration in a
// ConfigMap, so that their nodes stand where they stand in the file around them. Of a string
// that is not written as a literal block only the place of the whole is known. A node that is
// no string has no documents.
func Embedded(n *Node) (*File, []*Error) {
	if n == nil || n.Kind != String {
		return &File{}, nil
	}
	text := n.Alone()
	if text == nil {
		f := &File{Name: n.File.Name, outer: n}
		f.mask([]byte(n.Text))
		return f, f.readAll()
	}
	f := &File{Name: n.File.Name, Text: text}
	unindentMarkers(f.Text[n.Start:n.End])
	f.mask(f.Text)
	return f, f.readAll()
}

// maxAlone bounds the copies that are made of one file. A file with hundreds of strings would be copied for each.
const maxAlone = 64 << 20

// Alone gives the lines of a string that is written as a literal block (|) where they stand, with blanks for all that stands before
// them in the file. It is nil for other strings, and where a file has so many of them that copies would fill the memory.
func (n *Node) Alone() []byte {
	if n == nil || n.Kind != String || n.File.outer != nil || n.Start >= n.End || int(n.End) > len(n.File.Text) || n.File.Text[n.Start] != '|' {
		return nil
	}
	header := bytes.IndexByte(n.File.Text[n.Start:n.End], '\n')
	if n.File.alone += int(n.End); header < 0 || n.File.alone > maxAlone {
		return nil
	}
	block := int(n.Start) + header
	text := bytes.Repeat([]byte{' '}, int(n.End))
	for i, c := range n.File.Text[:block] {
		if c == '\n' {
			text[i] = c
		}
	}
	copy(text[block:], n.File.Text[block:n.End])
	return text
}

// unindentMarkers puts markers between documents into the first column, where they count.
func unindentMarkers(text []byte) {
	for at := 0; at < len(text); {
		end := len(text)
		if i := bytes.IndexByte(text[at:], '\n'); i >= 0 {
			end = at + i
		}
		if line := text[at:end]; string(bytes.TrimSpace(line)) == "---" {
			copy(line, "---"+strings.Repeat(" ", len(line)-3))
		}
		at = end + 1
	}
}
