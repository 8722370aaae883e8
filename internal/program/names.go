package program

import (
	"path/filepath"
	"reflect"
	"strings"

	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/internal/workspace"
)

// names turns the absolute file names of descriptions into those that users see.
type names struct {
	dir   string
	label string // goes before all names, which then are relative already
	known map[string]string
}

func newNames(dir string) *names { return &names{dir: dir, known: make(map[string]string)} }

// file is a file's name relative to the working directory, or below the module
// cache.
func (n *names) file(path string) string {
	if n.label != "" && path != "" {
		return n.label + path
	}
	if !filepath.IsAbs(path) {
		return path
	}
	name, ok := n.known[path]
	if !ok {
		name = workspace.Name(n.dir, path)
		n.known[path] = name
	}
	return name
}

// Label puts a label before the names of all files of an exported program, so that
// those of several repositories are told apart.
func Label(x *callgraph.Export, label string) {
	n := &names{label: label + ":"}
	n.shorten(x)
	for i := range x.Estate.Routes {
		x.Estate.Routes[i].ID = n.label + x.Estate.Routes[i].ID
	}
	for i := range x.Estate.Services {
		if s := &x.Estate.Services[i]; s.Dir != "" {
			s.Dir = n.file(s.Dir)
		}
	}
}

// shorten renames the files in all positions of v, which is a pointer, and in the
// variables of figures that are called after a position.
func (n *names) shorten(v any) { n.walk(reflect.ValueOf(v)) }

var (
	posnType = reflect.TypeFor[callgraph.Posn]()
	termType = reflect.TypeFor[callgraph.Term]()
)

func (n *names) walk(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			n.walk(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			n.walk(v.Index(i))
		}
	case reflect.Map:
		n.walkMap(v)
	case reflect.Struct:
		n.walkStruct(v)
	}
}

// walkMap replaces the values, which cannot be changed in place.
func (n *names) walkMap(v reflect.Value) {
	for _, key := range v.MapKeys() {
		value := reflect.New(v.Type().Elem()).Elem()
		value.Set(v.MapIndex(key))
		n.walk(value)
		v.SetMapIndex(key, value)
	}
}

func (n *names) walkStruct(v reflect.Value) {
	switch v.Type() {
	case posnType:
		at := v.Addr().Interface().(*callgraph.Posn)
		at.File = n.file(at.File)
		return
	case termType:
		t := v.Addr().Interface().(*callgraph.Term)
		for i, name := range t.Vars {
			t.Vars[i] = n.variable(name)
		}
		return
	}
	for i := range v.NumField() {
		if f := v.Field(i); v.Type().Field(i).IsExported() {
			n.walk(f)
		}
	}
}

// variable shortens "turns of the loop at FILE:LINE".
func (n *names) variable(name string) string {
	before, place, ok := strings.Cut(name, " at ")
	if !ok || n.label == "" && !filepath.IsAbs(place) {
		return name
	}
	return before + " at " + n.file(place)
}
