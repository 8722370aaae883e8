package schema

import (
	"fmt"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/tree"
)

// A Dialect is a language of schemas.
type Dialect uint8

const (
	OpenAPI20 Dialect = iota // Swagger 2.0
	OpenAPI30
	OpenAPI31 // 3.1, 3.2 and plain JSON Schema 2020-12
)

// A Resolver finds what references lead to. From is the node that holds the reference, so that
// $id, anchors and other files can be told apart.
type Resolver interface {
	Resolve(from *tree.Node, ref string) (*tree.Node, error)
}

// A Problem is something in a schema that could not be read as it stands.
type Problem struct {
	Location finding.Location
	Message  string // what is wrong, what was done about it, and how to mend it
}

// A Reader reads schemas. It never fails: a keyword with a value of the wrong type is a Problem
// and ignored, a reference that leads nowhere is a Problem and a Schema that is Unresolved. It
// is not safe for concurrent use.
type Reader struct {
	// Problems are in the order in which they were met, each once.
	Problems []Problem

	dialect  Dialect
	resolver Resolver
	schemas  map[*tree.Node]*Schema
	pending  []*Schema // targets of references, still to be filled
	reading  bool
	dynamic  map[*tree.File]map[string]int // how many schemas of a file have a $dynamicAnchor
}

// NewReader makes a Reader of schemas in a dialect.
func NewReader(dialect Dialect, resolver Resolver) *Reader {
	return &Reader{dialect: dialect, resolver: resolver, schemas: map[*tree.Node]*Schema{}}
}

// Read reads the schema at a node and all that it refers to. The same node gives the same
// *Schema. It is nil for a nil node.
func (r *Reader) Read(n *tree.Node) *Schema {
	if n == nil {
		return nil
	}
	if s, ok := r.schemas[n]; ok {
		return s
	}
	s := r.later(n)
	r.pending = r.pending[:len(r.pending)-1]
	if r.reading {
		r.fill(s)
		return s
	}
	r.reading = true
	r.fill(s)
	for len(r.pending) > 0 {
		target := r.pending[len(r.pending)-1]
		r.pending = r.pending[:len(r.pending)-1]
		r.fill(target)
	}
	r.reading = false
	return s
}

// later makes the schema of a node that is filled before the outermost Read returns: a chain of
// references may be longer than a stack is deep.
func (r *Reader) later(n *tree.Node) *Schema {
	if s, ok := r.schemas[n]; ok {
		return s
	}
	s := &Schema{Node: n, Name: componentName(n)}
	r.schemas[n] = s
	r.pending = append(r.pending, s)
	return s
}

func (r *Reader) fill(s *Schema) {
	n := s.Node
	switch n.Kind {
	case tree.Bool:
		always := n.Text == "true"
		s.Always = &always
	case tree.Object:
		r.object(s, n)
	default:
		r.problem(n, "a schema is an object%s, not %s: it is read as one that allows anything", r.orBoolean(), kindName(n.Kind))
	}
}

func (r *Reader) orBoolean() string {
	if r.dialect == OpenAPI31 {
		return ", true or false"
	}
	return ""
}

// componentName is the name of a schema that stands among the named ones of a document.
func componentName(n *tree.Node) string {
	if p := n.Parent; p != nil && p.Kind == tree.Object {
		if key := p.Key(); key == "schemas" || key == "definitions" || key == "$defs" {
			return n.Key()
		}
	}
	return ""
}

func (r *Reader) problem(n *tree.Node, format string, args ...any) {
	r.Problems = append(r.Problems, Problem{n.Location(), fmt.Sprintf(format, args...)})
}

func kindName(k tree.Kind) string {
	return [...]string{"null", "a boolean", "a number", "a string", "an array", "an object"}[k]
}

func (r *Reader) object(s *Schema, n *tree.Node) {
	if ref := n.Get("$ref"); ref != nil {
		r.reference(s, ref)
		if r.dialect != OpenAPI31 {
			return // a Reference Object: what stands beside $ref is ignored
		}
	}
	for i := range n.Members {
		m := &n.Members[i]
		if !r.assertion(s, m) && !r.applicator(s, m) {
			r.annotation(s, m)
		}
	}
	r.nullable(s, n)
	r.bounds(s, n)
}

// reference reads $ref.
func (r *Reader) reference(s *Schema, ref *tree.Node) {
	if ref.Kind != tree.String {
		r.problem(ref, "$ref is a string, not %s: what it means is unknown", kindName(ref.Kind))
		s.Unresolved = "$ref is not a string"
		return
	}
	target, err := r.resolver.Resolve(s.Node, ref.Text)
	if err != nil {
		r.problem(ref, "the reference %s leads nowhere: %v", ref.Text, err)
		s.Unresolved = fmt.Sprintf("the reference %s leads nowhere", ref.Text)
		return
	}
	s.Ref = r.later(target)
}

// dynamicReference reads $dynamicRef. Where its anchor is no dynamic one it is a $ref (2020-12
// core, 8.2.3.2); where the file has one dynamic anchor of the name, every scope finds that.
// Otherwise the target depends on the way that led here, which is not followed.
func (r *Reader) dynamicReference(s *Schema, ref *tree.Node) {
	if ref.Kind != tree.String {
		r.wrong(ref, "$dynamicRef", "a string")
		return
	}
	target, err := r.resolver.Resolve(s.Node, ref.Text)
	if err != nil {
		r.problem(ref, "the reference %s leads nowhere: %v", ref.Text, err)
		s.Unresolved = fmt.Sprintf("the reference %s leads nowhere", ref.Text)
		return
	}
	anchor := target.Get("$dynamicAnchor")
	if anchor != nil && r.dynamicAnchors(target.File)[anchor.Text] > 1 {
		s.Unresolved = fmt.Sprintf("$dynamicRef %s depends on the way that leads to it", ref.Text)
		return
	}
	if s.Ref != nil {
		s.AllOf = append(s.AllOf, r.later(target))
		return
	}
	s.Ref = r.later(target)
}

func (r *Reader) dynamicAnchors(f *tree.File) map[string]int {
	if counts, ok := r.dynamic[f]; ok {
		return counts
	}
	counts := map[string]int{}
	countAnchors(f.Root, counts)
	if r.dynamic == nil {
		r.dynamic = map[*tree.File]map[string]int{}
	}
	r.dynamic[f] = counts
	return counts
}

func countAnchors(n *tree.Node, counts map[string]int) {
	if a := n.Get("$dynamicAnchor"); a != nil && a.Kind == tree.String {
		counts[a.Text]++
	}
	for i := range n.Members {
		if n.Members[i].Value.Parent == n {
			countAnchors(n.Members[i].Value, counts)
		}
	}
	for _, item := range n.Items {
		if item.Parent == n {
			countAnchors(item, counts)
		}
	}
}

// wrong is the Problem of a keyword whose value has the wrong type.
func (r *Reader) wrong(n *tree.Node, keyword, expected string) {
	r.problem(n, "%s is %s, not %s: the keyword is ignored", keyword, expected, kindName(n.Kind))
}
