package textflow

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/commslint/commslint/callgraph"
)

// text describes the string that an expression gives, or the address in it.
func (r *reader) text(e ast.Expr) callgraph.Text {
	e = ast.Unparen(e)
	if tv, ok := r.info.Types[e]; ok && tv.Value != nil && tv.Value.Kind() == constant.String {
		return callgraph.Text{Const: constant.StringVal(tv.Value)}
	}
	switch e := e.(type) {
	case *ast.Ident, *ast.SelectorExpr:
		return callgraph.Text{Slot: r.slot(e)}
	case *ast.StarExpr:
		return r.text(e.X)
	case *ast.UnaryExpr:
		if e.Op == token.AND {
			return r.text(e.X)
		}
	case *ast.BinaryExpr:
		if e.Op == token.ADD {
			return callgraph.Text{Parts: []callgraph.Text{r.text(e.X), r.text(e.Y)}}
		}
	case *ast.CallExpr:
		return r.result(e)
	}
	return callgraph.Text{}
}

// argument gives the argument of a number, counted from the receiver.
func argument(i int) func(*reader, []ast.Expr) callgraph.Text {
	return func(r *reader, args []ast.Expr) callgraph.Text {
		if i >= len(args) || args[i] == nil {
			return callgraph.Text{}
		}
		return r.text(args[i])
	}
}

func fromEnv(r *reader, args []ast.Expr) callgraph.Text {
	if len(args) == 0 {
		return callgraph.Text{}
	}
	name := r.text(args[0])
	return callgraph.Text{Env: &name}
}

// joined are its arguments with something between them.
func joined(between string) func(*reader, []ast.Expr) callgraph.Text {
	return func(r *reader, args []ast.Expr) callgraph.Text {
		var t callgraph.Text
		for i, a := range args {
			if i > 0 {
				t.Parts = append(t.Parts, callgraph.Text{Const: between})
			}
			t.Parts = append(t.Parts, r.text(a))
		}
		return t
	}
}

// makerOf tells what a function of a library makes of its arguments, nil if that is
// not known. A switch costs nothing at the start of the tool.
func makerOf(name string) func(*reader, []ast.Expr) callgraph.Text {
	switch name {
	case "os.Getenv", "os.LookupEnv", "syscall.Getenv":
		return fromEnv
	case "fmt.Sprintf":
		return formatted
	case "net.JoinHostPort":
		return joined(":")
	case "net/url.JoinPath", "(*net/url.URL).JoinPath":
		return joined("/")
	case "net/url.Parse", "net/url.ParseRequestURI", "(*net/url.URL).String",
		"strings.TrimSuffix", "strings.TrimRight", "strings.TrimSpace", "strings.TrimPrefix", "strings.ToLower",
		"google.golang.org/grpc.NewClient", "google.golang.org/grpc.Dial",
		"(*net/http.Request).WithContext", "(*net/http.Request).Clone":
		return argument(0)
	case "google.golang.org/grpc.DialContext", "net/http.NewRequest":
		return argument(1)
	case "net/http.NewRequestWithContext":
		return argument(2)
	case "flag.String", "(*flag.FlagSet).String", "github.com/spf13/pflag.String":
		return argument(1)
	}
	return nil
}

func (r *reader) result(n *ast.CallExpr) callgraph.Text {
	if tv, ok := r.info.Types[n.Fun]; ok && tv.IsType() && len(n.Args) == 1 {
		return r.text(n.Args[0]) // a conversion
	}
	fn := r.callee(n)
	if fn == nil {
		return callgraph.Text{}
	}
	args := r.arguments(fn, n)
	name := fn.Origin().FullName()
	if make := makerOf(name); make != nil {
		return make(r, args)
	}
	switch {
	case r.makesStub(fn) && len(n.Args) > 0:
		return r.text(n.Args[0])
	case fn.Name() == "NewRequest" || fn.Name() == "NewRequestWithContext":
		return r.requestURL(n.Args)
	case isStandard(fn.Pkg()):
		return callgraph.Text{}
	}
	return callgraph.Text{Call: name, Args: r.texts(args)}
}

// makesStub reports whether a function is that of generated code which makes a client
// of a connection.
func (r *reader) makesStub(fn *types.Func) bool {
	sig := fn.Signature()
	if sig.Params().Len() != 1 || sig.Results().Len() != 1 || !strings.HasPrefix(fn.Name(), "New") {
		return false
	}
	switch typeName(sig.Params().At(0).Type()) {
	case "google.golang.org/grpc.ClientConnInterface", "google.golang.org/grpc.ClientConn":
		return isStub(sig.Results().At(0).Type())
	}
	return false
}

// requestURL is the URL among (method, url, …): the second string.
func (r *reader) requestURL(args []ast.Expr) callgraph.Text {
	strings := 0
	for _, a := range args {
		if b, ok := r.info.TypeOf(a).Underlying().(*types.Basic); ok && b.Info()&types.IsString != 0 {
			if strings++; strings == 2 {
				return r.text(a)
			}
		}
	}
	return callgraph.Text{}
}

var verbs = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`%[-+# 0]*[0-9]*(?:\.[0-9]+)?[a-zA-Z%]`) })

// formatted is fmt.Sprintf.
func formatted(r *reader, args []ast.Expr) callgraph.Text {
	if len(args) == 0 {
		return callgraph.Text{}
	}
	format := r.text(args[0]).Const
	var t callgraph.Text
	next, last := 1, 0
	add := func(part callgraph.Text) {
		if !isZero(&part) {
			t.Parts = append(t.Parts, part)
		}
	}
	for _, at := range verbs().FindAllStringIndex(format, -1) {
		add(callgraph.Text{Const: format[last:at[0]]})
		last = at[1]
		switch verb := format[at[1]-1]; {
		case verb == '%':
			add(callgraph.Text{Const: "%"})
		case next < len(args):
			part := callgraph.Text{Vague: "…"}
			if strings.ContainsRune("svq", rune(verb)) && r.carries(args[next]) {
				part = r.text(args[next])
			} else if tv := r.info.Types[args[next]]; tv.Value != nil {
				part = callgraph.Text{Const: unquote(tv.Value.ExactString())}
			}
			if isZero(&part) {
				part.Vague = "…"
			}
			add(part)
			next++
		}
	}
	add(callgraph.Text{Const: format[last:]})
	return t
}

// flag notes what a flag holds that is not set.
func (r *reader) flag(fn *types.Func, n *ast.CallExpr) {
	if fn.Name() != "StringVar" || len(n.Args) < 3 {
		return
	}
	if addr, ok := ast.Unparen(n.Args[0]).(*ast.UnaryExpr); ok && addr.Op == token.AND {
		r.flow(r.slot(addr.X), r.text(n.Args[2]))
	}
}

// verbsOfClients are methods of HTTP clients whose first string is the URL.
var verbsOfClients = []string{"Get", "Head", "Post", "PostForm", "Put", "Patch", "Delete", "Options", "Execute"}

// peer notes whom a request goes to: by the connection of a stub, the request that is
// sent, or the URL that a client is told.
func (r *reader) peer(n *ast.CallExpr) {
	fn := r.callee(n)
	if fn == nil {
		return
	}
	var to callgraph.Text
	sel, method := ast.Unparen(n.Fun).(*ast.SelectorExpr)
	switch {
	case method && takesCallOptions(fn.Signature()) && r.carries(sel.X):
		to = r.text(sel.X)
	default:
		to = r.requestOf(fn, n)
	}
	if isZero(&to) {
		return
	}
	p := r.pass.Fset.Position(n.Lparen)
	r.pkg.Peers = append(r.pkg.Peers, callgraph.Peer{At: callgraph.Posn{File: p.Filename, Line: p.Line, Col: p.Column}, Text: to})
}

// requestOf is the URL of what a call sends, if it sends anything.
func (r *reader) requestOf(fn *types.Func, n *ast.CallExpr) callgraph.Text {
	for _, a := range n.Args {
		if typeName(r.info.TypeOf(a)) == "net/http.Request" {
			return r.text(a)
		}
	}
	if !slices.Contains(verbsOfClients, fn.Name()) {
		return callgraph.Text{}
	}
	strings := 1
	if fn.Name() == "Execute" { // of resty: method, URL
		strings = 2
	}
	for _, a := range n.Args {
		if b, ok := r.info.TypeOf(a).Underlying().(*types.Basic); ok && b.Info()&types.IsString != 0 {
			if strings--; strings == 0 {
				return r.text(a)
			}
		}
	}
	return callgraph.Text{}
}
