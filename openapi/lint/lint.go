// Package lint finds what makes an API hard to call safely, in the OpenAPI document that describes
// it: requests that cannot be repeated, errors without a form, lists without an end. A rule speaks of
// what a document shows; what a document cannot show is not held against it.
package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/openapi/document"
	"github.com/commslint/commslint/tree"
)

// Ids of the rules, which rules/catalogue/openapi_lint.cue describes.
const (
	postWithoutKey         = "openapi/post-without-idempotency-key"
	noRetryAfter           = "openapi/no-retry-after"
	noErrorSchema          = "openapi/no-error-schema"
	noPagination           = "openapi/no-pagination"
	offsetPagination       = "openapi/offset-pagination"
	noVersion              = "openapi/no-version"
	deepNesting            = "openapi/deep-nesting"
	verbInPath             = "openapi/verb-in-path"
	pathCase               = "openapi/path-case"
	pluralNouns            = "openapi/plural-nouns"
	createdWithoutLocation = "openapi/created-without-location"
	deprecatedNoSunset     = "openapi/deprecated-without-sunset"
	noTraceHeader          = "openapi/no-trace-header"
	plaintextServer        = "openapi/plaintext-server"
	danglingRef            = document.RuleDanglingRef
	invalid                = document.RuleInvalid
)

// ids are all of them.
var ids = []string{
	postWithoutKey, noRetryAfter, noErrorSchema, noPagination, offsetPagination, noVersion, deepNesting, verbInPath,
	pathCase, pluralNouns, createdWithoutLocation, deprecatedNoSunset, noTraceHeader, plaintextServer, danglingRef, invalid,
}

// Implements reports whether a rule is one of this package.
func Implements(rule string) bool { return slices.Contains(ids, rule) }

// Options are the parameters of the rules. DefaultOptions has those of the catalogue.
type Options struct {
	// IdempotencyHeaders are the headers that carry an idempotency key.
	IdempotencyHeaders []string
	// RetryHeaders are the headers that tell when to try again.
	RetryHeaders []string
	// TraceHeaders are the headers that carry the identity of a request from service to service.
	TraceHeaders []string
	// MaxNesting is how many levels of resources may lie below the first one in a path.
	MaxNesting int
	// PathCase is how words in paths are joined: "kebab", "snake", "camel", "Pascal", or
	// "consistent" for what most paths of the document do.
	PathCase string
	// ErrorFormat is "any" for errors that have a schema, "problem" for application/problem+json.
	ErrorFormat string
}

// Check reports what is wrong with a document, sorted. Each place is a finding of its own;
// see Condense.
func Check(doc *document.Document, opt Options) []finding.Finding {
	c := &checker{doc: doc, opt: opt, seen: map[spot]bool{}}
	c.problems()
	c.servers()
	c.document()
	for _, item := range doc.Paths {
		c.path(item)
		for _, op := range item.Operations {
			c.operation(op)
		}
	}
	c.pathCases()
	c.collections()
	finding.Sort(c.findings)
	return c.findings
}

type checker struct {
	doc      *document.Document
	opt      Options
	findings []finding.Finding
	seen     map[spot]bool
	// entries are the paths of one entry, by the path of their collection; filled on first use
	entries map[string]*document.PathItem
}

// A spot is what a finding is about. A component that is used many times is reported once.
type spot struct {
	rule string
	at   finding.Location
}

// report adds a finding, unless the rule has spoken of the place.
func (c *checker) report(f finding.Finding) {
	id := spot{f.Rule, f.Location}
	if c.seen[id] {
		return
	}
	c.seen[id] = true
	f.Level, f.Strength = finding.Error, finding.Proven
	f.Fixes = slices.DeleteFunc(f.Fixes, func(fix finding.Fix) bool { return len(fix.Edits) == 0 })
	c.findings = append(c.findings, f)
}

func (c *checker) reportf(rule string, at finding.Location, format string, args ...any) {
	c.report(finding.Finding{Rule: rule, Location: at, Message: fmt.Sprintf(format, args...)})
}

// operation runs the rules about single operations.
func (c *checker) operation(op *document.Operation) {
	c.retryAfter(op)
	c.created(op)
	c.sunset(op)
	if op.Incomplete || op.Deprecated {
		return // what is missing may be where a reference leads nowhere; or nobody will add it any more
	}
	c.idempotency(op)
	c.errors(op)
	c.pagination(op)
}

// name is what messages call an operation.
func name(op *document.Operation) string { return op.Method + " " + op.Item.ShortName() }

// problems reports what was wrong with the text of the document.
func (c *checker) problems() {
	for _, p := range c.doc.AllProblems() {
		c.report(finding.Finding{
			Rule: p.Rule, AtMost: p.AtMost, Message: p.Message, Location: p.Location, Related: p.Related, Fixes: p.Fixes,
		})
	}
}

// hasHeader reports whether one of the names is a header that requests carry.
func hasHeader(parameters []*document.Parameter, names []string) bool {
	return slices.ContainsFunc(parameters, func(p *document.Parameter) bool {
		return p.In == "header" && containsFold(names, p.Name)
	})
}

// sends reports whether a response has one of the headers.
func sends(r *document.Response, names []string) bool {
	return slices.ContainsFunc(r.Headers, func(h *document.Header) bool { return containsFold(names, h.Name) })
}

func containsFold(names []string, name string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) })
}

// isTrue reports whether an extension says true.
func isTrue(n *tree.Node) bool { return n != nil && n.Kind == tree.Bool && n.Text == "true" }
