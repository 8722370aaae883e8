package callgraph

import (
	"regexp"
	"strings"
)

// A Rewrite is what a route makes of the path of a request before it sends it on. The zero Rewrite
// leaves paths alone.
type Rewrite struct {
	// Prefix is the beginning of paths that To takes the place of. Paths that begin with something else stay.
	Prefix string `json:"prefix,omitempty"`
	// Pattern is RE2, in whose place To comes wherever it matches, with \1 for what the first group matched.
	Pattern string `json:"pattern,omitempty"`
	To      string `json:"to,omitempty"`
}

// path is what becomes of a path.
func (w *Rewrite) path(path string) string {
	switch {
	case w.Prefix != "":
		if rest, ok := strings.CutPrefix(path, w.Prefix); ok {
			return w.To + rest
		}
	case w.Pattern != "":
		re, err := regexp.Compile(w.Pattern)
		if err == nil {
			return re.ReplaceAllString(path, goTemplate(w.To))
		}
	}
	return path
}

// before is a path of which another becomes; false if that is not known.
func (w *Rewrite) before(path string) (string, bool) {
	if w.Pattern != "" {
		return "", false
	}
	rest, ok := strings.CutPrefix(path, w.To)
	return w.Prefix + rest, ok
}

// goTemplate writes a replacement with \1 as package regexp has it.
func goTemplate(to string) string {
	var b strings.Builder
	for i := 0; i < len(to); i++ {
		switch c := to[i]; {
		case c == '$':
			b.WriteString("$$")
		case c == '\\' && i+1 < len(to) && '0' <= to[i+1] && to[i+1] <= '9':
			i++
			b.WriteString("${" + string(to[i]) + "}")
		case c == '\\' && i+1 < len(to):
			i++
			b.WriteByte(to[i])
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// rewritten is a request with its path as it is sent on.
func (r *Route) rewritten(req *Request) *Request {
	if r.Rewrite == (Rewrite{}) {
		return req
	}
	method, authority, path, ok := splitHTTP(req.Operation)
	if !ok {
		return req
	}
	out := *req
	out.Operation = method + " " + authority + r.Rewrite.path(path)
	return &out
}
