package subschema

import (
	"math/big"
	"slices"

	"github.com/commslint/commslint/openapi/schema"
)

// number is what a branch knows of a number.
type number struct {
	low, high             *big.Rat // nil: unbounded
	openLow, openHigh     bool     // the bound itself is excluded
	integer, fractional   bool
	multiples, noMultiple []*big.Rat
}

func (n number) clone() number {
	n.multiples = slices.Clip(n.multiples)
	n.noMultiple = slices.Clip(n.noMultiple)
	return n
}

func (n *number) atLeast(low *big.Rat, open bool) {
	if low == nil {
		return
	}
	if order := compareBound(n.low, low); n.low == nil || order < 0 || order == 0 && open {
		n.low, n.openLow = low, open
	}
}

func (n *number) atMost(high *big.Rat, open bool) {
	if high == nil {
		return
	}
	if order := compareBound(n.high, high); n.high == nil || order > 0 || order == 0 && open {
		n.high, n.openHigh = high, open
	}
}

func compareBound(a, b *big.Rat) int {
	if a == nil {
		return 0
	}
	return a.Cmp(b)
}

// empty says whether the bounds leave nothing.
func (n *number) empty() bool {
	if n.low == nil || n.high == nil {
		return false
	}
	order := n.low.Cmp(n.high)
	return order > 0 || order == 0 && (n.openLow || n.openHigh)
}

func (n *number) contains(r *big.Rat) bool {
	if n.low != nil {
		if order := r.Cmp(n.low); order < 0 || order == 0 && n.openLow {
			return false
		}
	}
	if n.high != nil {
		if order := r.Cmp(n.high); order > 0 || order == 0 && n.openHigh {
			return false
		}
	}
	if n.integer && !r.IsInt() || n.fractional && r.IsInt() {
		return false
	}
	return !slices.ContainsFunc(n.multiples, func(of *big.Rat) bool { return !isMultiple(r, of) }) &&
		!slices.ContainsFunc(n.noMultiple, func(of *big.Rat) bool { return isMultiple(r, of) })
}

func (b *branch) assumeNumber(s *schema.Schema) bool {
	n := &b.number
	if s.Types != 0 && s.Types&schema.Number == 0 {
		n.integer = true
	}
	n.atLeast(s.Minimum, false)
	n.atLeast(s.ExclusiveMinimum, true)
	n.atMost(s.Maximum, false)
	n.atMost(s.ExclusiveMaximum, true)
	if low, high, ranged := b.sv.c.formatRange(s.Format); ranged {
		n.atLeast(low, false)
		n.atMost(high, false)
	}
	if s.MultipleOf != nil {
		if s.MultipleOf.Sign() <= 0 {
			b.doubt("multipleOf is not positive")
		} else {
			n.multiples = append(n.multiples, s.MultipleOf)
		}
	}
	return !n.empty() && !(n.integer && n.fractional)
}

func (b *branch) refuteNumber(s *schema.Schema) disjunction {
	var d disjunction
	keyword := func(constrain func(*number)) {
		d = append(d, alternative{constraints: []constraint{func(b *branch) bool {
			constrain(&b.number)
			return !b.number.empty() && !(b.number.integer && b.number.fractional)
		}}})
	}
	if s.Types != 0 && s.Types&schema.Number == 0 {
		keyword(func(n *number) { n.fractional = true })
	}
	below := func(bound *big.Rat, open bool) {
		if bound != nil {
			keyword(func(n *number) { n.atMost(bound, open) })
		}
	}
	above := func(bound *big.Rat, open bool) {
		if bound != nil {
			keyword(func(n *number) { n.atLeast(bound, open) })
		}
	}
	below(s.Minimum, true)
	below(s.ExclusiveMinimum, false)
	above(s.Maximum, true)
	above(s.ExclusiveMaximum, false)
	if low, high, ranged := b.sv.c.formatRange(s.Format); ranged {
		below(low, true)
		above(high, true)
	}
	if s.MultipleOf != nil {
		keyword(func(n *number) { n.noMultiple = append(n.noMultiple, s.MultipleOf) })
	}
	return d
}

// maxMultiples bounds how many multiples are tried one after the other.
const maxMultiples = 20_000

func (b *branch) solveNumber() solution {
	n := &b.number
	if n.empty() {
		return none
	}
	step := commonMultiple(n.multiples, n.integer)
	if step == nil {
		return b.solveContinuous()
	}
	return b.solveMultiples(step)
}

// commonMultiple is the least number that all are divisors of, with 1 for integers; nil if there
// are none. For fractions in lowest terms it is lcm of the numerators over gcd of the
// denominators.
func commonMultiple(multiples []*big.Rat, integer bool) *big.Rat {
	var step *big.Rat
	if integer {
		step = big.NewRat(1, 1)
	}
	for _, m := range multiples {
		if step == nil {
			step = m
			continue
		}
		numerators := new(big.Int).GCD(nil, nil, step.Num(), m.Num())
		numerators.Div(new(big.Int).Mul(step.Num(), m.Num()), numerators)
		step = new(big.Rat).SetFrac(numerators, new(big.Int).GCD(nil, nil, step.Denom(), m.Denom()))
	}
	return step
}

// solveMultiples looks for k × step. Whether k × step is a multiple of some other number is
// periodic in k with a period that divides its reduced denominator, so that the search may stop
// after the product of the periods, once more for every single value excluded.
func (b *branch) solveMultiples(step *big.Rat) solution {
	n := &b.number
	period := big.NewInt(1)
	for _, of := range n.noMultiple {
		period.Mul(period, new(big.Rat).Quo(step, of).Denom())
	}
	if n.fractional {
		period.Mul(period, step.Denom())
	}
	needed := new(big.Int).Mul(period, big.NewInt(int64(len(b.excluded))+1))
	first, direction := firstMultiple(n, step)
	tries := maxMultiples
	complete := needed.IsInt64() && needed.Int64() <= maxMultiples
	if complete {
		tries = int(needed.Int64())
	}
	for k := first; tries > 0; tries-- {
		b.sv.steps--
		r := new(big.Rat).Mul(new(big.Rat).SetInt(k), step)
		if n.beyond(r, direction) {
			return none
		}
		if v, ok := numberText(r); ok && n.contains(r) && !b.excludes(v) {
			return found(v)
		}
		k = new(big.Int).Add(k, big.NewInt(direction))
	}
	if complete {
		return none
	}
	return unknown("no multiple was found in time")
}

// firstMultiple is where to start and in which direction to go: up from the lower bound, down
// from the upper, up from zero if there is neither.
func firstMultiple(n *number, step *big.Rat) (k *big.Int, direction int64) {
	switch {
	case n.low != nil:
		k = ceiling(new(big.Rat).Quo(n.low, step))
		if n.openLow && new(big.Rat).Mul(new(big.Rat).SetInt(k), step).Cmp(n.low) == 0 {
			k.Add(k, big.NewInt(1))
		}
		return k, 1
	case n.high != nil:
		k = floor(new(big.Rat).Quo(n.high, step))
		if n.openHigh && new(big.Rat).Mul(new(big.Rat).SetInt(k), step).Cmp(n.high) == 0 {
			k.Sub(k, big.NewInt(1))
		}
		return k, -1
	}
	return new(big.Int), 1
}

// beyond says that the search has left the interval at its far end.
func (n *number) beyond(r *big.Rat, direction int64) bool {
	if direction > 0 {
		return n.high != nil && (r.Cmp(n.high) > 0 || n.openHigh && r.Cmp(n.high) == 0)
	}
	return n.low != nil && (r.Cmp(n.low) < 0 || n.openLow && r.Cmp(n.low) == 0)
}

// solveContinuous looks for any number of an interval: what is excluded is nowhere dense unless
// the interval is one point.
func (b *branch) solveContinuous() solution {
	n := &b.number
	if n.low != nil && n.high != nil && n.low.Cmp(n.high) == 0 {
		if v, ok := numberText(n.low); ok && n.contains(n.low) && !b.excludes(v) {
			return found(v)
		}
		return none
	}
	for _, r := range n.candidates() {
		b.sv.steps--
		if v, ok := numberText(r); ok && n.contains(r) && !b.excludes(v) {
			return found(v)
		}
	}
	return unknown("no number was found in time")
}

// candidates lists numbers of the interval: zero and whole numbers first, then decimals ever
// finer.
func (n *number) candidates() []*big.Rat {
	low, high := n.low, n.high
	switch {
	case low == nil && high == nil:
		low, high = big.NewRat(-100, 1), big.NewRat(100, 1)
	case low == nil:
		low = new(big.Rat).Sub(high, big.NewRat(100, 1))
	case high == nil:
		high = new(big.Rat).Add(low, big.NewRat(100, 1))
	}
	list := []*big.Rat{new(big.Rat)}
	for i := int64(0); i < 100; i++ {
		list = append(list, new(big.Rat).SetInt(new(big.Int).Add(ceiling(low), big.NewInt(i))))
	}
	list = append(list, big.NewRat(1, 2), big.NewRat(3, 2), big.NewRat(-1, 2), big.NewRat(1, 10), low, high)
	width := new(big.Rat).Sub(high, low)
	for _, parts := range [...]int64{2, 8, 128, 1 << 12} { // powers of two: halves are finite decimals
		for _, i := range [...]int64{1, 3, 5, 7, 11, 101, 1021} {
			if i < parts {
				list = append(list, new(big.Rat).Add(low, new(big.Rat).Mul(width, big.NewRat(i, parts))))
			}
		}
	}
	for digits := int64(1); digits <= 8; digits++ { // a lattice cannot hold all of these
		fine := new(big.Rat).SetFrac(big.NewInt(1), new(big.Int).Exp(big.NewInt(10), big.NewInt(digits), nil))
		list = append(list, new(big.Rat).Add(low, fine), new(big.Rat).Add(new(big.Rat).SetInt(ceiling(low)), fine))
	}
	return list
}
