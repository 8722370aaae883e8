package clients

import (
	"strings"
	"sync"
)

// A RetryLibrary is one entry of the catalogue of what is repeated.
type RetryLibrary struct {
	ID       string
	Packages []string // import paths; a final /* stands for any subpackage
	Funcs    []RetryFunc
	Types    []RetryType
	Source   string // module@version that was read
}

// A RetryFunc says what a function, method or package variable has to do with
// repeating.
type RetryFunc struct {
	Name string // as in Func
	// Repeats is set if the call repeats something: its own request, or an
	// operand that it calls.
	Repeats *Repeat
	// Makes are the policies that results carry; of a variable, that it holds.
	Makes []Make
	// Sets is what the call changes about the policies of its operands.
	Sets []Change
	// Value is the policy that the function itself stands for when it is
	// passed as a value: retry.FixedDelay.
	Value *Policy
	// Delay is set if the first result is a wait: its growth and jitter.
	Delay *Policy
	// Wait is set if the call waits.
	Wait *Wait
	// Permanent says that the result is an error that is not to be repeated.
	Permanent bool
	// Retryable says that the result is an error that is to be repeated, where
	// only such are.
	Retryable bool
	Source    string // file:line in the module that shows it
}

// A Repeat says that a call repeats something under a policy.
type Repeat struct {
	// Invokes is the operand that is called again and again; empty for the
	// request that the call itself sends.
	Invokes Operand
	Method  string // method of Invokes that is called; empty if it is a function
	// Poll says that success of another kind than "no error" ends it: the
	// function is called until it says that it is done, and an error ends it
	// as well.
	Poll bool
	// Marked says that only errors that a Retryable function made are repeated.
	Marked bool
	Policy
}

// A Make says which policy a result carries.
type Make struct {
	Index int
	Policy
}

// A Change says how a call changes the policy of an operand.
type Change struct {
	Target Operand
	Policy
}

// A Wait says what a call waits for. The operand of the duration is empty if
// the call waits for something else, that of the context if it takes none.
type Wait struct {
	Duration Operand
	Context  Operand
}

// A Policy says how to work out what is known of a value. It is built up in
// this order: From, then Parts, then Options; Layers and then Wraps add others
// within.
type Policy struct {
	// From is the operand whose policy is the beginning.
	From Operand
	// Only lists the parts that are taken From it; all if empty.
	Only []Part
	// Wraps is the operand whose policy stays as it is, within this one.
	Wraps Operand
	// Layers is the operand each of whose elements may be a policy of its own,
	// the outermost first.
	Layers Operand
	// Options is the operand each of whose elements may set parts.
	Options Operand
	// Combines is the operand whose elements are waits that are added up: they
	// grow if one of them grows, and have jitter if one of them has.
	Combines Operand
	Parts    []PartExpr
}

// A Part names a part of a policy.
type Part string

// The parts of a policy.
const (
	Attempts   Part = "attempts"
	Growth     Part = "growth"
	Jitter     Part = "jitter"
	Context    Part = "context"
	RetryAfter Part = "retryAfter"
	Budget     Part = "budget"
	Overall    Part = "overall"
	PerTry     Part = "perTry"
	First      Part = "first"
	Factor     Part = "factor"
	Cap        Part = "cap"
	Spread     Part = "spread"
	Modes      Part = "modes"
	Methods    Part = "methods"
	Opaque     Part = "opaque"
)

// A PartExpr gives the value of a part.
type PartExpr struct {
	Part Part
	Expr string
}

// A RetryType describes a type whose values carry a policy.
type RetryType struct {
	Name string
	// Default is the policy of the zero value; of an interface, what is known
	// of every value.
	Default Policy
	// Configured says that values get their policy from what they are made
	// with: of one that was made out of sight, little is known.
	Configured bool
	// Fields say what setting a field does: "RetryMax", "Producer.Retry.Max".
	// Fields that are not set do nothing.
	Fields []RetryField
	Source string
}

// A RetryField says what the value of a field changes.
type RetryField struct {
	Name string
	Policy
}

// AllRetries returns the catalogue of what is repeated, sorted by ID. Callers
// must not change it.
func AllRetries() []RetryLibrary { return retryLibraries }

var retryPackages = sync.OnceValue(func() map[string]*RetryLibrary {
	byPath := make(map[string]*RetryLibrary, 2*len(retryLibraries))
	for i := range retryLibraries {
		for _, path := range retryLibraries[i].Packages {
			byPath[path] = &retryLibraries[i]
		}
	}
	return byPath
})

// LookupRetryLibrary returns what is known of how a package repeats, or nil.
func LookupRetryLibrary(pkgPath string) *RetryLibrary {
	pkgPath = unvendored(pkgPath)
	byPath := retryPackages()
	if lib := byPath[pkgPath]; lib != nil {
		return lib
	}
	for base := pkgPath; ; {
		i := strings.LastIndexByte(base, '/')
		if i < 0 {
			return nil
		}
		base = base[:i]
		if lib := byPath[base+"/*"]; lib != nil {
			return lib
		}
	}
}

// LookupRetry returns what is known of how a function or package variable
// repeats, or nil. Its parameters are those of [LookupFunc].
func LookupRetry(pkgPath, recv, name string) *RetryFunc {
	lib := LookupRetryLibrary(pkgPath)
	if lib == nil {
		return nil
	}
	return lib.Func(recv, name)
}

// Func is LookupRetry within the library.
func (lib *RetryLibrary) Func(recv, name string) *RetryFunc {
	var best *RetryFunc
	for i := range lib.Funcs {
		f := &lib.Funcs[i]
		frecv, fname := splitName(f.Name)
		if frecv == recv && fname == name {
			return f
		}
		if (best == nil || len(f.Name) > len(best.Name)) && glob(frecv, recv) && glob(fname, name) {
			best = f
		}
	}
	return best
}

// LookupRetryType returns what is known of a type's values, or nil.
func LookupRetryType(pkgPath, name string) *RetryType {
	lib := LookupRetryLibrary(pkgPath)
	if lib == nil {
		return nil
	}
	for i := range lib.Types {
		if glob(lib.Types[i].Name, name) {
			return &lib.Types[i]
		}
	}
	return nil
}
