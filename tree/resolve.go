package tree

import (
	"math/big"
	"strings"
)

// resolve gives a scalar without quotes the kind that YAML's core schema has for it (YAML 1.2.2 §10.3.2).
func (n *Node) resolve(text string) {
	n.Kind, n.Text = coreScalar(text)
}

func coreScalar(text string) (Kind, string) {
	if text == "" {
		return Null, "null"
	}
	switch c := text[0]; {
	case '0' <= c && c <= '9' || c == '-' || c == '+' || c == '.':
		if number, ok := coreNumber(text); ok {
			return Number, number
		}
		return String, text
	case c == 'n' || c == 'N' || c == 't' || c == 'T' || c == 'f' || c == 'F' || c == '~':
	default:
		return String, text
	}
	switch text {
	case "null", "Null", "NULL", "~":
		return Null, "null"
	case "true", "True", "TRUE":
		return Bool, "true"
	case "false", "False", "FALSE":
		return Bool, "false"
	}
	return String, text
}

// coreNumber returns a number of the core schema as JSON writes it, digit for digit. The infinities
// and NaN are none that JSON has, and remain strings.
func coreNumber(text string) (string, bool) {
	if jsonNumberLength(text) == len(text) {
		return text, true
	}
	if rest, ok := strings.CutPrefix(text, "0o"); ok {
		return inDecimal(rest, 8)
	}
	if rest, ok := strings.CutPrefix(text, "0x"); ok {
		return inDecimal(rest, 16)
	}
	sign, rest := "", text
	switch rest[0] {
	case '-':
		sign, rest = "-", rest[1:]
	case '+':
		rest = rest[1:]
	}
	whole := digits(rest)
	integer, rest := strings.TrimLeft(rest[:whole], "0"), rest[whole:]
	if integer == "" {
		integer = "0"
	}
	fraction := 0
	if strings.HasPrefix(rest, ".") {
		fraction = digits(rest[1:])
		if fraction == 0 {
			rest = rest[1:]
		}
	}
	if whole == 0 && fraction == 0 {
		return "", false
	}
	number := sign + integer + rest
	return number, jsonNumberLength(number) == len(number)
}

func inDecimal(text string, base int) (string, bool) {
	if text == "" || strings.ContainsAny(text, "+-_") || len(text) > maxKey {
		return "", false
	}
	n, ok := new(big.Int).SetString(text, base)
	if !ok {
		return "", false
	}
	return n.String(), true
}
