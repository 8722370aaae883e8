package subschema

import (
	"encoding/binary"
	"slices"

	"github.com/commslint/commslint/openapi/schema"
)

// Asking the solver about two whole documents would be slow, and its one witness would name one
// of many edits. So schemas are first compared pair by pair, side by side: properties with
// properties, items with items, branches with branches. A pair holds on to what in it cannot
// be shown to be included by looking at keywords alone; only that is put to the solver.
//
// That every pair within reach of a pair passes its own checks proves inclusion: of a smallest
// instance of some a that is no instance of its b, some keyword of b at the top would fail,
// which the checks exclude, or some part of the instance would be an instance of one a and none
// of its b, of a pair within reach, and is smaller. So cycles need no care, as long as every
// cycle goes through an item or a property; schemas that apply themselves in place do not get
// this far (inPlaceCycle).
//
// A pair that fails a check is not yet a breach: the pairs around it may exclude the instance.
// Witnesses are therefore lifted from pair to pair up to the one that was asked about.

// A pair asks whether what is valid against all of a is valid against b.
type pair struct {
	a    *conjunction
	b    *schema.Schema
	part bool // of b, leave out $ref and allOf: they are compared on their own
	dir  Direction

	findings []*Cause // edits at this very place
	edges    []edge   // pairs that this one rests on
	parents  []parent

	status  pairStatus
	witness any
	depth   int    // over how many pairs the witness was lifted
	reason  string // why doubtful

	confirmed bool // a validator was asked about the witness
	problem   string
}

// pairStatus is what is known of a pair once all pairs within its reach are known.
type pairStatus uint8

const (
	open     pairStatus = iota // nothing speaks against inclusion
	failing                    // there is a witness
	settled                    // the solver has proven inclusion, whatever the edges say
	doubtful                   // it may fail
)

type parent struct {
	pair *pair
	edge int
}

// An edge leads to a pair that an inclusion rests on.
type edge struct {
	kind  edgeKind
	name  string // of a property; of the keyword, for a choice
	index int    // of an item
	to    *pair
	union *schema.Schema // of a choice: the part of b that has the union
	weak  bool           // of a choice: it is no more than a guess
	live  bool           // some instance of a, and none of b, has a witness of the child at this place
	dead  bool           // none was found
}

type edgeKind uint8

const (
	edgeProperty   edgeKind = iota
	edgeAdditional          // a property that neither side lists
	edgeItem                // the item at index
	edgeBranch              // the same instance, with one branch of a union of a
	edgeChoice              // the same instance, with one branch of a union of b
)

// A conjunction is a set of schemas that apply to one instance: the roots are what was given,
// the parts are all schemas that the roots apply by $ref and allOf.
type conjunction struct {
	id      int
	roots   []*schema.Schema
	parts   []*schema.Schema
	classes []class // of roots and parts, sorted
	view    *view
}

// comparer holds all pairs of a Checker.
type comparer struct {
	c            *Checker
	conjunctions map[string]*conjunction
	ids          map[*schema.Schema]int
	pairs        map[pairKey]*pair
	causes       map[causeKey]*Cause
	fresh        []*pair // made since the last question
	room         int     // how many pairs the present question may still make
	matches      int     // how many branches it may still compare to find one that is like another
	restricted   map[restrictedKey]class
}

type pairKey struct {
	a    int
	b    *schema.Schema
	part bool
	dir  Direction
}

// A restrictedKey identifies a schema with one keyword, or a few that belong together, left.
type restrictedKey struct {
	s       *schema.Schema
	keyword string
}

// maxMatches bounds the comparisons of branches of one question, which are quadratic.
const maxMatches = 200_000

// maxPairs bounds the pairs that one question makes. The largest published documents have
// some 100,000 schemas.
const maxPairs = 400_000

func newComparer(c *Checker) *comparer {
	return &comparer{
		c:            c,
		conjunctions: map[string]*conjunction{},
		ids:          map[*schema.Schema]int{},
		pairs:        map[pairKey]*pair{},
		causes:       map[causeKey]*Cause{},
		restricted:   map[restrictedKey]class{},
	}
}

func (m *comparer) id(s *schema.Schema) int {
	id, ok := m.ids[s]
	if !ok {
		id = len(m.ids)
		m.ids[s] = id
	}
	return id
}

// conjoin makes the conjunction of some schemas, once for each set.
func (m *comparer) conjoin(roots ...*schema.Schema) *conjunction {
	ids := make([]int, 0, len(roots))
	byID := make(map[int]*schema.Schema, len(roots))
	for _, s := range roots {
		s = transparent(s)
		if acceptsAll(s) {
			continue
		}
		id := m.id(s)
		if byID[id] == nil {
			byID[id] = s
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	key := make([]byte, 0, 4*len(ids))
	for _, id := range ids {
		key = binary.AppendUvarint(key, uint64(id))
	}
	if found, ok := m.conjunctions[string(key)]; ok {
		return found
	}
	c := &conjunction{id: len(m.conjunctions)}
	for _, s := range roots { // in the order given, which is that of the document
		s = transparent(s)
		if byID[m.id(s)] != nil && !slices.Contains(c.roots, s) {
			c.roots = append(c.roots, s)
		}
	}
	c.parts = partsOf(c.roots...)
	for _, s := range append(slices.Clone(c.roots), c.parts...) {
		c.classes = append(c.classes, m.c.classes.get(s))
	}
	slices.Sort(c.classes)
	c.view = m.viewOf(c)
	m.conjunctions[string(key)] = c
	return c
}

// partsOf lists schemas and all that they apply by $ref and allOf, each once.
func partsOf(roots ...*schema.Schema) []*schema.Schema {
	var parts []*schema.Schema
	seen := map[*schema.Schema]bool{}
	var add func(s *schema.Schema)
	add = func(s *schema.Schema) {
		s = transparent(s)
		if seen[s] {
			return
		}
		seen[s] = true
		parts = append(parts, s)
		if s.Ref != nil {
			add(s.Ref)
		}
		for _, part := range s.AllOf {
			add(part)
		}
	}
	for _, s := range roots {
		add(s)
	}
	return parts
}

func (a *conjunction) has(id class) bool {
	_, found := slices.BinarySearch(a.classes, id)
	return found
}

// literals are the roots as a goal of the solver.
func (m *comparer) literals(a *conjunction) []literal {
	list := make([]literal, 0, len(a.roots)+1)
	for _, s := range a.roots {
		list = append(list, literal{class: m.c.classes.get(s), role: sender})
	}
	return list
}

// pair finds or makes a pair, to be explored; nil if inclusion is plain, by class.
func (m *comparer) pair(a *conjunction, b *schema.Schema, part bool, dir Direction) *pair {
	b = transparent(b)
	id := m.c.classes.get(b)
	if m.c.constant(id) == yes || a.has(id) {
		return nil
	}
	key := pairKey{a.id, b, part, dir}
	if found, ok := m.pairs[key]; ok {
		return found
	}
	p := &pair{a: a, b: b, part: part, dir: dir}
	m.pairs[key] = p
	m.fresh = append(m.fresh, p)
	m.room--
	if m.room < 0 {
		p.doubt("the schemas are too large together")
		return p
	}
	return p
}

func (p *pair) doubt(reason string) {
	if p.status == open {
		p.status, p.reason = doubtful, reason
	}
}

// connect makes the pair rest on another.
func (m *comparer) connect(p *pair, e edge, a *conjunction, b *schema.Schema, part bool) {
	e.to = m.pair(a, b, part, p.dir)
	if e.to == nil || e.to == p && (e.kind == edgeBranch || e.kind == edgeChoice) {
		return
	}
	e.to.parents = append(e.to.parents, parent{p, len(p.edges)})
	p.edges = append(p.edges, e)
}

// explore checks a pair and makes those that it rests on.
func (m *comparer) explore(p *pair) {
	parts := []*schema.Schema{p.b}
	if !p.part {
		parts = partsOf(p.b)
	}
	if m.c.inPlaceCycle(p.b) || slices.ContainsFunc(p.a.roots, m.c.inPlaceCycle) {
		m.ask(p, p.b, "", "", p.b)
		return
	}
	for _, part := range parts {
		if len(parts) > 1 && p.a.has(m.c.classes.get(part)) {
			continue
		}
		check := &check{m: m, p: p, b: part, view: p.a.view, hidden: m.hiddenOf(p)}
		check.run()
	}
}

// hiddenOf are the properties that who receives b does not look at.
func (m *comparer) hiddenOf(p *pair) []string {
	if p.dir == Plain {
		return nil
	}
	return m.c.surfaceOf(p.b).hidden[p.dir]
}

// inPlaceCycle says whether a schema applies itself to the same instance through any of its
// keywords. JSON Schema leaves undefined what that means.
func (c *Checker) inPlaceCycle(s *schema.Schema) bool {
	s = transparent(s)
	if cyclic, ok := c.cyclic[s]; ok {
		return cyclic
	}
	c.cyclic[s] = true // while it is being visited
	cyclic := false
	eachInPlace(s, func(child *schema.Schema) { cyclic = cyclic || c.inPlaceCycle(child) })
	c.cyclic[s] = cyclic || s == referenceLoop
	return c.cyclic[s]
}

func eachInPlace(s *schema.Schema, f func(*schema.Schema)) {
	for _, child := range [...]*schema.Schema{s.Ref, s.Not, s.If, s.Then, s.Else} {
		if child != nil {
			f(child)
		}
	}
	for _, list := range [...][]*schema.Schema{s.AllOf, s.AnyOf, s.OneOf} {
		for _, child := range list {
			f(child)
		}
	}
	for i := range s.DependentSchemas {
		f(s.DependentSchemas[i].Schema)
	}
}
