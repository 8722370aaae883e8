// Package breaking compares two states of an OpenAPI document and reports what breaks
// clients of the older one: requests that were accepted and are not any more, and
// responses that clients were not told to expect. Each finding is one root cause,
// with all operations that it reaches.
package breaking

import (
	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/openapi/document"
	"github.com/commslint/commslint/openapi/schema"
	"github.com/commslint/commslint/openapi/subschema"
)

// Options are what the user decides. The zero value is the strictest reading.
type Options struct {
	// All adds compatible changes, as findings of the rule CompatibleChange.
	All bool
	// OldName turns the path of a file of the old document into what findings call it;
	// nil leaves it as it is.
	OldName func(file string) string
	// Today is the day on which sunsets are judged, as 2027-01-31; on no day has
	// any passed if it is empty.
	Today string
	// RemovableOperations and RemovablePaths say what may go: "never" (which an empty
	// string means too) for nothing, "deprecated" for what was deprecated, "sunset"
	// for what was deprecated with an x-sunset day that is past.
	RemovableOperations, RemovablePaths string
	// TolerateProperties takes clients to ignore properties of responses that they do
	// not know, even where the schema forbids them.
	TolerateProperties bool
	// ExtensibleEnums lets values be added to the enum of a response schema that has
	// x-extensible-enum.
	ExtensibleEnums bool
	// IdempotencyHeaders are the headers that carry an idempotency key.
	IdempotencyHeaders []string
}

// Compare reports what changed from the old to the new document, sorted. Findings
// have the levels of errors; those that could not be decided, and those that may be
// harmless, say in AtMost that they are warnings at most.
func Compare(old, new *document.Document, opt Options) []finding.Finding {
	return compare(old, new, opt, newSameness(old, new))
}

func compare(old, new *document.Document, opt Options, same *sameness) []finding.Finding {
	c := &comparison{
		old: old, new: new, opt: opt, same: same,
		checker: subschema.New(subschema.Options{Formats: true, Tolerant: true}),
		changes: newCollector(),
		walked:  map[schemaPair]bool{},

		discriminating: map[*document.Document]bool{},
	}
	c.comparePaths()
	c.compareWebhooks()
	return c.changes.findings()
}

// A comparison is one run of Compare.
type comparison struct {
	old, new *document.Document
	opt      Options
	checker  *subschema.Checker
	changes  *collector
	same     *sameness // nil to look at everything

	walked         map[schemaPair]bool // by the search for discriminators
	discriminating map[*document.Document]bool
}

type schemaPair struct {
	old, new *schema.Schema
	sender   sender
}

// An exchange is an operation on both sides.
type exchange struct {
	*comparison
	old, new *document.Operation
	name     string // as findings list it
	// reversed says that the server calls the client: in webhooks and callbacks.
	reversed bool
	// unsure says that the pairing is a guess; nothing found is certain then.
	unsure bool
	// variables of the path, by position
	oldPath, newPath template
}

// compare compares all that an operation consists of.
func (x *exchange) compare() {
	x.compareParameters()
	x.compareRequestBody()
	x.compareResponses()
	x.compareCallbacks()
	if x.reversed {
		return // it is the client's server and credentials then
	}
	x.compareServers()
	x.compareSecurity()
	x.compareIdempotency()
}

// report adds a change under its cause.
func (x *exchange) report(id cause, make func() *change) {
	x.changes.add(id, x.name, func() *change {
		ch := make()
		if x.unsure {
			ch.unknown = true
			ch.message += "; several paths have this shape, so which took the place of the old one is a guess"
		}
		return ch
	})
}

// note adds a change that breaks nothing, if those are asked for.
func (x *exchange) note(id cause, message string, place finding.Location) {
	if !x.opt.All {
		return
	}
	id.rule = compatibleChange
	x.changes.add(id, x.name, func() *change { return &change{message: message, place: place} })
}

// before points at the old document.
func (c *comparison) before(at finding.Location, message string) []finding.Related {
	if at.File == "" {
		return nil
	}
	if c.opt.OldName != nil {
		at.File = c.opt.OldName(at.File)
	}
	return []finding.Related{{Location: at, Message: message}}
}
