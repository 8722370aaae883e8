package picture

import (
	"cmp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/commslint/commslint/callgraph"
)

// nameOf gives a node its two lines: what it is called, and where it belongs.
func nameOf(n *callgraph.GraphNode) node {
	switch n.Kind {
	case callgraph.EntryNode:
		return node{kind: entryBox, title: n.Name, detail: joinWords(string(n.Entry), lastElements(packageOf(n.ID)))}
	case callgraph.FunctionNode:
		return node{kind: functionBox, title: n.Name, detail: lastElements(packageOf(n.ID))}
	case callgraph.UnresolvedNode:
		return node{kind: unresolvedBox, title: n.Name, detail: "not followed"}
	case callgraph.OperationNode:
		title, service := splitOperation(n.Name)
		return node{kind: operationBox, title: title, detail: joinWords(n.Protocol, service)}
	}
	return node{kind: serviceBox, title: n.Name, detail: string(n.Kind)}
}

func joinWords(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + " · " + b
}

// splitOperation parts "POST payments:8080/v1/charges" and "/pay.v1.Payments/Charge"
// into what is asked and of whom.
func splitOperation(name string) (what, whom string) {
	if rest, ok := strings.CutPrefix(name, "/"); ok {
		service, method, ok := strings.Cut(rest, "/")
		if !ok {
			return name, ""
		}
		short := service[strings.LastIndexByte(service, '.')+1:]
		return short + "/" + method, service
	}
	method, rest, ok := strings.Cut(name, " ")
	if !ok || strings.ToUpper(method) != method {
		return name, ""
	}
	authority, path, ok := strings.Cut(rest, "/")
	if !ok || authority == "" {
		return name, ""
	}
	return method + " /" + path, authority
}

// groupOf says what a node becomes a part of where there are too many.
func groupOf(n *callgraph.GraphNode) (key string, named node) {
	switch n.Kind {
	case callgraph.EntryNode, callgraph.FunctionNode:
		path := cmp.Or(packageOf(n.ID), n.ID)
		return "package " + path, node{kind: packageBox, title: lastElements(path), detail: "package"}
	case callgraph.UnresolvedNode:
		return "unresolved", node{kind: unresolvedBox, title: "not followed"}
	}
	_, service := splitOperation(n.Name)
	service = cmp.Or(service, n.Protocol, n.ID)
	return "service " + service, node{kind: serviceBox, title: service, detail: n.Protocol}
}

// packageOf is the import path in the id of a function, as far as it can be told:
// "example.com/shop.Run$1", "(*example.com/shop/pay.Client).Charge".
func packageOf(id string) string {
	id = strings.TrimLeft(id, "(*")
	id, _, _ = strings.Cut(id, "[")
	slash := strings.LastIndexByte(id, '/') + 1
	dot := strings.IndexByte(id[slash:], '.')
	if dot < 0 {
		return ""
	}
	return id[:slash+dot]
}

// lastElements are the two last elements of a path, which tell it from most others.
func lastElements(path string) string {
	last := strings.LastIndexByte(path, '/')
	if last < 0 {
		return path
	}
	return path[strings.LastIndexByte(path[:last], '/')+1:]
}

// shortID is the id of a function with no more of its package than the last element:
// "(*pay.Client).Charge".
func shortID(id string) string {
	path := packageOf(id)
	if path == "" {
		return id
	}
	return strings.Replace(id, path, path[strings.LastIndexByte(path, '/')+1:], 1)
}

// short cuts the middle out of a text that is longer than n characters.
func short(text string, n int) string {
	if utf8.RuneCountInString(text) <= n {
		return text
	}
	r := []rune(text)
	head := n * 2 / 5
	return string(r[:head]) + "…" + string(r[len(r)-(n-head-1):])
}

// clean replaces what no document may hold or show: control characters, those that
// turn the direction of text, and bytes that are no UTF-8.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\t':
			return ' '
		case unicode.IsControl(r), r >= 0x200B && r <= 0x200F, r >= 0x2028 && r <= 0x202E, r >= 0x2060 && r <= 0x2069,
			r == 0xFEFF, r == 0xFFFE, r == 0xFFFF:
			return utf8.RuneError
		}
		return r
	}, strings.ToValidUTF8(s, string(utf8.RuneError)))
}

// textWidth estimates how wide a text is in a sans-serif font of a size. It is made
// for wide fonts, so that text fits into its box in others too.
func textWidth(text string, size float64) float64 {
	em := 0.0
	for _, r := range text {
		switch {
		case r >= 0x1100:
			em += 1.05
		case strings.ContainsRune("iljtfrI.,:;'|!()[]{}/ ·", r):
			em += 0.4
		case strings.ContainsRune("mwMW@%", r):
			em += 0.95
		case unicode.IsUpper(r):
			em += 0.72
		default:
			em += 0.62
		}
	}
	return em * size
}
