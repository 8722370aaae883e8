package subschema

import (
	"slices"

	"github.com/commslint/commslint/openapi/schema"
)

// maxExpansion bounds how many unions of a are taken apart for one pair.
const maxExpansion = 6

// maxUnion bounds the branches of a union that is looked at branch by branch.
const maxUnion = 2000

// union is the next union of a to look at branch by branch; nil if there is none, or if too
// many were taken apart already.
func (k *check) union() []*schema.Schema {
	if len(k.p.a.roots) > maxExpansion+1 {
		return nil
	}
	for _, s := range k.view.unions {
		for _, branches := range [...][]*schema.Schema{s.AnyOf, s.OneOf} {
			if len(branches) > 0 && len(branches) <= maxUnion && !slices.ContainsFunc(branches, func(branch *schema.Schema) bool {
				return slices.Contains(k.p.a.roots, transparent(branch))
			}) {
				return branches
			}
		}
	}
	return nil
}

// branches makes a pair for each branch of a union of a: an instance of a is one of some branch.
func (k *check) branches() {
	for _, branch := range k.union() {
		roots := append(slices.Clone(k.p.a.roots), branch)
		a := k.m.conjoin(roots...)
		if a == k.p.a {
			k.m.ask(k.p, k.b, "", "", k.partOf(k.b)) // a branch that accepts everything splits nothing
			return
		}
		k.m.connect(k.p, edge{kind: edgeBranch}, a, k.b, true)
	}
}

func (k *check) logic() {
	b := k.b
	if len(b.AnyOf) > 0 && !k.sameIn("anyOf", func(s *schema.Schema) *schema.Schema { return &schema.Schema{AnyOf: s.AnyOf} }) {
		k.choice("anyOf", b.AnyOf, &schema.Schema{AnyOf: b.AnyOf})
	}
	if len(b.OneOf) > 0 && !k.sameIn("oneOf", func(s *schema.Schema) *schema.Schema { return &schema.Schema{OneOf: s.OneOf} }) {
		k.choice("oneOf", b.OneOf, &schema.Schema{OneOf: b.OneOf})
	}
	if b.Not != nil {
		k.unlessSame("not", func(s *schema.Schema) *schema.Schema { return &schema.Schema{Not: s.Not} })
	}
	if b.If != nil && (b.Then != nil || b.Else != nil) {
		k.unlessSame("if", func(s *schema.Schema) *schema.Schema {
			return &schema.Schema{If: s.If, Then: s.Then, Else: s.Else}
		})
	}
}

// choice compares a, which has no union left, with the branch of b's union that is most like it.
// Should that be the wrong one, the failure does not survive being lifted.
func (k *check) choice(keyword string, branches []*schema.Schema, restricted *schema.Schema) {
	if k.union() != nil {
		k.expand = true
		return
	}
	best, weak := k.m.mostLike(k.p.a, branches)
	if best == nil {
		k.m.ask(k.p, k.b, keyword, "", restricted)
		return
	}
	if keyword == "oneOf" && len(branches) > maxBranches {
		k.m.ask(k.p, k.b, keyword, "", restricted)
		return
	}
	if keyword == "oneOf" {
		k.exclusive(best, branches)
	}
	k.m.connect(k.p, edge{kind: edgeChoice, name: keyword, union: k.b, weak: weak}, k.p.a, best, false)
}

// exclusive asks whether an instance of a that is one of the chosen branch may be one of another
// as well, which oneOf forbids.
func (k *check) exclusive(chosen *schema.Schema, branches []*schema.Schema) {
	at := slices.Index(branches, chosen)
	for i, branch := range branches {
		if i == at || k.m.excluded(k.p.a, chosen, branch) {
			continue
		}
		both := &schema.Schema{AllOf: []*schema.Schema{chosen, branch}}
		k.m.askOverlap(k.p, k.b, both, min(at, i), max(at, i))
	}
}

// excluded says that a has a oneOf with both branches: then its instances are of one of them at
// most.
func (m *comparer) excluded(a *conjunction, first, second *schema.Schema) bool {
	classes := [2]class{m.c.classes.get(first), m.c.classes.get(second)}
	return slices.ContainsFunc(a.parts, func(s *schema.Schema) bool {
		found := [2]int{}
		for _, branch := range s.OneOf {
			id := m.c.classes.get(branch)
			for i := range classes {
				if classes[i] == id {
					found[i]++
				}
			}
		}
		return found[0] > 0 && found[1] > 0 && (classes[0] != classes[1] || found[0] > 1)
	})
}

// mostLike picks a branch for a: of the same class, else of the same name, else the one that has
// most in common; nil if none can hold. Weak says that it is only the least unlike of several, so
// that what is wrong with it explains nothing.
func (m *comparer) mostLike(a *conjunction, branches []*schema.Schema) (best *schema.Schema, weak bool) {
	score, possible := 0, 0
	for _, branch := range branches {
		if m.matches--; m.matches < 0 {
			return nil, false
		}
		n := m.likeness(a, branch, 0)
		if n > 0 {
			possible++
		}
		if n > score {
			best, score = branch, n
		}
	}
	return best, possible > 1 && score < sameName && best != nil && !m.mostlySame(a, best, 0)
}

// mostlySame says whether an object schema, or a branch of a union, has most of its properties in
// common with a.
func (m *comparer) mostlySame(a *conjunction, branch *schema.Schema, depth int) bool {
	b := m.conjoin(branch)
	left, right := a.view.declares(), b.view.declares()
	shared := 0
	for _, name := range left {
		if containsSorted(right, name) {
			shared++
		}
	}
	if 2*shared > len(left)+len(right)-shared {
		return true
	}
	return depth < maxNesting && slices.ContainsFunc(b.view.unions, func(s *schema.Schema) bool {
		return slices.ContainsFunc(append(slices.Clip(s.AnyOf), s.OneOf...), func(within *schema.Schema) bool {
			return m.mostlySame(a, within, depth+1)
		})
	})
}

// sameName is what a component of the same name counts: more than any likeness of structure.
const sameName = 1000

// maxNesting bounds how deep unions in unions are looked into for a likeness.
const maxNesting = 4

// likeness is 0 if a and b exclude each other at first sight. That of a union is that of its most
// like branch.
func (m *comparer) likeness(a *conjunction, branch *schema.Schema, depth int) int {
	b := m.conjoin(branch)
	if a.has(m.c.classes.get(branch)) || len(b.roots) == 0 {
		return 1 << 20
	}
	if a.view.types&b.view.types == 0 || a.view.finite && b.view.finite && !m.share(a.view.values, b.view.values) {
		return 0
	}
	n := m.likenessOfParts(a, b)
	if n == 0 || depth >= maxNesting {
		return n
	}
	for _, s := range b.view.unions {
		best := 0
		for _, within := range append(slices.Clip(s.AnyOf), s.OneOf...) {
			if m.matches--; m.matches < 0 {
				break
			}
			best = max(best, m.likeness(a, within, depth+1))
		}
		if best == 0 {
			return 0
		}
		n += best
	}
	return n
}

func (m *comparer) likenessOfParts(a, b *conjunction) int {
	n := 1
	if a.view.types&^b.view.types == 0 {
		n += 20
	}
	for _, s := range b.parts {
		if s.Name != "" && slices.ContainsFunc(a.parts, func(part *schema.Schema) bool { return part.Name == s.Name }) {
			n += sameName
		}
	}
	if a.view.types&b.view.types&schema.Object == 0 {
		return n
	}
	names := a.view.declares()
	for _, name := range b.view.declares() {
		if !containsSorted(names, name) {
			continue
		}
		n += 2
		left, _ := m.propertySchemas(a.view, name)
		right, _ := m.propertySchemas(b.view, name)
		x, y := m.conjoin(left...).view, m.conjoin(right...).view
		if x.finite && y.finite {
			if n < sameName && !m.share(x.values, y.values) && (a.view.requires(name) || b.view.requires(name)) {
				return 0 // a property that tells the branches apart
			}
			n += 50
		}
	}
	return n
}

// share says whether two lists have a value in common.
func (m *comparer) share(left, right []any) bool {
	texts := make(map[string]bool, len(left))
	for _, v := range left {
		texts[canonical(v)] = true
	}
	return slices.ContainsFunc(right, func(v any) bool { return texts[canonical(v)] })
}
