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
	literal := n.File.outer == nil && int(n.Start) < len(n.File.Text) && n.File.Text[n.Start] == '|'
	if !literal {
		f := &File{Name: n.File.Name, outer: n}
		f.mask([]byte(n.Text))
		return f, f.readAll()
	}
	// What stands around the lines of the block becomes blank, so that offsets stay.
	f := &File{Name: n.File.Name, Text: bytes.Repeat([]byte{' '}, len(n.File.Text))}
	for i, c := range n.File.Text {
		if c == '\n' {
			f.Text[i] = c
		}
	}
	block := n.File.Text[n.Start:n.End]
	if header := bytes.IndexByte(block, '\n'); header >= 0 {
		copy(f.Text[int(n.Start)+header:], block[header:])
	}
	unindentMarkers(f.Text[n.Start:n.End])
	f.mask(f.Text)
	return f, f.readAll()
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
