package finding

import (
	"testing"
	"unicode/utf16"
	"unicode/utf8"
)

func TestColumns(t *testing.T) {
	tests := []struct {
		line                 string
		column, runes, utf16 int
	}{
		{"abc", 1, 1, 1},
		{"abc", 3, 3, 3},
		{"abc", 4, 4, 4},  // after the last character
		{"abc", 99, 4, 4}, // beyond the line
		{"abc", 0, 0, 0},
		{"abc", -1, 0, 0},
		{"", 1, 1, 1},
		{"é=é", 3, 2, 2},
		{"é=é", 4, 3, 3},
		{"é=é", 5, 3, 3}, // inside é
		{"日本=", 7, 3, 3},
		{"🙂=", 5, 2, 3}, // beyond the basic plane: two units
		{"\ta", 2, 2, 2},
		{"\xff\xfea", 3, 3, 3}, // not UTF-8
	}
	for _, tt := range tests {
		if got := RuneColumn([]byte(tt.line), tt.column); got != tt.runes {
			t.Errorf("RuneColumn(%q, %d) = %d, want %d", tt.line, tt.column, got, tt.runes)
		}
		if got := UTF16Column([]byte(tt.line), tt.column); got != tt.utf16 {
			t.Errorf("UTF16Column(%q, %d) = %d, want %d", tt.line, tt.column, got, tt.utf16)
		}
	}
}

func FuzzColumns(f *testing.F) {
	f.Add("é🙂=日\xff", 4)
	f.Fuzz(func(t *testing.T, line string, column int) {
		if column < 1 || column > len(line)+1 {
			return
		}
		for column <= len(line) && column > 1 && utf8.ValidString(line) && !utf8.RuneStart(line[column-1]) {
			column--
		}
		if !utf8.ValidString(line) {
			return
		}
		before := []rune(line[:column-1])
		if got, want := RuneColumn([]byte(line), column), len(before)+1; got != want {
			t.Errorf("RuneColumn(%q, %d) = %d, want %d", line, column, got, want)
		}
		if got, want := UTF16Column([]byte(line), column), len(utf16.Encode(before))+1; got != want {
			t.Errorf("UTF16Column(%q, %d) = %d, want %d", line, column, got, want)
		}
	})
}
