package callgraph

import (
	"cmp"
	"slices"
	"strings"
)

// A Figure is the maximum of polynomials, none of which is at most another. The
// zero Figure is 0.
type Figure []Polynomial

// maxAlternatives bounds the polynomials of a figure. Beyond it they are joined
// term by term, which gives an upper bound.
const maxAlternatives = 8

// Exactly is the figure that is n.
func Exactly(n Count) Figure { return figureOf(Number(n)) }

func figureOf(p Polynomial) Figure {
	if len(p) == 0 {
		return nil
	}
	return Figure{p}
}

// prune takes any polynomials to a Figure. It owns ps.
func prune(ps []Polynomial) Figure {
	slices.SortFunc(ps, comparePolynomials)
	ps = slices.CompactFunc(ps, func(a, b Polynomial) bool { return comparePolynomials(a, b) == 0 })
	var kept Figure
	for i, p := range ps {
		dominated := len(p) == 0
		for j, q := range ps {
			// Of two that are at most each other, the first is kept.
			dominated = dominated || i != j && p.atMost(q) && (j < i || !q.atMost(p))
		}
		if !dominated {
			kept = append(kept, p)
		}
	}
	if len(kept) <= maxAlternatives {
		return kept
	}
	var all Polynomial
	for _, p := range kept {
		all = all.join(p)
	}
	return Figure{all}
}

func comparePolynomials(a, b Polynomial) int {
	return slices.CompareFunc(a, b, func(t, u Term) int {
		return cmp.Or(compareTerms(t, u), cmp.Compare(u.N, t.N))
	})
}

// Equal reports whether f and g have the same polynomials.
func (f Figure) Equal(g Figure) bool {
	return slices.EqualFunc(f, g, func(p, q Polynomial) bool { return comparePolynomials(p, q) == 0 })
}

// IsZero reports whether f is 0.
func (f Figure) IsZero() bool { return len(f) == 0 }

// constant gives the number of a figure without variables.
func (f Figure) constant() (Count, bool) {
	switch {
	case len(f) == 0:
		return 0, true
	case len(f) == 1 && f[0].IsConstant():
		return f[0][0].N, true
	}
	return 0, false
}

// Add returns f + g.
func (f Figure) Add(g Figure) Figure {
	if len(f) == 0 {
		return g
	}
	if len(g) == 0 {
		return f
	}
	if m, ok := f.constant(); ok {
		if n, ok := g.constant(); ok {
			return Exactly(m.plus(n))
		}
	}
	return f.pairs(g, Polynomial.Plus)
}

// Mul returns f × g.
func (f Figure) Mul(g Figure) Figure {
	if n, ok := g.constant(); ok && n == 1 {
		return f
	}
	if n, ok := f.constant(); ok && n == 1 {
		return g
	}
	return f.pairs(g, Polynomial.Times)
}

func (f Figure) pairs(g Figure, op func(p, q Polynomial) Polynomial) Figure {
	all := make([]Polynomial, 0, len(f)*len(g))
	for _, p := range f {
		for _, q := range g {
			all = append(all, op(p, q))
		}
	}
	return prune(all)
}

// Max returns the larger of f and g, whatever the variables are.
func (f Figure) Max(g Figure) Figure {
	if len(f) == 0 || f.Equal(g) {
		return g
	}
	if len(g) == 0 {
		return f
	}
	if m, ok := f.constant(); ok {
		if n, ok := g.constant(); ok {
			return Exactly(max(m, n))
		}
	}
	return prune(slices.Concat(f, g))
}

// atMostNumber is the smaller of f and n: n where f has variables, which may be
// large.
func (f Figure) atMostNumber(n Count) Figure {
	if m, ok := f.constant(); ok && m <= n {
		return f
	}
	return Exactly(n)
}

// AtMost reports whether f ≤ g can be told from the terms alone.
func (f Figure) AtMost(g Figure) bool {
	for _, p := range f {
		if !slices.ContainsFunc(g, p.atMost) {
			return false
		}
	}
	return true
}

// Substitute replaces each variable that with knows.
func (f Figure) Substitute(with func(name string) (Polynomial, bool)) Figure {
	if !f.hasVariables() {
		return f
	}
	all := make([]Polynomial, len(f))
	for i, p := range f {
		all[i] = p.Substitute(with)
	}
	return prune(all)
}

func (f Figure) hasVariables() bool {
	return slices.ContainsFunc(f, func(p Polynomial) bool { return !p.IsConstant() })
}

// Eval is the number that f is for these values of its variables; others are n.
func (f Figure) Eval(values map[string]Count, n Count) Count {
	at := func(name string) Count {
		if v, ok := values[displayVariable(name)]; ok {
			return v
		}
		return n
	}
	var largest Count
	for _, p := range f {
		largest = max(largest, p.Eval(at))
	}
	return largest
}

// At is the number that f is with every variable at n.
func (f Figure) At(n Count) Count { return f.Eval(nil, n) }

// Variables lists the names of the variables, as String writes them.
func (f Figure) Variables() []string {
	var names []string
	for _, p := range f {
		for _, t := range p {
			for _, v := range t.Vars {
				names = append(names, displayVariable(v))
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// String writes "4 × len(order.Items) + 2", "unbounded" or "max(n, 3)".
func (f Figure) String() string {
	switch len(f) {
	case 0:
		return "0"
	case 1:
		return f[0].String()
	}
	alternatives := make([]string, len(f))
	for i, p := range f {
		alternatives[i] = p.String()
	}
	return "max(" + strings.Join(alternatives, ", ") + ")"
}
