package tree

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
	"unsafe"

	"github.com/commslint/commslint/finding"
)

const (
	// maxDepth bounds how deep values may lie in each other. The deepest of the published
	// documents that this was tried on (Stripe, GitHub, Cloudflare, Kubernetes) has 32 levels.
	maxDepth = 1000
	// maxExpanded bounds the nodes that a document has when each alias is written out. The
	// largest of those documents has 300 000, so this stops bombs and nothing else.
	maxExpanded = 20_000_000
	// maxNodes bounds the nodes that stand in a text, which take a hundred bytes each. A dump of 40 MB
	// from the Envoy of a large mesh has two million.
	maxNodes = 10_000_000
)

// An Error says why a text could not be read.
type Error struct {
	Location finding.Location
	Message  string // what is wrong, and how to mend it
}

func (e *Error) Error() string {
	at := e.Location
	if at.Line == 0 {
		return fmt.Sprintf("%s: %s", at.File, e.Message)
	}
	return fmt.Sprintf("%s:%d:%d: %s", at.File, at.Line, at.Column, e.Message)
}

// A Warning is a defect that does not keep a text from being read: a key that an object has twice.
type Warning struct {
	Location finding.Location // of the key that counts, which is the last one
	Message  string
	Earlier  finding.Location // of the key that is lost
}

// Parse reads JSON or YAML. A text is JSON if it begins with a brace or bracket and is
// valid as such; everything else is read as YAML 1.2 with its core schema, so that on and
// yes are strings and dates too. The name is what findings call the file.
//
// The nodes share the memory of the text, which must not change any more.
//
// A key that stands twice in an object is a warning, and the last one counts. The error is an
// *Error; an empty text is none, and has no Root. The file is never nil: places can be told in it.
func Parse(name string, text []byte) (*File, error) {
	f := &File{Name: name, Text: text}
	src, start, err := f.open()
	if err != nil {
		return f, err
	}
	var jsonErr *Error
	if looksLikeJSON(src[start:]) {
		r := &reader{file: f, src: src, pos: start}
		if r.readJSON() {
			f.Root = r.root
			return f, nil
		}
		jsonErr = r.err
		f.Warnings = nil
	}
	err = parseYAML(f, src, start)
	if err != nil && jsonErr != nil {
		return f, jsonErr
	}
	return f, err
}

// open returns the text as a string, and where it begins after a byte order mark.
func (f *File) open() (src string, start int, err error) {
	if len(f.Text) > math.MaxInt32 {
		return "", 0, &Error{Location: finding.Location{File: f.Name}, Message: "the file is larger than 2 GB, which is the most that is read"}
	}
	if err := checkEncoding(f); err != nil {
		return "", 0, err
	}
	if f.mostNodes() > maxNodes {
		return "", 0, &Error{Location: finding.Location{File: f.Name}, Message: fmt.Sprintf("the file has more than %d values, which is the most that is read", maxNodes)}
	}
	if bytes.HasPrefix(f.Text, []byte(byteOrderMark)) {
		start = len(byteOrderMark)
	}
	return unsafe.String(unsafe.SliceData(f.Text), len(f.Text)), start, nil // a copy would be a tenth of all memory
}

// mostNodes is no less than the nodes of the text: each stands after something that separates values.
func (f *File) mostNodes() int {
	if len(f.Text) < maxNodes {
		return 0
	}
	count := 0
	for _, separator := range ",:\n[{?" {
		count += bytes.Count(f.Text, []byte{byte(separator)})
	}
	return count
}

const byteOrderMark = "\xef\xbb\xbf"

func looksLikeJSON(src string) bool {
	s := strings.TrimLeft(src, " \t\r\n")
	return s != "" && (s[0] == '{' || s[0] == '[')
}

// checkEncoding refuses what is not UTF-8: nothing could be said about places in it.
func checkEncoding(f *File) error {
	for _, mark := range []string{"\xff\xfe", "\xfe\xff"} {
		if bytes.HasPrefix(f.Text, []byte(mark)) {
			return &Error{finding.Location{File: f.Name, Line: 1, Column: 1}, "this is UTF-16 text: save it as UTF-8"}
		}
	}
	if utf8.Valid(f.Text) {
		return nil
	}
	for i := 0; i < len(f.Text); {
		c, size := utf8.DecodeRune(f.Text[i:])
		if c == utf8.RuneError && size == 1 {
			return &Error{f.at(i, i+1), fmt.Sprintf("byte 0x%02x is no UTF-8 text: save the file as UTF-8", f.Text[i])}
		}
		i += size
	}
	return nil
}

// parseYAML reads the YAML that documents are written in with a reader made for it, and leaves
// everything else (anchors, tags, directives, complex keys, and whatever is wrong) to the library.
// The former is several times as fast and knows where each value ends, the latter knows all of YAML.
func parseYAML(f *File, src string, start int) error {
	if strings.HasPrefix(src[start:], "%YAML 1.") {
		// The directive says what is known; the library refuses that of YAML 1.2.
		src = src[:start] + "#" + src[start+1:]
	}
	warnings := len(f.Warnings)
	r := &reader{file: f, src: src, pos: start}
	if isPlainText(src[start:]) && r.readYAML() {
		f.Root = r.root
		return nil
	}
	if r.err != nil {
		return r.err
	}
	f.Warnings = f.Warnings[:warnings]
	return parseWithLibrary(f, src, start)
}

// A reader makes the nodes of one file.
type reader struct {
	file  *File
	src   string
	pos   int
	depth int
	root  *Node
	err   *Error // what ended the reading, if it was not left to another reader

	// Nodes are handed out from blocks, and the parts of a collection are gathered on a stack
	// before they are copied to a slice of their exact size: a third of the time without.
	nodes       []Node
	members     []Member
	items       []*Node
	memberSlab  []Member
	itemSlab    []*Node
	blockLength int
}

func (r *reader) node(kind Kind, start int) *Node {
	if len(r.nodes) == 0 {
		r.blockLength = min(max(64, 2*r.blockLength), 1024)
		r.nodes = make([]Node, r.blockLength)
	}
	n := &r.nodes[0]
	r.nodes = r.nodes[1:]
	n.Kind, n.File, n.Start = kind, r.file, int32(start)
	return n
}

// fail ends the reading with an error about the bytes [start, end).
func (r *reader) fail(start, end int, format string, args ...any) bool {
	start = min(start, len(r.src))
	end = min(max(start, end), len(r.src))
	r.err = &Error{r.file.at(start, end), fmt.Sprintf(format, args...)}
	return false
}

// enter counts a level of nesting; the caller takes it back when it leaves.
func (r *reader) enter() bool {
	if r.depth++; r.depth > maxDepth {
		return r.fail(r.pos, r.pos+1, "values lie in each other deeper than %d levels", maxDepth)
	}
	return true
}

// object closes an object: its members are those gathered since mark.
func (r *reader) object(n *Node, mark int) {
	gathered := r.members[mark:]
	if len(r.memberSlab) < len(gathered) {
		r.memberSlab = make([]Member, max(256, len(gathered)))
	}
	n.Members = append(r.memberSlab[:0:len(gathered)], gathered...)
	r.memberSlab = r.memberSlab[len(gathered):]
	clear(gathered)
	r.members = r.members[:mark]
	n.adopt()
}

// array closes an array: its items are those gathered since mark.
func (r *reader) array(n *Node, mark int) {
	gathered := r.items[mark:]
	if len(r.itemSlab) < len(gathered) {
		r.itemSlab = make([]*Node, max(256, len(gathered)))
	}
	n.Items = append(r.itemSlab[:0:len(gathered)], gathered...)
	r.itemSlab = r.itemSlab[len(gathered):]
	r.items = r.items[:mark]
	n.adopt()
}

// largeObject is from how many members on a map finds keys faster than looking at each.
const largeObject = 12

// adopt tells the parts of a collection where they are, and removes members whose key comes again.
// Parts that an alias stands for keep the parent that they had.
func (n *Node) adopt() {
	for i, item := range slices.Backward(n.Items) {
		item.settle(n, i)
	}
	n.index()
	if n.hasDuplicates() {
		n.removeDuplicates()
		n.index()
	}
	for i := range slices.Backward(n.Members) {
		n.Members[i].Value.settle(n, i)
	}
}

// settle notes where a node stands. In one parent it may stand twice, by an alias; the
// first place counts.
func (n *Node) settle(parent *Node, place int) {
	if n.Parent == nil {
		n.Parent = parent
	}
	if n.Parent == parent {
		n.place = int32(place)
	}
}

func (n *Node) index() {
	if len(n.Members) < largeObject {
		return
	}
	byKey := make(map[string]int, len(n.Members))
	for i := range n.Members {
		byKey[n.Members[i].Key] = i
	}
	if n.File.large == nil {
		n.File.large = map[*Node]map[string]int{}
	}
	n.File.large[n] = byKey
}

func (n *Node) hasDuplicates() bool {
	if byKey := n.File.large[n]; byKey != nil {
		return len(byKey) < len(n.Members)
	}
	for i := range n.Members {
		for j := range i {
			if n.Members[i].Key == n.Members[j].Key {
				return true
			}
		}
	}
	return false
}

// removeDuplicates keeps the last member of each key.
func (n *Node) removeDuplicates() {
	last := make(map[string]int, len(n.Members))
	for i := range n.Members {
		last[n.Members[i].Key] = i
	}
	kept := n.Members[:0:0]
	for i, m := range n.Members {
		if last[m.Key] == i {
			kept = append(kept, m)
			continue
		}
		counts := n.Members[last[m.Key]]
		n.File.Warnings = append(n.File.Warnings, Warning{
			Location: n.File.Location(counts.KeyStart, counts.KeyEnd),
			Message:  fmt.Sprintf("the key %q stands here a second time: only this one counts; remove one of them", m.Key),
			Earlier:  n.File.Location(m.KeyStart, m.KeyEnd),
		})
	}
	n.Members = kept
}
