package main

import (
	"cmp"
	"encoding/gob"
	"go/types"
	"reflect"
	"slices"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/types/objectpath"

	"github.com/commslint/commslint/analyzers/netcall"
)

// A file is what go vet stores of a package's facts. Sizes are in bytes.
type file struct {
	pkg                  string
	total                int // with what it may pass on of its imports' facts
	own                  int
	functions, variables int             // that own facts are about
	parts                [len(parts)]int // how much smaller own is without each part
}

func (f *file) add(g file) {
	f.total += g.total
	f.own += g.own
	f.functions += g.functions
	f.variables += g.variables
	for i := range f.parts {
		f.parts[i] += g.parts[i]
	}
}

// parts are the parts of a fact whose share is measured by clearing them.
// They overlap: needs and remote calls hold positions.
var parts = [...]struct {
	name  string
	clear func(analysis.Fact)
}{
	{"results", func(f analysis.Fact) { clearIn(f, func(s *netcall.Summary) { s.Results = nil }) }},
	{"needs", func(f analysis.Fact) { clearIn(f, func(s *netcall.Summary) { s.Needs = nil }) }},
	{"sets", func(f analysis.Fact) { clearIn(f, func(s *netcall.Summary) { s.Sets = nil }) }},
	{"remote calls", func(f analysis.Fact) { clearIn(f, func(s *netcall.Summary) { s.Remote = nil }) }},
	{"stored values", func(f analysis.Fact) { clearIn(f, func(s *netcall.Stored) { s.Value = netcall.Value{} }) }},
	{"ways to a remote call", func(f analysis.Fact) { clearIn(f, func(l *netcall.Leaf) { l.Via = nil }) }},
	{"names of files", func(f analysis.Fact) { clearIn(f, func(p *netcall.Posn) { p.File = "" }) }},
}

// A record has the form of those that x/tools' internal/facts writes, so that
// its gob encoding has the same size.
type record struct {
	PkgPath string
	Object  objectpath.Path
	Fact    analysis.Fact
}

func init() {
	gob.Register((*netcall.Summary)(nil))
	gob.Register((*netcall.Stored)(nil))
}

// encode measures the facts that are known after the analysis of a package.
func encode(act *checker.Action) (file, error) {
	pkg := act.Package.Types
	f := file{pkg: pkg.Path()}
	var all, own []record
	paths := new(objectpath.Encoder)
	for _, known := range act.AllObjectFacts() {
		if !stored(known.Object, pkg) {
			continue
		}
		path, err := paths.For(known.Object)
		if err != nil {
			continue // importers cannot name it, so it is not stored
		}
		r := record{known.Object.Pkg().Path(), path, known.Fact}
		all = append(all, r)
		if known.Object.Pkg() == pkg {
			own = append(own, r)
			f.count(known.Object)
		}
	}
	var err error
	if f.total, err = size(all); err != nil {
		return f, err
	}
	if f.own, err = size(own); err != nil {
		return f, err
	}
	return f, f.measureParts(own)
}

// stored reports whether a fact about obj goes into the file of pkg: of other
// packages' objects, only those that importers of pkg can come by.
func stored(obj types.Object, pkg *types.Package) bool {
	return obj.Pkg() == pkg || obj.Parent() != obj.Pkg().Scope()
}

func (f *file) count(obj types.Object) {
	if _, ok := obj.(*types.Func); ok {
		f.functions++
	} else {
		f.variables++
	}
}

func (f *file) measureParts(own []record) error {
	for i, part := range parts {
		without := slices.Clone(own)
		for j := range without {
			without[j].Fact = clone(without[j].Fact)
			part.clear(without[j].Fact)
		}
		n, err := size(without)
		if err != nil {
			return err
		}
		f.parts[i] = f.own - n
	}
	return nil
}

// size returns the length of the records' encoding, 0 for none.
func size(records []record) (int, error) {
	if len(records) == 0 {
		return 0, nil
	}
	slices.SortFunc(records, func(a, b record) int {
		return cmp.Or(cmp.Compare(a.PkgPath, b.PkgPath), cmp.Compare(a.Object, b.Object))
	})
	var n counter
	err := gob.NewEncoder(&n).Encode(records)
	return int(n), err
}

// A counter counts the bytes that are written to it.
type counter int

func (n *counter) Write(p []byte) (int, error) {
	*n += counter(len(p))
	return len(p), nil
}

// clone returns a deep copy of a fact's exported fields.
func clone(f analysis.Fact) analysis.Fact {
	return cloneValue(reflect.ValueOf(f)).Interface().(analysis.Fact)
}

func cloneValue(v reflect.Value) reflect.Value {
	out := reflect.New(v.Type()).Elem()
	switch {
	case v.Kind() == reflect.Pointer && !v.IsNil():
		out.Set(reflect.New(v.Type().Elem()))
		out.Elem().Set(cloneValue(v.Elem()))
	case v.Kind() == reflect.Slice && !v.IsNil():
		out.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
		for i := range v.Len() {
			out.Index(i).Set(cloneValue(v.Index(i)))
		}
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				out.Field(i).Set(cloneValue(v.Field(i)))
			}
		}
	default:
		out.Set(v)
	}
	return out
}

// clearIn calls clear for every T in a fact.
func clearIn[T any](f analysis.Fact, clear func(*T)) {
	var walk func(reflect.Value)
	walk = func(v reflect.Value) {
		if v.CanAddr() {
			if t, ok := v.Addr().Interface().(*T); ok {
				clear(t)
			}
		}
		switch v.Kind() {
		case reflect.Pointer:
			if !v.IsNil() {
				walk(v.Elem())
			}
		case reflect.Slice:
			for i := range v.Len() {
				walk(v.Index(i))
			}
		case reflect.Struct:
			for i := range v.NumField() {
				if v.Type().Field(i).IsExported() {
					walk(v.Field(i))
				}
			}
		}
	}
	walk(reflect.ValueOf(f))
}
