package main

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// A retryModel is an entry of retries as the CUE files spell it. As in
// models.go, the types that are rendered mirror those of package clients.
type retryModel struct {
	Packages []string
	Source   string
	Funcs    map[string]retryFunc
	Types    map[string]struct {
		Default    policy
		Configured bool
		Fields     map[string]policy
		Source     string
	}
}

type retryFunc struct {
	Repeats *struct {
		policy
		Invokes Operand
		Method  string
		Poll    bool
		Marked  bool
	}
	Makes []struct {
		policy
		Index int
	}
	Sets []struct {
		policy
		Target Operand
	}
	Value, Delay *policy
	Wait         *Wait
	Permanent    bool
	Retryable    bool
	Source       string
}

type policy struct {
	From, Wraps, Layers, Options, Combines Operand

	Only                                          []Part
	Attempts, Growth, Jitter, Context, RetryAfter string
	Budget, Overall, PerTry, First, Factor, Cap   string
	Spread, Methods, Opaque                       string
	Modes                                         []string
}

type RetryLibrary struct {
	ID       string
	Packages []string
	Funcs    []RetryFunc
	Types    []RetryType
	Source   string
}

type RetryFunc struct {
	Name      string
	Repeats   *Repeat
	Makes     []Make
	Sets      []Change
	Value     *Policy
	Delay     *Policy
	Wait      *Wait
	Permanent bool
	Retryable bool
	Source    string
}

type Repeat struct {
	Invokes Operand
	Method  string
	Poll    bool
	Marked  bool
	Policy  Policy
}

type Make struct {
	Index  int
	Policy Policy
}

type Change struct {
	Target Operand
	Policy Policy
}

type Wait struct {
	Duration Operand
	Context  Operand
}

type Part string

type Policy struct {
	From     Operand
	Only     []Part
	Wraps    Operand
	Layers   Operand
	Options  Operand
	Combines Operand
	Parts    []PartExpr
}

type PartExpr struct {
	Part Part
	Expr string
}

type RetryType struct {
	Name       string
	Default    Policy
	Configured bool
	Fields     []RetryField
	Source     string
}

type RetryField struct {
	Name   string
	Policy Policy
}

// sortedRetries turns the maps of the models into lists ordered by name.
func sortedRetries(models map[string]retryModel) (libraries []RetryLibrary) {
	for _, id := range slices.Sorted(maps.Keys(models)) {
		m := models[id]
		lib := RetryLibrary{ID: id, Packages: m.Packages, Source: m.Source}
		for _, name := range slices.Sorted(maps.Keys(m.Funcs)) {
			f := m.Funcs[name]
			lib.Funcs = append(lib.Funcs, f.named(name))
		}
		for _, name := range slices.Sorted(maps.Keys(m.Types)) {
			t := m.Types[name]
			out := RetryType{Name: name, Default: t.Default.parts(), Configured: t.Configured, Source: t.Source}
			for _, field := range slices.Sorted(maps.Keys(t.Fields)) {
				p := t.Fields[field]
				out.Fields = append(out.Fields, RetryField{field, p.parts()})
			}
			lib.Types = append(lib.Types, out)
		}
		libraries = append(libraries, lib)
	}
	return libraries
}

func (f *retryFunc) named(name string) RetryFunc {
	out := RetryFunc{Name: name, Wait: f.Wait, Permanent: f.Permanent, Retryable: f.Retryable, Source: f.Source}
	if r := f.Repeats; r != nil {
		out.Repeats = &Repeat{r.Invokes, r.Method, r.Poll, r.Marked, r.parts()}
	}
	for _, m := range f.Makes {
		out.Makes = append(out.Makes, Make{m.Index, m.parts()})
	}
	for _, s := range f.Sets {
		out.Sets = append(out.Sets, Change{s.Target, s.parts()})
	}
	if f.Value != nil {
		p := f.Value.parts()
		out.Value = &p
	}
	if f.Delay != nil {
		p := f.Delay.parts()
		out.Delay = &p
	}
	return out
}

// parts lists the parts that a policy sets, ordered by name.
func (p *policy) parts() Policy {
	out := Policy{From: p.From, Only: p.Only, Wraps: p.Wraps, Layers: p.Layers, Options: p.Options, Combines: p.Combines}
	for part, expr := range map[Part]string{
		"attempts": p.Attempts, "growth": p.Growth, "jitter": p.Jitter, "context": p.Context,
		"retryAfter": p.RetryAfter, "budget": p.Budget, "overall": p.Overall, "perTry": p.PerTry,
		"first": p.First, "factor": p.Factor, "cap": p.Cap, "spread": p.Spread,
		"methods": p.Methods, "opaque": p.Opaque, "modes": strings.Join(p.Modes, " "),
	} {
		if expr != "" {
			out.Parts = append(out.Parts, PartExpr{part, expr})
		}
	}
	slices.SortFunc(out.Parts, func(a, b PartExpr) int { return cmp.Compare(a.Part, b.Part) })
	return out
}
