package clients

import (
	"strings"
	"sync"
)

// All returns the catalogue, sorted by ID. Callers must not change it.
func All() []Library { return libraries }

// index maps import paths to libraries; prefixes are the packages with a
// final /*.
type index struct {
	exact    map[string]*Library
	prefixes []prefix
}

type prefix struct {
	path    string // with the final slash
	library *Library
}

var packages = sync.OnceValue(func() *index {
	idx := &index{exact: make(map[string]*Library, 2*len(libraries))}
	for i := range libraries {
		lib := &libraries[i]
		for _, path := range lib.Packages {
			if base, ok := strings.CutSuffix(path, "*"); ok {
				idx.prefixes = append(idx.prefixes, prefix{base, lib})
			} else {
				idx.exact[path] = lib
			}
		}
	}
	return idx
})

// LookupLibrary returns the library that the package belongs to, or nil. The
// path may be that of a vendored copy ("a/vendor/google.golang.org/grpc").
func LookupLibrary(pkgPath string) *Library {
	pkgPath = unvendored(pkgPath)
	idx := packages()
	if lib := idx.exact[pkgPath]; lib != nil {
		return lib
	}
	var best prefix
	for _, p := range idx.prefixes {
		if len(p.path) > len(best.path) && strings.HasPrefix(pkgPath, p.path) {
			best = p
		}
	}
	return best.library
}

// IsInside reports whether a package is one that a modelled library is made of:
// an internal package of it, or one that its model lists.
func IsInside(pkgPath string) bool {
	pkgPath = unvendored(pkgPath)
	if outer, _, ok := strings.Cut(pkgPath+"/", "/internal/"); ok && LookupLibrary(outer) != nil {
		return true
	}
	for i := range libraries {
		for _, inside := range libraries[i].Insides {
			if base, ok := strings.CutSuffix(inside, "*"); ok && strings.HasPrefix(pkgPath, base) || pkgPath == inside {
				return true
			}
		}
	}
	return false
}

// unvendored strips what stands before the real import path of a vendored package.
func unvendored(pkgPath string) string {
	if i := strings.LastIndex(pkgPath, "/vendor/"); i >= 0 {
		return pkgPath[i+len("/vendor/"):]
	}
	return strings.TrimPrefix(pkgPath, "vendor/")
}

// LookupFunc returns the model of a function, or nil if there is none. recv is
// the name of the receiver's type without package, star or type arguments;
// empty for a package function. An entry without a * wins over one with; of
// several with a * the longest wins.
//
// Methods are found under the type that declares them. Where a value has them
// by embedding, ask for the value's own type first: the commands of a Redis
// pipeline are declared by the same type as those of a client, but are only
// queued.
func LookupFunc(pkgPath, recv, name string) *Func {
	lib := LookupLibrary(pkgPath)
	if lib == nil {
		return nil
	}
	return lib.Func(recv, name)
}

// Func is LookupFunc within the library.
func (lib *Library) Func(recv, name string) *Func {
	var best *Func
	for i := range lib.Funcs {
		f := &lib.Funcs[i]
		frecv, fname := f.split()
		if frecv == recv && fname == name {
			return f
		}
		if (best == nil || len(f.Name) > len(best.Name)) && glob(frecv, recv) && glob(fname, name) {
			best = f
		}
	}
	return best
}

// split returns the receiver's type name and the function's own name, both
// possibly patterns: "Client" and "Do" of "(*Client).Do". The star directly
// after the parenthesis is the pointer's, never a pattern.
func (f *Func) split() (recv, name string) { return splitName(f.Name) }

func splitName(full string) (recv, name string) {
	rest, ok := strings.CutPrefix(full, "(")
	if !ok {
		return "", full
	}
	recv, name, _ = strings.Cut(rest, ").")
	return strings.TrimPrefix(recv, "*"), name
}

// LookupType returns the model of a named type, or nil if there is none.
func LookupType(pkgPath, name string) *Type {
	lib := LookupLibrary(pkgPath)
	if lib == nil {
		return nil
	}
	for i := range lib.Types {
		if lib.Types[i].Name == name {
			return &lib.Types[i]
		}
	}
	return nil
}

// glob reports whether s matches the pattern, in which * stands for any run
// of characters. An empty pattern matches the empty string only.
func glob(pattern, s string) bool {
	before, rest, ok := strings.Cut(pattern, "*")
	if !ok {
		return pattern == s
	}
	s, ok = strings.CutPrefix(s, before)
	if !ok {
		return false
	}
	if rest == "" {
		return true
	}
	for i := 0; i <= len(s); i++ {
		if glob(rest, s[i:]) {
			return true
		}
	}
	return false
}
