package report

import (
	"bytes"
	"slices"

	"github.com/commslint/commslint/finding"
)

// sources holds the files that a report looks into, each read once.
type sources struct {
	read  func(path string) ([]byte, error)
	files map[string]*source
}

// A source is a file's content by lines, which keep their line ends off.
type source struct {
	content []byte
	starts  []int // the byte offset of each line
	hashes  []string
}

func newSources(in *Input) *sources {
	return &sources{read: in.ReadFile, files: map[string]*source{}}
}

// file returns the file's content, empty if it cannot be read.
func (s *sources) file(path string) *source {
	if src, ok := s.files[path]; ok {
		return src
	}
	src := &source{}
	s.files[path] = src
	if s.read == nil || path == "" {
		return src
	}
	content, err := s.read(path)
	if err != nil {
		return src
	}
	src.content = content
	src.starts = append(src.starts, 0)
	for i, c := range content {
		if c == '\n' {
			src.starts = append(src.starts, i+1)
		}
	}
	return src
}

// line returns a line, counted from 1, and whether there is one.
func (s *source) line(n int) ([]byte, bool) {
	if n < 1 || n > len(s.starts) {
		return nil, false
	}
	text, _, _ := bytes.Cut(s.content[s.starts[n-1]:], []byte("\n"))
	return bytes.TrimSuffix(text, []byte("\r")), true
}

// position turns a byte offset into a line and a byte column, both from 1.
func (s *source) position(offset int) (line, column int, ok bool) {
	if len(s.starts) == 0 || offset < 0 || offset > len(s.content) {
		return 0, 0, false
	}
	line, found := slices.BinarySearch(s.starts, offset)
	if found {
		line++
	}
	return line, offset - s.starts[line-1] + 1, true
}

// lineHash returns GitHub's hash of a line, empty if there is no such line.
func (s *source) lineHash(n int) string {
	if s.hashes == nil && len(s.starts) > 0 {
		s.hashes = finding.LineHashes(s.content)
	}
	if n < 1 || n > len(s.hashes) {
		return ""
	}
	return s.hashes[n-1]
}

// utf16Column turns a byte column of a line into UTF-16 units; it stays as it is
// where the line is not known.
func (s *source) utf16Column(line, column int) int {
	text, ok := s.line(line)
	if !ok {
		return column
	}
	return finding.UTF16Column(text, column)
}

// runeColumn turns a byte column of a line into characters, as utf16Column does; it is
// 0 where there is no column.
func (s *source) runeColumn(line, column int) int {
	text, ok := s.line(line)
	if !ok {
		return max(column, 0)
	}
	return finding.RuneColumn(text, column)
}
