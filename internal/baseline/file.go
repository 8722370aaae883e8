package baseline

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/tree"
)

// Version is the version of the file's format.
const Version = "1"

const header = `# Findings that were known when this was recorded by commslint baseline. With --baseline
# they are not reported again; commslint baseline --prune takes out those that are gone.
version: 1
`

// Format writes a baseline as it stands in its file.
func (b *Baseline) Format() []byte {
	var out bytes.Buffer
	out.WriteString(header)
	if len(b.Entries) == 0 {
		out.WriteString("findings: []\n")
		return out.Bytes()
	}
	out.WriteString("findings:\n")
	for _, e := range b.Entries {
		fmt.Fprintf(&out, "  - {file: %s, rule: %s, fingerprint: %s, message: %s}\n",
			quote(e.File), quote(e.Rule), quote(e.Fingerprint), quote(e.Message))
	}
	return out.Bytes()
}

// quote writes a double-quoted scalar of YAML 1.2 (5.7, 7.3.1) on one line. What a terminal
// would obey or an editor not show is escaped.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range strings.ToValidUTF8(s, "\uFFFD") {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == ' ' || unicode.IsPrint(r):
			b.WriteRune(r)
		case r > 0xFFFF:
			fmt.Fprintf(&b, `\U%08X`, r)
		default:
			fmt.Fprintf(&b, `\u%04X`, r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// An Error is a mistake in the file of a baseline.
type Error struct {
	At       finding.Location
	What     string // what is wrong
	Expected string // what should be there; may be empty
	Mend     string // how to mend it
}

func (e *Error) Error() string {
	text := e.At.File
	if e.At.Line > 0 {
		text += fmt.Sprintf(":%d:%d", e.At.Line, e.At.Column)
	}
	text += ": " + e.What
	if e.Expected != "" {
		text += "; expected " + e.Expected
	}
	return text + "; " + e.Mend
}

const mend = "mend it, or delete it and record it again: commslint baseline"

// Read reads the baseline in a file, which errors call name. Every error is an *Error.
func Read(name, path string) (*Baseline, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		var pathErr *fs.PathError
		if errors.As(err, &pathErr) {
			err = pathErr.Err
		}
		return nil, &Error{
			At: finding.Location{File: name}, What: fmt.Sprintf("cannot be read: %v", err), Expected: "a baseline",
			Mend: "check the path, or record one: commslint baseline --baseline " + name,
		}
	}
	b, err := parse(name, text)
	if err != nil {
		return nil, err
	}
	b.Dir = filepath.Dir(path)
	return b, nil
}

func parse(name string, text []byte) (*Baseline, error) {
	file, err := tree.Parse(name, text)
	if err != nil {
		if wrong, ok := errors.AsType[*tree.Error](err); ok {
			return nil, &Error{At: wrong.Location, What: wrong.Message, Mend: mend}
		}
		return nil, &Error{At: finding.Location{File: name}, What: err.Error(), Mend: mend}
	}
	if len(file.Warnings) > 0 {
		w := file.Warnings[0]
		return nil, &Error{At: w.Location, What: w.Message, Mend: mend}
	}
	root := file.Root
	if root == nil || root.Kind != tree.Object {
		return nil, &Error{At: start(name, root), What: "this is no baseline", Expected: "the keys version and findings", Mend: mend}
	}
	if err := onlyKeys(root, "version", "findings"); err != nil {
		return nil, err
	}
	if v := root.Get("version"); v == nil || v.Text != Version {
		return nil, &Error{At: start(name, firstNode(v, root)), What: "this version of the format is unknown", Expected: "version: " + Version,
			Mend: "use the commslint that wrote it, or delete it and record it again: commslint baseline"}
	}
	return parseEntries(name, root)
}

func parseEntries(name string, root *tree.Node) (*Baseline, error) {
	list := root.Get("findings")
	if list == nil || list.Kind != tree.Array {
		return nil, &Error{At: start(name, firstNode(list, root)), What: "there is no list of findings", Expected: "findings: [] at least", Mend: mend}
	}
	b := &Baseline{}
	for _, item := range list.Items {
		e, err := parseEntry(name, item)
		if err != nil {
			return nil, err
		}
		b.Entries = append(b.Entries, e)
	}
	return b, nil
}

func parseEntry(name string, item *tree.Node) (Entry, error) {
	if item.Kind != tree.Object {
		return Entry{}, &Error{At: start(name, item), What: "this is no finding", Expected: "the keys file, rule, fingerprint and message", Mend: mend}
	}
	if err := onlyKeys(item, "file", "rule", "fingerprint", "message"); err != nil {
		return Entry{}, err
	}
	var e Entry
	for _, key := range []struct {
		name string
		into *string
	}{{"file", &e.File}, {"rule", &e.Rule}, {"fingerprint", &e.Fingerprint}, {"message", &e.Message}} {
		n := item.Get(key.name)
		if n == nil || n.Kind != tree.String {
			return Entry{}, &Error{At: start(name, firstNode(n, item)), What: "the finding has no " + key.name, Expected: "a string", Mend: mend}
		}
		*key.into = n.Text
	}
	if e.Fingerprint == "" || e.Rule == "" {
		return Entry{}, &Error{At: start(name, item), What: "the finding has an empty rule or fingerprint", Expected: "both", Mend: mend}
	}
	return e, nil
}

// onlyKeys fails on the first key that is none of those known.
func onlyKeys(n *tree.Node, known ...string) error {
	for i := range n.Members {
		m := &n.Members[i]
		ok := false
		for _, k := range known {
			ok = ok || m.Key == k
		}
		if !ok {
			return &Error{
				At: n.File.Location(m.KeyStart, m.KeyEnd), What: fmt.Sprintf("unknown key %q", m.Key),
				Expected: "one of " + strings.Join(known, ", "), Mend: mend,
			}
		}
	}
	return nil
}

// firstNode is the first of the nodes that there is.
func firstNode(nodes ...*tree.Node) *tree.Node {
	for _, n := range nodes {
		if n != nil {
			return n
		}
	}
	return nil
}

// start is where a node stands, the first line for none.
func start(name string, n *tree.Node) finding.Location {
	if n == nil {
		return finding.Location{File: name, Line: 1, Column: 1}
	}
	return n.Location()
}
