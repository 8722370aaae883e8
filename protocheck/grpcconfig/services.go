package grpcconfig

import (
	"cmp"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/protocheck/httprule"
	"github.com/commslint/commslint/protocheck/source"
)

// Services are the services that .proto files define.
type Services struct {
	services map[string]*Service
	// packages are those of all files, whether or not they define a service.
	packages map[string]bool
	// partial are packages of which some files are out of sight.
	partial map[string]bool
	names   []string // of all services, sorted; nil until asked
	// letters are the names of all services by what is left of them without dots; nil
	// until asked.
	letters map[string]string
}

// A Service is a service that a .proto file defines.
type Service struct {
	Name    string // with its package: "pay.v1.Payments"
	Methods []*Method
	At      finding.Location
}

// A Method is a method of a service, with what tells whether it may be repeated.
type Method struct {
	Service, Name string
	At            finding.Location
	ClientStreams bool // the client sends a stream
	ServerStreams bool
	Level         Level
	// Verb and Path are the HTTP request of its google.api.http, or empty.
	Verb, Path string
	// KeyField is the field of the request that carries an idempotency key, one of
	// the names that were asked for; empty if there is none.
	KeyField string
	// NamedByClient is the field by which the client names what a Create makes;
	// empty if there is none.
	NamedByClient string
	// Opaque says that the request is not in sight, so that it may have a key.
	Opaque bool
	// Unrepeated is a word of its comment which says that to do it twice does no
	// more than to do it once, or is refused; empty if there is none.
	Unrepeated string
}

// FullName is the name of the method as service configs write it.
func (m *Method) FullName() string { return m.Service + "/" + m.Name }

// A Level is the idempotency_level of a method.
type Level uint8

const (
	LevelUnknown Level = iota
	Idempotent
	NoSideEffects
)

// NewServices reads the services of compiled files. Rename turns the path of a file
// in its tree into what findings call it; nil leaves it as it is. Of the options it
// needs those that say what makes a method safe to repeat.
func NewServices(files []*source.File, rename func(string) string, opt Options) *Services {
	s := &Services{services: map[string]*Service{}, packages: map[string]bool{}, partial: map[string]bool{}}
	for _, f := range files {
		s.packages[string(f.Package())] = true
		r := &reader{file: f, opt: opt, name: f.TreePath}
		if rename != nil {
			r.name = rename(f.TreePath)
		}
		for i := range f.Services().Len() {
			r.service(s, f.Services().Get(i))
		}
	}
	return s
}

// Hide notes packages of which some files could not be read, or were not asked for:
// that they lack a service is then not known.
func (s *Services) Hide(packages ...string) {
	for _, p := range packages {
		s.partial[p] = true
	}
}

// Lookup finds a service by its full name; nil if there is none, or s is nil.
func (s *Services) Lookup(name string) *Service {
	if s == nil {
		return nil
	}
	return s.services[name]
}

// defines reports whether all files of a package are in sight.
func (s *Services) defines(pkg string) bool { return s != nil && s.packages[pkg] && !s.partial[pkg] }

// all lists the names of all services.
func (s *Services) all() []string {
	if s == nil {
		return nil
	}
	if s.names == nil {
		for name := range s.services {
			s.names = append(s.names, name)
		}
		slices.Sort(s.names)
	}
	return s.names
}

// byLetters finds the service whose name is another one but for dots within it, and for
// blanks, dots and slashes around it; empty if there is none.
func (s *Services) byLetters(name string) string {
	if s.letters == nil {
		s.letters = map[string]string{}
		for _, service := range slices.Backward(s.all()) {
			s.letters[lettersOf(service)] = service
		}
	}
	return s.letters[lettersOf(name)]
}

func lettersOf(name string) string {
	return strings.ReplaceAll(strings.Trim(name, " ./\t"), ".", "")
}

// Method finds a method by its name; nil if there is none.
func (s *Service) Method(name string) *Method {
	for _, m := range s.Methods {
		if m.Name == name {
			return m
		}
	}
	return nil
}

// A reader reads the services of one file.
type reader struct {
	file *source.File
	name string
	opt  Options
}

// service adds a service. Copies of a file define it more than once; the first one
// counts, with the methods that only others have.
func (r *reader) service(to *Services, d protoreflect.ServiceDescriptor) {
	name := string(d.FullName())
	s := to.services[name]
	if s == nil {
		s = &Service{Name: name, At: r.locate(d)}
		to.services[name] = s
	}
	for i := range d.Methods().Len() {
		if m := d.Methods().Get(i); s.Method(string(m.Name())) == nil {
			s.Methods = append(s.Methods, r.method(name, m))
		}
	}
}

func (r *reader) method(service string, d protoreflect.MethodDescriptor) *Method {
	m := &Method{
		Service: service, Name: string(d.Name()), At: r.locate(d),
		ClientStreams: d.IsStreamingClient(), ServerStreams: d.IsStreamingServer(),
	}
	if o, ok := d.Options().(*descriptorpb.MethodOptions); ok {
		switch o.GetIdempotencyLevel() {
		case descriptorpb.MethodOptions_NO_SIDE_EFFECTS:
			m.Level = NoSideEffects
		case descriptorpb.MethodOptions_IDEMPOTENT:
			m.Level = Idempotent
		}
	}
	if m.Level == LevelUnknown && r.opt.declares(service, m.Name) {
		m.Level = Idempotent
	}
	if all := httprule.Bindings(d); len(all) > 0 {
		m.Verb, m.Path = all[0].Verb, all[0].Path
	}
	m.Opaque = source.IsUnknown(d.Input())
	m.KeyField = keyField(d.Input(), r.opt.Keys)
	if does(m.Name) {
		m.NamedByClient = clientName(d)
		m.Unrepeated = unrepeated(r.file.SourceLocations().ByDescriptor(d).LeadingComments)
	}
	return m
}

func (r *reader) locate(d protoreflect.Descriptor) finding.Location {
	at := finding.Location{File: r.name}
	loc := r.file.SourceLocations().ByDescriptor(d)
	if len(loc.Path) > 0 {
		at.Line, at.Column = loc.StartLine+1, r.file.ByteColumn(loc.StartLine+1, loc.StartColumn+1)
	}
	return at
}

// sortMethods sorts methods by their names.
func sortMethods(methods []*Method) {
	slices.SortFunc(methods, func(a, b *Method) int {
		return cmp.Or(strings.Compare(a.Service, b.Service), strings.Compare(a.Name, b.Name))
	})
}
