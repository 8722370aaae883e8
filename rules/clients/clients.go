// Package clients describes client libraries: which of their functions put a
// request on the wire, what bounds each call in time, and what their
// constructors and options do to that bound. The knowledge is data (*.cue);
// go generate compiles it into static Go values.
//
// # Operands
//
// Fields of type Operand name a value at a call:
//
//	recv        the receiver
//	arg0, arg1  the parameters, not counting the receiver
//	args2       the parameters from the third on, each element of a variadic one
//	zero        the zero value, as when a package function uses a default client
//
// # Bounds
//
// Fields of type Bound say what limits a value (a context, request, client,
// connection or option) in time:
//
//	none              nothing does
//	seldom            hardly ever anything does: what follows is likely, not proven
//	bounded           something does, how long is not known
//	5s                this long
//	duration(arg1)    as long as the operand, if it is not zero
//	recv, arg0 …      as the operand is bounded
//	any(args1)        as any one of the operand's elements, else nothing
//
// Where several results or sets name the same value, one bound is enough:
// a context made by context.WithTimeout is bounded by its parent or its
// duration. A value for which no entry says anything is unknown, which is not
// the same as none.
//
// An operand of type time.Duration bounds what it is given to unless it is
// zero, an operand of type time.Time likewise.
//
// # Policies
//
// What a library repeats, and how often, is kept apart from what it sends
// ([AllRetries]): many libraries that repeat send nothing themselves. A [Policy] is all that is told about how something is repeated. It belongs to
// a value: a client, an options struct, a functional option, a backoff. It is
// made of parts, each of which a value may or may not set:
//
//	attempts    number    the most tries in all, the first included
//	growth      increase  how the waits between tries grow
//	jitter      truth     randomness reaches the waits
//	context     truth     the wait ends with a context
//	retryAfter  truth     the server's Retry-After is honoured
//	budget      truth     a share of the traffic limits the tries
//	overall     length    limit of all tries together
//	perTry      length    limit of one try
//	first       length    the first wait, before jitter
//	factor      number    by which each wait is longer than the one before, or
//	                      "linear" (first × n) or "square" (first × n²)
//	cap         length    the longest wait, before jitter
//	spread      number    what jitter multiplies a wait by at most
//	modes       list      the failures that are repeated: refused, reset, hang,
//	                      opaque, statuses such as 429 and 5xx, and gRPC codes
//	                      such as grpc-unavailable; or "unknown"
//	methods     list      the HTTP methods that are repeated: "all",
//	                      "idempotent" (RFC 9110, section 9.2.2) or a list
//	opaque      truth     after the last try comes an error that does not tell
//	                      a status from a broken connection
//
// # Expressions
//
// A part's expression gives its value from operands: "arg0" as for [Operand],
// and "value", the value given to a field.
//
//	number    5   arg0   arg0+1   len(arg0)+1   unbounded   unknown
//	length    500ms   arg0   none   unknown
//	truth     yes   no   unknown   arg0   not arg0
//	increase  none   constant   growing   unknown
//	          constant(arg0), growing(arg0): so, unless the operand is zero, which is none
//	          factor(arg0): growing if the operand is more than 1, else constant
//
// Each may be "if(arg0, this, that)", by the truth of the operand; "keep" sets
// nothing. An operand of a truth is true unless it is false, zero or nil. Numbers and
// lengths may end in exceptions: "value+1, 0: 4, -1: 1" is 4 if the operand is
// 0, 1 if it is -1 (or "<0", if it is negative), else one more than it is.
package clients

//go:generate go run github.com/commslint/commslint/internal/gen/clients

// A Library is one entry of the catalogue: the packages of one client library.
type Library struct {
	ID       string
	Packages []string // import paths; a final /* stands for any subpackage
	Funcs    []Func
	Types    []Type
	// Transparent says that functions of these packages which take a context
	// and return one, or take a client and return one, pass its bound through.
	Transparent bool
	// Local says that the packages talk to nobody: they are drivers of a
	// database that lives in the process, as SQLite does.
	Local bool
	// Insides lists packages below the library (a final /* as in Packages) that
	// its functions are made of: they need no analysis of their own, since the
	// model says what the library does.
	Insides []string
	Source  string // module@version that was read
}

// A Func describes one function or method.
type Func struct {
	// Name is "Get", "(*Client).Do" or "(Client).Get" (which also matches
	// the pointer receiver and interface methods). A * stands for any run of
	// characters: "(*DB).Query*".
	Name   string
	Call   *Call    // set if the function puts a request on the wire
	Result []Result // what limits each result
	Sets   []Set    // what the function does to its receiver or arguments
	Roles  []Role
	// Address is the operand with the address that is dialled, now or later;
	// empty if the function takes none.
	Address Operand
	// Request is set if the function builds a request that a Call sends.
	Request *Request
	Source  string // file:line in the module that shows it
}

// A Call says how a request goes on the wire and what limits it.
type Call struct {
	Protocol string // http, grpc, sql, redis, tcp, tls, dns, aws …
	Op       string // what is asked: "GET", "query"; empty if an operand says it
	Method   Operand
	URL      Operand
	// BoundedBy lists what may bound the whole exchange; one is enough.
	BoundedBy []Operand
	// Rarely lists what may bound it too but in practice seldom does: if
	// these are unknown and all of BoundedBy are unbounded, the finding is
	// likely rather than proven.
	Rarely []Operand
	// Default bounds the exchange if nothing else does ("5s"); empty if nothing.
	Default string
	// Context is the operand that carries the caller's context; empty if the
	// function takes none.
	Context Operand
	// WithContext names the variant that takes a context, where Context is
	// empty. A bare name is a function or method of the same package or type
	// that takes the context first and then the same parameters; one with a
	// dot ("http.NewRequestWithContext") needs a rewrite.
	WithContext string
	// Stream calls stay open on purpose: a deadline would be wrong.
	Stream bool
	// Body is the index of the result whose Body the caller must close; -1 if none.
	Body int
	// BestEffort calls are ones whose error is commonly and rightly ignored
	// (Close, Rollback).
	BestEffort bool
}

// A Request says what a function puts into the request that is its first result.
type Request struct {
	Method Operand
	URL    Operand
	From   Operand // the request whose other properties it keeps
}

// An Operand names a value at a call; see the package documentation.
type Operand string

// A Bound is an expression over operands; see the package documentation.
type Bound string

// A Result says what limits one result of a function.
type Result struct {
	Index int
	Bound Bound
}

// A Set says that calling the function limits one of its operands.
type Set struct {
	Target Operand
	Field  string // field path below the target ("HTTPClient.Timeout"); empty for the target itself
	Bound  Bound
}

// A Role marks functions that rules ask about.
type Role string

const (
	// Pool functions make a connection pool, channel or transport that is
	// meant to live as long as the process.
	Pool Role = "pool"
	// Listen functions start a server.
	Listen Role = "listen"
	// Insecure functions make something that sends clear text.
	Insecure Role = "insecure"
	// Address functions take an address to dial in the operand "arg0"
	// (Func.Address names the operand wherever it is).
	Address Role = "address"
	// Reflection functions register gRPC server reflection.
	Reflection Role = "reflection"
	// Background functions make a context that nothing bounds.
	Background Role = "background"
	// ServiceConfig functions take a gRPC service config in JSON in "arg0",
	// which may hold timeouts and retry policies.
	ServiceConfig Role = "service-config"
	// Detach functions cut a context off from its parent on purpose.
	Detach Role = "detach"
)

// A Type describes a struct whose fields limit what is done with it.
type Type struct {
	Name string // "Client"
	// Default is what limits a value of this type when no field says
	// otherwise: "none" or a duration.
	Default Bound
	// Fields lists the fields that set the bound.
	Fields []Field
	// Roles of values of the type: a composite literal of an http.Transport is a Pool.
	Roles  []Role
	Source string
}

// A Field limits the calls made through its struct.
type Field struct {
	Name string
	// Kind is "duration" (bounded unless zero or negative), "value" (as the
	// field's own value is bounded), "time" (bounded unless zero), or
	// "disables" (a negative value removes the type's default). "rarely" is
	// "value" for fields that could bound the calls but in practice seldom
	// do; "address" fields hold an address to dial and bound nothing.
	Kind string
}
