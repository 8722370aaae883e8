package retrynonidempotent

import (
	"go/constant"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/analyzers/typequery"
)

// keyIn says which idempotency key a function sets on the requests that it makes
// or sends, itself or through a function of the package that it gives a request.
func (c *checker) keyIn(fn *ssa.Function, depth int) (k parts) {
	if known, ok := c.keys[fn]; ok && depth == 0 {
		return known
	}
	k = c.keySetIn(fn, depth)
	if depth == 0 {
		c.keys[fn] = k
	}
	return k
}

func (c *checker) keySetIn(fn *ssa.Function, depth int) (k parts) {
	for _, b := range fn.Blocks {
		for _, instr := range b.Instrs {
			switch instr := instr.(type) {
			case *ssa.MapUpdate:
				if c.isKeyName(instr.Key) {
					k.add(c.keyFrom(instr.Value))
				}
			case ssa.CallInstruction:
				k.add(c.keySetBy(instr, depth))
			}
		}
	}
	if k.Key == NoKey && fn.Parent() != nil && depth < maxKeyDepth && c.keyIn(fn.Parent(), maxKeyDepth).Key != NoKey {
		k.Key = StableKey // made around the literal
	}
	return k
}

// maxKeyDepth limits how deep functions that set keys are looked for.
const maxKeyDepth = 2

// add keeps the weaker key: one that is minted for each run.
func (p *parts) add(q parts) {
	switch {
	case q.Key == NoKey:
	case p.Key == NoKey:
		p.setKey(q)
	case q.Key == MintedKey:
		p.Key, p.mints = MintedKey, append(p.mints, q.mints...)
	}
}

// keySetBy says which key a call sets.
func (c *checker) keySetBy(call ssa.CallInstruction, depth int) (k parts) {
	args := call.Common().Args
	for i, arg := range args {
		if c.isKeyName(arg) {
			if i+1 < len(args) {
				return c.keyFrom(args[i+1])
			}
			return parts{}
		}
	}
	callee := call.Common().StaticCallee()
	if callee == nil || callee.Blocks == nil || callee.Pkg != c.net.Pkg || depth >= maxKeyDepth || !handlesRequest(callee.Signature) {
		return parts{}
	}
	k = c.keyIn(callee, depth+1)
	switch {
	case k.Key == MintedKey:
		k.mints = []ssa.Instruction{call}
	case k.KeyParam > 0 && k.KeyParam-1 < len(args):
		return c.keyFrom(args[k.KeyParam-1])
	}
	return k
}

// handlesRequest reports whether a function gets a request or its headers.
func handlesRequest(sig *types.Signature) bool {
	for p := range sig.Params().Variables() {
		if isRequest(p.Type()) || typequery.Name(p.Type()) == "net/http.Header" {
			return true
		}
	}
	return false
}

// isKeyName reports whether a value is the name of a header that holds a key.
func (c *checker) isKeyName(v ssa.Value) bool {
	k, ok := v.(*ssa.Const)
	if !ok || k.Value == nil || k.Value.Kind() != constant.String {
		return false
	}
	name := constant.StringVal(k.Value)
	for key := range strings.SplitSeq(keyHeaders, ",") {
		if strings.EqualFold(strings.TrimSpace(key), name) && name != "" {
			return true
		}
	}
	return false
}

// keyFrom says how often a key is made anew, by what it is computed from.
func (c *checker) keyFrom(v ssa.Value) parts {
	w := keyWalk{checker: c, seen: make(map[ssa.Value]bool)}
	w.value(v)
	switch {
	case len(w.mints) > 0:
		return parts{Parts: Parts{Key: MintedKey}, mints: w.mints}
	case w.param != 0:
		return parts{Parts: Parts{Key: StableKey, KeyParam: w.param}}
	}
	return parts{Parts: Parts{Key: StableKey}}
}

// A keyWalk looks for what makes a value new each time.
type keyWalk struct {
	*checker
	seen  map[ssa.Value]bool
	mints []ssa.Instruction
	param int
}

func (w *keyWalk) value(v ssa.Value) {
	if v == nil || w.seen[v] || len(w.seen) > 200 {
		return
	}
	w.seen[v] = true
	switch v := v.(type) {
	case *ssa.Parameter:
		w.param = paramIndex(v)
		return
	case *ssa.FreeVar:
		w.param = freeIndex(v)
		return
	case *ssa.Call:
		if w.mintedBy(v, 0) {
			w.mints = append(w.mints, v)
			return
		}
	case *ssa.Alloc:
		for _, ref := range *v.Referrers() {
			switch ref := ref.(type) {
			case *ssa.Store:
				w.value(ref.Val)
			case *ssa.IndexAddr: // an element of a slice literal
				for _, r := range *ref.Referrers() {
					if st, ok := r.(*ssa.Store); ok {
						w.value(st.Val)
					}
				}
			case ssa.CallInstruction: // rand.Read(buf[:])
				if w.isMint(ref) {
					w.mints = append(w.mints, ref)
				}
			case *ssa.Slice:
				for _, r := range *ref.Referrers() {
					if call, ok := r.(ssa.CallInstruction); ok && w.isMint(call) {
						w.mints = append(w.mints, call)
					}
				}
			}
		}
		return
	}
	if instr, ok := v.(ssa.Instruction); ok {
		for _, op := range instr.Operands(nil) {
			w.value(*op)
		}
	}
}

// mintedBy reports whether a call returns something new each time.
func (c *checker) mintedBy(call ssa.CallInstruction, depth int) bool {
	if c.isMint(call) {
		return true
	}
	fn := call.Common().StaticCallee()
	if fn == nil || fn.Blocks == nil || fn.Pkg != c.net.Pkg || depth > 2 {
		return false
	}
	for _, b := range fn.Blocks {
		for _, instr := range b.Instrs {
			if inner, ok := instr.(ssa.CallInstruction); ok && c.mintedBy(inner, depth+1) {
				return true
			}
		}
	}
	return false
}

// minters are the elements of import paths of packages that make identifiers
// and random numbers.
var minters = []string{"uuid", "xid", "ulid", "ksuid", "shortuuid", "nanoid", "go-nanoid", "rand", "cuid", "cuid2", "snowflake", "sonyflake"}

// isMint reports whether a function of a library makes something new each time:
// an identifier, a random number, the time.
func (c *checker) isMint(call ssa.CallInstruction) bool {
	fn := netcall.Callee(call)
	if fn == nil || fn.Pkg() == nil {
		return false
	}
	path := fn.Pkg().Path()
	if path == "time" {
		return fn.Name() == "Now"
	}
	for elem := range strings.SplitSeq(path, "/") {
		for _, m := range minters {
			if elem == m || elem == "go."+m || elem == "go-"+m || elem == "go"+m {
				return isMaker(fn.Name())
			}
		}
	}
	return false
}

// isMaker leaves out the functions that read, print or derive what exists:
// uuid.Parse, UUID.String, and uuid.NewSHA1 and NewMD5, which are of a name.
func isMaker(name string) bool {
	switch {
	case strings.HasPrefix(name, "Parse"), strings.HasPrefix(name, "MustParse"), strings.HasPrefix(name, "From"):
		return false
	case name == "String", name == "NewSHA1", name == "NewMD5", name == "NewV3", name == "NewV5", name == "Must", name == "Validate", name == "Bytes":
		return false
	}
	return true
}
