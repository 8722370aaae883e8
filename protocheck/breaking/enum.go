package breaking

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// compareEnums compares the enums of the same full name.
func (c *comparison) compareEnums() {
	for _, name := range slices.Sorted(maps.Keys(c.old.enums)) {
		for _, e := range c.old.enums[name] {
			if n, ok := counterpart(c, e, c.new.enums[name]); ok {
				c.compareEnum(e, n)
			}
		}
	}
}

func (c *comparison) compareEnum(e, n protoreflect.EnumDescriptor) {
	c.compareValues(e, n)
	c.compareOpenness(e, n)
	c.compareJSONFormat("enum", e, n, enumOptions, optionEnumFeatures)
	c.compareVisibility("enum", e, n)
	for _, missing := range missingRanges(enumSpans(e.ReservedRanges()), enumSpans(n.ReservedRanges())) {
		c.report(change{
			rule: reservedRemoved, buf: []string{"RESERVED_ENUM_NO_DELETE"}, dims: Wire,
			message: fmt.Sprintf("numbers that %s reserved are free again: %s of %s", e.FullName(), missing.gone, missing.of),
			at:      c.newAt(n), before: c.oldAt(e),
		})
	}
	c.compareReservedNames("enum", e, n, e.ReservedNames(), n.ReservedNames())
}

func (c *comparison) compareOpenness(e, n protoreflect.EnumDescriptor) {
	if e.IsClosed() == n.IsClosed() {
		return
	}
	word := map[bool]string{true: "closed", false: "open"}
	c.report(change{
		rule: enumTypeChanged, buf: []string{"ENUM_SAME_TYPE"}, dims: Source,
		message: fmt.Sprintf("the enum %s changed from %s to %s: values that it does not know are treated differently", e.FullName(), word[e.IsClosed()], word[n.IsClosed()]),
		at:      firstOf(optionAt(c.newAt(n), enumOptions, optionEnumFeatures, featureEnumType), c.newAt(n)),
		before:  firstOf(optionAt(c.oldAt(e), enumOptions, optionEnumFeatures, featureEnumType), c.oldAt(e)),
	})
}

// valuesByNumber groups the names of an enum, of which aliases share a number.
func valuesByNumber(e protoreflect.EnumDescriptor) map[protoreflect.EnumNumber][]protoreflect.EnumValueDescriptor {
	values := map[protoreflect.EnumNumber][]protoreflect.EnumValueDescriptor{}
	for i := range e.Values().Len() {
		v := e.Values().Get(i)
		values[v.Number()] = append(values[v.Number()], v)
	}
	return values
}

func (c *comparison) compareValues(e, n protoreflect.EnumDescriptor) {
	was, is := valuesByNumber(e), valuesByNumber(n)
	for _, number := range slices.Sorted(maps.Keys(was)) {
		if len(is[number]) == 0 {
			c.valueRemoved(e, n, was[number])
			continue
		}
		c.compareValueNames(n, was[number], is[number])
	}
}

// valueRemoved reports a number that no name has any more.
func (c *comparison) valueRemoved(e, n protoreflect.EnumDescriptor, values []protoreflect.EnumValueDescriptor) {
	number := values[0].Number()
	ch := change{
		rule: enumValueRemoved, buf: []string{"ENUM_VALUE_NO_DELETE"}, dims: Source,
		message: fmt.Sprintf("the value %s = %d of %s is gone", valueNames(values), number, e.FullName()),
		at:      c.newAt(n), before: c.oldAt(values[0]),
	}
	var unreserved []string
	if !n.ReservedRanges().Has(number) {
		ch.buf, ch.dims = append(ch.buf, "ENUM_VALUE_NO_DELETE_UNLESS_NUMBER_RESERVED"), ch.dims|Wire
		unreserved = append(unreserved, "number")
	}
	if slices.ContainsFunc(values, func(v protoreflect.EnumValueDescriptor) bool { return !n.ReservedNames().Has(v.Name()) }) {
		ch.buf, ch.dims = append(ch.buf, "ENUM_VALUE_NO_DELETE_UNLESS_NAME_RESERVED"), ch.dims|JSON
		unreserved = append(unreserved, "name")
	}
	if to := n.Values().ByName(values[0].Name()); to != nil {
		ch.rule, ch.dims = enumValueRenumbered, Wire
		ch.message = fmt.Sprintf("the value %s of %s changed its number from %d to %d", to.Name(), e.FullName(), number, to.Number())
		ch.related = append(ch.related, c.also(c.newAt(to), "it is here now"))
	} else if len(unreserved) > 0 {
		ch.message += fmt.Sprintf(", and its %s not reserved, so that another value may take it", strings.Join(unreserved, " and ")+verb(len(unreserved)))
	}
	c.report(ch)
}

// compareValueNames compares the names of a number: all old ones must still be there.
func (c *comparison) compareValueNames(n protoreflect.EnumDescriptor, was, is []protoreflect.EnumValueDescriptor) {
	gone := slices.IndexFunc(was, func(v protoreflect.EnumValueDescriptor) bool {
		return !slices.ContainsFunc(is, func(w protoreflect.EnumValueDescriptor) bool { return w.Name() == v.Name() })
	})
	if gone < 0 {
		return
	}
	v := was[gone]
	ch := change{
		rule: enumValueRenamed, buf: []string{"ENUM_VALUE_SAME_NAME"}, dims: JSON | Source,
		message: fmt.Sprintf("the value %d of %s was renamed from %s to %s: JSON and generated code use the name", v.Number(), n.FullName(), valueNames(was), valueNames(is)),
		before:  c.oldAt(v, valueNumber),
	}
	if to := n.Values().ByName(v.Name()); to != nil {
		ch.rule, ch.dims = enumValueRenumbered, Wire
		ch.message = fmt.Sprintf("the value %s of %s changed its number from %d to %d, and %s has its number now", v.Name(), n.FullName(), v.Number(), to.Number(), valueNames(is))
	}
	for _, w := range is {
		ch.at = c.newAt(w, valueNumber)
		c.report(ch)
	}
}

func valueNames(values []protoreflect.EnumValueDescriptor) string {
	var names []string
	for _, v := range values {
		names = append(names, string(v.Name()))
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}
