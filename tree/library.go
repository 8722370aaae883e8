package tree

import (
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/commslint/commslint/finding"
	"go.yaml.in/yaml/v3"
)

// parseWithLibrary reads any YAML. The library says where values begin; where they end is
// found in the text.
func parseWithLibrary(f *File, src string, start int) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &Error{finding.Location{File: f.Name, Line: 1, Column: 1}, fmt.Sprintf("the YAML reader gave up: %v", p)}
		}
	}()
	firstLine, _ := f.position(start)
	decoder := yaml.NewDecoder(strings.NewReader(src[start:]))
	var document yaml.Node
	if err := decoder.Decode(&document); err != nil {
		if err == io.EOF {
			return nil
		}
		return libraryError(f, firstLine, err)
	}
	c := &converter{
		file: f, src: src, start: start, firstLine: firstLine,
		anchored: map[*yaml.Node]*anchor{},
	}
	if len(document.Content) == 0 {
		return nil
	}
	root, err := c.convert(document.Content[0], -1)
	if err != nil {
		return err
	}
	var second yaml.Node
	switch err := decoder.Decode(&second); {
	case err == io.EOF:
	case err != nil:
		return libraryError(f, firstLine, err)
	case len(second.Content) > 0 && second.Content[0].ShortTag() != "!!null":
		return c.fail(second.Content[0], "a second YAML document begins here: expected one document per file")
	}
	f.Root = root
	return nil
}

var libraryLine = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^yaml: (?:line (\d+): )?`) })

// libraryError finds the line in the library's message, which counts from firstLine.
func libraryError(f *File, firstLine int, err error) error {
	at := finding.Location{File: f.Name, Line: firstLine, Column: 1}
	message := err.Error()
	if m := libraryLine().FindStringSubmatch(message); m != nil {
		message = message[len(m[0]):]
		if line, err := strconv.Atoi(m[1]); err == nil {
			at.Line = firstLine - 1 + line
		}
	}
	return &Error{at, "this is no valid YAML: " + message}
}

// A converter makes nodes of the library's.
type converter struct {
	file  *File
	src   string
	start int // of the text that the library was given
	// firstLine is the line of start, which the library counts as its first.
	firstLine int

	anchored map[*yaml.Node]*anchor
	depth    int
	deepest  int // level that was reached
	expanded int // nodes so far, with aliases written out

	// Columns count characters, so that offsets are found by walking lines. The last place
	// that was found is where the next walk begins.
	line, column, offset int
}

// An anchor is an anchored value; its node is nil while the value is still read.
type anchor struct {
	node     *Node
	expanded int // nodes in it, with aliases written out
	height   int // levels in it, likewise
}

func (c *converter) fail(n *yaml.Node, format string, args ...any) error {
	return &Error{c.location(n), fmt.Sprintf(format, args...)}
}

func (c *converter) location(n *yaml.Node) finding.Location {
	at := c.offsetOf(n)
	return c.file.at(at, at)
}

// offsetOf is the offset of the place that the library gives for a node.
func (c *converter) offsetOf(n *yaml.Node) int {
	if n.Line != c.line || n.Column < c.column {
		if c.file.lines == nil {
			c.file.position(0)
		}
		line := min(max(n.Line, 1)+c.firstLine-1, len(c.file.lines))
		c.line, c.column, c.offset = n.Line, 1, c.file.lines[line-1]
		if line == c.firstLine {
			c.offset = c.start
		}
	}
	for c.column < n.Column && c.offset < len(c.src) && c.src[c.offset] != '\n' {
		_, size := utf8.DecodeRuneInString(c.src[c.offset:])
		c.offset += size
		c.column++
	}
	return c.offset
}

// convert makes the node of n, in a collection that is indented by indent.
func (c *converter) convert(n *yaml.Node, indent int) (*Node, error) {
	if n.Kind == yaml.AliasNode {
		return c.alias(n)
	}
	c.depth++
	defer func() { c.depth-- }()
	outside, before := c.deepest, c.expanded
	c.deepest = c.depth
	if err := c.expand(n, 1, 0); err != nil {
		return nil, err
	}
	if n.Anchor != "" {
		c.anchored[n] = &anchor{}
	}
	start := c.skipProperties(c.offsetOf(n))
	node := &Node{File: c.file, Start: int32(start), End: int32(start)}
	var err error
	switch n.Kind {
	case yaml.SequenceNode:
		node.Kind = Array
		err = c.sequence(node, n)
	case yaml.MappingNode:
		node.Kind = Object
		err = c.mapping(node, n)
	default:
		c.scalar(node, n, indent)
	}
	if err != nil {
		return nil, err
	}
	if n.Anchor != "" {
		*c.anchored[n] = anchor{node: node, expanded: c.expanded - before, height: c.deepest - c.depth}
	}
	c.deepest = max(c.deepest, outside)
	return node, nil
}

// expand counts nodes, of so many levels, that the document has at n when aliases are written out.
func (c *converter) expand(n *yaml.Node, nodes, height int) error {
	c.deepest = max(c.deepest, c.depth+height)
	if c.deepest > maxDepth {
		return c.fail(n, "values lie in each other deeper than %d levels", maxDepth)
	}
	if c.expanded += nodes; c.expanded > maxExpanded {
		return c.fail(n, "the document has more than %d values when its aliases are written out", maxExpanded)
	}
	return nil
}

func (c *converter) alias(n *yaml.Node) (*Node, error) {
	a := c.anchored[n.Alias]
	if a == nil || a.node == nil {
		return nil, c.fail(n, "the alias *%s stands inside of its own anchor: a value cannot contain itself", n.Value)
	}
	if err := c.expand(n, a.expanded, a.height+1); err != nil {
		return nil, err
	}
	return a.node, nil
}

// endOf is where the value of a collection's part ends in the text: for an alias, where that ends.
func (c *converter) endOf(n *yaml.Node, node *Node) int {
	if n.Kind != yaml.AliasNode {
		return int(node.End)
	}
	return min(c.offsetOf(n)+1+len(n.Value), len(c.src))
}

// skipProperties moves over the anchor and the tag before a value.
func (c *converter) skipProperties(i int) int {
	for i < len(c.src) && (c.src[i] == '&' || c.src[i] == '!') {
		for i < len(c.src) && c.src[i] > ' ' && !isFlowIndicator(c.src[i]) {
			i++
		}
		blanks := i
		for blanks < len(c.src) && (c.src[blanks] <= ' ') {
			blanks++
		}
		if blanks == len(c.src) || blanks == i {
			return i
		}
		i = blanks
	}
	return i
}

func (c *converter) sequence(node *Node, n *yaml.Node) error {
	for _, content := range n.Content {
		item, err := c.convert(content, n.Column-1)
		if err != nil {
			return err
		}
		if content.Kind != yaml.AliasNode {
			item.Parent = node
		}
		node.Items = append(node.Items, item)
		node.End = max(node.End, int32(c.endOf(content, item)))
	}
	node.adopt()
	c.closeFlow(node, n, ']')
	return nil
}

func (c *converter) mapping(node *Node, n *yaml.Node) error {
	var merged []Member
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		m, err := c.key(key)
		if err != nil {
			return err
		}
		if m.Value, err = c.convert(value, key.Column-1); err != nil {
			return err
		}
		if value.Kind != yaml.AliasNode {
			m.Value.Parent = node
		}
		node.End = max(node.End, m.KeyEnd, int32(c.endOf(value, m.Value)))
		if key.ShortTag() != "!!merge" {
			node.Members = append(node.Members, m)
			continue
		}
		if merged, err = c.mergeSources(merged, value, m.Value); err != nil {
			return err
		}
	}
	node.adopt()
	node.merge(merged)
	c.closeFlow(node, n, '}')
	return nil
}

// key reads a key, which is a scalar or an alias for one.
func (c *converter) key(n *yaml.Node) (Member, error) {
	start := c.offsetOf(n)
	if n.Kind == yaml.AliasNode {
		if n.Alias.Kind != yaml.ScalarNode {
			return Member{}, c.fail(n, "the alias *%s stands for no text: expected a key that is text", n.Value)
		}
		return Member{Key: n.Alias.Value, KeyStart: int32(start), KeyEnd: int32(min(start+1+len(n.Value), len(c.src)))}, nil
	}
	if n.Kind != yaml.ScalarNode {
		return Member{}, c.fail(n, "expected a key that is text: JSON has no others")
	}
	node, err := c.convert(n, n.Column-1)
	if err != nil {
		return Member{}, err
	}
	return Member{Key: n.Value, KeyStart: node.Start, KeyEnd: node.End}, nil
}

// mergeSources adds the members that the value of << brings: of one object, or of several of which
// the earlier ones win.
func (c *converter) mergeSources(merged []Member, n *yaml.Node, value *Node) ([]Member, error) {
	sources := []*Node{value}
	if value.Kind == Array {
		sources = value.Items
	}
	for _, source := range sources {
		if source.Kind != Object {
			return nil, c.fail(n, "expected an object, or several, to merge")
		}
		if err := c.expand(n, len(source.Members), 0); err != nil {
			return nil, err
		}
		merged = append(merged, source.Members...)
	}
	return merged, nil
}

// merge adds the members whose keys n does not have.
func (n *Node) merge(from []Member) {
	if len(from) == 0 {
		return
	}
	has := make(map[string]bool, len(n.Members)+len(from))
	for i := range n.Members {
		has[n.Members[i].Key] = true
	}
	for _, m := range from {
		if !has[m.Key] {
			has[m.Key] = true
			n.Members = append(n.Members, m)
		}
	}
	n.index()
}

// closeFlow moves the end of a collection in brackets past the closing one.
func (c *converter) closeFlow(node *Node, n *yaml.Node, closing byte) {
	if n.Style&yaml.FlowStyle == 0 {
		return
	}
	i := int(max(node.End, node.Start+1))
	for i < len(c.src) && c.src[i] != closing {
		if c.src[i] == '#' && c.src[i-1] <= ' ' {
			for i < len(c.src) && c.src[i] != '\n' {
				i++
			}
			continue
		}
		i++
	}
	node.End = int32(min(i+1, len(c.src)))
}

// scalar fills in the value of a scalar, and where it ends.
func (c *converter) scalar(node *Node, n *yaml.Node, indent int) {
	switch quoted := n.Style &^ yaml.TaggedStyle; {
	case n.Style&yaml.TaggedStyle != 0:
		node.Kind, node.Text = taggedScalar(n)
	case quoted == 0:
		node.resolve(n.Value)
	default:
		node.Kind, node.Text = String, n.Value
	}
	switch {
	case n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0:
		node.End = int32(len(c.src))
		if end := quotedEnd(c.src, min(int(node.Start), len(c.src)-1)); end >= 0 {
			node.End = int32(end)
		}
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		node.End = int32(c.blockEnd(int(node.Start), indent))
	case n.Value == "":
	default:
		node.End = int32(c.plainEnd(int(node.Start), n.Value))
	}
}

// taggedScalar obeys the tags of the core schema; others are the application's and say nothing here.
func taggedScalar(n *yaml.Node) (Kind, string) {
	if n.ShortTag() == "!!str" {
		return String, n.Value
	}
	if n.Style&^yaml.TaggedStyle == 0 || strings.HasPrefix(n.ShortTag(), "!!") {
		return coreScalar(n.Value)
	}
	return String, n.Value
}

// plainEnd is where a scalar without quotes ends. The text has its words with other blanks between
// them than the value.
func (c *converter) plainEnd(start int, value string) int {
	i := start
	for _, word := range strings.Fields(value) {
		for i < len(c.src) && c.src[i] <= ' ' {
			i++
		}
		if !strings.HasPrefix(c.src[i:], word) {
			break
		}
		i += len(word)
	}
	return i
}

// blockEnd is where a literal or folded scalar ends: with the last line that is indented by more
// than indent.
func (c *converter) blockEnd(start, indent int) int {
	end := len(c.src)
	if i := strings.IndexByte(c.src[start:], '\n'); i >= 0 {
		end = start + i
	}
	next := end
	for next < len(c.src) {
		line := c.src[next+1:]
		length := strings.IndexByte(line, '\n')
		if length < 0 {
			length = len(line)
		}
		line = strings.TrimRight(line[:length], " \r")
		if line != "" {
			if len(line)-len(strings.TrimLeft(line, " ")) <= indent {
				break
			}
			end = next + 1 + len(line)
		}
		next += 1 + length
	}
	return trimmedEnd(c.src, start, end)
}
