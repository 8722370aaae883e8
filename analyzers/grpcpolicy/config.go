package grpcpolicy

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/constflow"
	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/callgraph"
)

func floatOf(c constant.Value) (float64, bool) {
	if c == nil || c.Kind() != constant.Int && c.Kind() != constant.Float {
		return 0, false
	}
	f, _ := constant.Float64Val(c)
	return f, true
}

// texts returns the service configs that an operand of a call may be.
func (r *Result) texts(v ssa.Value, call *ssa.Call) (found []text) {
	at := r.posn(call.Pos())
	for _, from := range r.stringOrigins(v) {
		if file := r.fileOf(from); file != "" {
			found = append(found, r.fileText(file, at))
			continue
		}
		for _, val := range r.tracer.ValuesAt(from, call) {
			t := text{At: at}
			if val.Known() && val.Const.Kind() == constant.String {
				t.JSON, t.Known = constant.StringVal(val.Const), true
				if lit := r.literalOf(val.Expr); lit != nil {
					// The text begins after the quote.
					t.At, t.Inside = r.posn(lit.Pos()+1), true
				}
			}
			found = append(found, t)
		}
	}
	return found
}

// literalOf returns the raw string literal that an expression is or names, nil
// if it is anything else: what has escapes has other columns than its text.
func (r *Result) literalOf(expr ast.Expr) *ast.BasicLit {
	switch expr := ast.Unparen(expr).(type) {
	case *ast.BasicLit:
		if strings.HasPrefix(expr.Value, "`") {
			return expr
		}
	case *ast.Ident:
		obj := r.pass.TypesInfo.ObjectOf(expr)
		if obj == nil || obj.Pkg() != r.pass.Pkg {
			return nil
		}
		spec := constflow.Syntax(r.pass, obj.Pos(), func(s *ast.ValueSpec) bool { return len(s.Values) == len(s.Names) })
		if spec == nil {
			return nil
		}
		for i, name := range spec.Names {
			if name.Pos() == obj.Pos() && spec.Values[i] != expr {
				return r.literalOf(spec.Values[i])
			}
		}
	}
	return nil
}

// fileOf returns the file whose content a string is, "" if it is that of none.
func (r *Result) fileOf(v ssa.Value) string {
	if load, ok := v.(*ssa.UnOp); ok && load.Op == token.MUL {
		return r.embedded(load.X)
	}
	extract, ok := v.(*ssa.Extract)
	if !ok || extract.Index != 0 {
		return ""
	}
	call, ok := extract.Tuple.(*ssa.Call)
	if !ok {
		return ""
	}
	fn := netcall.Callee(call)
	if fn == nil {
		return ""
	}
	switch fn.FullName() {
	case "os.ReadFile", "io/ioutil.ReadFile", "(embed.FS).ReadFile":
		return r.beside(call, call.Call.Args[len(call.Call.Args)-1])
	}
	return ""
}

// beside returns the file that a constant path names, if it lies below the
// folder of the package.
func (r *Result) beside(call ssa.CallInstruction, path ssa.Value) string {
	set := r.tracer.Values(path)
	if len(set) != 1 || !set.Complete() || set[0].Const.Kind() != constant.String {
		return ""
	}
	name := filepath.FromSlash(constant.StringVal(set[0].Const))
	if !filepath.IsLocal(name) {
		return ""
	}
	file := filepath.Join(filepath.Dir(r.pass.Fset.Position(call.Pos()).Filename), name)
	if info, err := os.Stat(file); err != nil || !info.Mode().IsRegular() {
		return ""
	}
	return file
}

func (r *Result) fileText(file string, at callgraph.Posn) text {
	content, err := r.readFile(file)
	if err != nil {
		return text{At: at}
	}
	return text{JSON: string(content), Known: true, At: callgraph.Posn{File: file, Line: 1, Col: 1}, Inside: true}
}

// readFile reads a file of the package's folder. Drivers offer only the files
// that they list, which embedded ones are not among; the go command runs the
// analysis again when an embedded file changes all the same.
func (r *Result) readFile(file string) ([]byte, error) {
	if r.pass.ReadFile != nil {
		if content, err := r.pass.ReadFile(file); err == nil {
			return content, nil
		}
	}
	return os.ReadFile(file)
}

// embedded returns the one file that go:embed puts in a package variable, "" if
// the address is not that of such a variable.
func (r *Result) embedded(addr ssa.Value) string {
	g, ok := addr.(*ssa.Global)
	if !ok || g.Object() == nil {
		return ""
	}
	if r.embeds == nil {
		r.embeds = make(map[types.Object]string)
		for _, file := range r.pass.Files {
			for _, decl := range file.Decls {
				if decl, ok := decl.(*ast.GenDecl); ok && decl.Tok == token.VAR {
					r.addEmbeds(decl)
				}
			}
		}
	}
	return r.embeds[g.Object()]
}

func (r *Result) addEmbeds(decl *ast.GenDecl) {
	for _, spec := range decl.Specs {
		spec := spec.(*ast.ValueSpec)
		doc := spec.Doc
		if doc == nil && !decl.Lparen.IsValid() {
			doc = decl.Doc
		}
		pattern := embedPattern(doc)
		if pattern == "" || len(spec.Names) != 1 {
			continue
		}
		dir := filepath.Dir(r.pass.Fset.Position(spec.Pos()).Filename)
		if files, err := filepath.Glob(filepath.Join(dir, filepath.FromSlash(pattern))); err == nil && len(files) == 1 {
			r.embeds[r.pass.TypesInfo.Defs[spec.Names[0]]] = files[0]
		}
	}
}

// embedPattern returns the pattern of a go:embed directive that has one only.
func embedPattern(doc *ast.CommentGroup) (pattern string) {
	if doc == nil {
		return ""
	}
	for _, c := range doc.List {
		if list, ok := strings.CutPrefix(c.Text, "//go:embed "); ok {
			if pattern != "" || len(strings.Fields(list)) != 1 {
				return ""
			}
			pattern = strings.Trim(strings.TrimSpace(list), "`\"")
		}
	}
	return strings.TrimPrefix(pattern, "all:")
}
