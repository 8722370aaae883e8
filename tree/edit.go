package tree

import (
	"bytes"
	"strings"

	"github.com/commslint/commslint/finding"
)

// InsertMember is the edit that puts a member before the others of an object, which has some: as
// lines of YAML without indentation, or as inline between brackets, without a comma.
func (n *Node) InsertMember(lines []string, inline string) finding.Edit {
	edit := finding.Edit{File: n.File.Name, Start: int(n.Start), End: int(n.Start)}
	if n.File.Text[n.Start] == '{' {
		edit.Start, edit.End, edit.New = int(n.Start)+1, int(n.Start)+1, inline+", "
		return edit
	}
	newline := "\n"
	if bytes.Contains(n.File.Text, []byte("\r\n")) {
		newline = "\r\n"
	}
	newline += strings.Repeat(" ", n.Location().Column-1)
	edit.New = strings.Join(lines, newline) + newline
	return edit
}

// Rename is the edit that gives a key another text, in the quotes that it has.
func (m *Member) Rename(key string) finding.Edit {
	f := m.Value.File
	if quote := f.Text[m.KeyStart]; quote == '"' || quote == '\'' {
		key = string(quote) + key + string(quote)
	}
	return finding.Edit{File: f.Name, Start: int(m.KeyStart), End: int(m.KeyEnd), New: key}
}
