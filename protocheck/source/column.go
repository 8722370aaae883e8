package source

import (
	"bytes"
	"unicode/utf8"
)

// The compiler counts columns as protoc does: in characters, and to the next stop of
// eight after a tab. Findings count bytes.
const tabStop = 8

// ByteColumn turns a column of the compiler into one that counts bytes; both count
// from 1. A place that is not in the file stays what it is.
func (f *File) ByteColumn(line, column int) int { return f.loader.byteColumn(f.TreePath, line, column) }

// byteColumn keeps the lines of the file that was asked for last: places come file
// by file.
func (l *loader) byteColumn(name string, line, column int) int {
	if l.linesOf != name || l.lines == nil {
		text, err := l.read(name)
		if err != nil {
			return column
		}
		l.linesOf, l.lines = name, bytes.Split(text, []byte("\n"))
	}
	if line < 1 || line > len(l.lines) {
		return column
	}
	at := 1
	for i, b := range l.lines[line-1] {
		if at >= column && utf8.RuneStart(b) {
			return i + 1
		}
		switch {
		case b == '\t':
			at += tabStop - (at-1)%tabStop
		case utf8.RuneStart(b):
			at++
		}
	}
	return len(l.lines[line-1]) + 1 + max(0, column-at)
}
