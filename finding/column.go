package finding

import (
	"unicode/utf16"
	"unicode/utf8"
)

// RuneColumn turns a byte column of a line, counted from 1, into one that counts
// code points. A column inside a character is that of the character; one past the
// line's end is the column after its last character; zero and less stay zero. A
// byte that is not UTF-8 counts as one character.
func RuneColumn(line []byte, column int) int {
	return countUnits(line, column, func(rune) int { return 1 })
}

// UTF16Column turns a byte column of a line, counted from 1, into one that counts
// UTF-16 units, as SARIF and editors want it. The edge cases are RuneColumn's.
func UTF16Column(line []byte, column int) int {
	return countUnits(line, column, utf16.RuneLen)
}

func countUnits(line []byte, column int, units func(rune) int) int {
	if column < 1 {
		return 0
	}
	n := 1
	for at := 0; at < len(line); {
		r, size := utf8.DecodeRune(line[at:])
		if at+size > column-1 {
			break
		}
		n += units(r)
		at += size
	}
	return n
}

func utf16Units(r rune) []uint16 {
	if r > 0xFFFF {
		hi, lo := utf16.EncodeRune(r)
		return []uint16{uint16(hi), uint16(lo)}
	}
	return []uint16{uint16(r)}
}
