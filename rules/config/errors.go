package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// An Error is one mistake in a configuration file.
type Error struct {
	File         string
	Line, Column int    // from 1; 0 if the mistake has no place
	What         string // what is wrong
	Expected     string // what should be there
	Mend         string // how to mend it
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.File)
	if e.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", e.Line, e.Column)
	}
	b.WriteString(": " + e.What)
	if e.Expected != "" {
		b.WriteString("; expected " + e.Expected)
	}
	if e.Mend != "" {
		b.WriteString("; " + e.Mend)
	}
	return b.String()
}

// Errors lists every mistake found in a configuration file, by place; it prints
// one to a line.
type Errors []*Error

func (es Errors) Error() string {
	lines := make([]string, len(es))
	for i, e := range es {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap makes the errors visible to errors.As.
func (es Errors) Unwrap() []error {
	all := make([]error, len(es))
	for i, e := range es {
		all[i] = e
	}
	return all
}

// add appends e unless something is wrong with that place already: the first
// mistake explains the others.
func (es *Errors) add(e *Error) {
	for _, known := range *es {
		if known.Line == e.Line && known.Column == e.Column && e.Line > 0 {
			return
		}
	}
	*es = append(*es, e)
}

func (es Errors) sort() {
	slices.SortStableFunc(es, func(a, b *Error) int {
		return cmp.Or(
			cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Column, b.Column),
			cmp.Compare(a.What, b.What),
		)
	})
}
