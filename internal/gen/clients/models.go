package main

import (
	"maps"
	"slices"
)

// A model is a library as the CUE files spell it: functions, types and fields
// are keyed by name. The types below mirror those of package clients (they
// cannot be those: the generator must run while its output does not compile).
type model struct {
	Packages    []string
	Source      string
	Transparent bool
	Insides     []string
	Local       bool
	Funcs       map[string]Func
	Types       map[string]struct {
		Default Bound
		Fields  map[string]string
		Roles   []Role
		Source  string
	}
}

type Library struct {
	ID          string
	Packages    []string
	Funcs       []Func
	Types       []Type
	Transparent bool
	Insides     []string
	Local       bool
	Source      string
}

type Func struct {
	Name    string
	Call    *Call
	Result  []Result
	Sets    []Set
	Roles   []Role
	Address Operand
	Request *Request
	Source  string
}

type Call struct {
	Protocol    string
	Op          string
	Method      Operand
	URL         Operand
	BoundedBy   []Operand
	Rarely      []Operand
	Default     string
	Context     Operand
	WithContext string
	Stream      bool
	Body        int
	BestEffort  bool
}

type (
	Operand string
	Bound   string
	Role    string
)

type Result struct {
	Index int
	Bound Bound
}

type Set struct {
	Target Operand
	Field  string
	Bound  Bound
}

type Request struct {
	Method Operand
	URL    Operand
	From   Operand
}

type Type struct {
	Name    string
	Default Bound
	Fields  []Field
	Roles   []Role
	Source  string
}

type Field struct {
	Name string
	Kind string
}

// sorted turns the maps of the models into lists ordered by name.
func sorted(models map[string]model) []Library {
	var libraries []Library
	for _, id := range slices.Sorted(maps.Keys(models)) {
		m := models[id]
		lib := Library{ID: id, Packages: m.Packages, Transparent: m.Transparent, Insides: m.Insides, Local: m.Local, Source: m.Source}
		for _, name := range slices.Sorted(maps.Keys(m.Funcs)) {
			f := m.Funcs[name]
			f.Name = name
			lib.Funcs = append(lib.Funcs, f)
		}
		for _, name := range slices.Sorted(maps.Keys(m.Types)) {
			t := m.Types[name]
			out := Type{Name: name, Default: t.Default, Roles: t.Roles, Source: t.Source}
			for _, field := range slices.Sorted(maps.Keys(t.Fields)) {
				out.Fields = append(out.Fields, Field{field, t.Fields[field]})
			}
			lib.Types = append(lib.Types, out)
		}
		libraries = append(libraries, lib)
	}
	return libraries
}
