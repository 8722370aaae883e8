package breaking

import (
	"bytes"
	"fmt"
	"math"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// A cardinality is how many values a field has, and whether one may be absent.
type cardinality string

const (
	explicit cardinality = "optional with explicit presence"
	implicit cardinality = "optional with implicit presence"
	required cardinality = "required"
	repeated cardinality = "repeated"
	mapped   cardinality = "map"
)

func cardinalityOf(f protoreflect.FieldDescriptor) cardinality {
	switch {
	case f.IsList():
		return repeated
	case f.IsMap():
		return mapped
	case f.Cardinality() == protoreflect.Required:
		return required
	case f.HasPresence():
		return explicit
	}
	return implicit
}

// wireCardinality makes one of those that the binary format does not tell apart: a
// map is a list of its entries.
func wireCardinality(f protoreflect.FieldDescriptor) cardinality {
	if c := jsonCardinality(f); c != mapped {
		return c
	}
	return repeated
}

// jsonCardinality makes one of those that JSON does not tell apart.
func jsonCardinality(f protoreflect.FieldDescriptor) cardinality {
	if c := cardinalityOf(f); c != implicit {
		return c
	}
	return explicit
}

func (p *fieldPair) compareCardinality() {
	if p.old.ContainingMessage().IsMapEntry() && p.new.ContainingMessage().IsMapEntry() {
		return
	}
	was, is := cardinalityOf(p.old), cardinalityOf(p.new)
	if was == is {
		return
	}
	ch := change{
		rule: fieldCardinalityChanged, buf: []string{"FIELD_SAME_CARDINALITY"}, dims: Source,
		message: fmt.Sprintf("%s changed from %s to %s", p.name(), was, is),
		at:      p.newAt(p.new), before: p.oldAt(p.old),
	}
	if wireCardinality(p.old) != wireCardinality(p.new) {
		ch.buf, ch.dims = append(ch.buf, "FIELD_WIRE_COMPATIBLE_CARDINALITY"), ch.dims|Wire
	}
	if jsonCardinality(p.old) != jsonCardinality(p.new) {
		ch.buf, ch.dims = append(ch.buf, "FIELD_WIRE_JSON_COMPATIBLE_CARDINALITY"), ch.dims|JSON
	}
	p.report(ch)
}

// compareDefault compares what an absent field is taken for.
func (p *fieldPair) compareDefault() {
	if !hasDefault(p.old) || !hasDefault(p.new) {
		return
	}
	was, is := p.old.Default(), p.new.Default()
	if isZero(was) && isZero(is) || sameDefault(was, is) {
		return
	}
	p.report(change{
		rule: fieldDefaultChanged, buf: []string{"FIELD_SAME_DEFAULT"}, dims: AllDimensions,
		message: fmt.Sprintf("%s changed its default from %s to %s: both sides take an absent field for something else", p.name(), defaultText(p.old), defaultText(p.new)),
		at:      firstOf(p.newAt(p.new, fieldDefault), p.newAt(p.new)), before: firstOf(p.oldAt(p.old, fieldDefault), p.oldAt(p.old)),
	})
}

func hasDefault(f protoreflect.FieldDescriptor) bool {
	return !f.IsList() && !f.IsMap() && f.Message() == nil
}

func defaultText(f protoreflect.FieldDescriptor) string {
	switch v := f.Default(); f.Kind() {
	case protoreflect.StringKind:
		return fmt.Sprintf("%q", v.String())
	case protoreflect.BytesKind:
		return fmt.Sprintf("%q", v.Bytes())
	case protoreflect.EnumKind:
		if value := f.Enum().Values().ByNumber(v.Enum()); value != nil {
			return string(value.Name())
		}
		return fmt.Sprint(v.Enum())
	default:
		return fmt.Sprint(v.Interface())
	}
}

func isZero(v protoreflect.Value) bool {
	switch x := v.Interface().(type) {
	case string:
		return x == ""
	case []byte:
		return len(x) == 0
	default:
		n, ok := number(v)
		return ok && n == 0
	}
}

// sameDefault compares defaults by their value, whatever the type of the fields is.
func sameDefault(a, b protoreflect.Value) bool {
	at, aText := text(a)
	bt, bText := text(b)
	if aText || bText {
		return aText && bText && bytes.Equal(at, bt)
	}
	if single(a) || single(b) {
		x, _ := number(a)
		y, _ := number(b)
		return float32(x) == float32(y) || math.IsNaN(x) && math.IsNaN(y)
	}
	if x, ok := whole(a); ok {
		if y, ok := whole(b); ok {
			return x == y
		}
	}
	x, _ := number(a)
	y, _ := number(b)
	return x == y || math.IsNaN(x) && math.IsNaN(y)
}

func text(v protoreflect.Value) ([]byte, bool) {
	switch x := v.Interface().(type) {
	case string:
		return []byte(x), true
	case []byte:
		return x, true
	}
	return nil, false
}

func single(v protoreflect.Value) bool {
	_, ok := v.Interface().(float32)
	return ok
}

// whole is an integer with its sign, so that all 64 bits count.
func whole(v protoreflect.Value) ([2]uint64, bool) {
	signed := func(n int64) ([2]uint64, bool) {
		if n < 0 {
			return [2]uint64{1, uint64(-n)}, true
		}
		return [2]uint64{0, uint64(n)}, true
	}
	switch x := v.Interface().(type) {
	case bool:
		if x {
			return signed(1)
		}
		return signed(0)
	case int32:
		return signed(int64(x))
	case int64:
		return signed(x)
	case protoreflect.EnumNumber:
		return signed(int64(x))
	case uint32:
		return signed(int64(x))
	case uint64:
		return [2]uint64{0, x}, true
	}
	return [2]uint64{}, false
}

func number(v protoreflect.Value) (float64, bool) {
	if n, ok := whole(v); ok {
		if n[0] == 1 {
			return -float64(n[1]), true
		}
		return float64(n[1]), true
	}
	switch x := v.Interface().(type) {
	case float32:
		return float64(x), true
	case float64:
		return x, true
	}
	return 0, false
}

// compareOneof compares which fields exclude one another.
func (p *fieldPair) compareOneof() {
	was, is := realOneof(p.old), realOneof(p.new)
	if was == nil && is == nil || was != nil && is != nil && was.Name() == is.Name() {
		return
	}
	ch := change{
		rule: fieldOneofChanged, buf: []string{"FIELD_SAME_ONEOF"}, dims: AllDimensions,
		at: p.newAt(p.new), before: p.oldAt(p.old),
	}
	switch {
	case was == nil:
		ch.message = fmt.Sprintf("%s moved into the oneof %s", p.name(), is.Name())
		if onlyOldMember(p.old.ContainingMessage(), is) {
			ch.dims = Source
		}
	case is == nil:
		ch.message = fmt.Sprintf("%s moved out of the oneof %s", p.name(), was.Name())
		if was.Fields().Len() == 1 {
			ch.dims = Source
		}
	default:
		ch.message = fmt.Sprintf("%s moved from the oneof %s to %s", p.name(), was.Name(), is.Name())
		if renamedOneof(was, is) {
			ch.message, ch.dims = fmt.Sprintf("the oneof %s, which %s is in, is called %s now", was.Name(), p.name(), is.Name()), Source
		}
	}
	if ch.dims&Wire != 0 {
		ch.message += ": setting one field clears the others of its oneof, and only one side knows"
	}
	p.report(ch)
}

func realOneof(f protoreflect.FieldDescriptor) protoreflect.OneofDescriptor {
	if o := f.ContainingOneof(); o != nil && !o.IsSynthetic() && !f.IsExtension() {
		return o
	}
	return nil
}

// onlyOldMember reports whether all fields of a new oneof but one are new: old peers
// never set two of them.
func onlyOldMember(old protoreflect.MessageDescriptor, o protoreflect.OneofDescriptor) bool {
	known := 0
	for i := range o.Fields().Len() {
		if old.Fields().ByNumber(o.Fields().Get(i).Number()) != nil {
			known++
		}
	}
	return known == 1
}

// renamedOneof reports whether the fields that both sides know are the same in two oneofs.
func renamedOneof(was, is protoreflect.OneofDescriptor) bool {
	oldMessage, ok := was.Parent().(protoreflect.MessageDescriptor)
	if !ok {
		return false
	}
	for i := range was.Fields().Len() {
		if is.Fields().ByNumber(was.Fields().Get(i).Number()) == nil {
			return false
		}
	}
	for i := range is.Fields().Len() {
		n := is.Fields().Get(i).Number()
		if oldMessage.Fields().ByNumber(n) != nil && was.Fields().ByNumber(n) == nil {
			return false
		}
	}
	return true
}
