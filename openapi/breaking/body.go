package breaking

import (
	"fmt"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/openapi/document"
)

// A place is where something stands in both documents.
type place struct{ old, new finding.Location }

func (x *exchange) compareRequestBody() {
	o, n := x.old.RequestBody, x.new.RequestBody
	s := x.sender(clientSends)
	rule := requestNarrowed
	if s == serverSends {
		rule = responseWidened
	}
	switch {
	case o == nil && n == nil:
		return
	case o == nil:
		x.bodyAdded(n, s)
		return
	case n == nil:
		x.bodyGone(o, s)
		return
	}
	if s == clientSends && n.Required && !o.Required {
		x.report(cause{rule: rule, old: o.Node, new: n.Node, detail: "required"}, func() *change {
			return &change{
				message: "the request body is required now",
				place:   keyPlace(n.Node, "required", n.At),
				related: x.before(o.At, "it was optional"),
			}
		})
	}
	if s == serverSends && o.Required && !n.Required {
		x.report(cause{rule: rule, old: o.Node, new: n.Node, detail: "required"}, func() *change {
			return &change{
				message: "the body need not be sent any more",
				place:   keyPlace(n.Node, "required", n.At),
				related: x.before(o.At, "it was required"),
			}
		})
	}
	x.contents(rule, x.bodyName(), o.Content, n.Content, s, place{o.At, n.At})
}

func (x *exchange) bodyName() string {
	if x.reversed {
		return "payload"
	}
	return "request body"
}

func (x *exchange) bodyAdded(n *document.Body, s sender) {
	if s == serverSends || !n.Required {
		x.note(cause{new: n.Node}, fmt.Sprintf("the %s is new", x.bodyName()), n.At)
		return
	}
	x.report(cause{rule: requestNarrowed, new: n.Node, detail: "required"}, func() *change {
		return &change{
			message: "a request body is required now",
			place:   n.At,
			related: x.before(x.old.At, "there was none"),
		}
	})
}

func (x *exchange) bodyGone(o *document.Body, s sender) {
	x.report(cause{rule: mediaTypeRemoved, old: o.Node, new: x.new}, func() *change {
		message := "a request body is not accepted any more"
		if s == serverSends {
			message = "the payload is not sent any more"
		}
		ch := &change{message: message, place: x.new.At, related: x.before(o.At, "it was here")}
		if !o.Required {
			ch.message += "; it was optional"
			ch.atMost = finding.Warning
		}
		return ch
	})
}

// contents compares the representations of a body.
func (x *exchange) contents(rule, what string, older, newer []*document.MediaType, s sender, at place) {
	for _, o := range older {
		n := bestMedia(newer, o, s)
		if n == nil {
			if n = sameSyntax(newer, o); s == clientSends || n == nil {
				x.mediaGone(what, o, newer, at)
				continue
			}
			x.mediaRenamed(what, o, n)
		} else if s == serverSends && !parseMedia(o.Range).covers(parseMedia(n.Range)) {
			x.mediaRenamed(what, o, n) // a range of which the old type is one
		}
		x.payload(rule, what+mediaSuffix(n, len(newer)), o, n, s)
	}
	for _, n := range newer {
		if bestMedia(older, n, s) == nil {
			x.note(cause{new: n.Node, detail: n.Range}, fmt.Sprintf("%s as %s is new", what, n.Range), n.At)
		}
	}
}

func mediaSuffix(m *document.MediaType, count int) string {
	if count > 1 {
		return " as " + m.Range
	}
	return ""
}

// bestMedia finds the media type that takes the place of m. Where the client sends,
// it must cover m; where the server does, it may also be one of those that m
// stands for.
func bestMedia(among []*document.MediaType, m *document.MediaType, s sender) *document.MediaType {
	want := parseMedia(m.Range)
	var best *document.MediaType
	rank := -1
	for _, candidate := range among {
		r := parseMedia(candidate.Range)
		covers := r.covers(want) || s == serverSends && want.covers(r) && want.isRange()
		if p := r.precision(); covers && p > rank {
			best, rank = candidate, p
		}
	}
	return best
}

// sameSyntax finds a media type with the structured syntax of m (RFC 6838, section
// 4.2.8): application/problem+json is JSON too.
func sameSyntax(among []*document.MediaType, m *document.MediaType) *document.MediaType {
	want := parseMedia(m.Range).syntax()
	for _, candidate := range among {
		if want != "" && parseMedia(candidate.Range).syntax() == want {
			return candidate
		}
	}
	return nil
}

// mediaRenamed reports a media type that became another of the same syntax, which
// clients that look at the content and not at its type can still read, or one of
// several, of which they may ask for the one that they know.
func (x *exchange) mediaRenamed(what string, o, n *document.MediaType) {
	x.report(cause{rule: mediaTypeRemoved, old: o.Node, new: n.Node, detail: o.Range}, func() *change {
		return &change{
			message: fmt.Sprintf("the %s as %s became %s, which a client that asks for the former need not get", what, o.Range, n.Range),
			place:   n.At,
			atMost:  finding.Warning,
			related: x.before(o.At, "it was here"),
		}
	})
}

func (x *exchange) mediaGone(what string, o *document.MediaType, newer []*document.MediaType, at place) {
	x.report(cause{rule: mediaTypeRemoved, old: o.Node, new: at.new, detail: o.Range}, func() *change {
		message := fmt.Sprintf("the %s as %s is gone", what, o.Range)
		if len(newer) == 0 {
			message = fmt.Sprintf("the %s is gone: there is no content any more", what)
		}
		return &change{message: message, place: at.new, related: x.before(o.At, "it was here")}
	})
}

// payload compares two states of one representation.
func (x *exchange) payload(rule, what string, o, n *document.MediaType, s sender) {
	// What Swagger calls a form has no node of its own.
	if x.comparison.new.Version != document.Swagger20 && x.same.part(o.Node, n.Node) {
		return
	}
	at := place{o.At, n.At}
	if parseMedia(n.Range).isForm() {
		x.texts(rule, what, o.Schema(), n.Schema(), s, at)
	} else {
		x.schemas(rule, what, o.Schema(), n.Schema(), s, at)
	}
	if o.ItemSchema() != nil || n.ItemSchema() != nil {
		x.schemas(rule, "items of the "+what, o.ItemSchema(), n.ItemSchema(), s, at)
	}
	x.encodings(what, o, n, s)
}
