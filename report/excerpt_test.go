package report

import (
	"strings"
	"testing"

	"github.com/commslint/commslint/finding"
)

func TestUnderline(t *testing.T) {
	span := func(column, endColumn int) finding.Location {
		return finding.Location{Line: 1, Column: column, EndLine: 1, EndColumn: endColumn}
	}
	tests := map[string]struct {
		line string
		at   finding.Location
		want string // text, a line end, and the marks under it
	}{
		"plain":                {"x := call()", span(6, 10), "x := call()\n     ^^^^"},
		"tab before":           {"\tcall()", span(2, 6), "    call()\n    ^^^^"},
		"tab inside a line":    {"ab\tcall()", span(4, 8), "ab  call()\n    ^^^^"},
		"two bytes":            {"é = é", span(6, 8), "é = é\n    ^"},
		"two columns":          {"名 = 名", span(7, 10), "名 = 名\n     ^^"},
		"combining":            {"e\u0301 = f", span(7, 8), "e\u0301 = f\n    ^"},
		"no end":               {"call()", finding.Location{Line: 1, Column: 3}, "call()\n  ^"},
		"ends lines below":     {"call(", finding.Location{Line: 1, Column: 1, EndLine: 3, EndColumn: 2}, "call(\n^^^^^"},
		"behind the line":      {"call", span(5, 5), "call\n    ^"},
		"far behind the line":  {"call", span(99, 100), "call\n    ^"},
		"inside a character":   {"é=", span(2, 3), "é=\n^"},
		"no column":            {"call", finding.Location{Line: 1}, "call\n"},
		"terminal escapes":     {"\x1b[31m", span(2, 3), "\uFFFD[31m\n ^"},
		"reordered text":       {"a\u202eb", span(5, 6), "a\uFFFDb\n  ^"},
		"not UTF-8":            {"\xffa", span(2, 3), "\uFFFDa\n ^"},
		"end before the start": {"call", span(3, 1), "call\n  ^"},
	}
	for name, tt := range tests {
		text, blank, marks := underline([]byte(tt.line), tt.at, 80)
		got := text + "\n"
		if marks > 0 {
			got += strings.Repeat(" ", blank) + strings.Repeat("^", marks)
		}
		if got != tt.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, tt.want)
		}
	}
}

func TestUnderlineCutsLongLines(t *testing.T) {
	line := strings.Repeat("a", 500) + "call()" + strings.Repeat("b", 500)
	for column := 1; column <= len(line)+1; column += 7 {
		at := finding.Location{Line: 1, Column: column, EndLine: 1, EndColumn: column + 6}
		text, blank, marks := underline([]byte(line), at, 60)
		runes := []rune(text)
		if len(runes) > 60 {
			t.Fatalf("column %d: %d columns, want at most 60: %s", column, len(runes), text)
		}
		want := strings.TrimSuffix(line[column-1:min(column+5, len(line))], " ")
		if got := string(runes[blank:min(blank+marks, len(runes))]); got != want {
			t.Fatalf("column %d: %q is underlined, want %q", column, got, want)
		}
	}
}

func FuzzUnderline(f *testing.F) {
	f.Add("\té名\xff", 2, 5, 40)
	f.Fuzz(func(t *testing.T, line string, column, endColumn, room int) {
		if strings.ContainsAny(line, "\r\n") {
			return
		}
		at := finding.Location{Line: 1, Column: column, EndLine: 1, EndColumn: endColumn}
		text, blank, marks := underline([]byte(line), at, room)
		if strings.ContainsAny(text, "\t\x1b\n") {
			t.Errorf("%q shows a control character", text)
		}
		if blank < 0 || marks < 0 || blank+marks > max(room, 20)+2 {
			t.Errorf("%d blanks and %d marks do not fit into %d columns", blank, marks, room)
		}
	})
}

func TestAdvice(t *testing.T) {
	p := &textPrinter{in: testInput()}
	want := "Set `http.Client.Timeout`, or give the request a context with a deadline."
	if got := p.advice("go/no-timeout"); got != want {
		t.Errorf("advice %q, want %q", got, want)
	}
	if got := p.advice("no/such-rule"); got != "" {
		t.Errorf("advice %q for an unknown rule", got)
	}
}
