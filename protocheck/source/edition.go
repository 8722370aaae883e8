package source

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// A rewritten is a file of edition 2024 in terms of edition 2023, which is as far as
// the compiler goes: what is new is replaced by spaces, so that all places stay what
// they are, and is noted. The defaults of features that concern encodings are the
// same in both (https://protobuf.dev/editions/features/).
type rewritten struct {
	text []byte
	// keywords are export and local by the line and name of what they stand before.
	keywords map[string]string
	fallback string // default_symbol_visibility
}

// The visibilities of a type; see File.Local.
const (
	exported = "export"
	local    = "local"
)

// lowerEdition2024 rewrites a file of edition 2024; ok is false for any other.
func lowerEdition2024(text []byte) (r *rewritten, ok bool) {
	if scanHeader(text).edition != "2024" {
		return nil, false
	}
	r = &rewritten{text: slices.Clone(text), keywords: map[string]string{}, fallback: "EXPORT_TOP_LEVEL"}
	s := &scanner{text: text}
	for token := s.next(); token != ""; token = s.next() {
		if !s.atStart && !s.opened {
			continue
		}
		begin := s.begin
		switch token {
		case "edition":
			if s.next() == "=" && unquote(s.next()) == "2024" {
				copy(r.text[s.begin+1:], "2023")
			}
		case exported, local:
			r.visibility(s, token, begin)
		case "import":
			if s.next() == "option" {
				r.blank(s.begin, s.at)
			}
		case "option":
			r.option(s, begin)
		}
	}
	return r, true
}

// visibility blanks a keyword before a type.
func (r *rewritten) visibility(s *scanner, keyword string, begin int) {
	end := s.at
	if kind := s.next(); kind != "message" && kind != "enum" {
		return
	}
	line, _ := s.position(s.begin)
	r.blank(begin, end)
	r.keywords[fmt.Sprintf("%d:%s", line, s.next())] = keyword
}

// option blanks the statements about features that edition 2024 introduced.
func (r *rewritten) option(s *scanner, begin int) {
	name := ""
	for token := s.next(); token != "=" && token != ";" && token != ""; token = s.next() {
		name += token
	}
	value := s.next()
	switch name {
	case "features.default_symbol_visibility":
		r.fallback = value
	case "features.enforce_naming_style":
	default:
		return
	}
	for token := value; token != ";" && token != ""; token = s.next() {
	}
	r.blank(begin, s.at)
}

func (r *rewritten) blank(begin, end int) {
	for i := begin; i < end; i++ {
		if r.text[i] != '\n' {
			r.text[i] = ' '
		}
	}
}

// visibilityOf tells for each type of the file whether other files may import it.
func (r *rewritten) visibilityOf(fd protoreflect.FileDescriptor) map[protoreflect.FullName]string {
	found := map[protoreflect.FullName]string{}
	note := func(d protoreflect.Descriptor) {
		key := fmt.Sprintf("%d:%s", fd.SourceLocations().ByDescriptor(d).StartLine+1, d.Name())
		if keyword, ok := r.keywords[key]; ok {
			found[d.FullName()] = keyword
			return
		}
		found[d.FullName()] = r.byDefault(d)
	}
	EachType(fd, func(m protoreflect.MessageDescriptor) { note(m) }, func(e protoreflect.EnumDescriptor) { note(e) })
	return found
}

func (r *rewritten) byDefault(d protoreflect.Descriptor) string {
	_, topLevel := d.Parent().(protoreflect.FileDescriptor)
	if r.fallback == "EXPORT_ALL" || strings.HasPrefix(r.fallback, "EXPORT_TOP") && topLevel {
		return exported
	}
	return local
}

// Local reports whether a type of the file is for the file's own use: marked local,
// or local by default, which is possible since edition 2024.
func (f *File) Local(name protoreflect.FullName) bool { return f.visibility[name] == local }

// EachType calls a function for every message and every enum of a file, nested ones
// and the entries of maps included.
func EachType(fd protoreflect.FileDescriptor, message func(protoreflect.MessageDescriptor), enum func(protoreflect.EnumDescriptor)) {
	eachType(fd, message, enum)
}

type container interface {
	Messages() protoreflect.MessageDescriptors
	Enums() protoreflect.EnumDescriptors
}

func eachType(c container, message func(protoreflect.MessageDescriptor), enum func(protoreflect.EnumDescriptor)) {
	for i := range c.Enums().Len() {
		enum(c.Enums().Get(i))
	}
	for i := range c.Messages().Len() {
		m := c.Messages().Get(i)
		message(m)
		eachType(m, message, enum)
	}
}
