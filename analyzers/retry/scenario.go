package retry

import (
	"go/constant"
	"go/types"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/typequery"
	"github.com/commslint/commslint/callgraph"
)

// A scenario is one way in which every attempt of a call may end.
type scenario struct {
	mode   callgraph.ModeSet // 0: success
	fails  bool              // the call returns an error
	status int               // HTTP status of the answer, where there is one
	code   int               // gRPC code; OK is 0
	again  flag              // what a flag beside the error means
}

// A flag is what the flag means that a function value returns beside an error.
type flag uint8

const (
	unclear   flag = iota
	saysAgain      // that it is to be called again: func() (retry bool, err error)
	saysDone       // that it is not: func() (done bool, err error)
)

var (
	success = scenario{status: 200}
	// The call fails, and all that is known is that there is an error.
	failure = scenario{mode: callgraph.OpaqueError, fails: true, code: -1}

	// What an HTTP client may give back.
	httpScenarios = []scenario{
		{mode: callgraph.Refused | callgraph.Reset | callgraph.Hang | callgraph.OpaqueError, fails: true, code: -1},
		{mode: callgraph.Status408, status: 408},
		{mode: callgraph.Status425, status: 425},
		{mode: callgraph.Status429, status: 429},
		{mode: callgraph.Status4xx, status: 400},
		{mode: callgraph.Status500, status: 500},
		{mode: callgraph.Status502, status: 502},
		{mode: callgraph.Status503, status: 503},
		{mode: callgraph.Status504, status: 504},
		{mode: callgraph.Status5xx, status: 501},
	}

	// What a gRPC stub may give back; the codes are those of google.golang.org/grpc/codes.
	grpcScenarios = []scenario{
		{mode: callgraph.GRPCUnavailable | callgraph.Refused | callgraph.Reset, fails: true, code: 14},
		{mode: callgraph.GRPCDeadlineExceeded | callgraph.Hang, fails: true, code: 4},
		{mode: callgraph.GRPCResourceExhausted, fails: true, code: 8},
		{mode: callgraph.GRPCAborted, fails: true, code: 10},
		{mode: callgraph.GRPCInternal, fails: true, code: 13},
		{mode: callgraph.GRPCUnknown | callgraph.OpaqueError, fails: true, code: 2},
		{mode: callgraph.GRPCPermanent, fails: true, code: 3},
	}
)

func (sc scenario) succeeds() bool { return sc.mode == 0 }

// An aval is what is known of a value in a scenario. The zero aval knows
// nothing.
type aval struct {
	kind avalKind
	c    constant.Value // konst, atLeast
}

type avalKind uint8

const (
	anything avalKind = iota
	isNil
	notNil
	konst
	answer // what the attempt returned, other than its error
	rpcStatus
	atLeast // a number not below c
)

func boolean(b bool) aval { return aval{kind: konst, c: constant.MakeBool(b)} }
func number(n int) aval   { return aval{kind: konst, c: constant.MakeInt64(int64(n))} }

func (v aval) truth() (value, known bool) {
	if v.kind != konst || v.c.Kind() != constant.Bool {
		return false, false
	}
	return constant.BoolVal(v.c), true
}

func (v aval) same(w aval) bool {
	if v.kind != w.kind {
		return false
	}
	return v.c == nil || v.c.Kind() == w.c.Kind() && constant.Compare(v.c, tokenEQL, w.c)
}

func (v aval) join(w aval) aval {
	if v.same(w) {
		return v
	}
	if (v.kind == notNil || v.kind == answer) && (w.kind == notNil || w.kind == answer) {
		return aval{kind: notNil}
	}
	return aval{}
}

// outcome is what the i-th result of the attempt is in the scenario.
func (sc scenario) outcome(results *types.Tuple, i int) aval {
	t := results.At(i).Type()
	switch {
	case typequery.IsError(t):
		if sc.fails {
			return aval{kind: notNil}
		}
		return aval{kind: isNil}
	case typequery.IsBool(t) && sc.again != 0:
		return boolean((sc.again == saysAgain) != sc.succeeds())
	case typequery.IsBool(t) && i == results.Len()-1:
		return boolean(sc.succeeds())
	case isResponse(t):
		if sc.fails {
			return aval{kind: isNil}
		}
		return aval{kind: answer}
	case results.Len() == 1:
		if _, basic := t.Underlying().(*types.Basic); !basic {
			return aval{kind: answer} // one that carries its error inside, as a redis.Cmd
		}
	case sc.succeeds():
		if _, ok := t.Underlying().(*types.Pointer); ok {
			return aval{kind: answer}
		}
	}
	return aval{}
}

// isResponse reports whether a type is an answer that has an HTTP status.
func isResponse(t types.Type) bool {
	p, ok := types.Unalias(t).(*types.Pointer)
	if !ok {
		return false
	}
	s, ok := p.Elem().Underlying().(*types.Struct)
	if !ok {
		return false
	}
	for f := range s.Fields() {
		if f.Name() == "StatusCode" {
			b, ok := f.Type().Underlying().(*types.Basic)
			return ok && b.Info()&types.IsInteger != 0
		}
	}
	return false
}

// resultsOf returns the results of a call as a tuple.
func resultsOf(call ssa.CallInstruction) *types.Tuple { return call.Common().Signature().Results() }
