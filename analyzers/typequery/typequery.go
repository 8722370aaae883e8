// Package typequery answers the questions about types that analyzers keep asking.
package typequery

import "go/types"

// IsError reports whether t is the type error.
func IsError(t types.Type) bool { return types.Identical(t, types.Universe.Lookup("error").Type()) }

// IsBool reports whether t is a boolean type, named or not.
func IsBool(t types.Type) bool { return hasInfo(t, types.IsBoolean) }

// IsInteger reports whether t is an integer type, named or not.
func IsInteger(t types.Type) bool { return hasInfo(t, types.IsInteger) }

func hasInfo(t types.Type, info types.BasicInfo) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&info != 0
}

// IsContext reports whether t is context.Context.
func IsContext(t types.Type) bool { return IsNamed(t, "context", "Context") }

// IsNamed reports whether t is the named type of a package, by its path. A pointer to it is
// another type.
func IsNamed(t types.Type, path, name string) bool {
	n, ok := types.Unalias(t).(*types.Named)
	return ok && n.Obj().Name() == name && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == path
}

// Name returns "path.Name" of a named type, or of the one that t points to; "" for other types
// and for those of no package, such as error.
func Name(t types.Type) string {
	path, name := Names(t)
	if path == "" {
		return ""
	}
	return path + "." + name
}

// Names is Name in its two parts.
func Names(t types.Type) (path, name string) {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	if n, ok := types.Unalias(t).(*types.Named); ok && n.Obj().Pkg() != nil {
		return n.Obj().Pkg().Path(), n.Obj().Name()
	}
	return "", ""
}
