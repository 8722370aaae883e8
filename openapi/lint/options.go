package lint

import (
	"strconv"

	"github.com/commslint/commslint/rules"
)

// NewOptions takes the parameters of the rules from param, which gives the value of a rule's parameter
// in flag syntax.
func NewOptions(param func(rule, name string) string) Options {
	list := func(rule string) []string {
		r, _ := rules.Lookup(rule)
		return r.Params[0].Split(param(rule, "headers"))
	}
	nesting, _ := strconv.Atoi(param(deepNesting, "max"))
	return Options{
		IdempotencyHeaders: list(postWithoutKey),
		RetryHeaders:       list(noRetryAfter),
		TraceHeaders:       list(noTraceHeader),
		MaxNesting:         nesting,
		PathCase:           param(pathCase, "case"),
		ErrorFormat:        param(noErrorSchema, "format"),
	}
}

// DefaultOptions are those of the catalogue.
func DefaultOptions() Options {
	return NewOptions(func(rule, name string) string {
		r, _ := rules.Lookup(rule)
		for _, p := range r.Params {
			if p.Name == name {
				return p.Default
			}
		}
		return ""
	})
}
