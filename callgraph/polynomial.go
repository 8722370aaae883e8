package callgraph

import (
	"cmp"
	"slices"
	"strings"
)

// A Term is a Count times variables.
type Term struct {
	Vars []string `json:"vars,omitempty"` // sorted; a power repeats its variable
	N    Count    `json:"n"`              // never 0
}

// A Polynomial is a sum of terms over named variables. Variables stand for
// whole numbers that are not known, such as the turns of a loop, and are taken
// to be at least 1 where polynomials are compared. The zero
// Polynomial is 0. Polynomials that are equal as numbers, whatever their
// variables are, are equal in representation: terms are sorted, no two have the
// same variables, and what an infinite term swallows is left out.
type Polynomial []Term

// maxTerms bounds the terms of a polynomial.
const maxTerms = 32

// Number is the polynomial that is n.
func Number(n Count) Polynomial {
	if n == 0 {
		return nil
	}
	return Polynomial{{N: n.saturate()}}
}

// Variable is the polynomial that is the named variable.
func Variable(name string) Polynomial {
	return Polynomial{{Vars: []string{name}, N: 1}}
}

// compareTerms puts higher degrees first, and otherwise goes by name.
func compareTerms(a, b Term) int {
	return cmp.Or(cmp.Compare(len(b.Vars), len(a.Vars)), slices.Compare(a.Vars, b.Vars))
}

// normalize takes any terms to a Polynomial. It owns terms, but not their Vars.
func normalize(terms []Term) Polynomial {
	slices.SortFunc(terms, compareTerms)
	sum := terms[:0]
	for _, t := range terms {
		if t.N == 0 {
			continue
		}
		if last := len(sum) - 1; last >= 0 && slices.Equal(sum[last].Vars, t.Vars) {
			sum[last].N = sum[last].N.plus(t.N)
			continue
		}
		sum = append(sum, t)
	}
	return shorten(absorb(sum))
}

// absorb leaves out each term that is a multiple of another, infinite one: the
// sum is 0 or ∞ with and without it.
func absorb(p Polynomial) Polynomial {
	if !slices.ContainsFunc(p, func(t Term) bool { return t.N.IsInfinite() }) {
		return p
	}
	var kept Polynomial
	for i, t := range p {
		swallowed := false
		for j, u := range p {
			swallowed = swallowed || i != j && u.N.IsInfinite() && divides(u.Vars, t.Vars)
		}
		if !swallowed {
			kept = append(kept, t)
		}
	}
	return kept
}

// divides reports whether the sorted a is contained in the sorted b.
func divides(a, b []string) bool {
	i := 0
	for _, v := range b {
		if i < len(a) && a[i] == v {
			i++
		}
	}
	return i == len(a)
}

// shorten bounds a polynomial of very many terms from above, for variables that
// are at least 1: it joins the terms of lowest degree to their least common
// multiple.
func shorten(p Polynomial) Polynomial {
	if len(p) <= maxTerms {
		return p
	}
	rest := Term{}
	for _, t := range p[maxTerms-1:] {
		rest = Term{Vars: union(rest.Vars, t.Vars), N: rest.N.plus(t.N)}
	}
	return normalize(append(slices.Clone(p[:maxTerms-1]), rest))
}

// union merges sorted lists, with each name as often as it is in the one that
// has it more often.
func union(a, b []string) []string {
	var all []string
	for len(a) > 0 && len(b) > 0 {
		c := strings.Compare(a[0], b[0])
		all = append(all, min(a[0], b[0]))
		if c <= 0 {
			a = a[1:]
		}
		if c >= 0 {
			b = b[1:]
		}
	}
	return append(append(all, a...), b...)
}

// Plus returns p + q.
func (p Polynomial) Plus(q Polynomial) Polynomial {
	if len(p) == 0 {
		return q
	}
	if len(q) == 0 {
		return p
	}
	return normalize(slices.Concat(p, q))
}

// Times returns p × q.
func (p Polynomial) Times(q Polynomial) Polynomial {
	if len(p) == 0 || len(q) == 0 {
		return nil
	}
	terms := make([]Term, 0, len(p)*len(q))
	for _, a := range p {
		for _, b := range q {
			vars := a.Vars
			if len(b.Vars) > 0 {
				vars = slices.Concat(a.Vars, b.Vars)
				slices.Sort(vars)
			}
			terms = append(terms, Term{Vars: vars, N: a.N.times(b.N)})
		}
	}
	return normalize(terms)
}

// atMost reports whether p ≤ q can be told from the terms, where no variable is
// less than 1: each term of p must find room in terms of q that are multiples of
// it.
func (p Polynomial) atMost(q Polynomial) bool {
	room := make([]Count, len(q))
	for i, u := range q {
		room[i] = u.N
	}
	for _, t := range p {
		need := t.N
		for i, u := range q {
			if room[i] == 0 || !divides(t.Vars, u.Vars) {
				continue
			}
			if room[i].IsInfinite() {
				need = 0
				break
			}
			used := min(need, room[i])
			need, room[i] = need-used, room[i]-used
		}
		if need > 0 {
			return false
		}
	}
	return true
}

// join is the term-wise maximum, which is at least p and at least q.
func (p Polynomial) join(q Polynomial) Polynomial {
	terms := slices.Clone(p)
	for _, u := range q {
		i := slices.IndexFunc(terms, func(t Term) bool { return slices.Equal(t.Vars, u.Vars) })
		if i < 0 {
			terms = append(terms, u)
			continue
		}
		terms[i].N = max(terms[i].N, u.N)
	}
	return normalize(terms)
}

// Substitute replaces each variable that with knows.
func (p Polynomial) Substitute(with func(name string) (Polynomial, bool)) Polynomial {
	sum := make([]Term, 0, len(p))
	for _, t := range p {
		sum = append(sum, t.substitute(with)...)
	}
	return normalize(sum)
}

// substitute is Polynomial.Substitute for one term. Nearly always a variable becomes
// a number or another variable, and the term stays one.
func (t Term) substitute(with func(name string) (Polynomial, bool)) Polynomial {
	one := Term{N: t.N, Vars: make([]string, 0, len(t.Vars))}
	var factors []Polynomial
	for _, v := range t.Vars {
		switch value, ok := with(v); {
		case !ok:
			one.Vars = append(one.Vars, v)
		case len(value) == 0:
			return nil
		case len(value) == 1:
			one.N = one.N.times(value[0].N)
			one.Vars = append(one.Vars, value[0].Vars...)
		default:
			factors = append(factors, value)
		}
	}
	slices.Sort(one.Vars)
	product := Polynomial{one}
	for _, f := range factors {
		product = product.Times(f)
	}
	return product
}

// Eval is the number that p is for these values of its variables.
func (p Polynomial) Eval(at func(name string) Count) Count {
	var sum Count
	for _, t := range p {
		product := t.N
		for _, v := range t.Vars {
			product = product.times(at(v))
		}
		sum = sum.plus(product)
	}
	return sum
}

// IsConstant reports whether p has no variables.
func (p Polynomial) IsConstant() bool {
	return len(p) == 0 || len(p) == 1 && len(p[0].Vars) == 0
}

// String writes the sum: "4 × len(order.Items) + 2".
func (p Polynomial) String() string {
	if len(p) == 0 {
		return "0"
	}
	terms := make([]string, len(p))
	for i, t := range p {
		terms[i] = t.String()
	}
	return strings.Join(terms, " + ")
}

// String writes the product: "4 × len(order.Items)".
func (t Term) String() string {
	var factors []string
	if t.N != 1 || len(t.Vars) == 0 {
		n := t.N.String()
		if t.N.IsInfinite() && len(t.Vars) > 0 {
			n = "∞"
		}
		factors = append(factors, n)
	}
	for _, v := range t.Vars {
		factors = append(factors, displayVariable(v))
	}
	return strings.Join(factors, " × ")
}
