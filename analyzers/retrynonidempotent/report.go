package retrynonidempotent

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/analyzers/retrypath"
	"github.com/commslint/commslint/analyzers/retryreport"
	"github.com/commslint/commslint/analyzers/typequery"
	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/finding"
)

// doubtful are the failures in which the server may have done the work. With the
// other statuses it says that it did not: 503 and the 4xx.
const doubtful = callgraph.Reset | callgraph.Hang | callgraph.OpaqueError |
	callgraph.Status500 | callgraph.Status502 | callgraph.Status504 | callgraph.Status5xx

// doubtfulCodes are the codes of gRPC with which a server may have done the work.
// UNAVAILABLE is left out: it is what the documentation tells people to repeat.
const doubtfulCodes = callgraph.GRPCDeadlineExceeded | callgraph.GRPCInternal | callgraph.GRPCUnknown

// repeat judges a retry around a call that sends r.
func (c *checker) repeat(l *layer, call ssa.CallInstruction, r Request) Request {
	if !l.isDoubtful(r) {
		return r
	}
	minted := slices.ContainsFunc(r.mints, func(m ssa.Instruction) bool { return l.repeats(call, m) })
	if r.Key != NoKey && !minted {
		return r
	}
	again := &Repeat{Name: l.name(), Where: c.net.Posn(l.Pos), Unknown: l.Attempts == callgraph.Amount{}}
	if r.Calls != 0 || r.Method == "" {
		if r.Again == nil {
			r.Again = again
		}
		return r
	}
	if !isSafe(r.Method) {
		c.reportAgain(again, call, r)
	}
	return r
}

// isDoubtful reports whether the layer repeats a request after a failure in which
// the server may have done its work.
func (l *layer) isDoubtful(r Request) bool {
	if l.modes != 0 && l.modes&doubtful == 0 || l.Attempts == (callgraph.Amount{N: 1}) || l.isPlainClient() {
		return false
	}
	method := r.Method
	if method == "" {
		method = "POST"
	}
	return l.Methods.Include(method) == callgraph.Yes && !asksForRefusal(l.Fn)
}

// isPlainClient reports whether the layer is a client of net/http of whose
// transport nothing is known, which repeats nothing by itself.
func (l *layer) isPlainClient() bool {
	return l.Kind == callgraph.ClientLayer && l.Attempts == callgraph.Amount{} &&
		(l.Name == "http" || strings.HasPrefix(l.Name, "(*http.Client)."))
}

// repeats reports whether an instruction runs again for each attempt.
func (l *layer) repeats(call ssa.CallInstruction, instr ssa.Instruction) bool {
	switch {
	case instr == ssa.Instruction(call):
		return l.Kind != callgraph.ClientLayer
	case l.loop != nil:
		return l.loop.Within(instr.Block())
	}
	return l.Kind == callgraph.RecursionLayer
}

// asksForRefusal reports whether the code around a retry compares an error with
// ECONNREFUSED: it repeats what was never sent.
func asksForRefusal(fn *ssa.Function) bool {
	for _, b := range fn.Blocks {
		for _, instr := range b.Instrs {
			for _, op := range instr.Operands(nil) {
				if k, ok := (*op).(*ssa.Const); ok && typequery.Name(k.Type()) == "syscall.Errno" {
					return true
				}
			}
		}
	}
	return false
}

func (l *layer) name() string {
	name := l.Name
	if l.Kind == callgraph.ClientLayer && name == "" {
		name = "the client"
	}
	return retrypath.Name(&callgraph.Step{Layer: l.Kind, Name: name})
}

// A verdict is what is reported at one place.
type verdict struct {
	strength finding.Strength
	analysis.Diagnostic
}

// repeatElsewhere judges what a function is given that repeats it.
func (c *checker) repeatElsewhere(again *Repeat, call ssa.CallInstruction, r Request) Request {
	minted := slices.Contains(r.mints, ssa.Instruction(call))
	if r.Key != NoKey && !minted {
		return r
	}
	if r.Calls != 0 || r.Method == "" {
		if r.Again == nil {
			r.Again = again
		}
		return r
	}
	if !isSafe(r.Method) {
		c.reportAgain(again, call, r)
	}
	return r
}

// maxRelated bounds the requests that one finding lists.
const maxRelated = 6

// reportAgain notes a finding at the retry, or at the call that leads to it if it
// stands in another package.
func (c *checker) reportAgain(again *Repeat, call ssa.CallInstruction, r Request) {
	pos := c.net.Pos(again.Where)
	if netcall.FileAt(c.pass, pos) == nil {
		pos = call.Pos()
	}
	at := netcall.At(c.net.Pos(r.Where), "sends "+r.Op)
	if f := c.findings[pos]; f != nil {
		f.strength = stronger(f.strength, c.strengthOf(again, call, r))
		if len(f.Related) < maxRelated && !slices.Contains(f.Related, at) {
			f.Related = append(f.Related, at)
		}
		return
	}
	start, end := retrypath.Range(c.pass, pos)
	f := &verdict{strength: c.strengthOf(again, call, r)}
	f.Pos, f.End, f.Related = start, end, []analysis.RelatedInformation{at}
	f.Message = message(again, r)
	c.findings[pos] = f
	c.places = append(c.places, pos)
}

func message(again *Repeat, r Request) string {
	if r.Key == MintedKey {
		return again.Name + " repeats " + r.Op + " with a new idempotency key for each attempt: the server takes every one for another request and does the work again"
	}
	return again.Name + " repeats " + r.Op + " without an idempotency key, after failures in which the server may have done the work already: it may be done twice"
}

func (c *checker) strengthOf(again *Repeat, call ssa.CallInstruction, r Request) finding.Strength {
	switch {
	case retryreport.DrivesEngine(c.pass):
		return finding.Possible // names make the requests of a container engine safe to repeat
	case r.Purpose == Ingests, r.Purpose == Carries && netcall.FileAt(c.pass, c.net.Pos(r.Where)) == nil:
		return finding.Possible
	case onlyReads(r.Op), onlyReads(call.Parent().Name()):
		return finding.Possible
	case again.Unknown:
		return finding.Likely
	}
	return finding.Proven
}

func stronger(x, y finding.Strength) finding.Strength {
	for _, s := range []finding.Strength{finding.Proven, finding.Likely} {
		if x == s || y == s {
			return s
		}
	}
	return finding.Possible
}

// reads are words in paths and names of what asks for something and changes nothing
// that matters, though it is sent by POST.
var reads = []string{
	"search", "query", "queries", "graphql", "find", "lookup", "list", "get", "fetch", "read", "check", "verify", "validate",
	"introspect", "token", "oauth", "oauth2", "auth", "login", "session", "ping", "health", "batchget", "count", "exists", "describe",
	"watch", "status", "wait", "diff", "preview", "estimate", "evaluate", "infer", "predict", "completions", "embeddings",
}

// onlyReads reports whether one of the words of a name or path is one for reading.
func onlyReads(name string) bool {
	return slices.ContainsFunc(words(name), func(w string) bool { return slices.Contains(reads, w) })
}

// words splits a name at capitals and signs, in lower case.
func words(name string) (all []string) {
	var b strings.Builder
	end := func() {
		if b.Len() > 0 {
			all = append(all, strings.ToLower(b.String()))
			b.Reset()
		}
	}
	lower := false
	for _, r := range name {
		switch {
		case !unicode.IsLetter(r):
			end()
			lower = false
			continue
		case unicode.IsUpper(r) && lower:
			end()
		}
		lower = unicode.IsLower(r)
		b.WriteRune(r)
	}
	end()
	return all
}

// flush reports the findings in the order of their places.
func (c *checker) flush() {
	slices.Sort(c.places)
	for _, pos := range c.places {
		f := c.findings[pos]
		netcall.Report(c.pass, f.strength, f.Diagnostic)
	}
}
