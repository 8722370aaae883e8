package lint

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/protocheck/httprule"
	"github.com/commslint/commslint/protocheck/source"
)

const (
	levelUnknown      = descriptorpb.MethodOptions_IDEMPOTENCY_UNKNOWN
	levelNoEffects    = descriptorpb.MethodOptions_NO_SIDE_EFFECTS
	levelIdempotent   = descriptorpb.MethodOptions_IDEMPOTENT
	behaviorOutput    = 3 // google.api.field_behavior OUTPUT_ONLY
	behaviorImmutable = 5 // IMMUTABLE
	behaviorIdentify  = 8 // IDENTIFIER
)

// undeclared notes the rpcs of a service of which nothing says whether they may be
// repeated.
func (c *checker) undeclared(f *source.File, s protoreflect.ServiceDescriptor, methods []*method) {
	var names []string
	for _, m := range methods {
		if m.level == levelUnknown && m.unary() && !m.deprecated() && !repeatableByVerb(m) && !c.hasRequestID(m.Input()) {
			names = append(names, string(m.Name()))
		}
	}
	if len(names) == 0 {
		return
	}
	shown := strings.Join(names[:min(len(names), 5)], ", ")
	if len(names) > 5 {
		shown += ", …"
	}
	c.reportf(noIdempotencyLevel, c.at(f, s), "nothing says whether %d of %d rpcs of %s may be called again after a failure: %s", len(names), len(methods), s.Name(), shown)
}

// repeatableByVerb reports whether HTTP says that an rpc may be repeated (RFC 9110,
// section 9.2.2).
func repeatableByVerb(m *method) bool {
	return len(m.bindings) > 0 && !slices.ContainsFunc(m.bindings, func(b httprule.Binding) bool {
		return !slices.Contains([]string{"GET", "HEAD", "PUT", "DELETE"}, b.Verb)
	})
}

// conflicts reports an idempotency_level that the HTTP verb or the name denies.
func (c *checker) conflicts(m *method) {
	changes := slices.Contains(c.opt.ChangeVerbs, m.verb)
	if m.level == levelNoEffects && changes {
		c.reportf(idempotencyConflict, c.at(m.file, m.MethodDescriptor, methodOptions, optionIdempotency),
			"the rpc %s is declared to have NO_SIDE_EFFECTS, but its name says that it changes something: clients may send it as a cached GET, and repeat it at will", m.Name())
		return
	}
	for i := range m.bindings {
		b := &m.bindings[i]
		level := c.at(m.file, m.MethodDescriptor, methodOptions, optionIdempotency)
		verb := c.bindingAt(m, b, b.Pattern)
		switch {
		case b.Verb == "GET" && m.level == levelIdempotent:
			related(c.reportf(idempotencyConflict, level, "the rpc %s is declared to be IDEMPOTENT, which is to change something, and is called with GET, which is not to: caches, crawlers and prefetching browsers send GET when they like; it is NO_SIDE_EFFECTS, or the verb is wrong", m.Name()), verb, "here")
		case b.Verb == "GET" && changes && m.level != levelNoEffects && !m.IsStreamingServer():
			c.reportf(idempotencyConflict, verb, "the rpc %s changes something, by its name, and is called with GET: caches, crawlers and prefetching browsers send GET when they like, and every client repeats it", m.Name())
		case m.level == levelNoEffects && slices.Contains([]string{"PUT", "PATCH", "DELETE"}, b.Verb):
			related(c.reportf(idempotencyConflict, level, "the rpc %s is declared to have NO_SIDE_EFFECTS, and is called with %s, which is to change something", m.Name(), b.Verb), verb, "here")
		default:
			continue
		}
		return
	}
}

func related(f *finding.Finding, at finding.Location, message string) {
	f.Related = append(f.Related, finding.Related{Location: at, Message: message})
}

// creation reports rpcs that make something new with every call, and give the server
// nothing to tell a repetition by.
func (c *checker) creation(m *method) {
	verb, noun := m.verb, m.noun
	if verb == "Batch" {
		verb, noun = splitName(m.noun)
		noun = singular(noun)
	}
	if !slices.Contains(c.opt.CreateVerbs, verb) || noun == "" || m.level != levelUnknown || repeatableByVerb(m) {
		return
	}
	if slices.ContainsFunc(c.opt.Except, func(end string) bool { return strings.HasSuffix(noun, end) }) || c.hasRequestID(m.Input()) {
		return
	}
	id := identity{noun: plain(mainNoun(noun))}
	given := id.search(m.Input(), 3)
	if given.chosen != "" {
		return // the second attempt finds that the thing exists
	}
	assigned := given.assigned
	if assigned == "" {
		out := id.search(m.Output(), 1)
		if m.Output().FullName() == "google.longrunning.Operation" {
			return
		}
		assigned = out.chosen
		if assigned == "" {
			assigned = out.assigned
		}
	}
	if assigned == "" {
		return // nothing shows that it is something new
	}
	c.reportf(createWithoutID, c.at(m.file, m.MethodDescriptor),
		"%s cannot be called again when its answer is lost: the server gives every new %s its %s, and %s has neither an id that the client chooses nor one of the request (%s)",
		m.Name(), noun, assigned, m.Input().Name(), c.opt.RequestIDs[0])
}

// mainNoun leaves out what says how or where: JobFromTemplate and JobAsync are a Job.
func mainNoun(noun string) string {
	noun = strings.TrimSuffix(noun, "Async")
	for rest := noun; rest != ""; {
		word, after := splitName(rest)
		if slices.Contains([]string{"From", "For", "By", "With", "In", "On", "Of", "And"}, word) && len(rest) < len(noun) {
			return noun[:len(noun)-len(rest)]
		}
		rest = after
	}
	return noun
}

// hasRequestID reports whether a request, or a message directly in it, carries what
// tells a repetition from a new request.
func (c *checker) hasRequestID(m protoreflect.MessageDescriptor) bool {
	for i := range m.Fields().Len() {
		f := m.Fields().Get(i)
		if c.isRequestID(f) {
			return true
		}
		if inner := f.Message(); inner != nil && !f.IsMap() {
			for j := range inner.Fields().Len() {
				if c.isRequestID(inner.Fields().Get(j)) {
					return true
				}
			}
		}
	}
	return false
}

func (c *checker) isRequestID(f protoreflect.FieldDescriptor) bool {
	return f.Message() == nil && slices.ContainsFunc(c.opt.RequestIDs, func(id string) bool {
		return strings.HasSuffix(plain(string(f.Name())), plain(id))
	})
}

// An identity finds what one thing of a kind is told by.
type identity struct{ noun string }

// A found is the fields that identify a thing: chosen by who sends the message, or
// assigned by the server.
type found struct{ chosen, assigned string }

// search looks at the fields of a message, and of those in it to a depth.
func (id identity) search(m protoreflect.MessageDescriptor, depth int) found {
	var result found
	for i := range m.Fields().Len() {
		f := m.Fields().Get(i)
		if inner := f.Message(); inner != nil {
			if f.IsMap() && f.MapKey().Kind() == protoreflect.StringKind && f.MapValue().Message() != nil && result.chosen == "" {
				result.chosen = string(f.Name()) // things by the ids that the client gives them
			}
			if f.IsMap() || depth == 0 || inner.ParentFile().Package() == "google.protobuf" {
				continue
			}
			in := id.search(inner, depth-1)
			if outputOnly(f) {
				in = found{assigned: in.chosen + in.assigned}
			}
			if result.chosen == "" {
				result.chosen = in.chosen
			}
			if result.assigned == "" {
				result.assigned = in.assigned
			}
			continue
		}
		if !id.names(f) {
			continue
		}
		switch field := string(f.Name()); {
		case !outputOnly(f) && result.chosen == "":
			result.chosen = field
		case outputOnly(f) && !strings.HasSuffix(field, "uid"): // that is made beside a name of the client's choice (AIP-148)
			result.assigned = field
		}
	}
	return result
}

// names reports whether a field tells one thing from others: id, name, book_id.
func (id identity) names(f protoreflect.FieldDescriptor) bool {
	switch f.Kind() {
	case protoreflect.StringKind, protoreflect.BytesKind, protoreflect.Int32Kind, protoreflect.Int64Kind,
		protoreflect.Uint32Kind, protoreflect.Uint64Kind, protoreflect.Fixed64Kind, protoreflect.Sfixed64Kind:
	default:
		return false
	}
	field := plain(string(f.Name()))
	switch field {
	case "name", "id", "uid", "uuid", "guid", "key":
		return true
	}
	for _, end := range []string{"id", "name", "uuid", "uid", "key", "number", "ids", "names"} {
		if of, ok := strings.CutSuffix(field, end); ok && of != "" && (strings.HasSuffix(id.noun, of) || strings.HasSuffix(of, id.noun)) {
			return true
		}
	}
	return false
}

// outputOnly reports whether what a client sends in a field is ignored. An identifier is
// given by the server, or by a field beside the resource (https://google.aip.dev/203),
// unless it is said to be immutable, as what the client chose.
func outputOnly(f protoreflect.FieldDescriptor) bool {
	v, ok := httprule.Extension(f.Options().ProtoReflect(), "google.api.field_behavior")
	if !ok {
		return false
	}
	var behaviors []protoreflect.EnumNumber
	for i := range v.List().Len() {
		behaviors = append(behaviors, v.List().Get(i).Enum())
	}
	return slices.Contains(behaviors, behaviorOutput) ||
		slices.Contains(behaviors, behaviorIdentify) && !slices.Contains(behaviors, behaviorImmutable)
}

// singular is one of what a plural names, near enough to compare.
func singular(noun string) string {
	switch {
	case strings.HasSuffix(noun, "us"), strings.HasSuffix(noun, "is"), strings.HasSuffix(strings.ToLower(noun), "series"):
		return noun
	case strings.HasSuffix(noun, "ies"):
		return noun[:len(noun)-3] + "y"
	case strings.HasSuffix(noun, "sses"), strings.HasSuffix(noun, "xes"), strings.HasSuffix(noun, "ches"):
		return noun[:len(noun)-2]
	case strings.HasSuffix(noun, "s") && !strings.HasSuffix(noun, "ss"):
		return noun[:len(noun)-1]
	}
	return noun
}

// pagination reports lists that grow and are returned whole.
func (c *checker) pagination(m *method, siblings []*method) {
	if m.verb != "List" || m.noun == "" || c.paged(m.Input(), true) || c.paged(m.Output(), false) {
		return
	}
	var list protoreflect.FieldDescriptor
	for i := range m.Output().Fields().Len() {
		if f := m.Output().Fields().Get(i); f.IsList() && f.Message() != nil && f.Message().ParentFile().Package() != "google.protobuf" {
			list = f
			break
		}
	}
	noun := singular(m.noun)
	grows := slices.IndexFunc(siblings, func(s *method) bool {
		return s.noun == noun && slices.Contains(c.opt.CreateVerbs, s.verb) && !s.IsStreamingServer()
	})
	if list == nil || grows < 0 {
		return
	}
	f := c.reportf(noPagination, c.at(m.file, m.MethodDescriptor),
		"%s returns all of %s at once: the list grows with every %s, until it is too large for one message (gRPC clients take 4 MB unless told otherwise)",
		m.Name(), fmt.Sprintf("%s.%s", m.Output().Name(), list.Name()), siblings[grows].Name())
	related(f, c.at(m.file, siblings[grows].MethodDescriptor), "clients add to it here")
}

// paged reports whether a field has to do with pages.
func (c *checker) paged(m protoreflect.MessageDescriptor, nested bool) bool {
	for i := range m.Fields().Len() {
		f := m.Fields().Get(i)
		field := plain(string(f.Name()))
		if slices.ContainsFunc(c.opt.PageWords, func(word string) bool { return strings.Contains(field, word) }) {
			return true
		}
		if inner := f.Message(); nested && inner != nil && c.paged(inner, false) {
			return true
		}
	}
	return false
}
