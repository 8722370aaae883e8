package retrynonidempotent

import (
	"go/constant"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/analyzers/typequery"
	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/rules/clients"
)

// direct describes the request that a call puts on the wire itself: one of HTTP.
func (c *checker) direct(call ssa.CallInstruction) (Request, bool) {
	model := netcall.ModelOf(call)
	isHTTP := model != nil && model.Call != nil && model.Call.Protocol == "http"
	if !isHTTP && !hasShapeOfDo(call) {
		return Request{}, false
	}
	r := Request{Where: c.net.Posn(call.Pos()), Op: c.operation(call), Purpose: c.purposeOf(call.Parent())}
	p := c.sentParts(call, model)
	if p.Key == NoKey {
		p.setKey(c.keyIn(call.Parent(), 0))
	}
	r.Parts, r.mints = p.Parts, p.mints
	return r, true
}

// sentParts says what the request was made with that a call sends: by an operand
// that is its method, by the function itself, or by the request that it is given.
func (c *checker) sentParts(call ssa.CallInstruction, model *clients.Func) (p parts) {
	if model != nil && model.Call != nil {
		if v := netcall.Operand(call, model.Call.Method); v != nil && !isRequest(v.Type()) {
			p.Method, p.MethodParam = c.text(v)
			return p
		}
		if isMethod(model.Call.Op) {
			p.Method = model.Call.Op
			return p
		}
	}
	for _, arg := range call.Common().Args {
		if isRequest(arg.Type()) {
			p = c.built(arg, 0)
		}
	}
	return p
}

// parts are Parts with the instructions that mint the key.
type parts struct {
	Parts
	mints []ssa.Instruction
}

func (p *parts) setKey(k parts) { p.Key, p.KeyParam, p.mints = k.Key, k.KeyParam, k.mints }

// hasShapeOfDo reports whether a call of an interface method sends the request
// that it is given: Do(*http.Request) (*http.Response, error).
func hasShapeOfDo(call ssa.CallInstruction) bool {
	common := call.Common()
	if !common.IsInvoke() || common.Method.Name() != "Do" {
		return false
	}
	sig := common.Method.Signature()
	return sig.Params().Len() == 1 && sig.Results().Len() == 2 &&
		typequery.Name(sig.Params().At(0).Type()) == "net/http.Request" && typequery.Name(sig.Results().At(0).Type()) == "net/http.Response"
}

// isRequest reports whether a type is a library's request: *http.Request and
// those that wrap it.
func isRequest(t types.Type) bool {
	p, ok := types.Unalias(t).(*types.Pointer)
	if !ok {
		return false
	}
	n, ok := types.Unalias(p.Elem()).(*types.Named)
	return ok && n.Obj().Name() == "Request" && n.Obj().Pkg() != nil
}

func isMethod(op string) bool {
	switch op {
	case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT":
		return true
	}
	return false
}

// operation names a request as the call graph does.
func (c *checker) operation(call ssa.CallInstruction) string {
	op := callgraph.ShowText(c.operations[c.net.Posn(call.Pos())])
	if method, _, _ := strings.Cut(op, " "); isMethod(method) {
		return op
	}
	return "HTTP request in " + call.Parent().Name()
}

// text returns the one string that a value can be, or the parameter that it is.
func (c *checker) text(v ssa.Value) (s string, param int) {
	switch v := v.(type) {
	case nil:
		return "", 0
	case *ssa.Parameter:
		return "", paramIndex(v)
	case *ssa.FreeVar:
		return "", freeIndex(v)
	case *ssa.Const:
		if v.Value != nil && v.Value.Kind() == constant.String {
			return methodText(constant.StringVal(v.Value)), 0
		}
		return "", 0
	case *ssa.Alloc: // a captured variable
		return c.stored(v)
	case *ssa.UnOp:
		if fv, ok := v.X.(*ssa.FreeVar); ok {
			return "", freeIndex(fv)
		}
		if s, param := c.stored(v.X); s != "" || param != 0 {
			return s, param
		}
	}
	if set := c.consts.Values(v); len(set) == 1 && set[0].Const != nil && set[0].Const.Kind() == constant.String {
		return methodText(constant.StringVal(set[0].Const)), 0
	}
	return "", 0
}

// stored is the text that is stored in a variable once.
func (c *checker) stored(addr ssa.Value) (s string, param int) {
	vals := storedIn(addr)
	if len(vals) != 1 {
		return "", 0
	}
	if _, load := vals[0].(*ssa.UnOp); load {
		return "", 0
	}
	return c.text(vals[0])
}

// methodText is the method that a request has with a text for it.
// net/http: "For client requests, an empty string means GET."
func methodText(s string) string {
	if s == "" {
		return "GET"
	}
	return s
}

// maxSteps limits how far a request is followed to where it was made.
const maxSteps = 12

// built says what a request was made with, in terms of the function of v.
func (c *checker) built(v ssa.Value, depth int) parts {
	if depth > maxSteps {
		return parts{}
	}
	switch v := v.(type) {
	case *ssa.Parameter:
		return parts{Parts: Parts{Param: paramIndex(v)}}
	case *ssa.FreeVar:
		return parts{Parts: Parts{Param: freeIndex(v)}}
	case *ssa.Phi:
		return c.builtAlike(v.Edges, v, depth)
	case *ssa.MakeInterface:
		return c.built(v.X, depth+1)
	case *ssa.ChangeType:
		return c.built(v.X, depth+1)
	case *ssa.UnOp:
		if fv, ok := v.X.(*ssa.FreeVar); ok {
			return parts{Parts: Parts{Param: freeIndex(fv)}}
		}
		return c.builtAlike(storedIn(v.X), v, depth)
	case *ssa.Alloc:
		return c.literal(v, depth)
	case *ssa.Extract:
		if call, ok := v.Tuple.(*ssa.Call); ok && v.Index == 0 {
			return c.builtBy(call, depth)
		}
	case *ssa.Call:
		return c.builtBy(v, depth)
	}
	return parts{}
}

// builtAlike is what all of several requests were made with.
func (c *checker) builtAlike(vals []ssa.Value, self ssa.Value, depth int) (all parts) {
	first := true
	for _, v := range vals {
		if v == self || isNil(v) {
			continue
		}
		p := c.built(v, depth+1)
		if p.Parts == (Parts{}) {
			continue // made of itself, or not known
		}
		if !first && (p.Method != all.Method || p.MethodParam != all.MethodParam || p.Param != all.Param) {
			return parts{}
		}
		if first || p.Key > all.Key {
			all = p
		}
		first = false
	}
	return all
}

func isNil(v ssa.Value) bool {
	k, ok := v.(*ssa.Const)
	return ok && k.Value == nil
}

// literal is a request that is written as a literal, or a variable that holds one.
func (c *checker) literal(v *ssa.Alloc, depth int) parts {
	elem := v.Type().Underlying().(*types.Pointer).Elem()
	if _, ok := elem.Underlying().(*types.Pointer); ok {
		return c.builtAlike(storedIn(v), v, depth)
	}
	var p parts
	if set := c.consts.FieldValues(v, "Method"); len(set) == 1 && set[0].Const != nil && set[0].Const.Kind() == constant.String {
		p.Method = methodText(constant.StringVal(set[0].Const))
	}
	return p
}

// builtBy says what a call makes a request with.
func (c *checker) builtBy(call *ssa.Call, depth int) parts {
	if model := netcall.ModelOf(call); model != nil && model.Request != nil {
		if model.Request.From != "" {
			return c.built(netcall.Operand(call, model.Request.From), depth+1)
		}
		var p parts
		p.Method, p.MethodParam = c.text(netcall.Operand(call, model.Request.Method))
		p.setKey(c.keyIn(call.Parent(), 0))
		return p
	}
	callee := call.Common().StaticCallee()
	if callee == nil {
		return parts{}
	}
	var made parts
	if callee.Blocks != nil && callee.Pkg == c.net.Pkg {
		made = c.result(callee)
	} else if obj, ok := callee.Object().(*types.Func); ok {
		if s := c.imported(obj); s != nil && s.Built != nil {
			made.Parts = *s.Built
		}
	}
	if made.Key == MintedKey {
		made.mints = []ssa.Instruction{call}
	}
	args := call.Common().Args
	r := c.fillParts(Request{Parts: made.Parts, mints: made.mints}, func(n int) ssa.Value {
		if n-1 < len(args) {
			return args[n-1]
		}
		return nil
	})
	p := parts{Parts: r.Parts, mints: r.mints}
	if p.Key == NoKey {
		p.setKey(c.keyIn(call.Parent(), 0))
	}
	return p
}

// result says what the request is made with that a function of the package
// returns first.
func (c *checker) result(fn *ssa.Function) parts {
	if p, ok := c.results[fn]; ok {
		return p
	}
	c.results[fn] = parts{}
	res := fn.Signature.Results()
	if res.Len() == 0 || !isRequest(res.At(0).Type()) {
		return parts{}
	}
	var vals []ssa.Value
	for _, b := range fn.Blocks {
		if ret, ok := b.Instrs[len(b.Instrs)-1].(*ssa.Return); ok && len(ret.Results) > 0 {
			vals = append(vals, ret.Results[0])
		}
	}
	p := c.builtAlike(vals, nil, 0)
	if p.Key == NoKey {
		p.setKey(c.keyIn(fn, 0))
	}
	c.results[fn] = p
	return p
}
