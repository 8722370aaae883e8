package netcall

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
	"time"

	"golang.org/x/tools/go/analysis"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/rules"
)

// Report reports a diagnostic of the rule that pass.Analyzer implements. The
// strength travels in the diagnostic's category.
//
// Nothing is reported in generated code, nor in test files unless they were
// asked for. Under a driver other than the commslint command, possible findings
// and suppressed ones are left out too, so that every driver shows the same.
func Report(pass *analysis.Pass, strength finding.Strength, d analysis.Diagnostic) {
	ReportUpTo(pass, "", strength, d)
}

// ReportUpTo is Report for a finding of which the rule knows that it is not worth
// more than a level, such as one that is only half way to a limit.
func ReportUpTo(pass *analysis.Pass, atMost finding.Level, strength finding.Strength, d analysis.Diagnostic) {
	file := FileAt(pass, d.Pos)
	if file == nil || !Reports(pass, file) || acceptedForGosec(pass, file, d.Pos) {
		return
	}
	if pass.Fset.File(d.Pos).Name() != pass.Fset.Position(d.Pos).Filename {
		// A //line directive: the edits' offsets are those of another file.
		d.SuggestedFixes = nil
	}
	d.Category = finding.Category(strength, atMost)
	if !raw && (strength == finding.Possible || suppressed(pass, file, d.Pos)) {
		return
	}
	pass.Report(d)
}

// Reports reports whether findings in a file are reported at all: not in
// generated code, and in tests only if they were asked for. A file with
// functions that take a *testing.T is part of a test, whatever it is called, and
// so is a package in a folder for tests.
func Reports(pass *analysis.Pass, file *ast.File) bool {
	if isGenerated(file) {
		return false
	}
	return tests || !isTestFile(pass.Fset, file.FileStart) && !importsTesting(file) && !inTestFolder(pass)
}

// inTestFolder reports whether a folder of the module, on the way to the
// package, is one that teams keep tests and their servers in.
func inTestFolder(pass *analysis.Pass) bool {
	if pass.Module == nil {
		return false
	}
	for elem := range strings.SplitSeq(strings.TrimPrefix(pass.Pkg.Path(), pass.Module.Path), "/") {
		switch elem {
		case "test", "tests", "testing", "testutil", "testutils", "e2e", "integration-tests", "integrationtest":
			return true
		}
	}
	return false
}

// acceptedForGosec reports whether the line bears a comment by which gosec, or
// golangci-lint for it, is told to accept the same thing: InsecureSkipVerify
// (its G402) or a server without ReadHeaderTimeout (G112, G114).
func acceptedForGosec(pass *analysis.Pass, file *ast.File, pos token.Pos) bool {
	switch pass.Analyzer.Name {
	case "insecuretls", "servernotimeout":
	default:
		return false
	}
	line := pass.Fset.Position(pos).Line
	for _, group := range file.Comments {
		for _, c := range group.List {
			if l := pass.Fset.Position(c.Pos()).Line; l != line && l != line-1 {
				continue
			}
			text := strings.ReplaceAll(c.Text, " ", "")
			if strings.Contains(text, "#nosec") || strings.Contains(text, "nolint:") && strings.Contains(text, "gosec") {
				return true
			}
		}
	}
	return false
}

func importsTesting(file *ast.File) bool {
	if !slices.ContainsFunc(file.Imports, func(imp *ast.ImportSpec) bool { return imp.Path.Value == `"testing"` }) {
		return false
	}
	return slices.ContainsFunc(file.Decls, takesTest)
}

// takesTest reports whether a declaration is a function with a parameter such
// as *testing.T, which only tests can pass.
func takesTest(decl ast.Decl) bool {
	fn, ok := decl.(*ast.FuncDecl)
	if !ok {
		return false
	}
	return slices.ContainsFunc(fn.Type.Params.List, func(field *ast.Field) bool {
		t := field.Type
		if star, ok := t.(*ast.StarExpr); ok {
			t = star.X
		}
		sel, ok := t.(*ast.SelectorExpr)
		if !ok {
			return false
		}
		pkg, ok := sel.X.(*ast.Ident)
		return ok && pkg.Name == "testing"
	})
}

// isGenerated is ast.IsGenerated, but takes a file that imports "C" for what it
// is: the go command hands over cmd/cgo's rewriting of it, with a header of its own.
func isGenerated(file *ast.File) bool {
	for _, group := range file.Comments {
		if group.Pos() > file.Package {
			break
		}
		for _, c := range group.List {
			if strings.HasPrefix(c.Text, "// Code generated ") && strings.HasSuffix(c.Text, " DO NOT EDIT.") &&
				!strings.Contains(c.Text, "cmd/cgo") {
				return true
			}
		}
	}
	return false
}

// At is a location in the evidence for a diagnostic.
func At(pos token.Pos, message string) analysis.RelatedInformation {
	return analysis.RelatedInformation{Pos: pos, Message: message}
}

// FileAt returns the file of the package that pos lies in, nil if none does.
func FileAt(pass *analysis.Pass, pos token.Pos) *ast.File {
	i := slices.IndexFunc(pass.Files, func(f *ast.File) bool {
		return f.FileStart <= pos && pos < f.FileEnd
	})
	if i < 0 {
		return nil
	}
	return pass.Files[i]
}

// A Directive is a commslint directive in a comment.
type Directive struct {
	finding.PlacedDirective
	Comment *ast.Comment
}

// Directives returns the commslint directives in the comments of a file.
func Directives(pass *analysis.Pass, file *ast.File) []Directive {
	var found []Directive
	var code map[int]bool // lines that hold code; computed when first needed
	for _, group := range file.Comments {
		for _, c := range group.List {
			if !strings.Contains(c.Text, "commslint") {
				continue
			}
			d, ok := finding.ParseDirective(c.Text)
			if !ok {
				continue
			}
			if code == nil {
				code = codeLines(pass.Fset, file)
			}
			posn, end := pass.Fset.Position(c.Pos()), pass.Fset.Position(c.End())
			found = append(found, Directive{Comment: c, PlacedDirective: finding.PlacedDirective{
				Directive: d,
				Alone:     !code[posn.Line],
				GroupEnd:  pass.Fset.Position(group.End()).Line,
				Location: finding.Location{
					File: posn.Filename, Line: posn.Line, Column: posn.Column,
					EndLine: end.Line, EndColumn: end.Column,
				},
			}})
		}
	}
	return found
}

// codeLines returns the lines on which some token other than a comment begins
// or ends.
func codeLines(fset *token.FileSet, file *ast.File) map[int]bool {
	lines := make(map[int]bool)
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case nil, *ast.Comment, *ast.CommentGroup:
			return false
		case *ast.File:
			return true
		default:
			lines[fset.Position(n.Pos()).Line] = true
			lines[fset.Position(n.End()-1).Line] = true
			return true
		}
	})
	return lines
}

func suppressed(pass *analysis.Pass, file *ast.File, pos token.Pos) bool {
	rule, ok := rules.ByAnalyzer(pass.Analyzer.Name)
	if !ok {
		return false
	}
	line, today := pass.Fset.Position(pos).Line, time.Now().Format(time.DateOnly)
	return slices.ContainsFunc(Directives(pass, file), func(d Directive) bool {
		return d.Suppresses(rule.ID, line, today)
	})
}

// NodeAt returns the call or composite literal whose SSA position is pos, nil
// if there is none in the package's files. SSA gives a call the position of its
// opening parenthesis, a go or defer statement that of its keyword, and a
// composite literal that of its opening brace.
func NodeAt(pass *analysis.Pass, pos token.Pos) ast.Node {
	file := FileAt(pass, pos)
	if file == nil {
		return nil
	}
	var found ast.Node
	ast.Inspect(file, func(n ast.Node) bool {
		if n == nil || found != nil || pos < n.Pos() || pos >= n.End() {
			return found == nil && n != nil && n.Pos() <= pos && pos < n.End()
		}
		switch n := n.(type) {
		case *ast.CallExpr:
			if n.Lparen == pos {
				found = n
			}
		case *ast.CompositeLit:
			if n.Lbrace == pos || n.Pos() == pos {
				found = n
			}
		case *ast.GoStmt:
			if n.Go == pos {
				found = n.Call
			}
		case *ast.DeferStmt:
			if n.Defer == pos {
				found = n.Call
			}
		case *ast.UnaryExpr:
			if lit, ok := n.X.(*ast.CompositeLit); ok && n.OpPos == pos {
				found = lit
			}
		case *ast.ValueSpec:
			for _, name := range n.Names {
				if name.Pos() == pos && len(n.Values) == 0 {
					found = n
				}
			}
		}
		return found == nil
	})
	return found
}
