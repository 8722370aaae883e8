package grpcconfig

import (
	"strconv"

	"github.com/commslint/commslint/rules"
)

// NewOptions takes the parameters of the rules from param, which gives the value of a
// rule's parameter in flag syntax.
func NewOptions(param func(rule, name string) string) Options {
	list := func(rule, name string) []string {
		r, _ := rules.Lookup(rule)
		for _, p := range r.Params {
			if p.Name == name {
				return p.Split(param(rule, name))
			}
		}
		return nil
	}
	attempts, _ := strconv.Atoi(param(maxAttempts, "max"))
	return Options{
		MaxAttempts:    attempts,
		Keys:           list(retryNonidempotent, "keys"),
		Idempotent:     list(retryNonidempotent, "idempotent"),
		PermanentCodes: list(retryCode, "codes"),
		Policies:       list(loadBalancing, "policies"),
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
