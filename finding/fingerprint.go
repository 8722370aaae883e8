package finding

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Fingerprints fills the Fingerprint of every finding that has none. A
// fingerprint survives edits elsewhere in the file: it is a hash of the rule, the
// file and the text of the finding's line without its blanks' widths, and of the
// finding's number among those that have all these in common. A finding without
// a line, or whose file cannot be read, is told apart by its message instead.
//
// lines returns the lines of a file, or nil if it cannot be read. The result does
// not depend on the order of the findings.
func Fingerprints(findings []Finding, lines func(file string) []string) {
	order := make([]*Finding, len(findings))
	for i := range findings {
		order[i] = &findings[i]
	}
	slices.SortStableFunc(order, func(a, b *Finding) int { return compare(a, b) })
	seen := map[string]int{}
	var file string
	var text []string
	for i, f := range order {
		if i == 0 || f.File != file {
			file, text = f.File, lines(f.File)
		}
		if f.Fingerprint != "" {
			continue
		}
		key := strings.Join([]string{f.Rule, portablePath(f.File), identity(f, text)}, "\x00")
		f.Fingerprint = digest(key + "\x00" + strconv.Itoa(seen[key]))
		seen[key]++
	}
}

// identity is what tells a finding from others of its rule and file.
func identity(f *Finding, lines []string) string {
	if f.Line < 1 || f.Line > len(lines) {
		return "message\x00" + f.Message
	}
	// gofmt changes the width of blanks inside a line when its neighbours change.
	return "line\x00" + collapse(lines[f.Line-1])
}

// portablePath is the file's path, or its last element if the path is absolute
// and so holds on one machine only.
func portablePath(file string) string {
	file = strings.ReplaceAll(file, `\`, "/")
	if path.IsAbs(file) || len(file) > 1 && file[1] == ':' {
		return path.Base(file)
	}
	return path.Clean(file)
}

// digest is 128 bits of SHA-256 in hexadecimal.
func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:16])
}

const (
	lineHashWindow = 100
	lineHashBase   = 37
	lineHashEOF    = 65535
)

// LineHashes returns, for every line of src, what GitHub code scanning calls its
// primaryLocationLineHash: a polynomial hash of the 100 UTF-16 units from the
// line's start on, blanks and tabs left out, line ends made one, the end of the
// file marked by 65535 and filled up with zeros; then a colon and the number of
// lines so far with that hash. The algorithm is that of github/codeql-action,
// src/fingerprints.ts, so that alerts uploaded with and without it are the same.
func LineHashes(src []byte) []string {
	units, starts := lineHashUnits(string(src))
	seen := make(map[uint64]int, len(starts))
	hashes := make([]string, len(starts))
	for i, start := range starts {
		var h uint64
		for _, u := range units[start : start+lineHashWindow] {
			h = h*lineHashBase + uint64(u)
		}
		seen[h]++
		hashes[i] = fmt.Sprintf("%x:%d", h, seen[h])
	}
	return hashes
}

// lineHashUnits returns what is hashed, padded by a window of zeros, and where in
// it each line starts.
func lineHashUnits(src string) (units []uint16, starts []int) {
	lineStart := true
	add := func(us ...uint16) {
		if lineStart {
			starts = append(starts, len(units))
		}
		units = append(units, us...)
		lineStart = us[0] == '\n'
	}
	var prev rune
	for _, r := range src {
		switch {
		case r == ' ', r == '\t', r == '\n' && prev == '\r':
		case r == '\r':
			add('\n')
		default:
			add(utf16Units(r)...)
		}
		prev = r
	}
	add(lineHashEOF)
	return append(units, make([]uint16, lineHashWindow)...), starts
}
