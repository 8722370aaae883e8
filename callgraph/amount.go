package callgraph

import (
	"strconv"
	"strings"
)

// Parameters of a function are variables too, until a caller says what it passes.
// Their names begin with this mark, which no source text begins with.
const paramMark = "\x01"

// paramVariable names the variable of a parameter: index, path and slot, each
// after a mark.
func paramVariable(p Param) string {
	return paramMark + strconv.Itoa(p.Index) + paramMark + p.Path + paramMark + p.Slot
}

// variableParam is the parameter that a variable stands for.
func variableParam(name string) (Param, bool) {
	rest, ok := strings.CutPrefix(name, paramMark)
	if !ok {
		return Param{}, false
	}
	index, path, ok := strings.Cut(rest, paramMark)
	n, err := strconv.Atoi(index)
	if !ok || err != nil {
		return Param{}, false
	}
	path, slot, _ := strings.Cut(path, paramMark)
	return Param{Index: n, Path: path, Slot: slot}, true
}

// displayVariable is a variable's name for people.
func displayVariable(name string) string {
	if p, ok := variableParam(name); ok {
		return p.String()
	}
	if _, shown, ok := variableSlot(name); ok {
		return shown
	}
	return name
}

// String names a parameter by what is known of it: its field, or its place in
// the list, counting from 1 as people do.
func (p Param) String() string {
	if p.Path != "" {
		return p.Path
	}
	if outer, ok := p.captured(); ok {
		return outer.String()
	}
	return "argument " + strconv.Itoa(p.Index+1)
}

// captureDepth is what the index of a captured parameter is less for each
// function around a literal after the first.
const captureDepth = 100

// captured is the parameter that a literal captures, in the terms of the function
// around it.
func (p Param) captured() (Param, bool) {
	switch {
	case p.Index >= 0:
		return p, false
	case p.Index < -captureDepth:
		p.Index += captureDepth
	default:
		p.Index = -1 - p.Index
	}
	return p, true
}

// below gives the path of p under q, if p is q or a field somewhere in it.
func (p Param) below(q Param) (path string, ok bool) {
	switch {
	case p.Index != q.Index:
		return "", false
	case p.Path == q.Path:
		return "", true
	case q.Path == "":
		return p.Path, true
	}
	return strings.CutPrefix(p.Path, q.Path+".")
}

// field is the parameter at a path below p.
func (p Param) field(path string) Param {
	if p.Path != "" && path != "" {
		path = "." + path
	}
	return Param{Index: p.Index, Path: p.Path + path}
}

// noTimes is the Var of an Amount that is 0, as the zero Amount is not known.
const noTimes = "0"

// known reports whether the amount says anything.
func (a *Amount) known() bool {
	return a != nil && (a.N != 0 || a.Var != "" || a.Param != nil)
}

// polynomial is the number that a gives; what it does not tell becomes a
// variable of the name that is given for it. Less than 0 added to something is
// left out, so that the result is an upper bound.
func (a *Amount) polynomial(unknown string) Polynomial {
	if !a.known() {
		return Variable(unknown)
	}
	if a.N == Unbounded {
		return Number(Infinity)
	}
	n := Number(Count(max(a.N, 0)))
	switch {
	case a.Param != nil:
		return n.Plus(Variable(paramVariable(*a.Param)))
	case a.Var == noTimes:
		return n
	case a.Var != "":
		return n.Plus(Variable(a.Var))
	}
	return n
}

// amountOf says a polynomial as an Amount, as well as that can be done.
func amountOf(p Polynomial) Amount {
	if len(p) == 0 {
		return Amount{Var: noTimes}
	}
	n, rest := 0, p
	if last := p[len(p)-1]; len(last.Vars) == 0 {
		if last.N.IsInfinite() {
			return Amount{N: Unbounded}
		}
		n, rest = int(last.N), p[:len(p)-1]
	}
	if len(rest) == 0 {
		return Amount{N: n}
	}
	if len(rest) == 1 && len(rest[0].Vars) == 1 && rest[0].N == 1 {
		if param, ok := variableParam(rest[0].Vars[0]); ok {
			return Amount{N: n, Param: &param}
		}
	}
	return Amount{N: n, Var: rest.String()}
}
