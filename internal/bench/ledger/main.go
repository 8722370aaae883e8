// Command ledger compares what commslint breaking says of small pairs of documents
// with what oasdiff v1.33.0 says of them, operation by operation, and prints each
// disagreement with who is right and why, as a table in Markdown:
//
//	go run ./internal/bench/ledger -pairs DIR
//
// The folder holds pairs.json, which lists the pairs and what oasdiff printed. It fails on
// a disagreement that nobody has judged, and on a judgement without a disagreement. With
// -into FILE the table takes the place of the one in the file.
package main

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/openapi/breaking"
	"github.com/commslint/commslint/openapi/document"
	"github.com/commslint/commslint/rules"
)

// A recorded pair is two documents with what oasdiff printed of them.
type recorded struct {
	Base, Revision string
	Golden         []golden `json:"oasdiff_golden"`
}

// A golden is one of oasdiff's changes; its levels are 3 for errors, 2 for warnings
// and 1 for the rest.
type golden struct {
	ID       string
	Level    int
	Op, Path string
}

func main() {
	dir := flag.String("pairs", "", "the `folder` with pairs.json and the documents")
	into := flag.String("into", "", "the Markdown `file` in which the table is put, between its two marks; none to print it")
	flag.Parse()
	var table bytes.Buffer
	unjudged, err := run(&table, *dir)
	if err == nil {
		err = put(*into, table.Bytes())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "ledger:", err)
		os.Exit(2)
	}
	for _, u := range unjudged {
		fmt.Fprintln(os.Stderr, "ledger:", u)
	}
	if len(unjudged) > 0 {
		os.Exit(1)
	}
}

// mark stands before and after the table in a file.
const mark = "<!-- the table of internal/bench/ledger -->\n"

// put writes the table to standard output, or into a file in place of the one there.
func put(file string, table []byte) error {
	if file == "" {
		_, err := os.Stdout.Write(table)
		return err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	parts := strings.Split(string(text), mark)
	if len(parts) != 3 {
		return fmt.Errorf("%s: expected the line %q twice", file, strings.TrimSpace(mark))
	}
	return os.WriteFile(file, []byte(parts[0]+mark+string(table)+mark+parts[2]), 0o666)
}

// judgements.json tells, by pair and operation, who is right where the two disagree and
// no witness settles it.
//
//go:embed judgements.json
var judgementsText []byte

// A judgement is who is right about a disagreement, and why.
type judgement struct {
	Right string // commslint, oasdiff, or policy where it is a matter of taste
	Why   string
}

func run(w io.Writer, dir string) (unjudged []string, err error) {
	text, err := os.ReadFile(filepath.Join(dir, "pairs.json"))
	if err != nil {
		return nil, err
	}
	var pairs []recorded
	if err := json.Unmarshal(text, &pairs); err != nil {
		return nil, fmt.Errorf("pairs.json: %w", err)
	}
	judgements := map[string]judgement{}
	if err := json.Unmarshal(judgementsText, &judgements); err != nil {
		return nil, fmt.Errorf("judgements.json: %w", err)
	}
	l := &ledger{judgements: judgements, used: map[string]bool{}}
	for _, p := range pairs {
		if err := l.compare(dir, p); err != nil {
			return nil, fmt.Errorf("%s: %w", p.Base, err)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(judgements)) {
		if !l.used[key] {
			l.unjudged = append(l.unjudged, "judged, but there is no disagreement: "+key)
		}
	}
	l.print(w, len(pairs))
	return l.unjudged, nil
}

// A ledger gathers agreements and disagreements about operations.
type ledger struct {
	judgements map[string]judgement
	used       map[string]bool
	agreed     map[bool]int // by: is it broken
	rows       []row
	unjudged   []string
}

// A row is one disagreement.
type row struct {
	pair, operation, oasdiff, ours string
	judgement
}

func (l *ledger) compare(dir string, p recorded) error {
	old, err := load(dir, p.Base)
	if err != nil {
		return err
	}
	new, err := load(dir, p.Revision)
	if err != nil {
		return err
	}
	ours := byOperation(breaking.Compare(old, new, breaking.Options{
		RemovableOperations: "sunset", RemovablePaths: "sunset", ExtensibleEnums: true,
		IdempotencyHeaders: []string{"Idempotency-Key"},
	}))
	theirs := map[string][]string{}
	for _, g := range p.Golden {
		if g.Level == 3 {
			op := g.Op + " " + shape(g.Path)
			theirs[op] = append(theirs[op], g.ID)
		}
	}
	operations := map[string]bool{}
	for _, op := range slices.Concat(slices.Collect(maps.Keys(ours)), slices.Collect(maps.Keys(theirs)), documented(old)) {
		operations[op] = true
	}
	for _, op := range slices.Sorted(maps.Keys(operations)) {
		l.operation(p, op, ours[op], theirs[op])
	}
	return nil
}

func (l *ledger) operation(p recorded, op string, ours []finding.Finding, theirs []string) {
	if l.agreed == nil {
		l.agreed = map[bool]int{}
	}
	if (len(ours) > 0) == (len(theirs) > 0) {
		l.agreed[len(ours) > 0]++
		return
	}
	r := row{pair: p.Base + " → " + p.Revision, operation: op, oasdiff: strings.Join(slices.Compact(slices.Sorted(slices.Values(theirs))), ", ")}
	if len(ours) > 0 {
		r.ours = ours[0].Rule + ": " + ours[0].Message
	}
	key := r.pair + " " + op
	j, judged := l.judgements[key]
	switch witness := witnessOf(ours); {
	case judged:
		l.used[key] = true
		r.judgement = j
	case witness != "":
		r.judgement = judgement{"commslint", "witness `" + witness + "`"}
	default:
		l.unjudged = append(l.unjudged, fmt.Sprintf("nobody judged %q: oasdiff says %q, commslint %q", key, r.oasdiff, r.ours))
	}
	l.rows = append(l.rows, r)
}

// witnessOf is a value that an independent validator confirmed to be valid on one side
// only.
func witnessOf(findings []finding.Finding) string {
	if len(findings) == 0 {
		return ""
	}
	v, ok := findings[0].Properties["witness"]
	if !ok {
		return ""
	}
	if text, err := json.Marshal(v); err == nil && len(text) < 200 {
		return string(text)
	}
	return "(long)"
}

func load(dir, name string) (*document.Document, error) {
	return document.Load(os.ReadFile, filepath.ToSlash(filepath.Join(dir, name)))
}

// byOperation groups findings at the level of errors by the operations that they reach.
func byOperation(findings []finding.Finding) map[string][]finding.Finding {
	m := map[string][]finding.Finding{}
	for _, f := range findings {
		r, ok := rules.Lookup(f.Rule)
		if !ok || r.Level != finding.Error || f.AtMost != "" {
			continue
		}
		operations, _ := f.Properties["operations"].([]string)
		for _, op := range operations {
			method, path, _ := strings.Cut(op, " ")
			m[method+" "+shape(path)] = append(m[method+" "+shape(path)], f)
		}
	}
	return m
}

func documented(d *document.Document) []string {
	var operations []string
	for _, item := range d.Paths {
		for _, op := range item.Operations {
			operations = append(operations, op.Method+" "+shape(item.Name))
		}
	}
	return operations
}

// shape leaves out the names of a path's variables.
func shape(path string) string {
	var b strings.Builder
	for path != "" {
		before, rest, found := strings.Cut(path, "{")
		b.WriteString(before)
		if !found {
			break
		}
		_, path, _ = strings.Cut(rest, "}")
		b.WriteString("{}")
	}
	return b.String()
}

func (l *ledger) print(w io.Writer, pairs int) {
	right := map[string]int{}
	for _, r := range l.rows {
		right[r.Right]++
	}
	fmt.Fprintf(w, "%d pairs. Of their operations both call %d broken and %d compatible; they disagree about %d: commslint is right about %d, oasdiff about %d, and %d are a matter of policy.\n\n",
		pairs, l.agreed[true], l.agreed[false], len(l.rows), right["commslint"], right["oasdiff"], right["policy"])
	fmt.Fprintln(w, "| pair | operation | oasdiff | commslint | right | why |")
	fmt.Fprintln(w, "|---|---|---|---|---|---|")
	for _, r := range l.rows {
		fmt.Fprintf(w, "| %s | %s | %s | %s | %s | %s |\n", cell(r.pair), cell(r.operation), orNothing(r.oasdiff), orNothing(r.ours), r.Right, cell(r.Why))
	}
}

func orNothing(s string) string {
	if s == "" {
		return "nothing"
	}
	return cell(s)
}

// cell keeps a text within its cell.
func cell(s string) string { return strings.ReplaceAll(strings.ReplaceAll(s, "|", "\\|"), "\n", " ") }
