package source

import (
	"cmp"
	"slices"
	"strings"
)

// A Problem is why a file cannot be compiled. Line and Column count from 1 and are
// zero where the file as a whole is meant.
type Problem struct {
	Path      string // in the tree, or absolute
	Line      int
	Column    int
	EndColumn int // exclusive; zero if not known
	Message   string
	// Blocked are the files that could not be compiled because of it, sorted.
	Blocked []string
}

func (l *loader) problem(p Problem) {
	for i := range l.problems {
		// One mistake makes the parser complain twice of one place.
		if o := &l.problems[i]; o.Path == p.Path && o.Line == p.Line && o.Column == p.Column && (p.Line > 0 || o.Message == p.Message) {
			if p.Message > o.Message {
				o.Message = p.Message
			}
			return
		}
	}
	l.problems = append(l.problems, p)
}

// blocked notes that a file cannot be compiled because of another.
func (l *loader) blocked(name, cause string) {
	if l.blockedBy == nil {
		l.blockedBy = map[string][]string{}
	}
	l.blockedBy[cause] = append(l.blockedBy[cause], name)
}

// sortedProblems adds to each problem the files that it keeps from being compiled.
func (l *loader) sortedProblems() []Problem {
	told := map[string]bool{}
	slices.SortFunc(l.problems, func(a, b Problem) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), strings.Compare(a.Message, b.Message))
	})
	for i := range l.problems {
		p := &l.problems[i]
		if told[p.Path] {
			continue
		}
		told[p.Path] = true
		reached := map[string]bool{}
		l.collectBlocked(p.Path, reached)
		for name := range reached {
			if l.asked[name] {
				p.Blocked = append(p.Blocked, name)
			}
		}
		slices.Sort(p.Blocked)
	}
	return l.problems
}

func (l *loader) collectBlocked(cause string, reached map[string]bool) {
	for _, name := range l.blockedBy[cause] {
		if !reached[name] {
			reached[name] = true
			l.collectBlocked(name, reached)
		}
	}
}
