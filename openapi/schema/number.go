package schema

import (
	"math/big"
	"strconv"
	"strings"
)

// maxExponent bounds the decimal exponent of numbers that are turned into rationals, so that
// "1e400000000" costs no memory. The largest double is below 1e309; 4096 leaves exact decimals
// of any use in between.
const maxExponent = 4096

// A Decimal is a number as a document writes it, exactly: ±Digits × 10^Exponent. Digits has
// neither leading nor trailing zeros; zero has no digits at all. Two Decimals are the same
// number exactly if they are equal, whatever their size.
type Decimal struct {
	Negative bool
	Digits   string
	Exponent int64
}

// ParseDecimal reads a JSON number, and the decimal, hexadecimal and octal forms of YAML. It is
// false for what is not a finite number and for exponents of more than 18 digits.
func ParseDecimal(text string) (Decimal, bool) {
	var d Decimal
	rest := text
	switch {
	case strings.HasPrefix(rest, "-"):
		d.Negative, rest = true, rest[1:]
	case strings.HasPrefix(rest, "+"):
		rest = rest[1:]
	}
	if len(rest) > 1 && rest[0] == '0' && rest[1] > '9' && rest[1] != 'e' && rest[1] != 'E' {
		whole, ok := new(big.Int).SetString(rest, 0)
		if !ok {
			return Decimal{}, false
		}
		rest = whole.String()
	}
	mantissa, exponent, hasExponent := cutExponent(rest)
	if hasExponent {
		n, err := strconv.ParseInt(strings.TrimPrefix(exponent, "+"), 10, 64)
		if err != nil || len(exponent) > 19 {
			return Decimal{}, false
		}
		d.Exponent = n
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := whole + fraction
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return Decimal{}, false
	}
	return d.normalised(digits, int64(len(fraction))), true
}

func cutExponent(text string) (mantissa, exponent string, found bool) {
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		return text[:i], text[i+1:], true
	}
	return text, "", false
}

func (d Decimal) normalised(digits string, fraction int64) Decimal {
	digits = strings.TrimLeft(digits, "0")
	trimmed := strings.TrimRight(digits, "0")
	if trimmed == "" {
		return Decimal{}
	}
	d.Exponent += int64(len(digits)-len(trimmed)) - fraction
	d.Digits = trimmed
	return d
}

// IsInteger says whether the number has no fraction.
func (d Decimal) IsInteger() bool { return d.Digits == "" || d.Exponent >= 0 }

// String writes the number in one way per number: "-15e-1" is -1.5.
func (d Decimal) String() string {
	if d.Digits == "" {
		return "0"
	}
	sign := ""
	if d.Negative {
		sign = "-"
	}
	return sign + d.Digits + "e" + strconv.FormatInt(d.Exponent, 10)
}

// Rat is the number as a rational; false if it is too large or too small to be held exactly
// (beyond 10^±4096).
func (d Decimal) Rat() (*big.Rat, bool) {
	if d.Digits == "" {
		return new(big.Rat), true
	}
	if d.Exponent > maxExponent || d.Exponent < -maxExponent || len(d.Digits) > maxExponent {
		return nil, false
	}
	numerator, ok := new(big.Int).SetString(d.Digits, 10)
	if !ok {
		return nil, false
	}
	if d.Negative {
		numerator.Neg(numerator)
	}
	power := new(big.Int).Exp(big.NewInt(10), big.NewInt(max(d.Exponent, -d.Exponent)), nil)
	if d.Exponent >= 0 {
		return new(big.Rat).SetInt(numerator.Mul(numerator, power)), true
	}
	return new(big.Rat).SetFrac(numerator, power), true
}

// ParseRat is ParseDecimal and Rat in one.
func ParseRat(text string) (*big.Rat, bool) {
	d, ok := ParseDecimal(text)
	if !ok {
		return nil, false
	}
	return d.Rat()
}
