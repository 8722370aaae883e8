package document

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/tree"
)

// maxRelated is how many further places a problem names.
const maxRelated = 10

// invalid notes a defect at the value of a node.
func (b *builder) invalid(n *tree.Node, format string, args ...any) {
	b.invalidAt(n.Location(), format, args...)
}

func (b *builder) invalidAt(at finding.Location, format string, args ...any) {
	b.note(Problem{Rule: RuleInvalid, Message: fmt.Sprintf(format, args...), Location: at})
}

// flaw notes a defect that readers of the document get along with.
func (b *builder) flaw(at finding.Location, format string, args ...any) {
	b.note(Problem{Rule: RuleInvalid, AtMost: finding.Warning, Message: fmt.Sprintf(format, args...), Location: at})
}

func (b *builder) note(p Problem) {
	key := problemKey{p.Location, p.Message}
	if b.reported[key] {
		return
	}
	b.reported[key] = true
	b.doc.Problems = append(b.doc.Problems, p)
}

// A groupedFlaw is one occurrence of a flaw that a document tends to have in many places.
type groupedFlaw struct {
	at      finding.Location
	message string // if it is the first occurrence
	again   string // if it is not
	fix     string // what the edit does
	edit    *finding.Edit
}

// A group is a problem that stands for all occurrences of a flaw.
type group struct {
	problem Problem
	places  map[finding.Location]groupedFlaw
}

// group notes a flaw; those of the same id become one problem.
func (b *builder) group(id string, flaw groupedFlaw) {
	b.groupProblem(id, Problem{Rule: RuleInvalid, AtMost: finding.Warning}, flaw)
}

func (b *builder) groupProblem(id string, p Problem, flaw groupedFlaw) {
	if b.groups[id] == nil {
		b.groups[id] = &group{p, map[finding.Location]groupedFlaw{}}
	}
	b.groups[id].places[flaw.at] = flaw
}

// finishGroups makes one problem of each group, at its first place.
func (b *builder) finishGroups() {
	for _, g := range b.groups {
		places := slices.SortedFunc(maps.Keys(g.places), comparePlaces)
		p := g.problem
		p.Location, p.Message = places[0], g.places[places[0]].message
		p.Fixes = g.fixes(places)
		if p.Rule == RuleDanglingRef {
			for _, at := range places {
				b.doc.dangling[at] = true
			}
		}
		if len(places) > 1+maxRelated {
			p.Message += fmt.Sprintf(" (%d places in all)", len(places))
			places = places[:1+maxRelated]
		}
		for _, at := range places[1:] {
			p.Related = append(p.Related, finding.Related{Location: at, Message: g.places[at].again})
		}
		b.doc.Problems = append(b.doc.Problems, p)
	}
}

// fixes is the fix that mends all places; none if one of them has none.
func (g *group) fixes(places []finding.Location) []finding.Fix {
	fix := finding.Fix{Message: g.places[places[0]].fix}
	for _, at := range places {
		if g.places[at].edit == nil {
			return nil
		}
		fix.Edits = append(fix.Edits, *g.places[at].edit)
	}
	return []finding.Fix{fix}
}

func sortProblems(problems []Problem) {
	slices.SortStableFunc(problems, func(x, y Problem) int {
		return cmp.Or(comparePlaces(x.Location, y.Location), cmp.Compare(x.Rule, y.Rule), cmp.Compare(x.Message, y.Message))
	})
}

func comparePlaces(a, b finding.Location) int {
	return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
}

// danglingRef notes that a reference leads nowhere: one problem for all references to the same thing.
func (b *builder) danglingRef(n *tree.Node, why error) {
	b.lost++
	b.danglingAt(n.Get("$ref"), refOf(n), why)
}

func (b *builder) danglingAt(place *tree.Node, ref string, why error) {
	flaw := groupedFlaw{at: place.Location(), message: fmt.Sprintf("%s leads nowhere: %v", ref, why), again: "another reference to it"}
	if missing, ok := errors.AsType[*missingError](why); ok && missing.close != "" {
		flaw.fix = "refer to " + missing.close
		flaw.edit = missing.edit(place)
	}
	b.groupProblem(flaw.message, Problem{Rule: RuleDanglingRef}, flaw)
}

// operationRef notes an operation that is a reference.
func (b *builder) operationRef(m *tree.Member) {
	b.group("operation $ref", groupedFlaw{
		at:      keyPlace(m),
		message: "an operation cannot be a $ref: most tools see an empty operation here; put the reference one level up, at the path item, or bundle the document",
		again:   "another operation that is a $ref",
	})
}

func (b *builder) duplicateKeys(f *tree.File) {
	for _, w := range f.Warnings {
		b.note(Problem{
			Rule: RuleInvalid, Message: w.Message, Location: w.Location,
			Related: []finding.Related{{Location: w.Earlier, Message: "the key that does not count"}},
		})
	}
}
