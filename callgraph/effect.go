package callgraph

import "time"

// A Ref names a node of an Effects graph by its index. The zero Ref is the node
// that does nothing.
type Ref int

// Effects says what one run of a function sends: a directed acyclic graph of
// nodes, of which Root is the whole. Nodes[0] is always the node that does
// nothing. Parts that several paths share are shared nodes.
type Effects struct {
	Nodes []Node `json:"nodes,omitempty"`
	Root  Ref    `json:"root,omitempty"`
}

// A NodeKind says what a node stands for.
type NodeKind uint8

const (
	Nothing    NodeKind = iota
	Seq                 // all Parts, one after the other or concurrently
	Alt                 // one of Parts
	Repeat              // Parts[0], again by a retry layer
	Loop                // Parts[0], once per turn of a loop over data
	Send                // a request put on the wire
	Invoke              // a call of a function
	Unresolved          // a call that may send anything: a function value out of sight
	Optional            // Parts, whose failures are swallowed: what is around them goes on
	Mirrored            // a copy of Parts[0], a Share of the times, whose failures nobody sees
	Known               // what Value says, which was found out elsewhere
)

// A Node is one construct of an Effects graph.
type Node struct {
	Kind  NodeKind `json:"kind"`
	Parts []Ref    `json:"parts,omitempty"`
	Layer *Layer   `json:"layer,omitempty"` // Repeat
	// Count is how often a Loop turns: a constant, or a variable such as
	// "len(order.Items)".
	Count   *Amount  `json:"count,omitempty"`
	Request *Request `json:"request,omitempty"` // Send
	Call    *Call    `json:"call,omitempty"`    // Invoke
	Share   float64  `json:"share,omitempty"`   // Mirrored: 1 for always
	Value   *Value   `json:"value,omitempty"`   // Known
	// Text is the source text of an Unresolved call ("h.next").
	Text string `json:"text,omitempty"`
	At   Posn   `json:"at,omitzero"`
}

// A Posn is a source position.
type Posn struct {
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
	Col  int    `json:"column,omitempty"`
}

// An Amount is a number that the code may give in several ways. The zero Amount
// is not known.
type Amount struct {
	// N is the number if Var is empty and Param is nil; else it is added to
	// them. Unbounded is ∞.
	N int `json:"n,omitempty"`
	// Var names what the number depends on where that cannot be known:
	// "cfg.MaxRetries", "len(order.Items)".
	Var string `json:"var,omitempty"`
	// Param is the parameter of the function that gives the number.
	Param *Param `json:"param,omitempty"`
}

// Unbounded is the N of an Amount that nothing limits.
const Unbounded = -1 << 31

// A Param is a parameter of the function, or something in a field below it.
type Param struct {
	// Index counts from the receiver, which is 0, or from the first parameter
	// where there is none. In a literal, -1-i is parameter i of the function
	// around it, and 100 less for each further function around that.
	Index int    `json:"index"`
	Path  string `json:"path,omitempty"` // "MaxRetries", "Options.Max"; empty for the parameter itself
	// Slot names the field at the end of Path, of whatever object: what a program
	// stores there stands in where a caller does not tell.
	Slot string `json:"slot,omitempty"`
}

// A Request is what a Send puts on the wire.
type Request struct {
	Protocol string `json:"protocol"` // as in the client models: http, grpc, sql, redis …
	// Operation is as much as is known of what is asked:
	// "POST payments:8080/v1/charges", "/pay.v1.Payments/Charge", "postgres:query".
	// Never empty: a field or variable that names the peer, or the library
	// function, stands in where no more is known.
	Operation string `json:"operation"`
	Method    string `json:"method,omitempty"` // HTTP method, if known
	Callee    string `json:"callee"`           // library function: "(*net/http.Client).Do"
	// Resolved is false if Operation only describes the place and not the peer.
	Resolved bool `json:"resolved,omitempty"`
	// Bound is the longest that the exchange takes; 0 if unknown or unbounded.
	Bound time.Duration `json:"bound,omitempty"`
	// MayEnd says that a client out of sight may bound the exchange, so that it
	// is not known to hang for ever.
	MayEnd bool `json:"mayEnd,omitempty"`
	// Authority is the host, and port, that it goes to where that is known and the
	// Operation does not tell.
	Authority string `json:"authority,omitempty"`
	// Proxied says that a proxy sends it, so that no sidecar stands before it.
	Proxied bool `json:"proxied,omitempty"`
	// Conn identifies where the client or connection was made, so that layers
	// configured there (a gRPC service config) apply.
	Conn Posn `json:"conn,omitzero"`
}

// A Call is an invocation of a function of the program. Exactly one of Func,
// Iface, Slot and Param is set.
type Call struct {
	Func  string `json:"func,omitempty"`  // id of a function
	Iface string `json:"iface,omitempty"` // interface method: "(example.com/shop.Store).Get"
	Slot  string `json:"slot,omitempty"`  // field or variable that holds the function: "example.com/shop.Server.next"
	Param *Param `json:"param,omitempty"` // parameter that is or holds the function
	Args  []Arg  `json:"args,omitempty"`
	// Name is how the call is written, for paths: "s.charge".
	Name string `json:"name,omitempty"`
}

// An Arg is what a call passes for a parameter, as far as it matters: a
// function or a number.
type Arg struct {
	To     Param   `json:"to"`               // of the callee
	Func   string  `json:"func,omitempty"`   // id of a function or literal
	Slot   string  `json:"slot,omitempty"`   // field or variable that holds the function
	From   *Param  `json:"from,omitempty"`   // the caller's own parameter, handed on
	Amount *Amount `json:"amount,omitempty"` // a number
	// Text is a string, for parameters that end up in an operation. It may hold
	// places (see Place).
	Text string `json:"text,omitempty"`
	// Type is the concrete type, where the parameter is an interface or a
	// pointer to a struct whose interfaces are known.
	Type string `json:"type,omitempty"`
}

// A Tri is yes, no or unknown.
type Tri uint8

const (
	Unknown Tri = iota
	No
	Yes
)

// A Growth says how waits between attempts grow.
type Growth uint8

const (
	GrowthUnknown Growth = iota
	NoWait               // the next attempt follows at once
	Constant             // always the same wait
	Growing              // linear or exponential
)

// A LayerKind says what form a retry layer has.
type LayerKind string

const (
	LoopLayer      LayerKind = "loop"           // a loop in the code
	RecursionLayer LayerKind = "recursion"      // a function that calls itself after a failure
	AgainLayer     LayerKind = "again"          // a second call after the first failed
	HelperLayer    LayerKind = "helper"         // a library function that repeats what it is given
	ClientLayer    LayerKind = "client"         // a client library that repeats requests
	ConfigLayer    LayerKind = "service-config" // a gRPC service config
	// DeadlineLayer repeats nothing: it is a time limit around what it holds.
	DeadlineLayer LayerKind = "deadline"
)

// A Layer is anything that may put the same logical request on the wire again.
type Layer struct {
	Kind LayerKind `json:"kind"`
	Name string    `json:"name,omitempty"` // function or library: "backoff.Retry"
	At   Posn      `json:"at,omitzero"`
	// Attempts is the most times that it sends one logical request, the first
	// included.
	Attempts Amount `json:"attempts"`
	// Modes are the failures that lead to another attempt; empty for all.
	Modes ModeSet `json:"modes,omitempty"`
	// Opaque says that what it passes up after the last attempt is an error
	// that no longer tells a status apart from a broken connection.
	Opaque bool `json:"opaque,omitempty"`

	Growth     Growth `json:"growth,omitempty"`
	Jitter     Tri    `json:"jitter,omitempty"`
	Context    Tri    `json:"context,omitempty"`    // the wait ends with the context
	RetryAfter Tri    `json:"retryAfter,omitempty"` // honours the header
	Budget     Tri    `json:"budget,omitempty"`     // a share of traffic limits it
	// Throttled says that nothing is sent again while more than about half of
	// the requests fail, as with the retryThrottling of a gRPC service config.
	Throttled Tri `json:"throttled,omitempty"`
	// BudgetShare limits retries to a share of the active requests, which count
	// the retries (Envoy: 0.2); BudgetRatio to a ratio to the requests that are
	// no retries (Linkerd, Finagle). 0 if there is none or it is unknown.
	BudgetShare float64 `json:"budgetShare,omitempty"`
	BudgetRatio float64 `json:"budgetRatio,omitempty"`
	// BudgetMin is how many retries a BudgetShare always allows at once (Envoy: 3),
	// so that few requests are not bounded by it; 0 if there is none.
	BudgetMin int `json:"budgetMin,omitempty"`
	// BudgetRate is how many retries a second a BudgetRatio always allows besides
	// (Linkerd's minRetriesPerSecond); 0 if there are none.
	BudgetRate float64 `json:"budgetRate,omitempty"`
	// Breaker is the most retries that may wait or run at once to the upstream, of all
	// requests together (Envoy's max_retries). 0 if there is none or it is unknown.
	Breaker int `json:"breaker,omitempty"`
	// Methods are the HTTP methods of the requests that it sends again; empty for all.
	Methods []string      `json:"methods,omitempty"`
	PerTry  time.Duration `json:"perTry,omitempty"`  // bound of one attempt; 0 if none or unknown
	Overall time.Duration `json:"overall,omitempty"` // bound of all attempts; 0 if none or unknown
	// MaxWait is the sum of the longest waits between attempts; 0 if unknown.
	MaxWait time.Duration `json:"maxWait,omitempty"`
	// ByTime says that a time limit or context is checked between attempts,
	// whether or not its length is known.
	ByTime bool `json:"byTime,omitempty"`
}

// A Function is a function, method or literal of the program, a handler of a
// route, or anything else that sends requests when something happens.
type Function struct {
	ID   string `json:"id"`   // "(*example.com/shop/pay.Client).Charge", "example.com/shop.Run$1"
	Name string `json:"name"` // as one would write it: "(*Client).Charge"
	At   Posn   `json:"at"`
	// Entry says from where it is started: "" for elsewhere in the code.
	Entry Entry   `json:"entry,omitempty"`
	Body  Effects `json:"body"`
}

// An Entry is a way in which the outside starts a function.
type Entry string

const (
	NoEntry  Entry = ""
	Main     Entry = "main"     // the main function of a command
	Handler  Entry = "handler"  // of incoming requests
	Exported Entry = "exported" // callable by other modules
	Proxy    Entry = "proxy"    // a route of a proxy
)

// A Package is what one Go package contributes to a Program.
type Package struct {
	Path      string     `json:"path"`
	Functions []Function `json:"functions,omitempty"`
	// Dir is the folder of its files, as positions name them; Main says that it is
	// a command. Imports are its direct imports. All may be empty where that is not
	// known.
	Dir     string   `json:"dir,omitempty"`
	Main    bool     `json:"main,omitempty"`
	Imports []string `json:"imports,omitempty"`
	// Service is the name of the service that it belongs to, where that was found out
	// before.
	Service string `json:"service,omitempty"`
	// Texts are the strings that flow into fields, variables and parameters, and
	// Peers those that say whom requests go to.
	Texts []TextFlow `json:"texts,omitempty"`
	Peers []Peer     `json:"peers,omitempty"`
	// Conversions are the concrete types that are seen to become interfaces.
	Conversions []Conversion `json:"conversions,omitempty"`
	// Assignments are the functions seen to be stored in fields and variables.
	Assignments []Assignment `json:"assignments,omitempty"`
	// Numbers are the numbers seen to be stored in fields, and passed for
	// parameters ("example.com/shop.New#0").
	Numbers []Stored `json:"numbers,omitempty"`
	// Served tells which functions serve which operations.
	Served []Served `json:"served,omitempty"`
	// Known are the values of functions of other packages that these call, for
	// those that are not described themselves.
	Known map[string]Value `json:"known,omitempty"`
	// Connections are the gRPC connections made, with what they repeat.
	Connections []Connection `json:"connections,omitempty"`
}

// A Connection is a place where a client connection is made whose configuration
// decides what is repeated.
type Connection struct {
	At Posn `json:"at"`
	// Layers say what is around which method. Of those that hold for a call the
	// most specific wins, and only that, though it may hold no layer.
	Layers []MethodLayer `json:"layers,omitempty"`
	// Interceptors are the interceptors of unary calls that are no library's
	// known retry layer, outermost first.
	Interceptors []Interceptor `json:"interceptors,omitempty"`
	// Unknown says that some of the configuration is out of sight, so that more
	// or less may be repeated than Layers say.
	Unknown bool `json:"unknown,omitempty"`
	// Rejected says why no connection is made at all: what is wrong with the
	// service config. Empty if nothing is.
	Rejected string `json:"rejected,omitempty"`
}

// A MethodLayer says what a connection puts around a method.
type MethodLayer struct {
	Service string `json:"service,omitempty"` // "pay.v1.Payments"; empty for every service
	Method  string `json:"method,omitempty"`  // empty for every method of the service
	// Calls says for which calls it holds. A connection lists what holds for
	// unary calls first.
	Calls CallKind `json:"calls,omitempty"`
	// Layers are the layers around it, outermost first: interceptors in their
	// order, then the service config.
	Layers []Layer `json:"layers"`
	// Timeout is the deadline that the service config gives each call of the
	// method, all its attempts included; 0 if none.
	Timeout time.Duration `json:"timeout,omitempty"`
}

// A CallKind tells calls of one request and one response from streams.
type CallKind string

const (
	AnyCall    CallKind = ""
	UnaryCall  CallKind = "unary"
	StreamCall CallKind = "stream"
)

// An Interceptor is a function that a connection runs around each call. At most
// one of Func and Maker is set; neither is if nothing is known of it.
type Interceptor struct {
	Func  string `json:"func,omitempty"`  // its id
	Maker string `json:"maker,omitempty"` // function out of sight that returned it
	// Outside is how many of the Layers of a method lie around it.
	Outside int  `json:"outside,omitempty"`
	At      Posn `json:"at,omitzero"`
}

// A Conversion says that values of a concrete type become an interface.
type Conversion struct {
	Iface string `json:"iface"` // "example.com/shop.Store"
	Type  string `json:"type"`  // "*example.com/shop/pg.Store"
	// Methods are the ids of the functions behind the interface's methods,
	// by method name.
	Methods map[string]string `json:"methods"`
}

// An Assignment says that a slot may hold a function.
type Assignment struct {
	Slot string `json:"slot"` // "example.com/shop.Server.next"
	Func string `json:"func"`
}

// A Stored says that a slot may hold a number.
type Stored struct {
	Slot   string `json:"slot"`
	Amount Amount `json:"amount"`
}

// A Served says that a function serves an operation.
type Served struct {
	// Operation is a full method of gRPC, or a pattern of HTTP requests as
	// net/http has them: "/pay.v1.Payments/Charge", "POST /v1/charges/{id}".
	Operation string `json:"operation"`
	Func      string `json:"func"`
	At        Posn   `json:"at,omitzero"`
}
