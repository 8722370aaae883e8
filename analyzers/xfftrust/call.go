package xfftrust

import (
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/typequery"
)

// call follows addresses through a call.
func (pk *pkg) call(call ssa.CallInstruction) {
	common := call.Common()
	v, ok := call.(*ssa.Call)
	if !ok {
		return
	}
	if b, ok := common.Value.(*ssa.Builtin); ok {
		pk.builtin(v, b.Name())
		return
	}
	for _, r := range pk.source(call) {
		if !pk.isTrusted(call) {
			pk.addResult(v, 0, mark{read: r})
		}
	}
	pk.literals(v)
	if flows, known := pk.flows(common); known {
		trusted := pk.isTrusted(call)
		for _, f := range flows {
			pk.addResult(v, f.result, pk.passed(v, f.m, trusted)...)
		}
		if static := common.StaticCallee(); static != nil && len(origin(static).Blocks) > 0 {
			return
		}
	}
	pkg, recv, name := callee(common)
	if pkg == "net/http" || pkg == "net/textproto" {
		return // the key of a header tells nothing of what is in it
	}
	if isStandard(pkg) {
		pk.standard(v, pkg, recv, name)
		return
	}
	pk.unknown(v, recv, name)
}

func (pk *pkg) builtin(v *ssa.Call, name string) {
	for _, a := range v.Call.Args {
		switch name {
		case "append":
			pk.add(v, pk.marks[a]...)
		case "len", "min", "max":
			pk.add(v, pk.marks[a].outcomes()...)
		}
	}
}

// addResult marks a result of a call.
func (pk *pkg) addResult(v *ssa.Call, i int, ms ...mark) {
	if v.Call.Signature().Results().Len() == 1 {
		pk.add(v, ms...)
		return
	}
	for _, r := range *v.Referrers() {
		if e, ok := r.(*ssa.Extract); ok && e.Index == i {
			pk.add(e, ms...)
		}
	}
}

// addAll marks all results of a call that can be what the marks say.
func (pk *pkg) addAll(v *ssa.Call, ms marks) {
	for i := range v.Call.Signature().Results().Len() {
		pk.addResult(v, i, ms...)
	}
}

// A flow says that a result of a function is, or depends on, an address.
type flow struct {
	result int
	m      mark
}

// flows returns what is known of the results of a called function: from its
// body, or from the facts about it.
func (pk *pkg) flows(common *ssa.CallCommon) (flows []flow, known bool) {
	fn := common.StaticCallee()
	if fn == nil {
		return nil, false
	}
	fn = origin(fn)
	if len(fn.Blocks) == 0 {
		return pk.imported(fn)
	}
	for i, ms := range pk.results[fn] {
		for _, m := range ms {
			flows = append(flows, flow{i, m})
		}
	}
	return flows, true
}

// passed returns what a mark of a called function's result is at a call.
func (pk *pkg) passed(v *ssa.Call, m mark, trusted bool) marks {
	if m.fn == nil {
		if trusted {
			return nil
		}
		if m.test != none {
			m.at = v.Pos()
		}
		return marks{m}
	}
	fn := v.Call.StaticCallee()
	if fn == nil || m.fn != origin(fn) {
		return marks{m} // of a function around a literal
	}
	if m.param >= len(v.Call.Args) {
		return nil
	}
	args := pk.marks[v.Call.Args[m.param]]
	if m.test == none {
		return args
	}
	return append(args.outcomes(), args.tested(m.test, v.Pos())...)
}

// literals gives a function literal that is called with elements of a list, as
// the body of a loop over strings.SplitSeq is, the marks of the list.
func (pk *pkg) literals(v *ssa.Call) {
	for _, a := range v.Call.Args {
		var fn *ssa.Function
		switch a := a.(type) {
		case *ssa.MakeClosure:
			fn = a.Fn.(*ssa.Function)
		case *ssa.Function:
			fn = a
		}
		if fn == nil || len(fn.Blocks) == 0 {
			continue
		}
		from := pk.marks[v.Call.Value].addresses()
		if pkg, _, name := callee(&v.Call); pkg == "slices" && strings.HasSuffix(name, "Func") {
			from = append(from, pk.marks[v.Call.Args[0]].addresses()...)
		}
		for _, p := range fn.Params {
			pk.add(p, from...)
		}
		for _, ms := range pk.results[origin(fn)] {
			pk.addAll(v, pk.ofOthers(fn, ms.outcomes()))
		}
	}
}

// ofOthers leaves out the marks of a function's own parameters.
func (pk *pkg) ofOthers(fn *ssa.Function, ms marks) (found marks) {
	for _, m := range ms {
		if m.fn != fn {
			found = append(found, m)
		}
	}
	return found
}

// isStandard reports whether a package is one of the standard library whose
// functions test what they are given, or return it in another form.
func isStandard(pkg string) bool {
	first, _, _ := strings.Cut(pkg, "/")
	switch first {
	case "strings", "bytes", "net", "fmt", "slices", "regexp", "html", "crypto", "hash", "encoding", "cmp", "unicode", "path", "sync", "strconv":
		return true
	}
	return false
}

// standard follows addresses through a function of the standard library: it
// tests an address, or what it returns is made of it.
func (pk *pkg) standard(v *ssa.Call, pkg, recv, name string) {
	args := v.Call.Args
	if v.Call.IsInvoke() {
		args = append([]ssa.Value{v.Call.Value}, args...)
	}
	switch pkg + "." + recv + "." + name {
	case "slices..Reverse", "slices..Backward":
		pk.cleanse(args[0], pk.marks[args[0]])
		return
	case "net.IPNet.Contains", "net/netip.Prefix.Contains",
		"slices..Contains", "slices..Index", "slices..BinarySearch", "strings..Contains", "strings..Index":
		if len(pk.marks[args[0]].addresses()) == 0 {
			pk.addAll(v, pk.marks[args[1]].tested(member, v.Pos()))
		}
	case "net.IP.IsLoopback", "net.IP.IsPrivate", "net/netip.Addr.IsLoopback", "net/netip.Addr.IsPrivate":
		pk.addAll(v, pk.marks[args[0]].tested(member, v.Pos()))
	case "net.IP.Equal", "strings..EqualFold", "strings..HasPrefix":
		for i, a := range args[:2] {
			if isAddressTest(a, args[1-i], pk.marks[args[1-i]]) {
				pk.addAll(v, pk.marks[a].tested(compare, v.Pos()))
			}
		}
	case "sync.Map.Load", "sync.Map.LoadOrStore":
		pk.addAll(v, pk.marks[args[1]].tested(keyed, v.Pos()))
	}
	if name == "HasPrefix" || recv == "Map" {
		return
	}
	for _, a := range args {
		pk.addAll(v, pk.marks[a].addresses())
	}
}

// unknown follows addresses through a call of which nothing is known but names.
func (pk *pkg) unknown(v *ssa.Call, recv, name string) {
	args := v.Call.Args
	if v.Call.IsInvoke() || recv != "" && len(args) > 0 {
		object := v.Call.Value
		if !v.Call.IsInvoke() {
			object, args = args[0], args[1:]
		}
		// (*rate.Limiter).Allow, (*redis.IntCmd).Result
		pk.addAll(v, pk.marks[object].outcomes())
		if test, ok := keyedBy(object.Type(), name); ok {
			for _, a := range args {
				pk.addAll(v, pk.marks[a].tested(test, v.Pos()))
			}
		}
		return
	}
	if keepsAddress(name) {
		for _, a := range args {
			pk.addAll(v, pk.marks[a].addresses())
		}
	}
}

// keyedMethods are the names of methods by which caches, counters and limiters
// look up what they keep for a key.
var keyedMethods = []string{
	"Allow", "AllowAtMost", "AllowN", "Contains", "Exists", "Get", "GetOrCreate", "GetOrSet", "GetOrStore", "Has", "Hit", "Incr", "IncrBy",
	"Increment", "IsAllowed", "IsBanned", "IsBlocked", "LLen", "Limit", "Load", "LoadOrStore", "Peek", "RateLimit", "SIsMember", "Take", "TTL", "ZCard", "ZCount",
}

// keyedBy reports whether a method looks up what an object keeps for a key.
func keyedBy(object types.Type, name string) (test, bool) {
	if _, ok := slices.BinarySearch(keyedMethods, name); !ok {
		return none, false
	}
	if limits(object) {
		return limiter, true
	}
	switch name {
	case "Contains", "Has", "SIsMember", "IsAllowed", "IsBanned", "IsBlocked":
		return member, true
	}
	return keyed, true
}

// kept says what it means that a map keeps a value for each address.
func kept(elem types.Type) test {
	if limits(elem) {
		return limiter
	}
	switch u := elem.Underlying().(type) {
	case *types.Struct:
		if u.NumFields() == 0 {
			return member
		}
		for f := range u.Fields() {
			if limits(f.Type()) {
				return limiter
			}
		}
	case *types.Basic:
		if u.Kind() == types.Bool {
			return member
		}
	case *types.Pointer:
		if s, ok := u.Elem().Underlying().(*types.Struct); ok {
			for f := range s.Fields() {
				if limits(f.Type()) {
					return limiter
				}
			}
		}
	}
	return keyed
}

// limits reports whether a type is a rate limiter, by the name it goes by.
func limits(t types.Type) bool {
	name := typequery.Name(t)
	name = strings.ToLower(name[strings.LastIndexByte(name, '.')+1:])
	return strings.Contains(name, "limiter") || strings.Contains(name, "ratelimit") || strings.Contains(name, "throttle")
}

// keepsAddress reports whether a function, by its name, returns the address
// that it is given in another form, or a key made of it.
func keepsAddress(name string) bool {
	name = strings.ToLower(name)
	for _, s := range []string{"ip", "addr", "host", "trim", "canonical", "normal", "key"} {
		if strings.Contains(name, s) {
			return true
		}
	}
	return false
}

// isAddressTest reports whether comparing v with other tests whose address it
// is: other is a literal address or prefix of one, or neither constant nor from
// the same place. To compare with "", "unknown" or nil tells nothing of the kind.
func isAddressTest(v, other ssa.Value, others marks) bool {
	if c, ok := other.(*ssa.Const); ok {
		for _, s := range literal(c) {
			if s != "" && strings.Trim(s, "0123456789abcdefABCDEF.:") == "" && strings.ContainsAny(s, ".:") && len(s) > 2 {
				return true
			}
		}
		return false
	}
	if !isString(v.Type()) && !isAddress(v.Type()) || len(others.addresses()) > 0 {
		return false
	}
	if load, ok := other.(*ssa.UnOp); ok && load.Op == token.MUL && isAddress(v.Type()) {
		_, global := load.X.(*ssa.Global)
		return !global // net.IPv4zero and the like
	}
	return true
}

func origin(fn *ssa.Function) *ssa.Function {
	if o := fn.Origin(); o != nil {
		return o
	}
	return fn
}
