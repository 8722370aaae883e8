package breaking

import (
	"slices"
	"strings"
)

// A template is a path with variables, such as /users/{id}/files/{name}.json.
type template struct {
	text  string
	shape string   // with the names of variables left out: /users/{}/files/{}.json
	names []string // of the variables, in order
}

// parseTemplate reads a path. A brace without its partner is text.
func parseTemplate(path string) template {
	t := template{text: path}
	var shape strings.Builder
	rest := path
	for {
		open := strings.IndexByte(rest, '{')
		if open < 0 {
			break
		}
		size := strings.IndexByte(rest[open:], '}')
		if size < 0 {
			break
		}
		shape.WriteString(rest[:open])
		shape.WriteString("{}")
		t.names = append(t.names, rest[open+1:open+size])
		rest = rest[open+size+1:]
	}
	shape.WriteString(rest)
	t.shape = shape.String()
	if len(t.shape) > 1 {
		t.shape = strings.TrimSuffix(t.shape, "/")
	}
	return t
}

// position is the index of a variable among those of the template; -1 if it has none
// of that name.
func (t template) position(name string) int { return slices.Index(t.names, name) }

func joinSorted(list []string) string {
	slices.Sort(list)
	return strings.Join(list, ";")
}
