package descriptor

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"io"
	"strings"
	"sync"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"
)

//go:embed envoy.binpb.gz
var compressed []byte

// A set is the files of the embedded set, none of which is read before something in it is asked for.
type set struct {
	mu     sync.Mutex
	files  [][]byte
	read   []bool
	fileOf map[string]int // by the full name of a message or enum at the top of a file
	// protos are those of the files that were read, by full name, nested ones included.
	protos map[string]*descriptorpb.DescriptorProto
	enums  map[string]*Enum
	// messages are those that were asked for.
	messages map[string]*Message
}

var embedded = sync.OnceValue(readSet)

// Text is the whole set, as a google.protobuf.FileDescriptorSet; nil if the embedded one is damaged.
func Text() []byte {
	r, err := gzip.NewReader(bytes.NewReader(compressed))
	if err != nil {
		return nil
	}
	text, err := io.ReadAll(r)
	if err != nil {
		return nil
	}
	return text
}

func readSet() *set {
	s := &set{
		fileOf: map[string]int{}, protos: map[string]*descriptorpb.DescriptorProto{},
		enums: map[string]*Enum{}, messages: map[string]*Message{},
	}
	eachField(Text(), func(number protowire.Number, file []byte) {
		if number == 1 { // FileDescriptorSet.file
			s.index(file)
		}
	})
	s.read = make([]bool, len(s.files))
	return s
}

// Fields of FileDescriptorProto, DescriptorProto and EnumDescriptorProto in descriptor.proto.
const (
	filePackage  = 2
	fileMessages = 4
	fileEnums    = 5
	nameOfType   = 1
)

// index notes which types a file has, without reading it whole.
func (s *set) index(file []byte) {
	at := len(s.files)
	s.files = append(s.files, file)
	pkg := ""
	eachField(file, func(number protowire.Number, value []byte) {
		switch number {
		case filePackage:
			pkg = string(value)
		case fileMessages, fileEnums:
			eachField(value, func(number protowire.Number, name []byte) {
				if number == nameOfType {
					s.fileOf[pkg+"."+string(name)] = at
				}
			})
		}
	})
}

// eachField calls f with the fields of a message that are delimited by their length.
func eachField(message []byte, f func(protowire.Number, []byte)) {
	for len(message) > 0 {
		number, kind, length := protowire.ConsumeTag(message)
		if length < 0 {
			return
		}
		message = message[length:]
		if kind == protowire.BytesType {
			if value, length := protowire.ConsumeBytes(message); length >= 0 {
				f(number, value)
			}
		}
		length = protowire.ConsumeFieldValue(number, kind, message)
		if length < 0 {
			return
		}
		message = message[length:]
	}
}

// load reads the file that has a type, by the full name of the type or of one nested in it.
func (s *set) load(name string) {
	for top := name; top != ""; {
		if at, ok := s.fileOf[top]; ok {
			s.readFile(at)
			return
		}
		i := strings.LastIndexByte(top, '.')
		if i < 0 {
			return
		}
		top = top[:i]
	}
}

func (s *set) readFile(at int) {
	if s.read[at] {
		return
	}
	s.read[at] = true
	file := &descriptorpb.FileDescriptorProto{}
	if err := proto.Unmarshal(s.files[at], file); err != nil {
		return
	}
	for _, m := range file.GetMessageType() {
		s.add(file.GetPackage()+".", m)
	}
	for _, e := range file.GetEnumType() {
		s.addEnum(file.GetPackage()+".", e)
	}
}

func (s *set) add(scope string, m *descriptorpb.DescriptorProto) {
	name := scope + m.GetName()
	s.protos[name] = m
	for _, nested := range m.GetNestedType() {
		s.add(name+".", nested)
	}
	for _, e := range m.GetEnumType() {
		s.addEnum(name+".", e)
	}
}

// Find returns the message type with a full name, such as "envoy.config.cluster.v3.Cluster"; nil if
// there is none.
func Find(name string) *Message {
	s := embedded()
	s.mu.Lock()
	defer s.mu.Unlock()
	if m := s.messages[name]; m != nil {
		return m
	}
	s.load(name)
	p := s.protos[name]
	if p == nil {
		return nil
	}
	m := s.newMessage(name, p)
	s.messages[name] = m
	return m
}

// FindEnum is Find for enums.
func FindEnum(name string) *Enum {
	s := embedded()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.enums[name] == nil {
		s.load(name)
	}
	return s.enums[name]
}
