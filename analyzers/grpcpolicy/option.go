package grpcpolicy

import (
	"fmt"
	"go/constant"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/callgraph"
)

// A kind says what an option sets.
type kind uint8

const (
	unknownOption kind = iota // may set anything
	configOption
	maxAttemptsOption
	disableRetryOption
	unaryOption // goes before those of chains
	unaryChainOption
	streamOption
	streamChainOption
	paramOption // whatever is passed for a parameter
)

// An option is a grpc.DialOption that bears on retries. It is exported in facts.
type option struct {
	Kind         kind
	Texts        []text // configOption: those that it may be
	Max          int    // maxAttemptsOption
	Interceptors []interceptor
	At           callgraph.Posn
	// Param is 1 + the index of the parameter of the function that the option
	// is described for, counting the receiver as 0.
	Param int
}

// A text is a service config.
type text struct {
	JSON  string
	Known bool
	// At is where the text begins if Inside, else where it is given.
	At     callgraph.Posn
	Inside bool
}

// An interceptor is one that calls pass through.
type interceptor struct {
	Func, Maker string
	Layer       *callgraph.Layer // of a library that is known
	At          callgraph.Posn
}

// choices are the lists of options that one expression may stand for.
type choices [][]option

// optionKinds are the functions of package grpc that bear on retries. Its others
// do not.
var optionKinds = map[string]kind{
	"WithDefaultServiceConfig":   configOption,
	"WithMaxCallAttempts":        maxAttemptsOption,
	"WithDisableRetry":           disableRetryOption,
	"WithUnaryInterceptor":       unaryOption,
	"WithChainUnaryInterceptor":  unaryChainOption,
	"WithStreamInterceptor":      streamOption,
	"WithChainStreamInterceptor": streamChainOption,
}

// optionsIn returns what a slice of options may hold.
func (r *Result) optionsIn(slice ssa.Value, seen []ssa.Value) (all choices) {
	for _, list := range r.ways(slice) {
		some := choices{nil}
		for _, v := range list {
			some = crossOptions(some, r.optionsOf(v, seen))
		}
		all = append(all, some...)
	}
	return all.distinct()
}

// optionsOf returns what an option may be. Seen holds the values that led here.
func (r *Result) optionsOf(v ssa.Value, seen []ssa.Value) (all choices) {
	unknown := choices{{{Kind: unknownOption}}}
	if v == nil || len(seen) > maxWays {
		return unknown
	}
	if slices.Contains(seen, v) {
		return nil
	}
	seen = append(slices.Clip(seen), v)
	if i := r.ownParam(v); i > 0 {
		return choices{{{Kind: paramOption, Param: i}}}
	}
	if c, ok := v.(*ssa.Const); ok && c.Value == nil {
		return choices{nil}
	}
	call, isCall := v.(*ssa.Call)
	if isCall {
		if found, ok := r.libraryOption(call, seen); ok {
			return found
		}
	}
	from, complete := r.tracer.Before(v)
	if !complete {
		if fact := new(Options); isCall && r.importFact(call, fact) {
			return r.substitute(fact.Choices, call, seen)
		}
		all = unknown
	}
	for _, f := range from {
		all = append(all, r.optionsOf(f, seen)...)
	}
	return all.distinct()
}

// libraryOption reads a call of a function of package grpc.
func (r *Result) libraryOption(call *ssa.Call, seen []ssa.Value) (choices, bool) {
	fn := netcall.Callee(call)
	if fn == nil || fn.Pkg() == nil || fn.Pkg().Path() != grpcPath {
		return nil, false
	}
	o := option{Kind: optionKinds[fn.Name()], At: r.posn(call.Pos())}
	switch o.Kind {
	case unknownOption:
		if fn.Name() == "JoinDialOption" {
			return r.optionsIn(call.Call.Args[0], seen), true
		}
		return choices{nil}, true
	case configOption:
		o.Texts = r.texts(call.Call.Args[0], call)
	case maxAttemptsOption:
		return r.maxAttempts(call, o), true
	case unaryOption, streamOption:
		return o.with(r.interceptorsOf(call.Call.Args[0], nil)), true
	case unaryChainOption, streamChainOption:
		return o.with(r.interceptorsIn(call.Call.Args[0], nil)), true
	}
	return choices{{o}}, true
}

// maxAttempts reads grpc.WithMaxCallAttempts. What is less than 2 stands for
// the default (dialoptions.go:799).
func (r *Result) maxAttempts(call *ssa.Call, o option) (all choices) {
	for _, v := range r.tracer.Values(call.Call.Args[0]) {
		o.Kind, o.Max = unknownOption, 0
		if n, ok := intOf(v.Const); ok {
			o.Kind, o.Max = maxAttemptsOption, n
			if n < 2 {
				o.Max = DefaultMaxAttempts
			}
		}
		all = append(all, []option{o})
	}
	return all
}

func intOf(c constant.Value) (int, bool) {
	if c == nil || c.Kind() != constant.Int {
		return 0, false
	}
	n, exact := constant.Int64Val(c)
	return int(n), exact
}

// with returns the option once for each list of interceptors.
func (o option) with(lists [][]interceptor) (all choices) {
	for _, list := range lists {
		o.Interceptors = list
		all = append(all, []option{o})
	}
	return all
}

func crossOptions(a, b choices) (all choices) {
	for _, first := range a {
		for _, second := range b {
			all = append(all, slices.Concat(first, second))
		}
	}
	return all.distinct()
}

// distinct drops repetitions, and gives up on too many choices.
func (c choices) distinct() (out choices) {
	seen := make(map[string]bool)
	for _, list := range c {
		if key := describe(list); !seen[key] {
			seen[key] = true
			out = append(out, list)
		}
	}
	if len(out) > maxWays {
		return choices{{{Kind: unknownOption}}}
	}
	return out
}

// describe returns a text that is the same for equal options only.
func describe(list []option) (s string) {
	for _, o := range list {
		s += fmt.Sprintf("%d %v %d %v %d [", o.Kind, o.Texts, o.Max, o.At, o.Param)
		for _, i := range o.Interceptors {
			s += fmt.Sprintf("%s %s %v", i.Func, i.Maker, i.At)
			if i.Layer != nil {
				s += fmt.Sprintf("%+v", *i.Layer)
			}
		}
		s += "]"
	}
	return s
}
