package remotecallinloop

import (
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/analyzers/typequery"
)

// An access says what a request does to what its key names.
type access uint8

const (
	read access = iota
	write
	remove
)

// A request is a remote call that asks for one thing by its key.
type request struct {
	protocol string // sql, redis, memcache, mongodb, aws, grpc, http
	access   access
	keys     []ssa.Value // decide what is asked for
	peers    []ssa.Value // decide whom
	// transaction says that it belongs to one, which cannot lie in one request
	// with all that is decided on the way.
	transaction bool
	cached      bool // it is sent only if something is not at hand
	single      bool // the service has no method for several of them
}

// requestsOf returns the requests by key that a call sends, itself or through
// functions.
func (f *finder) requestsOf(call *netcall.Call) []request {
	if call.Leaf.Stream {
		return nil
	}
	if isStub(call) {
		return one(f.stub(call))
	}
	if call.Model != nil && call.Model.Call != nil {
		return one(f.direct(call))
	}
	return f.indirect(call)
}

func one(req request, ok bool) []request {
	if !ok {
		return nil
	}
	return []request{req}
}

// isStub reports whether a call is of a generated gRPC or Connect client: a
// method that takes a context, a message and options.
func isStub(call *netcall.Call) bool {
	sig := call.Callee.Signature()
	if call.Leaf.Protocol != "grpc" && call.Leaf.Protocol != "http" || sig.Recv() == nil || sig.Params().Len() < 2 || sig.Results().Len() != 2 {
		return false
	}
	if typequery.Name(sig.Params().At(0).Type()) != "context.Context" {
		return false
	}
	if strings.HasPrefix(typequery.Name(sig.Params().At(1).Type()), "connectrpc.com/connect.Request") {
		return true
	}
	s, ok := sig.Params().At(sig.Params().Len() - 1).Type().(*types.Slice)
	return ok && sig.Variadic() && typequery.Name(s.Elem()) == "google.golang.org/grpc.CallOption"
}

func (f *finder) stub(call *netcall.Call) (request, bool) {
	name := call.Callee.Name()
	if isMany(name) {
		return request{}, false
	}
	return request{
		protocol: "grpc", access: accessOf(name),
		keys:   values(netcall.Operand(call, "arg1")),
		peers:  values(netcall.Operand(call, "recv")),
		single: !hasManyForm(call),
	}, true
}

// hasManyForm reports whether a client has a method for several of what one is asked
// for: ListProducts or BatchGetProducts beside GetProduct.
func hasManyForm(call *netcall.Call) bool {
	recv := call.Callee.Signature().Recv()
	asked := wordsOf(call.Callee.Name())
	if recv == nil || len(asked) < 2 {
		return false
	}
	noun := singular(asked[len(asked)-1])
	methods := types.NewMethodSet(recv.Type())
	for i := range methods.Len() {
		name := methods.At(i).Obj().Name()
		words := wordsOf(name)
		if name == call.Callee.Name() || len(words) < 2 || singular(words[len(words)-1]) != noun {
			continue
		}
		if isMany(name) || slices.Contains([]string{"list", "search", "find", "query"}, words[0]) || words[0] == asked[0] && words[len(words)-1] != noun {
			return true
		}
	}
	return false
}

func singular(word string) string {
	if stem, ok := strings.CutSuffix(word, "ies"); ok {
		return stem + "y"
	}
	return strings.TrimSuffix(word, "s")
}

func values(vs ...ssa.Value) []ssa.Value {
	var found []ssa.Value
	for _, v := range vs {
		if v != nil {
			found = append(found, v)
		}
	}
	return found
}

// direct describes a call of a library.
func (f *finder) direct(call *netcall.Call) (request, bool) {
	m := call.Model.Call
	name := call.Callee.Name()
	req := request{protocol: m.Protocol, access: read, peers: values(netcall.Operand(call, "recv"))}
	args := arguments(call)
	switch m.Protocol {
	case "sql", "postgres":
		req.protocol = "sql"
		return f.statementOf(call, req, args)
	case "redis":
		a, ok := commands[strings.ToLower(name)]
		req.access, req.keys = a, args
		return req, ok && !queued(call)
	case "memcache":
		req.keys = args
		return req, name == "Get" // only reads have a form for many
	case "mongodb":
		a, ok := mongoOps[name]
		req.access, req.keys = a, args
		return req, ok
	case "aws":
		a, ok := awsOps[name]
		req.access, req.keys = a, args
		return req, ok
	case "http":
		return f.exchange(call, req)
	}
	return request{}, false
}

// slow reports whether a call is queued in a pipeline or transaction.
func queued(call *netcall.Call) bool {
	recv := netcall.Operand(call, "recv")
	if recv == nil {
		return false
	}
	name := typequery.Name(recv.Type())
	return strings.HasSuffix(name, ".Pipeline") || strings.HasSuffix(name, ".Pipeliner") || strings.HasSuffix(name, ".Tx")
}

// arguments returns the arguments of a call but its receiver.
func arguments(call ssa.CallInstruction) []ssa.Value {
	args := call.Common().Args
	if !call.Common().IsInvoke() && call.Common().Signature().Recv() != nil && len(args) > 0 {
		args = args[1:]
	}
	return args
}

// commands are the Redis commands for one key that have a form for many (MGET,
// MSET, DEL with several keys) or that a pipeline would carry together.
var commands = map[string]access{
	"get": read, "hget": read, "hgetall": read, "exists": read, "ttl": read, "hmget": read, "smembers": read,
	"sismember": read, "zscore": read, "zrank": read, "lrange": read, "zrange": read, "llen": read, "scard": read, "getbit": read,
	"set": write, "setex": write, "setnx": write, "hset": write, "hmset": write, "incr": write, "incrby": write,
	"sadd": write, "zadd": write, "rpush": write, "lpush": write, "expire": write, "hincrby": write, "decr": write,
	"del": remove, "unlink": remove, "hdel": remove, "srem": remove, "zrem": remove,
}

// mongoOps have a form for many: Find with $in, InsertMany, BulkWrite.
var mongoOps = map[string]access{
	"FindOne": read, "CountDocuments": read, "FindOneAndUpdate": write, "InsertOne": write, "UpdateOne": write,
	"UpdateByID": write, "ReplaceOne": write, "DeleteOne": remove,
}

// awsOps have a form for many: BatchGetItem, BatchWriteItem, SendMessageBatch,
// PublishBatch, PutRecords, DeleteObjects.
var awsOps = map[string]access{
	"GetItem": read, "PutItem": write, "SendMessage": write, "Publish": write, "PutRecord": write,
	"DeleteItem": remove, "DeleteMessage": remove, "DeleteObject": remove,
}

// statementOf describes an SQL statement: what is asked for are its arguments;
// a loop that varies its text asks for different things.
func (f *finder) statementOf(call *netcall.Call, req request, args []ssa.Value) (request, bool) {
	name := call.Callee.Name()
	if op := call.Model.Call.Op; op != "query" && op != "exec" || strings.HasPrefix(name, "Prepare") {
		return request{}, false
	}
	recv := netcall.Operand(call, "recv")
	kind := ""
	if recv != nil {
		kind = typequery.Name(recv.Type())
	}
	req.transaction = strings.HasSuffix(kind, ".Tx") || strings.HasSuffix(kind, ".Stmt") || strings.HasSuffix(kind, ".NamedStmt")
	if strings.HasSuffix(kind, "Stmt") {
		// The statement itself was prepared elsewhere.
		req.access, req.keys = write, args
		if strings.HasPrefix(name, "Query") || strings.HasPrefix(name, "Get") || strings.HasPrefix(name, "Select") {
			req.access = read
		}
		return req, true
	}
	at := f.queryIndex(call, args)
	if at < 0 {
		return request{}, false
	}
	var known bool
	req.access, known = f.verb(args[at], name)
	req.peers = append(req.peers, args[at])
	req.keys = args[at+1:]
	return req, known
}

// queryIndex returns the argument that is the text of a statement.
func (f *finder) queryIndex(call *netcall.Call, args []ssa.Value) int {
	for i, a := range args {
		if b, ok := a.Type().Underlying().(*types.Basic); ok && b.Info()&types.IsString != 0 {
			return i
		}
	}
	return -1
}

// verb returns what a statement does by its first word, by the function's name
// where the text is not known; false for statements that are about no rows.
func (f *finder) verb(query ssa.Value, name string) (access, bool) {
	for _, v := range f.consts.Values(query) {
		text, _ := v.Text()
		words := strings.Fields(text)
		if len(words) == 0 {
			continue
		}
		switch strings.ToUpper(words[0]) {
		case "SELECT", "WITH":
			return read, true
		case "INSERT", "UPDATE", "REPLACE", "UPSERT", "MERGE":
			return write, true
		case "DELETE":
			return remove, true
		}
		if !strings.HasPrefix(words[0], "--") && !strings.HasPrefix(words[0], "/*") {
			return read, false
		}
	}
	if strings.Contains(name, "Exec") {
		return write, true
	}
	return read, true
}

// exchange describes an HTTP request: the start of its URL decides whom it asks,
// the rest and the body what for.
func (f *finder) exchange(call *netcall.Call, req request) (request, bool) {
	m := call.Model.Call
	op := call.Leaf.Op
	urls := values(netcall.Operand(call, m.URL))
	if built := f.built(call); built != nil {
		model := netcall.ModelOf(built).Request
		urls = values(netcall.Operand(built, model.URL))
		if v := netcall.Operand(built, model.Method); v != nil {
			op = f.constant(v)
		}
		args := arguments(built)
		req.keys = append(req.keys, args[max(0, len(args)-1):]...)
	}
	if len(urls) != 1 {
		return request{}, false
	}
	switch strings.ToUpper(op) {
	case "GET", "HEAD":
	case "DELETE":
		req.access = remove
	default:
		req.access = write
	}
	peer, rest := f.splitURL(urls[0])
	req.peers = append(req.peers, peer...)
	req.keys = append(rest, req.keys...)
	return req, len(req.keys) > 0
}

// built returns the call that built the request which a call sends.
func (f *finder) built(call *netcall.Call) *ssa.Call {
	for _, arg := range arguments(call) {
		if typequery.Name(arg.Type()) != "net/http.Request" {
			continue
		}
		for _, o := range f.consts.Origins(arg) {
			if ext, ok := o.(*ssa.Extract); ok {
				o = ext.Tuple
			}
			if made, ok := o.(*ssa.Call); ok && made.Parent() == call.Parent() {
				if m := netcall.ModelOf(made); m != nil && m.Request != nil && m.Request.URL != "" {
					return made
				}
			}
		}
	}
	return nil
}

func (f *finder) constant(v ssa.Value) string {
	set := f.consts.Values(v)
	if len(set) != 1 {
		return ""
	}
	text, _ := set[0].Text()
	return text
}

// splitURL divides what a URL is made of into what gives its host and the rest.
// What cannot be told apart gives the host.
func (f *finder) splitURL(v ssa.Value) (host, rest []ssa.Value) {
	parts := pieces(v)
	for i, p := range parts {
		if c, ok := p.(*ssa.Const); ok && c.Value != nil && hasHost(c.Value.ExactString()) {
			return nil, parts[i+1:]
		}
		if _, ok := p.(*ssa.Const); !ok {
			return parts[:i+1], parts[i+1:]
		}
	}
	return parts, nil
}

// hasHost reports whether a quoted piece of a URL goes beyond its host.
func hasHost(text string) bool {
	_, after, ok := strings.Cut(text, "://")
	return ok && strings.ContainsAny(after, "/?") && !strings.HasPrefix(after, "%")
}

// pieces returns what a string is put together of, from left to right: by +, by
// fmt.Sprintf (the format first, if it begins with the host) and url.JoinPath.
func pieces(v ssa.Value) []ssa.Value {
	switch v := v.(type) {
	case *ssa.BinOp:
		return append(pieces(v.X), pieces(v.Y)...)
	case *ssa.Extract:
		return pieces(v.Tuple)
	case *ssa.Call:
		fn := netcall.Callee(v)
		if fn == nil || fn.Pkg() == nil {
			return []ssa.Value{v}
		}
		switch fn.FullName() {
		case "fmt.Sprintf", "net/url.JoinPath":
			return append([]ssa.Value{v.Call.Args[0]}, variadic(v.Call.Args[1])...)
		}
	}
	return []ssa.Value{v}
}

// variadic returns the elements of the slice made for variadic arguments.
func variadic(v ssa.Value) []ssa.Value {
	s, ok := v.(*ssa.Slice)
	if !ok {
		return []ssa.Value{v}
	}
	alloc, ok := s.X.(*ssa.Alloc)
	if !ok {
		return []ssa.Value{v}
	}
	var elems []ssa.Value
	for _, r := range *alloc.Referrers() {
		idx, ok := r.(*ssa.IndexAddr)
		if !ok {
			continue
		}
		for _, u := range *idx.Referrers() {
			if st, ok := u.(*ssa.Store); ok {
				elems = append(elems, st.Val)
			}
		}
	}
	return elems
}

// accessOf tells by the first word of a method's name what it does.
func accessOf(name string) access {
	lower := strings.ToLower(name)
	for _, w := range []string{"get", "find", "fetch", "lookup", "read", "describe", "query", "check", "is", "has", "exists", "list", "search", "resolve", "load", "count", "quote", "convert", "validate"} {
		if strings.HasPrefix(lower, w) {
			return read
		}
	}
	for _, w := range []string{"delete", "remove", "close", "cancel", "stop", "destroy", "drop", "purge", "evict", "revoke", "terminate", "unregister", "release", "detach", "cleanup", "kill", "drain"} {
		if strings.HasPrefix(lower, w) {
			return remove
		}
	}
	return write
}

// isMany reports whether a method is named as one for many things at once.
func isMany(name string) bool {
	for _, w := range []string{"Batch", "Bulk", "Multi", "Many"} {
		if strings.Contains(name, w) {
			return true
		}
	}
	return false
}
