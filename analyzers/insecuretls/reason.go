package insecuretls

import (
	"go/ast"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/constflow"
)

// explained reports whether a comment directly above an assignment, or above
// the literal it stands in, says why the certificate cannot be verified.
func (c *checker) explained(st *ssa.Store) bool {
	node := assignment(c.pass, st.Pos())
	if node == nil {
		return false
	}
	line := func(n ast.Node) int { return c.pass.Fset.Position(n.Pos()).Line }
	starts := []int{line(node)}
	if lit := constflow.Syntax(c.pass, st.Pos(), func(*ast.CompositeLit) bool { return true }); lit != nil {
		starts = append(starts, line(lit))
	}
	for _, file := range c.pass.Files {
		if node.Pos() < file.FileStart || file.FileEnd <= node.Pos() {
			continue
		}
		for _, group := range file.Comments {
			last := c.pass.Fset.Position(group.End()).Line
			for _, start := range starts {
				if last == start-1 && givesReason(group.Text()) {
					return true
				}
			}
		}
	}
	return false
}

// Words of a comment that speaks of the certificate, of one that says why it is
// as it is, and of one that calls it unfinished. "Skip verification" alone is
// no reason.
var (
	subjects   = []string{"certificate", "cert ", "certs", "verif", "self-signed", "self signed"}
	reasons    = []string{"because", "since ", " so ", "expect", "not yet", "no ca ", "self-signed", "self signed", "cannot", "can't", "by hand", "pinned"}
	unfinished = []string{"todo", "fixme", "xxx", "hack", "for now", "temporarily"}
)

func givesReason(comment string) bool {
	text := strings.Join(strings.Fields(strings.ToLower(comment)), " ") + " "
	has := func(words []string) bool {
		for _, w := range words {
			if strings.Contains(text, w) {
				return true
			}
		}
		return false
	}
	return has(subjects) && has(reasons) && !has(unfinished)
}
