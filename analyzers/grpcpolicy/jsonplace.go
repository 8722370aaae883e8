package grpcpolicy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A jsonWalk visits the values of a JSON text with their places, which
// encoding/json does not keep.
type jsonWalk struct {
	dec   *json.Decoder
	text  string
	visit func(path []string, key string, offset int)
}

// walkJSON calls visit for each key of each object: with the keys that lead to
// the object (elements of arrays add none), the key itself, and where its value
// begins. It stops at the first error.
func walkJSON(text string, visit func(path []string, key string, offset int)) {
	w := &jsonWalk{dec: json.NewDecoder(bytes.NewReader([]byte(text))), text: text, visit: visit}
	_ = w.value(nil) // what encoding/json refuses has been said before
}

// next returns where the next token begins.
func (w *jsonWalk) next() int {
	at := int(w.dec.InputOffset())
	return at + len(w.text[at:]) - len(strings.TrimLeft(w.text[at:], " \t\r\n,:"))
}

func (w *jsonWalk) value(path []string) error {
	tok, err := w.dec.Token()
	if err != nil {
		return err
	}
	delim, ok := tok.(json.Delim)
	if !ok {
		return nil
	}
	for w.dec.More() {
		inner := path
		if delim == '{' {
			key, err := w.dec.Token()
			if err != nil {
				return err
			}
			name := fmt.Sprint(key)
			w.visit(path, name, w.next())
			inner = append(slices.Clone(path), name)
		} else {
			w.visit(path, "", w.next())
		}
		if err := w.value(inner); err != nil {
			return err
		}
	}
	_, err = w.dec.Token()
	return err
}

// marksOf returns where the entries of methodConfig begin, or rather their
// retry policies if they have one.
func marksOf(text string) (marks []int) {
	walkJSON(text, func(path []string, key string, offset int) {
		switch {
		case samePath(path, "methodConfig") && key == "":
			marks = append(marks, offset)
		case samePath(path, "methodConfig") && strings.EqualFold(key, "retryPolicy") && len(marks) > 0:
			marks[len(marks)-1] = offset
		}
	})
	return marks
}

func samePath(path []string, want ...string) bool {
	return slices.EqualFunc(path, want, strings.EqualFold)
}

// suspicions returns the keys of a service config that grpc-go leaves out.
func suspicions(text string) (found []Problem) {
	walkJSON(text, func(path []string, key string, offset int) {
		known := configKeys
		switch {
		case key == "":
			return
		case len(path) == 0:
		case samePath(path, "methodConfig"):
			known = methodKeys
		case samePath(path, "methodConfig", "retryPolicy"):
			known = retryKeys
		default:
			return
		}
		if slices.ContainsFunc(known, func(k string) bool { return strings.EqualFold(k, key) }) {
			return
		}
		p := Problem{Kind: Ignored, Text: fmt.Sprintf("grpc-go does not know the key %q and leaves it out", key), offset: offset}
		if strings.EqualFold(key, "hedgingPolicy") {
			p.Kind, p.Text = NoHedging, "grpc-go has no hedging and leaves hedgingPolicy out"
		}
		found = append(found, p)
	})
	return found
}

// explain adds to an error of encoding/json where it is.
func explain(text string, err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		line, col := lineCol(text, int(syntax.Offset)-1)
		return fmt.Errorf("line %d, column %d: %w", line, col, err)
	case errors.As(err, &kind):
		line, col := lineCol(text, int(kind.Offset)-1)
		return fmt.Errorf("line %d, column %d: %s is a JSON %s: want %s", line, col, kind.Field, kind.Value, wanted(kind))
	}
	return err
}

func wanted(err *json.UnmarshalTypeError) string {
	switch kind := err.Type.Kind().String(); {
	case kind == "bool" || kind == "string":
		return "a " + kind
	case strings.HasPrefix(kind, "int"):
		return "a whole number"
	case strings.HasPrefix(kind, "float"):
		return "a number"
	case kind == "slice":
		return "an array"
	}
	return "an object"
}

// lineCol returns the line and column, from 1, of an offset in a text. Columns
// count bytes, as Go's do.
func lineCol(text string, offset int) (line, col int) {
	before := text[:max(0, min(offset, len(text)))]
	return 1 + strings.Count(before, "\n"), len(before) - strings.LastIndexByte(before, '\n')
}
