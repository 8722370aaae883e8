package lint

import (
	"bytes"

	"github.com/commslint/commslint/envoycfg/xds"
	"github.com/commslint/commslint/finding"
)

// replacement writes another text in the place of a scalar that stands on one line.
func replacement(v xds.Value, text string) []finding.Edit {
	if !v.Known() {
		return nil
	}
	f := v.Node.File
	old := f.Text[v.Node.Start:v.Node.End]
	if bytes.ContainsAny(old, "\n\r") || len(old) == 0 {
		return nil
	}
	if quote := old[0]; quote == '"' || quote == '\'' {
		text = string(quote) + text + string(quote)
	}
	return []finding.Edit{{File: f.Name, Start: int(v.Node.Start), End: int(v.Node.End), New: text}}
}

// removal takes a field out of its message, if it stands on a line of its own or between brackets.
func removal(v xds.Value) []finding.Edit {
	if !v.Known() || v.Key == nil || v.Node.File != v.Key.Value.File {
		return nil
	}
	text := v.Node.File.Text
	start, end := int(v.Key.KeyStart), int(v.Node.End)
	if start > end {
		return nil // the value is an alias, which stands elsewhere
	}
	if object := v.In().Node; text[object.Start] == '{' {
		return removalBetweenBrackets(v, start, end)
	}
	before := bytes.TrimRight(text[:start], " \t")
	if len(before) > 0 && before[len(before)-1] != '\n' || bytes.ContainsRune(text[start:end], '\n') {
		return nil // the first of a list's item, or more than one line
	}
	if i := bytes.IndexByte(text[end:], '\n'); i >= 0 {
		return edit(v, len(before), end+i+1)
	}
	return edit(v, len(before), len(text))
}

// removalBetweenBrackets takes the comma after the field along, or the one before it.
func removalBetweenBrackets(v xds.Value, start, end int) []finding.Edit {
	text := v.Node.File.Text
	const blank = " \t\r\n"
	rest := bytes.TrimLeft(text[end:], blank)
	if len(rest) > 0 && rest[0] == ',' {
		return edit(v, start, len(text)-len(bytes.TrimLeft(rest[1:], blank)))
	}
	if before := bytes.TrimRight(text[:start], blank); len(before) > 0 && before[len(before)-1] == ',' {
		return edit(v, len(before)-1, end)
	}
	return edit(v, start, end)
}

func edit(v xds.Value, start, end int) []finding.Edit {
	return []finding.Edit{{File: v.Node.File.Name, Start: start, End: end}}
}
