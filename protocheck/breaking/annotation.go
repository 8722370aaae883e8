package breaking

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// Values of google.api.field_behavior that tell clients what not to do
// (https://google.aip.dev/203).
const (
	behaviorRequired   = 2
	behaviorOutputOnly = 3
	behaviorImmutable  = 5
)

// compareBehavior compares what the server expects of a field. f is nil for a new field.
func (p *messagePair) compareBehavior(f, n protoreflect.FieldDescriptor) {
	is := behaviors(n)
	if len(is) == 0 {
		return
	}
	var was []protoreflect.EnumNumber
	ch := change{
		rule: fieldBehaviorTightened, dims: Wire | JSON,
		at: firstOf(optionAt(p.newAt(n), fieldOptions, optionBehavior), p.newAt(n)),
	}
	if f != nil {
		was, ch.before = behaviors(f), p.oldAt(f)
	}
	for _, b := range []struct {
		value  protoreflect.EnumNumber
		effect string
		words  []string // with which comments say the same
	}{
		{behaviorRequired, "is REQUIRED now: requests without it are refused", []string{"required"}},
		{behaviorOutputOnly, "is OUTPUT_ONLY now: what clients send in it is ignored", []string{"output only", "output-only", "[output", "read only", "read-only"}},
		{behaviorImmutable, "is IMMUTABLE now: requests that change it are refused", []string{"immutable"}},
	} {
		if !slices.Contains(is, b.value) || slices.Contains(was, b.value) || f == nil && b.value != behaviorRequired || !p.sentByClients(p.old) {
			continue
		}
		if f != nil && (p.saidBefore(f, b.words) || b.value == behaviorRequired && (&fieldPair{comparison: p.comparison, old: f, new: n}).pathBound()) {
			continue
		}
		what := "field"
		if f == nil {
			what = "the new field"
		}
		ch.message = fmt.Sprintf("%s %s = %d of %s %s", what, n.Name(), n.Number(), p.old.FullName(), b.effect)
		p.report(ch)
	}
}

// saidBefore reports whether the comment of an old field begins with what an annotation
// says now, which then only writes it down.
func (p *messagePair) saidBefore(f protoreflect.FieldDescriptor, words []string) bool {
	comment := p.comparison.old.fileOf[f.ParentFile()].SourceLocations().ByDescriptor(f).LeadingComments
	comment = strings.ToLower(strings.TrimLeft(comment, " \n\t*@(_"))
	return slices.ContainsFunc(words, func(word string) bool { return strings.HasPrefix(comment, word) })
}

func behaviors(f protoreflect.FieldDescriptor) []protoreflect.EnumNumber {
	v, ok := custom(f, "google.api.field_behavior")
	if !ok {
		return nil
	}
	var values []protoreflect.EnumNumber
	for i := range v.List().Len() {
		values = append(values, v.List().Get(i).Enum())
	}
	return values
}

// compareSignatures compares the flattened methods that generated clients have
// (https://google.aip.dev/client-libraries/4232): more may follow those that were.
func (c *comparison) compareSignatures(m, n protoreflect.MethodDescriptor) {
	was, is := signatures(m), signatures(n)
	if len(was) <= len(is) && slices.Equal(was, is[:len(was)]) {
		return
	}
	c.report(change{
		rule: methodSignatureChanged, dims: Source,
		message: fmt.Sprintf("the method signatures of the rpc %s changed from %q to %q: generated clients lose methods or have them in another order", m.FullName(), was, is),
		at:      firstOf(optionAt(c.newAt(n), methodOptions, optionSignature), optionAt(c.newAt(n), methodOptions, optionSignature, 0), c.newAt(n)),
		before:  firstOf(optionAt(c.oldAt(m), methodOptions, optionSignature), optionAt(c.oldAt(m), methodOptions, optionSignature, 0), c.oldAt(m)),
	})
}

func signatures(m protoreflect.MethodDescriptor) []string {
	v, ok := custom(m, "google.api.method_signature")
	if !ok {
		return nil
	}
	return stringList(v.List())
}

func stringList(l protoreflect.List) []string {
	var values []string
	for i := range l.Len() {
		values = append(values, l.Get(i).String())
	}
	return values
}

// compareOperation compares what a long-running operation ends in: a message in an Any.
func (c *comparison) compareOperation(m, n protoreflect.MethodDescriptor) {
	was, ok := custom(m, "google.longrunning.operation_info")
	if !ok {
		return
	}
	is, _ := custom(n, "google.longrunning.operation_info")
	for _, part := range []struct {
		field protoreflect.Name
		word  string
	}{{"response_type", "response"}, {"metadata_type", "metadata"}} {
		before, after := stringField(was.Message(), part.field), ""
		if is.IsValid() {
			after = stringField(is.Message(), part.field)
		}
		if absolute(before, m) == absolute(after, n) {
			continue
		}
		if after == "" {
			after = "nothing"
		}
		c.report(change{
			rule: operationTypeChanged, dims: AllDimensions,
			message: fmt.Sprintf("the %s type of the operation that %s starts changed from %s to %s: clients do not expect it in the google.protobuf.Any", part.word, m.FullName(), before, after),
			at:      firstOf(c.newAt(n, methodOptions, optionOperation), c.newAt(n)),
			before:  firstOf(c.oldAt(m, methodOptions, optionOperation), c.oldAt(m)),
		})
	}
}

// absolute completes a type name that is relative to the package.
func absolute(name string, d protoreflect.Descriptor) string {
	if name == "" || strings.Contains(name, ".") {
		return name
	}
	return string(qualified(d.ParentFile().Package(), name))
}

// compareResource compares what names of a resource look like
// (https://google.aip.dev/123): clients keep them, and take them apart.
func (c *comparison) compareResource(m, n protoreflect.MessageDescriptor) {
	was, ok := custom(m, "google.api.resource")
	if !ok {
		return
	}
	ch := change{
		rule: resourceChanged, dims: AllDimensions,
		at:     firstOf(c.newAt(n, messageOptions, optionResource), c.newAt(n)),
		before: firstOf(c.oldAt(m, messageOptions, optionResource), c.oldAt(m)),
	}
	is, ok := custom(n, "google.api.resource")
	if !ok {
		ch.dims, ch.message = Source, fmt.Sprintf("%s is no resource any more: helpers for its names are not generated", m.FullName())
		c.report(ch)
		return
	}
	if before, after := stringField(was.Message(), "type"), stringField(is.Message(), "type"); before != after {
		ch.message = fmt.Sprintf("the resource type of %s changed from %s to %s", m.FullName(), before, after)
		c.report(ch)
	}
	after := patterns(is.Message())
	for _, pattern := range patterns(was.Message()) {
		if slices.Contains(after, pattern) {
			continue
		}
		ch.dims = AllDimensions
		ch.message = fmt.Sprintf("names %s of the resource %s are not valid any more: it has %s", pattern, m.FullName(), strings.Join(after, ", "))
		if slices.ContainsFunc(after, func(p string) bool { return patternForm(p) == patternForm(pattern) }) {
			ch.dims = Source
			ch.message = fmt.Sprintf("the variables in names %s of the resource %s have other names: helpers for them have other parameters", pattern, m.FullName())
		}
		c.report(ch)
	}
}

// patternForm is a pattern without the names of its variables.
func patternForm(pattern string) string {
	var form strings.Builder
	for pattern != "" {
		before, rest, ok := strings.Cut(pattern, "{")
		form.WriteString(before)
		if !ok {
			break
		}
		_, pattern, _ = strings.Cut(rest, "}")
		form.WriteString("{}")
	}
	return form.String()
}

func patterns(resource protoreflect.Message) []string {
	if fd := resource.Descriptor().Fields().ByName("pattern"); fd != nil && fd.IsList() {
		return stringList(resource.Get(fd).List())
	}
	return nil
}
