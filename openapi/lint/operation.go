package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/openapi/document"
	"github.com/commslint/commslint/openapi/schema"
)

// idempotency wants a key on each POST that changes something.
func (c *checker) idempotency(op *document.Operation) {
	if op.Method != "POST" || isTrue(op.Node.Get("x-idempotent")) || hasHeader(op.Parameters, c.opt.IdempotencyHeaders) {
		return
	}
	if endsWithParameter(op.Item.Name) || repeatsWithoutHarm(op) || bodyHasKey(op.RequestBody) {
		return // a POST to one thing changes it, and changes it to the same again
	}
	c.reportf(postWithoutKey, op.At,
		"%s takes no idempotency key: a client that got no answer cannot send it again without the risk of doing it twice", name(op))
}

// readingWords begin the names of operations that are a POST only because their question needs a body,
// or whose repetition does no harm.
var readingWords = []string{
	"get", "list", "search", "query", "find", "lookup", "fetch", "read", "retrieve", "filter", "count", "describe", "batchget",
	"validate", "verify", "check", "preview", "estimate", "calculate", "compute", "simulate", "parse", "render", "convert", "translate",
	"login", "logout", "signin", "signout", "authenticate", "authorize", "token", "oauth", "introspect", "refresh", "revoke",
	"echo", "ping", "graphql", "completions", "embeddings", "moderations", "reports", "evaluate", "export", "download", "explain",
	"test", "proxy", "exec", "attach", "portforward", "traceroute", "markdown", "raw",
}

// settingWords end the paths of operations that bring one thing into a state, in which the second
// request finds it already.
var settingWords = []string{
	"cancel", "activate", "deactivate", "enable", "disable", "close", "reopen", "archive", "unarchive", "restore", "approve", "reject",
	"accept", "decline", "lock", "unlock", "start", "stop", "pause", "resume", "finalize", "void", "delete", "remove", "expire",
	"confirm", "publish", "unpublish", "suspend", "unsuspend", "block", "unblock", "mute", "unmute", "follow", "unfollow", "star",
	"unstar", "complete", "acknowledge", "restart", "reboot", "set", "update", "edit", "terminate", "abort", "reset", "mark", "replace", "upsert",
}

// repeatsWithoutHarm reports whether the path ends with, or the operationId begins with, a word
// of a request that only reads or sets.
func repeatsWithoutHarm(op *document.Operation) bool {
	harmless := func(word string) bool {
		return slices.Contains(readingWords, word) || slices.Contains(settingWords, word)
	}
	segments := strings.FieldsFunc(op.Item.Name, func(c rune) bool { return c == '/' || c == ':' })
	if len(segments) > 0 {
		last := words(segments[len(segments)-1])
		if len(last) > 0 && (harmless(last[0]) || harmless(last[len(last)-1])) {
			return true
		}
	}
	id := words(op.ID)
	return len(id) > 0 && harmless(id[0])
}

// bodyHasKey reports whether a property of the body is an idempotency key: a request id (AIP-155), a
// client token, or one that is called so.
func bodyHasKey(body *document.Body) bool {
	if body == nil {
		return false
	}
	return slices.ContainsFunc(body.Content, func(m *document.MediaType) bool {
		found := false
		properties(m.Schema(), func(p schema.Property) {
			switch name := plainName(p.Name); {
			case strings.Contains(name, "idempoten"), name == "requestid", name == "clienttoken", name == "clientrequestid", name == "clientrequesttoken":
				found = true
			}
		})
		return found
	})
}

// errors wants the form of errors described.
func (c *checker) errors(op *document.Operation) {
	if op.Method == "HEAD" || op.Method == "OPTIONS" || op.Method == "TRACE" {
		return
	}
	described, declared := false, false
	for _, r := range op.Responses {
		if r.Status != "default" && r.Status[0] != '4' && r.Status[0] != '5' {
			continue
		}
		declared = true
		described = described || slices.ContainsFunc(r.Content, c.describesError)
	}
	switch {
	case described:
	case !declared:
		c.reportf(noErrorSchema, op.At, "%s describes no error: clients cannot tell one failure from another", name(op))
	case c.opt.ErrorFormat == "problem":
		c.reportf(noErrorSchema, op.At, "%s has no error in the form application/problem+json", name(op))
	default:
		c.reportf(noErrorSchema, op.At, "%s has no error with a schema: clients cannot tell one failure from another", name(op))
	}
}

func (c *checker) describesError(m *document.MediaType) bool {
	if c.opt.ErrorFormat == "problem" {
		return strings.HasPrefix(m.Range, "application/problem+")
	}
	return m.SchemaNode() != nil || m.ItemSchemaNode() != nil
}

// retryAfter wants 429 and 503 to say when to come back.
func (c *checker) retryAfter(op *document.Operation) {
	for _, r := range op.Responses {
		if r.Status != "429" && r.Status != "503" || sends(r, c.opt.RetryHeaders) {
			continue
		}
		f := finding.Finding{
			Rule: noRetryAfter, Location: place(r),
			Message: fmt.Sprintf("%s without Retry-After: clients guess when to come back, and all guess the same", r.Status),
			Fixes:   []finding.Fix{c.addHeader(r, "Retry-After", "Seconds to wait before the next attempt", "integer")},
		}
		c.report(f)
	}
}

// created wants 201 to say where the new thing is.
func (c *checker) created(op *document.Operation) {
	if op.Method != "POST" {
		return
	}
	for _, r := range op.Responses {
		if r.Status != "201" || sends(r, []string{"Location", "Content-Location"}) || len(r.Content) > 0 && !lacksIdentity(r) {
			continue
		}
		c.report(finding.Finding{
			Rule: createdWithoutLocation, Location: place(r),
			Message: "201 says neither in Location nor in its body where the new resource is",
			Fixes:   []finding.Fix{c.addHeader(r, "Location", "Where the new resource is", "string")},
		})
	}
}

// lacksIdentity reports whether no body tells the identity of what was made. What a body without
// a known form tells is not known.
func lacksIdentity(r *document.Response) bool {
	for _, m := range r.Content {
		s := m.Schema()
		if s == nil || !isClosedBook(s) {
			return false
		}
		if tellsIdentity(s) {
			return false
		}
	}
	return true
}

// tellsIdentity reports whether a body has a property that identifies what was made, at its top level or
// in an object or list there.
func tellsIdentity(s *schema.Schema) bool {
	tells := false
	look := func(p schema.Property) { tells = tells || identifies(p.Name) }
	properties(s, func(p schema.Property) {
		look(p)
		properties(p.Schema, look)
		properties(arrayItems(p.Schema), look)
	})
	return tells
}

// isClosedBook reports whether a schema lists the properties of an object.
func isClosedBook(s *schema.Schema) bool {
	listed := false
	properties(s, func(schema.Property) { listed = true })
	return listed
}

// identifies reports whether a property of that name tells which thing the rest is about. One that
// wraps it (data, result, or the name of the thing) may do so too.
func identifies(property string) bool {
	name := plainName(property)
	for _, end := range []string{"id", "ids", "uuid", "uri", "url", "href", "link", "links", "self", "location", "key", "name", "token", "number", "code", "sid", "arn", "slug", "ref"} {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	return slices.Contains([]string{"data", "result", "results", "resource", "item", "items", "metadata"}, name)
}

// sunset wants the end of deprecated operations announced.
func (c *checker) sunset(op *document.Operation) {
	if !op.Deprecated || op.Node.Get("x-sunset") != nil || op.Node.Get("x-sunset-date") != nil || op.Node.Get("x-deprecated-at") != nil {
		return
	}
	if slices.ContainsFunc(op.Responses, func(r *document.Response) bool { return sends(r, []string{"Sunset"}) }) {
		return
	}
	at := op.At
	if n := op.Node.Get("deprecated"); n != nil {
		at = n.Location()
	}
	c.reportf(deprecatedNoSunset, at, "%s is deprecated, but nothing says until when it works: add x-sunset with the day, and the Sunset header to its responses", name(op))
}

// place is where a response is described: at the component, if it is one.
func place(r *document.Response) finding.Location {
	if r.Node.File.Name == r.At.File && r.Node.Parent != nil {
		if m := r.Node.Parent.Member(r.Node.Key()); m != nil && m.Value == r.Node {
			return r.Node.File.Location(m.KeyStart, m.KeyEnd)
		}
	}
	return r.At
}
