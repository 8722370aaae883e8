package lint

import "github.com/commslint/commslint/rules"

// Options are the parameters of the rules. DefaultOptions has those of the catalogue.
type Options struct {
	// Name turns the path of a file into what findings call it; nil leaves it as it is.
	Name func(file string) string
	// CreateVerbs begin the names of rpcs that make something new with every call.
	CreateVerbs []string
	// Except are ends of the names of what may be made twice.
	Except []string
	// RequestIDs are the fields that tell a repeated request from a new one.
	RequestIDs []string
	// ChangeVerbs begin the names of rpcs that change something.
	ChangeVerbs []string
	// SecretWords are ends of names of fields that hold secrets.
	SecretWords []string
	// PageWords are parts of names of fields that have to do with pages.
	PageWords []string
}

// NewOptions takes the parameters of the rules from param, which gives the value of a
// rule's parameter in flag syntax.
func NewOptions(param func(rule, name string) string) Options {
	list := func(rule, name string) []string {
		r, _ := rules.Lookup(rule)
		for i := range r.Params {
			if r.Params[i].Name == name {
				return r.Params[i].Split(param(rule, name))
			}
		}
		return nil
	}
	return Options{
		CreateVerbs: list(createWithoutID, "verbs"),
		Except:      list(createWithoutID, "except"),
		RequestIDs:  list(createWithoutID, "fields"),
		ChangeVerbs: list(idempotencyConflict, "verbs"),
		SecretWords: list(httpBody, "secrets"),
		PageWords:   list(noPagination, "words"),
	}
}

// DefaultOptions are those of the catalogue.
func DefaultOptions() Options {
	return NewOptions(func(rule, name string) string {
		r, _ := rules.Lookup(rule)
		for i := range r.Params {
			if r.Params[i].Name == name {
				return r.Params[i].Default
			}
		}
		return ""
	})
}
