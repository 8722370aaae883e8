package document

import (
	"github.com/commslint/commslint/finding"
)

// AllProblems reads all schemas, and returns the problems of the document with theirs, in the
// order of the places.
func (d *Document) AllProblems() []Problem {
	for _, n := range d.schemaNodes {
		d.schemas.Read(n)
	}
	problems := append([]Problem(nil), d.Problems...)
	first := map[string]int{} // index into the problems, by message
	for _, p := range d.schemas.Problems {
		if d.dangling[p.Location] {
			continue
		}
		if i, ok := first[p.Message]; ok {
			if related := &problems[i].Related; len(*related) < maxRelated {
				*related = append(*related, finding.Related{Location: p.Location, Message: "here too"})
			}
			continue
		}
		first[p.Message] = len(problems)
		problems = append(problems, Problem{Rule: RuleInvalid, AtMost: finding.Warning, Message: p.Message, Location: p.Location})
	}
	sortProblems(problems)
	return problems
}
