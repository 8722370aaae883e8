package breaking

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode/utf8"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/openapi/schema"
	"github.com/commslint/commslint/openapi/subschema"
	"github.com/commslint/commslint/tree"
)

// anything stands for a schema that is absent.
var anything = &schema.Schema{}

func orAnything(s *schema.Schema) *schema.Schema {
	if s == nil {
		return anything
	}
	return s
}

// A question is an inclusion to be decided: whether what may be sent is among what
// is understood.
type question struct {
	sent, understood *schema.Schema
	direction        subschema.Direction
	// text says that values are written without types: in parameters, headers and
	// forms, 5 is the text "5" as well.
	text bool
}

func questionOf(before, after *schema.Schema, s sender) question {
	before, after = orAnything(before), orAnything(after)
	if s == clientSends {
		return question{sent: before, understood: after, direction: subschema.Request}
	}
	return question{sent: after, understood: before, direction: subschema.Response}
}

// schemas compares what may be sent with what is understood, and reports each edit
// that makes a difference.
func (x *exchange) schemas(rule, what string, before, after *schema.Schema, s sender, at place) {
	x.ask(rule, what, questionOf(before, after, s), before, after, s, at)
}

// texts does so for values that are written without types.
func (x *exchange) texts(rule, what string, before, after *schema.Schema, s sender, at place) {
	q := questionOf(before, after, s)
	q.text = true
	x.ask(rule, what, q, before, after, s, at)
}

func (x *exchange) ask(rule, what string, q question, before, after *schema.Schema, s sender, at place) {
	if before == nil && after == nil {
		return
	}
	answer := x.checker.Includes(q.sent, q.understood, q.direction)
	if answer.Verdict == subschema.Included {
		x.noteSchemas(q, what, before, after, at)
	}
	for _, c := range answer.Causes {
		if q.text && isTextAnyway(c) {
			continue
		}
		x.reportCause(rule, what, c, s, at)
	}
	if answer.Verdict != subschema.Included && len(answer.Causes) == 0 {
		x.reportWhole(rule, what, q, &answer, before, after, at)
	}
	x.discriminators(what, before, after, s)
}

// isTextAnyway reports whether a cause is only that values have another type, and all
// of them are text that is understood.
func isTextAnyway(c *subschema.Cause) bool {
	if c.Keyword != "type" || c.A == nil || c.B == nil {
		return false
	}
	sent := typesOf(c.A)
	return sent != 0 && sent&^scalar == 0 && isAnyText(follow(c.B))
}

// noteSchemas notes a compatible change; schemas that include each other are no change.
func (x *exchange) noteSchemas(q question, what string, before, after *schema.Schema, at place) {
	if !x.opt.All || x.checker.Includes(q.understood, q.sent, q.direction).Verdict == subschema.Included {
		return
	}
	message := fmt.Sprintf("the %s may hold more than before", what)
	if q.direction == subschema.Response {
		message = fmt.Sprintf("the %s promises more than before", what)
	}
	x.note(cause{old: before, new: after}, message, schemaPlace(after, "", at.new))
}

// reportCause reports an edit of a schema. Its place in the old document is B's where
// the server sends, as old clients understand what B says.
func (x *exchange) reportCause(rule, what string, c *subschema.Cause, s sender, at place) {
	before, after := c.A, c.B
	if s == serverSends {
		before, after = c.B, c.A
	}
	if s == serverSends && x.tolerated(before, c.Keyword) {
		return
	}
	id := cause{rule: rule, new: c}
	if c.Keyword == "required" && !c.Unproven {
		// The names that one edit adds or removes are one finding.
		id = cause{rule: rule, old: c.A, new: c.B, detail: c.Keyword}
	}
	x.changes.alsoAbout(id, c.Name)
	x.report(id, func() *change {
		ch := &change{
			message: fmt.Sprintf("%s: %s", what, c.Message),
			names:   []string{c.Name},
			place:   editPlace(after, c, at.new),
			related: x.before(editPlace(before, c, at.old), "before: "+excerpt(before, c.Keyword)),
		}
		if c.Unproven {
			ch.unknown = true
			ch.message += "; it is not known whether this breaks anything: " + c.Reason
			return ch
		}
		ch.show(c.Witness, s)
		return ch
	})
}

// show adds a witness to a change.
func (ch *change) show(witness any, s sender) {
	ch.witness = &example{witness}
	if s == clientSends {
		ch.message += "; refused now: " + short(witness)
	} else {
		ch.message += "; may be sent now: " + short(witness)
	}
}

// tolerated reports whether the policy lets the server send what a keyword of the old
// schema rules out.
func (c *comparison) tolerated(before *schema.Schema, keyword string) bool {
	switch keyword {
	case "additionalProperties", "unevaluatedProperties":
		return c.opt.TolerateProperties
	case "enum":
		return c.opt.ExtensibleEnums && before != nil && before.Node.Get("x-extensible-enum") != nil
	}
	return false
}

// reportWhole reports two schemas of which no single edit is known to be at fault.
func (x *exchange) reportWhole(rule, what string, q question, answer *subschema.Answer, before, after *schema.Schema, at place) {
	x.report(cause{rule: rule, old: nodeOf(before), new: nodeOf(after)}, func() *change {
		ch := &change{
			message: what,
			place:   schemaPlace(after, "", at.new),
			related: x.before(schemaPlace(before, "", at.old), "it was here"),
		}
		if answer.Verdict == subschema.Unknown {
			ch.unknown = true
			ch.message += ": it is not known whether the change breaks anything: " + answer.Reason
			return ch
		}
		s := clientSends
		ch.message += " accepts less than before"
		if q.direction == subschema.Response {
			s, ch.message = serverSends, what+" may hold more than before"
		}
		ch.show(answer.Witness, s)
		return ch
	})
}

// included reports whether every value of a is one of b, for certain.
func (c *comparison) included(a, b *schema.Schema) bool {
	return c.checker.Includes(a, b, subschema.Request).Verdict == subschema.Included
}

// nodeOf identifies a schema: by the place where it stands, if it was read.
func nodeOf(s *schema.Schema) any {
	switch {
	case s == nil:
		return nil
	case s.Node != nil:
		return s.Node
	}
	return s
}

// schemaPlace is the place of a keyword, or of its schema, or else of what holds it.
func schemaPlace(s *schema.Schema, keyword string, fallback finding.Location) finding.Location {
	if s == nil || s.Node == nil {
		return fallback
	}
	return s.Location(keyword)
}

// editPlace is the place of the edit within a schema: what the keyword says of the
// name that the cause is about, or else the keyword.
func editPlace(s *schema.Schema, c *subschema.Cause, fallback finding.Location) finding.Location {
	if s == nil || s.Node == nil {
		return fallback
	}
	if c.Name == "" {
		return s.Location(c.Keyword)
	}
	n := s.Node.Get(c.Keyword)
	if m := n.Member(c.Name); m != nil {
		return n.File.Location(m.KeyStart, m.KeyEnd)
	}
	if n != nil && n.Kind == tree.Array {
		for _, item := range n.Items {
			if item.Text == c.Name && item.Kind == tree.String {
				return item.Location()
			}
		}
	}
	if m := s.Node.Get("properties").Member(c.Name); m != nil && n == nil {
		return s.Node.File.Location(m.KeyStart, m.KeyEnd)
	}
	return s.Location(c.Keyword)
}

// excerpt shows what a keyword said, if that is short.
func excerpt(s *schema.Schema, keyword string) string {
	if s == nil {
		return "absent"
	}
	m := s.Node.Member(keyword)
	if m == nil {
		return "here"
	}
	text := m.Value.File.Text[m.KeyStart:m.Value.End]
	if len(text) > 80 || bytes.ContainsAny(text, "\r\n") {
		return "here"
	}
	return string(text)
}

// maxShown bounds how much of a witness a message shows, in bytes; it stands in full
// in the finding's properties.
const maxShown = 160

// short writes a value as JSON, cut where it is long.
func short(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return fmt.Sprint(v)
	}
	text := bytes.TrimSpace(b.Bytes())
	if len(text) <= maxShown {
		return string(text)
	}
	text = text[:maxShown]
	for len(text) > 0 && !utf8.Valid(text) {
		text = text[:len(text)-1]
	}
	return string(text) + "…"
}
