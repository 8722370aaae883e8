package xfftrust

import (
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/constflow"
)

// isTrusted reports whether an instruction runs only after a check of the peer,
// or of a setting that says that a trusted proxy writes the header.
func (pk *pkg) isTrusted(instr ssa.Instruction) bool {
	known, ok := pk.trusted[instr]
	if ok {
		return known
	}
	for fn, at := instr.Parent(), instr; ; {
		for _, g := range constflow.Guards(at) {
			if namesTrust(g.Cond) {
				known = true
			}
		}
		// A literal exists only where it is made.
		c := pk.closures[fn]
		if c == nil || known {
			break
		}
		fn, at = c.Parent(), c
	}
	pk.trusted[instr] = known
	return known
}

// namesTrust reports whether a condition is about the peer's address or a
// setting about proxies, by the names of the fields, variables and functions in it.
func namesTrust(cond ssa.Value) bool {
	seen := make(map[ssa.Value]bool)
	var visit func(v ssa.Value, depth int) bool
	visit = func(v ssa.Value, depth int) bool {
		if v == nil || seen[v] || depth > 12 {
			return false
		}
		seen[v] = true
		if tellsTrust(nameOf(v), v.Type()) {
			return true
		}
		if instr, ok := v.(ssa.Instruction); ok {
			for _, op := range instr.Operands(nil) {
				if visit(*op, depth+1) {
					return true
				}
			}
		}
		return false
	}
	return visit(cond, 0)
}

func nameOf(v ssa.Value) string {
	switch v := v.(type) {
	case *ssa.Parameter, *ssa.Global, *ssa.FreeVar, *ssa.Function:
		return v.Name()
	case *ssa.FieldAddr:
		return fieldOf(v).Name()
	case *ssa.Field:
		if s, ok := v.X.Type().Underlying().(*types.Struct); ok {
			return s.Field(v.Field).Name()
		}
	case *ssa.Call:
		if v.Call.IsInvoke() {
			return v.Call.Method.Name()
		}
	}
	return ""
}

func tellsTrust(name string, t types.Type) bool {
	name = strings.ReplaceAll(strings.ToLower(name), "_", "")
	for _, s := range []string{"trust", "prox", "behind", "remoteaddr", "remoteip", "peer"} {
		if strings.Contains(name, s) {
			return true
		}
	}
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	if b, ok := t.Underlying().(*types.Basic); !ok || b.Info()&types.IsBoolean == 0 {
		return false
	}
	for _, s := range []string{"forward", "xff", "realip", "header", "cloudflare", "cdn"} {
		if strings.Contains(name, s) {
			return true
		}
	}
	return false
}
