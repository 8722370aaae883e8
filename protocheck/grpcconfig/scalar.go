package grpcconfig

import (
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/commslint/commslint/tree"
)

// A Code is a gRPC status code.
type Code struct {
	Number int
	node   *tree.Node
}

func (c Code) String() string { return codeNames[c.Number] }

// codeNames are the names of the status codes in service configs, by number
// (https://grpc.io/docs/guides/status-codes/).
var codeNames = []string{
	"OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
	"PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE",
	"UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
}

const (
	codeCancelled        = 1
	codeUnknown          = 2
	codeDeadlineExceeded = 4
	codeInternal         = 13
	codeUnavailable      = 14
	codeDataLoss         = 15
)

// codeNumber finds a code by its name, in capitals, or by the digits of its number.
func codeNumber(text string) (int, bool) {
	if i := slices.Index(codeNames, text); i >= 0 {
		return i, true
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= 0 && n < len(codeNames)
}

// maxSeconds is the most that google.protobuf.Duration can be
// (google/protobuf/duration.proto).
const maxSeconds = 315_576_000_000

var (
	errNoDuration   = errors.New(`expected seconds with an s, at most nine decimals, in quotes: "0.1s"`)
	errLongDuration = errors.New("a duration is at most 315576000000s")
)

// parseDuration reads a duration as protobuf writes it in JSON. One that is longer
// than Go's can be is the longest of these.
func parseDuration(text string) (time.Duration, error) {
	number, ok := strings.CutSuffix(text, "s")
	number, negative := strings.CutPrefix(number, "-")
	whole, fraction, _ := strings.Cut(number, ".")
	if !ok || whole+fraction == "" || !isDigits(whole) || !isDigits(fraction) || len(fraction) > 9 {
		return 0, errNoDuration
	}
	seconds, err := strconv.ParseInt("0"+whole, 10, 64)
	if err != nil || seconds > maxSeconds {
		return 0, errLongDuration
	}
	d := time.Duration(math.MaxInt64)
	if seconds < int64(math.MaxInt64/time.Second) {
		nanoseconds, _ := strconv.ParseInt((fraction + "000000000")[:9], 10, 64)
		d = time.Duration(seconds)*time.Second + time.Duration(nanoseconds)
	}
	if negative {
		d = -d
	}
	return d, nil
}

func isDigits(s string) bool { return strings.Trim(s, "0123456789") == "" }

// seconds writes a duration as a service config does.
func seconds(d time.Duration) string {
	return strconv.FormatFloat(d.Seconds(), 'f', -1, 64) + "s"
}

func oneOf(words []string, word string) bool { return slices.Contains(words, word) }
