package ignorederror

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/astutil"

	"github.com/commslint/commslint/analyzers/netcall"
)

// marked reports whether the source says that losing the error is meant: by a
// comment on the statement or directly above it that speaks of failure as
// acceptable, or by any comment beside an assignment of the error to the blank
// identifier, above it if the call's other results are blank too (otherwise it
// is about those), or between the call and the return that turns the error into
// nil.
func marked(pass *analysis.Pass, expr *ast.CallExpr, l loss) bool {
	c := comments{pass.Fset, netcall.FileAt(pass, expr.Pos())}
	if c.on(expr.Pos(), expr.End(), accepts) {
		return true
	}
	for _, stmt := range statements(c.file, expr) {
		if c.above(stmt, accepts) || c.on(stmt.Pos(), stmt.Pos(), accepts) {
			return true
		}
	}
	if l.at.IsValid() {
		return c.between(expr.End(), l.at, anything)
	}
	stmt := assignment(c.file, expr)
	if stmt == nil || !allBlank(stmt.Lhs[len(stmt.Lhs)-1:]) {
		return false
	}
	return c.on(stmt.Pos(), stmt.End(), anything) || allBlank(stmt.Lhs) && c.above(stmt, anything)
}

// comments finds the comments of a file by their place.
type comments struct {
	fset *token.FileSet
	file *ast.File
}

func (c comments) at(pos token.Pos) token.Position { return c.fset.PositionFor(pos, false) }

// on reports whether a comment that says something of a kind ends on the lines
// of a range.
func (c comments) on(from, to token.Pos, says func(string) bool) bool {
	return c.ends(c.at(from).Line, c.at(to).Line, says)
}

// between is on without the first line.
func (c comments) between(from, to token.Pos, says func(string) bool) bool {
	return c.ends(c.at(from).Line+1, c.at(to).Line, says)
}

func (c comments) ends(first, last int, says func(string) bool) bool {
	for _, group := range c.file.Comments {
		if end := c.at(group.End()).Line; first <= end && end <= last && says(raw(group)) {
			return true
		}
	}
	return false
}

// above reports whether such a comment stands directly above a statement. One
// that is indented further belongs to the statement before.
func (c comments) above(stmt ast.Stmt, says func(string) bool) bool {
	start := c.at(stmt.Pos())
	for _, group := range c.file.Comments {
		if c.at(group.End()).Line == start.Line-1 && c.at(group.Pos()).Column <= start.Column && says(raw(group)) {
			return true
		}
	}
	return false
}

func anything(string) bool { return true }

// raw returns the text of a comment in lower case on one line, directives like
// nolint included.
func raw(group *ast.CommentGroup) string {
	var text strings.Builder
	for _, c := range group.List {
		text.WriteString(strings.Trim(c.Text, "/*") + " ")
	}
	return strings.Join(strings.Fields(strings.ToLower(strings.ReplaceAll(text.String(), "’", "'"))), " ")
}

// acceptances are phrases by which programmers say that a failure is acceptable.
var acceptances = []string{
	"best effort", "best-effort", "besteffort", "fire and forget", "fire-and-forget", "fire & forget", "opportunistic",
	"don't care", "dont care", "do not care", "doesn't care", "nobody cares", "no one cares", "don't mind",
	"doesn't matter", "does not matter", "don't matter", "do not matter", "not matter", "no matter",
	"whether or not", "successfully or not", "succeeds or not",
	"not critical", "non-critical", "non critical", "noncritical", "uncritical",
	"not fatal", "non-fatal", "non fatal", "nonfatal",
	"not important", "unimportant", "not essential", "non-essential", "harmless", "no harm",
	"okay to fail", "ok to fail", "fine to fail", "allowed to fail", "okay if", "ok if", "fine if", "failure is ok", "failure is fine",
	"safe to ignore", "safely ignore", "can be ignored", "may be ignored",
	"discard err", "discard the err", "discard any err", "error discarded", "errors discarded",
	// golangci-lint and gosec: do not check this error.
	"nolint:errcheck", "nosec g104",
}

// refusals are phrases that look like an acceptance and are none.
var refusals = []string{
	"todo", "fixme", "xxx", "don't ignore", "do not ignore", "never ignore", "not be ignored", "not ignore", "never be ignored",
	"not ok if", "not okay if", "not fine if", "not harmless", "not safe to ignore",
}

// losses are words for letting go of what failures are words for.
var (
	losses   = []string{"ignor", "swallow", "suppress"}
	failures = []string{"err", "fail", "result", "return value"}
)

// accepts reports whether a comment says that failing is acceptable.
func accepts(comment string) bool {
	has := func(phrase string) bool { return strings.Contains(comment, phrase) }
	if slices.ContainsFunc(refusals, has) {
		return false
	}
	return slices.ContainsFunc(acceptances, has) ||
		slices.ContainsFunc(losses, has) && slices.ContainsFunc(failures, has) ||
		has("whether ") && has(" or not")
}

// statements returns the statement that a call stands in and the go statement
// around that, if there is one.
func statements(file *ast.File, expr *ast.CallExpr) (found []ast.Stmt) {
	enclosing, _ := astutil.PathEnclosingInterval(file, expr.Pos(), expr.End())
	for _, n := range enclosing {
		stmt, ok := n.(ast.Stmt)
		if !ok {
			continue
		}
		if _, isGo := n.(*ast.GoStmt); isGo || len(found) == 0 {
			found = append(found, stmt)
		}
	}
	return found
}

// assignment returns the assignment whose right side a call belongs to.
func assignment(file *ast.File, expr *ast.CallExpr) *ast.AssignStmt {
	enclosing, _ := astutil.PathEnclosingInterval(file, expr.Pos(), expr.End())
	for _, n := range enclosing {
		switch n := n.(type) {
		case *ast.AssignStmt:
			return n
		case ast.Stmt:
			return nil
		}
	}
	return nil
}

func allBlank(exprs []ast.Expr) bool {
	for _, e := range exprs {
		if id, ok := e.(*ast.Ident); !ok || id.Name != "_" {
			return false
		}
	}
	return true
}
