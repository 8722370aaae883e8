// Package tree reads YAML and JSON into one kind of tree whose nodes know where they
// stand. Everything above it asks what a document says and where it says so; nothing
// above it knows in which of the two syntaxes it was written.
package tree

import (
	"encoding/json"
	"strconv"
	"strings"
	"sync"

	"github.com/commslint/commslint/finding"
)

// A Kind is the kind of a node: what JSON calls its type.
type Kind uint8

const (
	Null Kind = iota
	Bool
	Number
	String
	Array
	Object
)

// A File is one text that was read.
type File struct {
	Name string // as findings name it: slash-separated
	Text []byte
	Root *Node // nil if the text is empty
	// Documents are the roots of all documents of the text, if ParseAll has read it. Empty
	// documents are left out.
	Documents []*Node
	// Warnings are the keys that an object has twice.
	Warnings []Warning

	linesOnce sync.Once
	lines     []int // offset of the first byte of each line; filled on first use
	// holes are the places of a template that are filled in later, in order.
	holes []hole
	// outer is the string that the text stands in, if offsets in the text say nothing about
	// places in the file.
	outer *Node
	// alone counts the bytes of copies of the text that Alone has made.
	alone int
	// large finds the members of objects that have many.
	large map[*Node]map[string]int
}

// A Node is one value of a document. Anchors and merge keys of YAML are already
// followed: a node reached by an alias is the anchored node itself.
//
// There are hundreds of thousands of them, so that each word of one counts.
type Node struct {
	Kind  Kind
	place int32 // among the members or items of Parent
	// Text is the value of a scalar: a string without its quotes and escapes, a number
	// as it stands (its digits are never rounded), "true", "false" or "null".
	Text    string
	Items   []*Node  // of an Array
	Members []Member // of an Object, in the order of the document

	File       *File
	Start, End int32 // byte offsets of the value in File.Text; End is exclusive
	Parent     *Node
}

// Key is the key (or the index, in decimal) under which Parent holds the node; empty for
// the root and for a nil node.
func (n *Node) Key() string {
	switch {
	case n == nil || n.Parent == nil:
		return ""
	case n.Parent.Kind == Array:
		return strconv.Itoa(int(n.place))
	case int(n.place) < len(n.Parent.Members):
		return n.Parent.Members[n.place].Key
	}
	return ""
}

// Like makes a node that stands at n's place, for what n says in another way.
func (n *Node) Like(kind Kind, text string) *Node {
	return &Node{Kind: kind, Text: text, File: n.File, Start: n.Start, End: n.End, Parent: n.Parent, place: n.place}
}

// A Member is one key of an object with its value.
type Member struct {
	Key              string
	KeyStart, KeyEnd int32
	Value            *Node
}

// Get returns the value of a key; nil if n is nil, no object, or has no such key.
func (n *Node) Get(key string) *Node {
	if m := n.Member(key); m != nil {
		return m.Value
	}
	return nil
}

// Member returns the member with the key; nil if n is nil, no object, or has no such key.
func (n *Node) Member(key string) *Member {
	if n == nil || n.Kind != Object {
		return nil
	}
	if len(n.Members) >= largeObject && n.File != nil {
		if byKey := n.File.large[n]; byKey != nil {
			if i, ok := byKey[key]; ok {
				return &n.Members[i]
			}
			return nil
		}
	}
	for i := range n.Members {
		if n.Members[i].Key == key {
			return &n.Members[i]
		}
	}
	return nil
}

// Value returns the node as encoding/json would decode it with UseNumber: nil, bool,
// string, json.Number, []any or map[string]any. A nil node is nil.
func (n *Node) Value() any {
	if n == nil {
		return nil
	}
	switch n.Kind {
	case Bool:
		return n.Text == "true"
	case Number:
		return json.Number(n.Text)
	case String:
		return n.Text
	case Array:
		items := make([]any, len(n.Items))
		for i, item := range n.Items {
			items[i] = item.Value()
		}
		return items
	case Object:
		object := make(map[string]any, len(n.Members))
		for _, m := range n.Members {
			object[m.Key] = m.Value.Value()
		}
		return object
	}
	return nil
}

// Pointer is the JSON pointer (RFC 6901) of the node in its file; empty for the root and for a
// nil node. A node that aliases lead to has the pointer of its anchor's place.
func (n *Node) Pointer() string {
	if n == nil || n.Parent == nil {
		return ""
	}
	return n.Parent.Pointer() + "/" + EscapePointer(n.Key())
}

// EscapePointer writes a key as a part of a JSON pointer.
func EscapePointer(key string) string {
	if !strings.ContainsAny(key, "~/") {
		return key
	}
	return strings.ReplaceAll(strings.ReplaceAll(key, "~", "~0"), "/", "~1")
}

// Location is the place of the node's value; the zero Location for a nil node.
func (n *Node) Location() finding.Location {
	if n == nil {
		return finding.Location{}
	}
	return n.File.Location(n.Start, n.End)
}
