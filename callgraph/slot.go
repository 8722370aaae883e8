package callgraph

import (
	"slices"
	"strings"
)

// Names of variables and operations may hold marks, which no source text begins
// with: slotMark begins a variable that stands for a field of whatever object,
// and placeOpen and placeClose enclose a part of an operation that a caller
// passes.
const (
	slotMark   = "\x04"
	placeOpen  = "\x02"
	placeClose = "\x03"
)

// slotVariable names the variable of a field of which it is not known whose it
// is.
func slotVariable(slot, name string) string { return slotMark + slot + paramMark + name }

func variableSlot(variable string) (slot, name string, ok bool) {
	rest, ok := strings.CutPrefix(variable, slotMark)
	if !ok {
		return "", "", false
	}
	slot, name, _ = strings.Cut(rest, paramMark)
	return slot, name, true
}

// number is the greatest number that the program stores in a slot; false if some
// are not known.
func (p *Program) number(slot string) (Polynomial, bool) {
	if known, ok := p.numbers[slot]; ok {
		return known, known != nil
	}
	p.numbers[slot] = nil // a slot that is assigned from itself
	var most Polynomial
	for _, a := range p.stored[slot] {
		n, ok := p.amountNumber(a)
		if !ok {
			return nil, false
		}
		if most == nil || len(n) > 0 && (len(most) == 0 || n[0].N > most[0].N) {
			most = n
		}
	}
	p.numbers[slot] = most
	return most, most != nil
}

// amountNumber is an amount as a number.
func (p *Program) amountNumber(a Amount) (Polynomial, bool) {
	if a.Param != nil && a.Param.Slot != "" {
		n, ok := p.number(a.Param.Slot)
		return n.Plus(Number(Count(max(a.N, 0)))), ok
	}
	if a.Param != nil || a.Var != "" && a.Var != noTimes {
		return nil, false
	}
	return a.polynomial(""), a.known()
}

// fillSlots puts the numbers that the program stores in fields for the variables
// that stand for them.
func (p *Program) fillSlots(v Value) Value {
	if !slices.ContainsFunc(v.Rows, func(r Row) bool { return r.hasSlots() }) {
		return v
	}
	amounts := func(name string) (Polynomial, bool) {
		slot, _, ok := variableSlot(name)
		if !ok {
			return nil, false
		}
		return p.number(slot)
	}
	out := Value{Rows: make([]Row, len(v.Rows))}
	for i, r := range v.Rows {
		out.Rows[i] = r.substitute(amounts, Call{})
	}
	return out
}

// fillParams is fillSlots for the parameters of an entry, which nobody passes.
func (p *Program) fillParams(v Value) Value {
	amounts := func(name string) (Polynomial, bool) {
		param, ok := variableParam(name)
		if !ok || param.Slot == "" {
			return nil, false
		}
		return p.number(param.Slot)
	}
	out := Value{Rows: make([]Row, len(v.Rows))}
	for i, r := range v.Rows {
		out.Rows[i] = r.substitute(amounts, Call{})
	}
	return out
}

func (r *Row) hasSlots() bool {
	has := func(f Figure) bool {
		for _, p := range f {
			for _, t := range p {
				if slices.ContainsFunc(t.Vars, func(v string) bool { return strings.HasPrefix(v, slotMark) }) {
					return true
				}
			}
		}
		return false
	}
	return has(r.Base) || has(r.Bystander) || slices.ContainsFunc(r.Cases, func(c Case) bool { return has(c.Hard) })
}

// Place marks a part of an operation that is a parameter of the function: what a
// caller passes takes its place. Where nobody passes anything, the text name
// stands in: what is known of it, or its name in braces.
func Place(p Param, name string) string {
	return placeOpen + paramVariable(p) + paramMark + name + placeClose
}

// fillPlaces puts what a call passes into the places of a text.
func (c *Call) fillPlaces(text string) string {
	return eachPlace(text, func(p Param, name string) string {
		passed, ok := c.passes(p)
		switch {
		case ok && passed.From != nil:
			return Place(*passed.From, name)
		case ok && passed.Text != "":
			return passed.Text
		}
		return name
	})
}

// ShowText writes a text for people, with what stands in for the places that
// nobody filled.
func ShowText(text string) string {
	return eachPlace(text, func(_ Param, name string) string { return name })
}

func eachPlace(text string, fill func(p Param, name string) string) string {
	if !strings.Contains(text, placeOpen) {
		return text
	}
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(text, placeOpen)
		b.WriteString(before)
		if !ok {
			break
		}
		place, after, _ := strings.Cut(rest, placeClose)
		at := strings.LastIndex(place, paramMark)
		if param, ok := variableParam(place[:max(at, 0)]); ok {
			b.WriteString(fill(param, place[at+1:]))
		}
		text = after
	}
	return withoutScheme(b.String())
}

// withoutScheme takes scheme and query off the URL of "GET https://host/path?q",
// which a caller may have passed whole.
func withoutScheme(operation string) string {
	if strings.Contains(operation, placeOpen) {
		return operation
	}
	method, rest, ok := strings.Cut(operation, " ")
	if !ok {
		return operation
	}
	if _, addr, found := strings.Cut(rest, "://"); found {
		rest = addr
	}
	rest, _, _ = strings.Cut(rest, "?")
	return method + " " + rest
}
