package callgraph

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
)

// A Count is a number of requests: a whole number or ∞. Factors of steady
// traffic under a retry budget are fractions.
//
// Whole numbers are exact below 2⁵³; what is larger counts as ∞, which keeps
// every figure an upper bound and the arithmetic associative.
type Count float64

// Infinity is the Count of what nothing bounds.
var Infinity = Count(math.Inf(1))

const largestExact = 1 << 53

// IsInfinite reports whether nothing bounds c.
func (c Count) IsInfinite() bool { return math.IsInf(float64(c), 1) }

func (c Count) saturate() Count {
	if c >= largestExact {
		return Infinity
	}
	return c
}

func (c Count) plus(d Count) Count { return (c + d).saturate() }

// times multiplies; 0 × ∞ is 0, as what is never reached is never sent.
func (c Count) times(d Count) Count {
	if c == 0 || d == 0 {
		return 0
	}
	return (c * d).saturate()
}

// String writes ∞ as "unbounded", and fractions to two decimals.
func (c Count) String() string {
	if c.IsInfinite() {
		return "unbounded"
	}
	return strconv.FormatFloat(math.Round(float64(c)*100)/100, 'f', -1, 64)
}

// MarshalJSON writes a number, or "unbounded".
func (c Count) MarshalJSON() ([]byte, error) {
	if c.IsInfinite() {
		return []byte(`"unbounded"`), nil
	}
	return []byte(strconv.FormatFloat(float64(c), 'f', -1, 64)), nil
}

// UnmarshalJSON reads what MarshalJSON writes.
func (c *Count) UnmarshalJSON(data []byte) error {
	if string(data) == `"unbounded"` {
		*c = Infinity
		return nil
	}
	var f float64
	if err := json.Unmarshal(data, &f); err != nil {
		return fmt.Errorf("count %s: expected a number or \"unbounded\"", data)
	}
	if f < 0 || math.IsNaN(f) {
		return fmt.Errorf("count %s: expected a number that is not negative", data)
	}
	*c = Count(f).saturate()
	return nil
}
