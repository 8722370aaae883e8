package finding

import (
	"bytes"
	"go/scanner"
	"go/token"
	"slices"
	"strings"
)

// A PlacedDirective is a directive and where it stands.
type PlacedDirective struct {
	Directive
	Location // of the comment
	// Alone says that nothing but comments stands on the directive's lines.
	// Such a directive is about the line below, any other about its own.
	Alone bool
	// GroupEnd is the last line of the run of comment lines, without a gap, in
	// which a directive that is Alone stands; zero if it ends with the directive.
	GroupEnd int
	// Through is the last line of what begins on the target line and can hold no
	// comment, as a raw string; zero if there is nothing such.
	Through int
	// Removal deletes the comment, with its line if it is alone there. Its File
	// is empty where that is not known.
	Removal Edit
}

// Target is the line that the directive is about. It means nothing for a
// file-wide directive.
func (d *PlacedDirective) Target() int {
	if !d.Alone {
		return d.Line
	}
	return max(d.Line, d.EndLine, d.GroupEnd) + 1
}

// Covers reports whether the directive, by its place, is about the given line
// of its file.
func (d *PlacedDirective) Covers(line int) bool {
	target := d.Target()
	return d.FileWide || line == target || target < line && line <= d.Through
}

// Suppresses reports whether the directive silences the rule at a line of its
// file on the given day, written as 2027-01-31. An empty day is before all others.
func (d *PlacedDirective) Suppresses(rule string, line int, today string) bool {
	if d.Malformed != "" || d.expired(today) || !d.Covers(line) || strings.HasPrefix(rule, inputDomain) {
		return false
	}
	return slices.ContainsFunc(d.Rules, func(p string) bool { return matchRule(p, rule) })
}

func (d *PlacedDirective) expired(today string) bool {
	return d.Until != "" && today > d.Until
}

// GoDirectives finds the directives in Go source, which need not be correct.
// Columns count bytes and lines are those of the file itself: //line comments
// are not followed.
func GoDirectives(file string, src []byte) []PlacedDirective {
	if !bytes.Contains(src, []byte(directiveName)) && !bytes.Contains(src, []byte(nolintName)) {
		return nil
	}
	comments := goComments(src)
	var found []PlacedDirective
	groupEnd := 0
	for i, c := range slices.Backward(comments) {
		below := i+1 < len(comments) && comments[i+1].alone && comments[i+1].line <= c.endLine+1
		if !c.alone || !below {
			groupEnd = c.endLine
		}
		if d, ok := ParseDirective(string(src[c.start:c.end])); ok {
			found = append(found, c.place(file, src, d, groupEnd))
		}
	}
	slices.Reverse(found)
	return found
}

// TextDirectives finds the directives of a text format whose comments run from
// marker ("#" or "//") to the end of the line. It looks at lines, not at syntax,
// so that it also finds them in documents embedded in others.
func TextDirectives(file string, src []byte, marker string) []PlacedDirective {
	if !bytes.Contains(src, []byte(directiveName)) {
		return nil
	}
	var found []PlacedDirective
	open := 0 // found[open:] stand in the run of comment lines that is being read
	line, offset := 0, 0
	for text := range bytes.Lines(src) {
		line++
		content := bytes.TrimRight(text, "\r\n")
		alone := bytes.HasPrefix(bytes.TrimLeft(content, " \t"), []byte(marker))
		if !alone {
			open = len(found)
		}
		for i := open; i < len(found); i++ {
			found[i].GroupEnd = line
		}
		if at, d, ok := directiveIn(string(content), marker); ok {
			c := comment{
				start: offset + at, end: offset + len(content),
				line: line, endLine: line, column: at + 1, endColumn: len(content) + 1,
				alone: alone,
			}
			found = append(found, c.place(file, src, d, line))
			if !alone {
				open = len(found)
			}
		}
		offset += len(text)
	}
	return found
}

// directiveIn finds the directive in a line and the offset of its marker. A #
// must follow a blank or nothing, as in YAML.
func directiveIn(line, marker string) (int, Directive, bool) {
	for at := 0; ; at += len(marker) {
		i := strings.Index(line[at:], marker)
		if i < 0 {
			return 0, Directive{}, false
		}
		at += i
		if marker == "#" && at > 0 && line[at-1] != ' ' && line[at-1] != '\t' {
			continue
		}
		if strings.HasPrefix(strings.TrimLeft(line[at+len(marker):], " \t"), directiveName) {
			d, ok := ParseDirective(line[at:])
			return at, d, ok
		}
	}
}

// A comment is the place of one comment: its bytes [start, end) and the same as
// lines and byte columns.
type comment struct {
	start, end        int
	line, endLine     int
	column, endColumn int
	alone             bool
}

func (c comment) place(file string, src []byte, d Directive, groupEnd int) PlacedDirective {
	return PlacedDirective{
		Directive: d,
		Location:  Location{File: file, Line: c.line, Column: c.column, EndLine: c.endLine, EndColumn: c.endColumn},
		Alone:     c.alone,
		GroupEnd:  groupEnd,
		Removal:   c.removal(file, src),
	}
}

// removal deletes the comment: its whole lines if it is alone on them, else with
// the blanks before it.
func (c comment) removal(file string, src []byte) Edit {
	start, end := c.start, c.end
	for start > 0 && (src[start-1] == ' ' || src[start-1] == '\t') {
		start--
	}
	if rest := src[end:]; c.alone {
		if i := bytes.IndexByte(rest, '\n'); i >= 0 {
			end += i + 1
		} else {
			end = len(src)
		}
	}
	return Edit{File: file, Start: start, End: end}
}

// goComments lists the comments of Go source in order.
func goComments(src []byte) []comment {
	fset := token.NewFileSet()
	file := fset.AddFile("", -1, len(src))
	var s scanner.Scanner
	s.Init(file, src, func(token.Position, string) {}, scanner.ScanComments)
	var comments []comment
	for {
		pos, tok, lit := s.Scan()
		if tok == token.EOF {
			return comments
		}
		if tok == token.COMMENT {
			comments = append(comments, placeGoComment(file, src, file.Offset(pos), lit))
		}
	}
}

// placeGoComment measures the comment at offset start. The scanner drops carriage
// returns from its text, so the end is looked for in the source.
func placeGoComment(file *token.File, src []byte, start int, lit string) comment {
	end := len(src)
	if strings.HasPrefix(lit, "/*") {
		if i := bytes.Index(src[start+2:], []byte("*/")); i >= 0 {
			end = start + 2 + i + 2
		}
	} else if i := bytes.IndexByte(src[start:], '\n'); i >= 0 {
		end = start + len(bytes.TrimRight(src[start:start+i], "\r"))
	}
	from, to := file.PositionFor(file.Pos(start), false), file.PositionFor(file.Pos(end), false)
	before := src[bytes.LastIndexByte(src[:start], '\n')+1 : start]
	after, _, _ := bytes.Cut(src[end:], []byte("\n"))
	return comment{
		start: start, end: end,
		line: from.Line, endLine: to.Line, column: from.Column, endColumn: to.Column,
		alone: len(bytes.TrimSpace(before)) == 0 && len(bytes.TrimSpace(after)) == 0,
	}
}
