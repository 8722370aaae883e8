package breaking

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// A span is a range of numbers, both ends included.
type span struct{ first, last int64 }

func (s span) String() string {
	if s.first == s.last {
		return fmt.Sprint(s.first)
	}
	return fmt.Sprintf("%d to %d", s.first, s.last)
}

func fieldSpans(ranges protoreflect.FieldRanges) []span {
	var spans []span
	for i := range ranges.Len() {
		r := ranges.Get(i) // the end is exclusive
		spans = append(spans, span{int64(r[0]), int64(r[1]) - 1})
	}
	return spans
}

func enumSpans(ranges protoreflect.EnumRanges) []span {
	var spans []span
	for i := range ranges.Len() {
		r := ranges.Get(i) // the end is inclusive
		spans = append(spans, span{int64(r[0]), int64(r[1])})
	}
	return spans
}

// A missingRange is an old range of which some numbers are not covered any more.
type missingRange struct{ gone, of string }

// missingRanges compares ranges by the numbers that they cover, however they are split.
func missingRanges(old, new []span) []missingRange {
	slices.SortFunc(new, func(a, b span) int { return cmp.Compare(a.first, b.first) })
	var missing []missingRange
	for _, o := range old {
		var gone []string
		for _, g := range o.without(new) {
			gone = append(gone, g.String())
		}
		if len(gone) > 0 {
			missing = append(missing, missingRange{strings.Join(gone, ", "), o.String()})
		}
	}
	return missing
}

// without is what remains of a range without others, which are sorted.
func (s span) without(others []span) []span {
	var rest []span
	for _, o := range others {
		if o.last < s.first || o.first > s.last {
			continue
		}
		if o.first > s.first {
			rest = append(rest, span{s.first, o.first - 1})
		}
		s.first = o.last + 1
		if s.first > s.last {
			return rest
		}
	}
	return append(rest, s)
}
