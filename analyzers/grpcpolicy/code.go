package grpcpolicy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/commslint/commslint/callgraph"
)

// A Code is a gRPC status code.
type Code uint32

// codeNames are the names of the status codes in service configs, by number.
var codeNames = []string{
	"OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
	"PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE",
	"UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
}

const (
	codeOK                Code = 0
	codeCanceled          Code = 1
	codeDeadlineExceeded  Code = 4
	codeResourceExhausted Code = 8
	codeUnavailable       Code = 14
)

// String returns the name of the code, as service configs write it.
func (c Code) String() string {
	if int(c) < len(codeNames) {
		return codeNames[c]
	}
	return strconv.Itoa(int(c))
}

// UnmarshalJSON implements json.Unmarshaler as grpc-go does: a number, or a name
// in capitals (codes/codes.go:225).
func (c *Code) UnmarshalJSON(b []byte) error {
	text := string(b)
	if text == "null" {
		return nil
	}
	if n, err := strconv.ParseUint(text, 10, 32); err == nil {
		if int(n) >= len(codeNames) {
			return fmt.Errorf("%d is no status code: the largest is %d", n, len(codeNames)-1)
		}
		*c = Code(n)
		return nil
	}
	name, err := strconv.Unquote(text)
	if i := slices.Index(codeNames, name); err == nil && i >= 0 && text == `"`+name+`"` {
		*c = Code(i)
		return nil
	}
	if slices.Contains(codeNames, strings.ToUpper(name)) {
		return fmt.Errorf("%s is no status code: write %q", text, strings.ToUpper(name))
	}
	return fmt.Errorf("%s is no status code", text)
}

// modesOf returns the failures that end with one of the codes.
func modesOf(codes []Code) callgraph.ModeSet { return callgraph.CodeModes(numbersOf(codes)) }

func numbersOf(codes []Code) []int {
	numbers := make([]int, len(codes))
	for i, c := range codes {
		numbers[i] = int(c)
	}
	return numbers
}
