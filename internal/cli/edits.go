package cli

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"go/format"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"

	"github.com/commslint/commslint/tree"
)

// applyEdits makes edits that do not overlap in Go source, or in YAML or JSON. Go
// source that was formatted stays so, and lines end as they did. It fails if the
// outcome does not parse.
func applyEdits(name string, src []byte, edits []fileEdit) ([]byte, error) {
	edits = slices.SortedFunc(slices.Values(edits), func(a, b fileEdit) int { return cmp.Compare(a.Start, b.Start) })
	crlf := usesCRLF(src)
	var out bytes.Buffer
	at := 0
	for _, e := range edits {
		if e.Start < at || e.End < e.Start || e.End > len(src) {
			return nil, errors.New("the file changed while it was checked; run again")
		}
		out.Write(src[at:e.Start])
		text := e.New
		if crlf {
			text = strings.ReplaceAll(withoutCR(text), "\n", "\r\n")
		}
		out.WriteString(text)
		at = e.End
	}
	out.Write(src[at:])
	if filepath.Ext(name) != ".go" {
		return out.Bytes(), checkDocuments(name, src, out.Bytes())
	}
	return reformat(src, out.Bytes(), crlf)
}

// checkDocuments fails if more of the documents in a fixed text do not parse than before. Some may not have
// parsed: a stream or a template is read as far as it can be.
func checkDocuments(name string, src, fixed []byte) error {
	_, errs := tree.ParseTemplate(name, fixed)
	if len(errs) == 0 {
		return nil
	}
	if _, before := tree.ParseTemplate(name, src); len(before) >= len(errs) {
		return nil
	}
	return fmt.Errorf("a suggested fix does not parse: %w", errs[0])
}

// reformat formats fixed source if src, of which it was made, was formatted but
// for its line ends.
func reformat(src, fixed []byte, crlf bool) ([]byte, error) {
	if _, err := parser.ParseFile(token.NewFileSet(), "", fixed, parser.ParseComments); err != nil {
		return nil, fmt.Errorf("a suggested fix does not parse: %w", err)
	}
	if crlf {
		if bytes.Count(src, []byte("\r\n")) != bytes.Count(src, []byte("\n")) {
			return fixed, nil // mixed: every line ends as it did
		}
		src, fixed = []byte(withoutCR(string(src))), []byte(withoutCR(string(fixed)))
	}
	was, err := format.Source(src)
	if err == nil && bytes.Equal(was, src) {
		if fixed, err = format.Source(fixed); err != nil {
			return nil, fmt.Errorf("a suggested fix does not parse: %w", err)
		}
	}
	if crlf {
		fixed = bytes.ReplaceAll(fixed, []byte("\n"), []byte("\r\n"))
	}
	return fixed, nil
}

// usesCRLF reports whether most lines end in a carriage return and a line feed.
func usesCRLF(src []byte) bool {
	return 2*bytes.Count(src, []byte("\r\n")) > bytes.Count(src, []byte("\n"))
}

func withoutCR(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") }
