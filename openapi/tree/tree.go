// Package tree reads YAML and JSON into one kind of tree whose nodes know where they
// stand. Everything above it asks what a document says and where it says so; nothing
// above it knows in which of the two syntaxes it was written.
package tree

import (
	"encoding/json"
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
	// Warnings are the keys that an object has twice.
	Warnings []Warning

	linesOnce sync.Once
	lines     []int // offset of the first byte of each line; filled on first use
}

// A Node is one value of a document. Anchors and merge keys of YAML are already
// followed: a node reached by an alias is the anchored node itself.
type Node struct {
	Kind Kind
	// Text is the value of a scalar: a string without its quotes and escapes, a number
	// as it stands (its digits are never rounded), "true", "false" or "null".
	Text    string
	Items   []*Node  // of an Array
	Members []Member // of an Object, in the order of the document

	File       *File
	Start, End int // byte offsets of the value in File.Text; End is exclusive
	Parent     *Node
	Key        string // the key (or the index, in decimal) under which Parent holds it

	byKey map[string]int // index into Members, of large objects only
}

// A Member is one key of an object with its value.
type Member struct {
	Key              string
	KeyStart, KeyEnd int
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
	if n.byKey != nil {
		if i, ok := n.byKey[key]; ok {
			return &n.Members[i]
		}
		return nil
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
	return n.Parent.Pointer() + "/" + EscapePointer(n.Key)
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
