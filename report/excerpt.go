package report

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"

	"github.com/commslint/commslint/finding"
)

const (
	tabWidth     = 4
	defaultWidth = 160 // of a source line where no terminal says otherwise
	ellipsis     = "…"
)

// A cell is a character of a source line as a terminal shows it.
type cell struct {
	text   string
	width  int // columns
	marked bool
}

// underline prepares a source line for showing: its text, at most room columns
// of it around the place, and how many columns to leave blank and to mark under
// it. A place without an end is one character; one that goes on in the next line
// reaches to the end of this; a place without a column has no marks.
func underline(line []byte, at finding.Location, room int) (text string, blank, marks int) {
	cells := layout(line, at)
	cells = window(cells, room)
	var b strings.Builder
	for _, c := range cells {
		b.WriteString(c.text)
		switch {
		case c.marked:
			marks += c.width
		case marks == 0:
			blank += c.width
		}
	}
	return strings.TrimRight(b.String(), " "), blank, marks
}

// layout turns the line into cells, with one more for a place just behind it.
func layout(line []byte, at finding.Location) []cell {
	start, end := at.Column-1, at.EndColumn-1
	switch {
	case at.Column <= 0:
		start, end = -1, -1
	case at.EndLine > at.Line:
		end = len(line)
	case at.EndLine != at.Line || end <= start:
		end = start + 1
	}
	var cells []cell
	column := 0
	for i := 0; i < len(line); {
		r, size := utf8.DecodeRune(line[i:])
		c := show(r, size, column)
		c.marked = i < end && i+size > start
		cells = append(cells, c)
		column += c.width
		i += size
	}
	if start >= len(line) {
		cells = append(cells, cell{text: " ", width: 1, marked: true})
	}
	return cells
}

// show decides how a character appears at a column. What a terminal would obey
// rather than show is replaced.
func show(r rune, size, column int) cell {
	switch {
	case r == '\t':
		n := tabWidth - column%tabWidth
		return cell{text: strings.Repeat(" ", n), width: n}
	case r == utf8.RuneError && size <= 1, unicode.IsControl(r), isBidiControl(r):
		return cell{text: "\uFFFD", width: 1}
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return cell{text: string(r)}
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return cell{text: string(r), width: 2}
	}
	return cell{text: string(r), width: 1}
}

// isBidiControl reports whether r reorders the text around it, which can make a
// line look like other code than it is.
func isBidiControl(r rune) bool {
	return unicode.Is(unicode.Bidi_Control, r)
}

// window cuts cells to room columns around what is marked.
func window(cells []cell, room int) []cell {
	room = max(room, 20)
	total, first := 0, 0
	seen := false
	for i, c := range cells {
		total += c.width
		if c.marked && !seen {
			first, seen = i, true
		}
	}
	if total <= room {
		return cells
	}
	// A third of the room goes to what stands before the place.
	start, before := first, 0
	for start > 0 && before+cells[start-1].width <= room/3 {
		start--
		before += cells[start].width
	}
	var cut []cell
	used := 0
	if start > 0 {
		cut, used = append(cut, cell{text: ellipsis, width: 1}), 1
	}
	for _, c := range cells[start:] {
		if used+c.width > room-1 {
			return append(cut, cell{text: ellipsis, width: 1})
		}
		cut, used = append(cut, c), used+c.width
	}
	return cut
}

// printable makes one line of s, without what a terminal would obey.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\r', r == '\t':
			return ' '
		case unicode.IsControl(r), isBidiControl(r):
			return utf8.RuneError
		}
		return r
	}, s)
}
