package lint

import (
	"strings"

	"github.com/commslint/commslint/envoycfg/xds"
	"github.com/commslint/commslint/tree"
)

// mayGain reports whether a message may mean more than it is read to say: a template may add fields to it,
// rather than only fill in values of fields that are there, or it has fields of another version or of a
// wrong name. What such a message lacks is not known to be lacking.
func mayGain(m *xds.Message) bool {
	if m == nil || m.Node.File == nil {
		return false
	}
	for i := range m.Node.Members {
		key := m.Node.Members[i].Key
		if m.Type.Field(key) == nil && !strings.HasPrefix(key, "@") && !m.Node.Members[i].KeyTemplated() {
			return true
		}
	}
	return m.Node.File.IsTemplate() && templateAdds(m)
}

func templateAdds(m *xds.Message) bool {
	n := m.Node
	at := n.Start
	for i := range n.Members {
		member := &n.Members[i]
		if member.KeyTemplated() || hasHole(n, at, member.KeyStart) {
			return true
		}
		at = max(at, member.Value.End)
	}
	// What a line below holds that is nothing but a template may belong to the message.
	text := n.File.Text
	end := max(int(n.End), int(at))
	rest := strings.TrimLeft(string(text[end:min(len(text), end+maxGap)]), " \t\r\n")
	return hasHole(n, at, int32(min(len(text), end+maxGap)-len(rest)))
}

// maxGap is how far behind a message a template is looked for.
const maxGap = 4096

func hasHole(n *tree.Node, start, end int32) bool {
	gap := tree.Node{File: n.File, Start: start, End: end}
	return end > start && gap.Templated()
}
