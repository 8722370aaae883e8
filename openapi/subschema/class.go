package subschema

import (
	"encoding/binary"
	"hash/maphash"
	"math/big"
	"slices"

	"github.com/commslint/commslint/openapi/schema"
)

// A class is the identity of schemas that say the same by construction: equal keywords with
// children of equal classes, whatever their component names, annotations, order of branches,
// default values written out, and cycles cut at different places. Equal classes accept the
// same instances; different classes may as well.
type class int32

// A digest stands for the infinite unfolding of a schema. Two seeds of 64 bits, drawn at
// random for each process, make a collision no business of the author of a document.
type digest [2]uint64

// classes gives schemas their classes.
type classes struct {
	seeds  [2]maphash.Seed
	of     map[*schema.Schema]class
	ids    map[digest]class
	digest []digest         // by class
	member []*schema.Schema // by class: the first schema seen of it

	walk sccWalk
}

func newClasses() *classes {
	return &classes{
		seeds: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()},
		of:    map[*schema.Schema]class{},
		ids:   map[digest]class{},
	}
}

// trueSchema accepts everything; nil children stand for it.
var trueSchema = &schema.Schema{}

// get returns the class of a schema; that of a nil schema accepts everything.
func (c *classes) get(s *schema.Schema) class {
	if s == nil {
		s = trueSchema
	}
	if id, ok := c.of[s]; ok {
		return id
	}
	if target := transparent(s); target != s {
		id := c.get(target)
		c.of[s] = id
		return id
	}
	c.walk.index = map[*schema.Schema]int{}
	c.visit(s)
	return c.of[s]
}

func (c *classes) intern(s *schema.Schema, d digest) {
	id, ok := c.ids[d]
	if !ok {
		id = class(len(c.digest))
		c.ids[d] = id
		c.digest = append(c.digest, d)
		c.member = append(c.member, s)
	}
	c.of[s] = id
}

// sccWalk is the state of Tarjan's algorithm: children get their classes before their parents
// do, and the members of a cycle get theirs together.
type sccWalk struct {
	index map[*schema.Schema]int
	low   []int
	stack []*schema.Schema
}

// A frame is a schema whose children are being visited. The walk keeps its own stack of them: a
// chain of references may be longer than a stack of calls is deep.
type frame struct {
	schema   *schema.Schema
	at, base int
	children []*schema.Schema
	loops    bool
}

func (c *classes) visit(root *schema.Schema) {
	w := &c.walk
	w.low, w.stack = w.low[:0], w.stack[:0]
	frames := []frame{c.enter(root)}
	for len(frames) > 0 {
		f := &frames[len(frames)-1]
		if len(f.children) > 0 {
			child := f.children[0]
			f.children = f.children[1:]
			f.loops = f.loops || child == f.schema
			if _, done := c.of[child]; done {
				continue
			}
			if i, seen := w.index[child]; seen {
				w.low[f.at] = min(w.low[f.at], i)
				continue
			}
			frames = append(frames, c.enter(child))
			continue
		}
		if w.low[f.at] == f.at {
			c.close(slices.Clone(w.stack[f.base:]), f.loops)
			w.stack = w.stack[:f.base]
		}
		low := w.low[f.at]
		frames = frames[:len(frames)-1]
		if len(frames) > 0 {
			up := &frames[len(frames)-1]
			w.low[up.at] = min(w.low[up.at], low)
		}
	}
}

func (c *classes) enter(s *schema.Schema) frame {
	w := &c.walk
	f := frame{schema: s, at: len(w.low), base: len(w.stack)}
	w.index[s] = f.at
	w.low = append(w.low, f.at)
	w.stack = append(w.stack, s)
	eachChild(s, func(child *schema.Schema) { f.children = append(f.children, child) })
	return f
}

func (c *classes) close(component []*schema.Schema, loops bool) {
	if len(component) == 1 && !loops {
		c.intern(component[0], c.sign(component[0], c.known))
		return
	}
	c.refine(component)
}

func (c *classes) known(s *schema.Schema) digest { return c.digest[c.of[transparent(s)]] }

// refine gives classes to a strongly connected component by refining colours: in round n two
// members have one colour if their unfoldings to depth n are equal. When a round splits no
// colour, equal colours mean equal unfoldings for ever. The set of colours of this round and
// of the next are mixed in: two components with the same two sets are one stable partition
// together, so that equal digests mean bisimilar across components too.
func (c *classes) refine(component []*schema.Schema) {
	colour := make(map[*schema.Schema]digest, len(component))
	for _, s := range component {
		colour[s] = digest{}
	}
	count := 1
	var sets []digest
	for {
		next := make(map[*schema.Schema]digest, len(component))
		distinct := map[digest]bool{}
		for _, s := range component {
			d := c.sign(s, func(child *schema.Schema) digest {
				child = transparent(child)
				if d, inside := colour[child]; inside {
					return d
				}
				return c.known(child)
			})
			next[s] = d
			distinct[d] = true
		}
		colour = next
		sets = append(sets, c.setDigest(distinct))
		if len(distinct) == count && len(sets) > 1 {
			break
		}
		count = len(distinct)
	}
	whole := c.setDigest(map[digest]bool{sets[len(sets)-1]: true, sets[len(sets)-2]: true})
	for _, s := range component {
		b := appendDigest(appendDigest([]byte("cycle"), colour[s]), whole)
		c.intern(s, c.hash(b))
	}
}

func (c *classes) setDigest(set map[digest]bool) digest {
	all := make([]digest, 0, len(set))
	for d := range set {
		all = append(all, d)
	}
	slices.SortFunc(all, compareDigests)
	var b []byte
	for _, d := range all {
		b = appendDigest(b, d)
	}
	return c.hash(b)
}

func (c *classes) hash(b []byte) digest {
	return digest{maphash.Bytes(c.seeds[0], b), maphash.Bytes(c.seeds[1], b)}
}

func compareDigests(a, b digest) int {
	switch {
	case a == b:
		return 0
	case a[0] < b[0] || a[0] == b[0] && a[1] < b[1]:
		return -1
	}
	return 1
}

func appendDigest(b []byte, d digest) []byte {
	b = binary.LittleEndian.AppendUint64(b, d[0])
	return binary.LittleEndian.AppendUint64(b, d[1])
}

// referenceLoop stands for a schema that is nothing but a reference to itself.
var referenceLoop = &schema.Schema{Unresolved: "the reference leads back to itself"}

// transparent follows schemas that say nothing but what one other schema says: a reference, an
// allOf, anyOf or oneOf of one.
func transparent(s *schema.Schema) *schema.Schema {
	for range 10_000 {
		target := soleContent(s)
		if target == nil {
			return s
		}
		s = target
	}
	return referenceLoop
}

func soleContent(s *schema.Schema) *schema.Schema {
	var target *schema.Schema
	found := 0
	if s.Ref != nil {
		target = s.Ref
		found++
	}
	for _, list := range [...][]*schema.Schema{s.AllOf, s.AnyOf, s.OneOf} {
		if len(list) == 1 {
			target = list[0]
		}
		found += len(list)
	}
	if found != 1 || !onlyApplies(s) {
		return nil
	}
	return target
}

// onlyApplies says whether a schema has no keyword but $ref, allOf, anyOf, oneOf and
// annotations.
func onlyApplies(s *schema.Schema) bool {
	return s.Always == nil && s.Unresolved == "" && s.Types == 0 && s.Enum == nil && s.Const == nil &&
		s.Properties == nil && s.Required == nil && s.Items == nil && s.AdditionalProperties == nil &&
		!s.ReadOnly && !s.WriteOnly && s.Format == "" && s.Pattern == nil &&
		s.Minimum == nil && s.Maximum == nil && s.ExclusiveMinimum == nil && s.ExclusiveMaximum == nil &&
		s.MultipleOf == nil && s.MinLength == nil && s.MaxLength == nil &&
		s.MinItems == nil && s.MaxItems == nil && !s.UniqueItems && s.PrefixItems == nil &&
		s.Contains == nil && s.UnevaluatedItems == nil && s.UnevaluatedProperties == nil &&
		s.PatternProperties == nil && s.PropertyNames == nil && s.DependentRequired == nil &&
		s.DependentSchemas == nil && s.MinProperties == nil && s.MaxProperties == nil &&
		s.Not == nil && s.If == nil
}

// eachChild calls f for every schema that stands in s, looking through references.
func eachChild(s *schema.Schema, f func(*schema.Schema)) {
	eachDirectChild(s, func(child *schema.Schema) { f(transparent(child)) })
}

func eachDirectChild(s *schema.Schema, f func(*schema.Schema)) {
	for _, child := range [...]*schema.Schema{
		s.Ref, s.Items, s.Contains, s.UnevaluatedItems, s.AdditionalProperties,
		s.UnevaluatedProperties, s.PropertyNames, s.Not, s.If, s.Then, s.Else,
	} {
		if child != nil {
			f(child)
		}
	}
	for _, list := range [...][]*schema.Schema{s.PrefixItems, s.AllOf, s.AnyOf, s.OneOf} {
		for _, child := range list {
			f(child)
		}
	}
	for _, list := range [...][]schema.Property{s.Properties, s.PatternProperties, s.DependentSchemas} {
		for i := range list {
			f(list[i].Schema)
		}
	}
}

func appendText(b []byte, text string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}

func appendRat(b []byte, keyword byte, r *big.Rat) []byte {
	if r == nil {
		return b
	}
	return appendText(append(b, keyword), r.RatString())
}

func appendInt(b []byte, keyword byte, n *int) []byte {
	if n == nil {
		return b
	}
	return binary.AppendVarint(append(b, keyword), int64(*n))
}
