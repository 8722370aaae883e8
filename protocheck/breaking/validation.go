package breaking

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// validationOptions are those in which servers state what they accept: of
// protoc-gen-validate, and of protovalidate.
var validationOptions = []struct {
	name   protoreflect.FullName
	number int32
}{{"validate.rules", 1071}, {"buf.validate.field", 1159}}

// compareValidation compares constraints on a field. f is nil for a new field, which
// must not be required.
func (p *messagePair) compareValidation(f, n protoreflect.FieldDescriptor) {
	for _, option := range validationOptions {
		v, ok := custom(n, option.name)
		if !ok {
			continue
		}
		is, was := map[string]protoreflect.Value{}, map[string]protoreflect.Value{}
		flatten("", v.Message(), is)
		ch := change{
			rule: validationTightened, dims: Wire | JSON,
			at: firstOf(optionAt(p.newAt(n), fieldOptions, option.number), p.newAt(n)),
		}
		if f != nil {
			ch.before = p.oldAt(f)
			if v, ok := custom(f, option.name); ok {
				flatten("", v.Message(), was)
			}
		}
		for _, name := range slices.Sorted(maps.Keys(is)) {
			if f == nil && leaf(name) != "required" {
				continue
			}
			if how := tightened(leaf(name), was[name], is[name]); how != "" && p.sentByClients(p.old) {
				ch.message = fmt.Sprintf("field %s = %d of %s accepts less than before: %s %s", n.Name(), n.Number(), p.old.FullName(), name, how)
				p.report(ch)
			}
		}
	}
}

func leaf(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }

// flatten lists the constraints that are set by their path.
func flatten(prefix string, m protoreflect.Message, into map[string]protoreflect.Value) {
	m.Range(func(fd protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		name := prefix + string(fd.Name())
		if fd.Message() != nil && !fd.IsList() && !fd.IsMap() && !isDuration(fd) {
			flatten(name+".", v.Message(), into)
			return true
		}
		into[name] = v
		return true
	})
}

func isDuration(fd protoreflect.FieldDescriptor) bool {
	name := fd.Message().FullName()
	return name == "google.protobuf.Duration" || name == "google.protobuf.Timestamp"
}

// tightened says how a constraint refuses values that it let pass; empty if it does
// not, or if that cannot be told. An invalid value stands for one that was not set.
func tightened(name string, was, is protoreflect.Value) string {
	switch name {
	case "min_len", "min_bytes", "min_items", "min_pairs", "gte", "gt":
		return boundMoved(was, is, 1)
	case "max_len", "max_bytes", "max_items", "max_pairs", "lte", "lt":
		return boundMoved(was, is, -1)
	case "len", "len_bytes", "const", "pattern", "prefix", "suffix", "contains", "not_contains":
		return replaced(was, is)
	case "required", "defined_only", "unique", "no_sparse", "email", "hostname", "ip", "ipv4", "ipv6", "uri", "uri_ref", "address", "uuid", "finite":
		if set, ok := is.Interface().(bool); ok && set && (!was.IsValid() || !was.Bool()) {
			return "is set"
		}
	case "in":
		return listShrunk(was, is)
	case "not_in":
		return listGrew(was, is)
	}
	return ""
}

// boundMoved compares bounds; direction is 1 for lower and -1 for upper ones.
func boundMoved(was, is protoreflect.Value, direction float64) string {
	after, ok := number(is)
	if !ok {
		return ""
	}
	if !was.IsValid() {
		if direction > 0 && after == 0 {
			return "" // sizes are never less
		}
		return fmt.Sprintf("is %v", after)
	}
	if before, ok := number(was); ok && direction*after > direction*before {
		return fmt.Sprintf("changed from %v to %v", before, after)
	}
	return ""
}

func replaced(was, is protoreflect.Value) string {
	if !was.IsValid() {
		return fmt.Sprintf("is %v", is)
	}
	if was.String() != is.String() {
		return fmt.Sprintf("changed from %v to %v", was, is)
	}
	return ""
}

func listShrunk(was, is protoreflect.Value) string {
	if !was.IsValid() {
		return fmt.Sprintf("lists %s", valueList(is))
	}
	after := listed(is)
	for _, v := range listed(was) {
		if !slices.Contains(after, v) {
			return fmt.Sprintf("does not list %s any more", v)
		}
	}
	return ""
}

func listGrew(was, is protoreflect.Value) string {
	var before []string
	if was.IsValid() {
		before = listed(was)
	}
	for _, v := range listed(is) {
		if !slices.Contains(before, v) {
			return fmt.Sprintf("lists %s now", v)
		}
	}
	return ""
}

func listed(v protoreflect.Value) []string {
	var values []string
	for i := range v.List().Len() {
		values = append(values, v.List().Get(i).String())
	}
	return values
}

func valueList(v protoreflect.Value) string { return strings.Join(listed(v), ", ") }
