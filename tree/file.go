package tree

import (
	"bytes"
	"sort"

	"github.com/commslint/commslint/finding"
)

// Location is the place of the bytes [start, end) of the file.
func (f *File) Location(start, end int32) finding.Location { return f.at(int(start), int(end)) }

func (f *File) at(start, end int) finding.Location {
	if f.outer != nil {
		return f.outer.Location()
	}
	line, column := f.position(start)
	endLine, endColumn := f.position(end)
	return finding.Location{File: f.Name, Line: line, Column: column, EndLine: endLine, EndColumn: endColumn}
}

// position counts lines and bytes from 1.
func (f *File) position(offset int) (line, column int) {
	f.linesOnce.Do(func() { f.lines = lineStarts(f.Text) })
	i := sort.SearchInts(f.lines, offset+1) - 1
	return i + 1, offset - f.lines[i] + 1
}

func lineStarts(text []byte) []int {
	starts := make([]int, 1, 1+bytes.Count(text, []byte{'\n'}))
	for i, b := range text {
		if b == '\n' {
			starts = append(starts, i+1)
		}
	}
	return starts
}
