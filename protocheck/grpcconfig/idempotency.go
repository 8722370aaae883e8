package grpcconfig

import (
	"regexp"
	"strings"
	"sync"
	"unicode"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/protocheck/httprule"
)

// keyField finds the field of a request that carries an idempotency key (AIP-155), also
// in the requests that a batch consists of.
func keyField(m protoreflect.MessageDescriptor, keys []string) string {
	for i := range m.Fields().Len() {
		f := m.Fields().Get(i)
		if oneOf(keys, string(f.Name())) && (f.Kind() == protoreflect.StringKind || f.Kind() == protoreflect.BytesKind) {
			return string(f.Name())
		}
	}
	for i := range m.Fields().Len() {
		f := m.Fields().Get(i)
		if f.IsList() && f.Name() == "requests" && f.Kind() == protoreflect.MessageKind && f.Message() != m {
			return keyField(f.Message(), keys)
		}
	}
	return ""
}

// clientName finds the field by which the client names what a Create makes, so that a
// second one of that name is refused: order_id of CreateOrder (AIP-133), or a name, an
// id or a reference that the new resource must have.
func clientName(d protoreflect.MethodDescriptor) string {
	words := wordsOf(string(d.Name()))
	for len(words) > 2 && isBatch(words[0]) {
		words = words[1:]
	}
	if len(words) < 2 {
		return ""
	}
	resource := strings.TrimSuffix(strings.Join(words[1:], ""), "s")
	last := strings.TrimSuffix(words[len(words)-1], "s")
	request := d.Input()
	if f := request.Fields().ByName("requests"); f != nil && f.IsList() && f.Kind() == protoreflect.MessageKind {
		request = f.Message()
	}
	for i := range request.Fields().Len() {
		f := request.Fields().Get(i)
		name := strings.ReplaceAll(string(f.Name()), "_", "")
		stem, isID := strings.CutSuffix(name, "id")
		stem = strings.TrimSuffix(stem, "s")
		switch {
		case f.Kind() == protoreflect.StringKind && isID && len(stem) > 2 && (strings.HasSuffix(resource, stem) || strings.HasSuffix(stem, last)):
			return string(f.Name())
		case f.Kind() == protoreflect.MessageKind && (strings.HasSuffix(strings.TrimSuffix(name, "s"), last) || name == "resource"):
			if id := identity(f.Message(), resource); id != "" {
				return string(f.Name()) + "." + id
			}
		}
	}
	return ""
}

func isBatch(word string) bool { return word == "batch" || word == "bulk" || word == "async" }

// identity finds the field of a resource that the client has to fill in and that names
// the resource.
func identity(m protoreflect.MessageDescriptor, resource string) string {
	for i := range m.Fields().Len() {
		f := m.Fields().Get(i)
		name := strings.ReplaceAll(string(f.Name()), "_", "")
		switch {
		case f.IsList() || behaves(f, fieldOutputOnly):
		case f.Kind() == protoreflect.MessageKind:
			if strings.HasSuffix(name, "reference") {
				return string(f.Name())
			}
		case name == resource+"id", (name == "name" || name == "id" || name == resource+"name") && behaves(f, fieldRequired):
			return string(f.Name())
		}
	}
	return ""
}

// Values of google.api.FieldBehavior.
const (
	fieldRequired   = 2
	fieldOutputOnly = 3
)

// behaves reports whether a field is annotated as one of a kind.
func behaves(f protoreflect.FieldDescriptor, behavior protoreflect.EnumNumber) bool {
	v, ok := httprule.Extension(f.Options().ProtoReflect(), "google.api.field_behavior")
	if !ok {
		return behavior == fieldRequired && f.Cardinality() == protoreflect.Required
	}
	for i := range v.List().Len() {
		if v.List().Get(i).Enum() == behavior {
			return true
		}
	}
	return false
}

// unrepeatedWords are what comments say of methods whose repetition does no harm.
var unrepeatedWords = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)\b(idempoten\w*|upserts?|overwrit\w+|replaces?|already[_ ]\w+|at most one|must be unique|if (it|one|the \w+) does(n't| not)( already)? exist|duplicates? (is|are|will be) (ignored|dropped|rejected))\b`)
})

func unrepeated(comment string) string {
	return strings.ToLower(unrepeatedWords().FindString(strings.Join(strings.Fields(comment), " ")))
}

// wordsOf splits a name such as BatchCreateOrders into its words, in small letters.
func wordsOf(name string) (words []string) {
	start := 0
	runes := []rune(name)
	for i := 1; i <= len(runes); i++ {
		if i < len(runes) && !(unicode.IsUpper(runes[i]) && (!unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1]))) {
			continue
		}
		words = append(words, strings.ToLower(string(runes[start:i])))
		start = i
	}
	return words
}

// doing are the verbs of methods that do something more when they run once more:
// another order, another message, another payment. Verbs that set a state (update,
// enable, cancel), that only compute, and those that mean either (add, run, submit)
// are not among them.
var doing = []string{
	"create", "insert", "append", "send", "publish", "place", "charge", "pay", "transfer", "refund", "order",
	"purchase", "buy", "increment", "decrement", "enqueue", "trigger", "clone", "copy", "duplicate", "invite", "allocate",
	"mint", "rotate", "debit", "credit", "deposit", "withdraw", "instantiate", "redeem", "book",
}

// passing are what is made for a while and then thrown away: one more does no harm.
var passing = []string{"session", "challenge", "token", "nonce"}

// does reports whether a method does something more when it runs once more, as far as
// its name tells.
func does(method string) bool {
	words := wordsOf(method)
	if len(words) == 0 {
		return false
	}
	for len(words) > 1 && isBatch(words[0]) {
		words = words[1:]
	}
	if len(words) > 1 && (words[1] == "or" || words[1] == "ownership") {
		return false // CreateOrUpdate, CreateOrGet; TransferOwnership
	}
	if oneOf(passing, strings.TrimSuffix(words[len(words)-1], "s")) {
		return false
	}
	return oneOf(doing, words[0])
}

// A doubt is why a method is not known to be safe to repeat.
type doubt struct {
	strength finding.Strength
	why      string
}

// doubtOf judges by the contract whether a method may be done twice, and how sure that
// is; ok is false for methods that are safe.
//
// A contract makes a method safe that says so (idempotency_level), whose HTTP verb is
// idempotent (RFC 9110, section 9.2.2), or whose request has a key. Of others it is
// likely that their repetition does harm if their name says that they do something,
// and possible if it does not, or if the client names what is made.
func doubtOf(m *Method) (d doubt, ok bool) {
	switch {
	case m.Level != LevelUnknown, m.KeyField != "":
		return d, false
	case m.Verb == "GET" || m.Verb == "HEAD" || m.Verb == "PUT" || m.Verb == "DELETE":
		return d, false
	case !does(m.Name):
		return doubt{finding.Possible, "its name does not tell whether it can be done twice"}, true
	case m.Opaque:
		return doubt{finding.Possible, "the file that defines its request is not in sight"}, true
	case m.NamedByClient != "":
		return doubt{finding.Possible, "a repetition is refused, as the client names what is made: " + m.NamedByClient}, true
	case m.Unrepeated != "":
		return doubt{finding.Possible, "its comment says " + m.Unrepeated}, true
	case m.Verb == "POST":
		return doubt{finding.Proven, ""}, true
	}
	return doubt{finding.Likely, ""}, true
}
