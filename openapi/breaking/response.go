package breaking

import (
	"fmt"
	"strings"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/openapi/document"
)

func (x *exchange) compareResponses() {
	older, newer := byStatus(x.old.Responses), byStatus(x.new.Responses)
	x.statusesGone(older, newer)
	for _, n := range x.new.Responses {
		status, ok := closestStatus(keysOf(x.old.Responses), n.Status)
		if !ok {
			x.note(cause{new: n.Node, detail: n.Status}, fmt.Sprintf("the status %s is new", n.Status), n.At)
			continue
		}
		if o := older[status]; o.Status == n.Status || !narrower(x.new.Responses, x.old.Responses, n.Status) {
			x.compareResponse(o, n)
		}
	}
	for _, o := range x.old.Responses {
		// What was told apart and is not any more: the old 404 under the new 4XX.
		status, ok := closestStatus(keysOf(x.new.Responses), o.Status)
		if n := newer[status]; ok && n.Status != o.Status {
			x.compareResponse(o, n)
		}
	}
}

// narrower reports whether the new status stands for statuses that the old document
// described one by one only; those are compared one by one.
func narrower(newer, older []*document.Response, status string) bool {
	for _, o := range older {
		if o.Status == status {
			return false
		}
	}
	return !isExact(status)
}

func isExact(status string) bool {
	return len(status) == 3 && !strings.HasSuffix(strings.ToUpper(status), "XX")
}

func byStatus(responses []*document.Response) map[string]*document.Response {
	m := make(map[string]*document.Response, len(responses))
	for _, r := range responses {
		m[r.Status] = r
	}
	return m
}

func keysOf(responses []*document.Response) []string {
	keys := make([]string, len(responses))
	for i, r := range responses {
		keys[i] = r.Status
	}
	return keys
}

// statusesGone reports successes that the server does not answer with any more.
// Clients that were told of all that take its place have lost nothing that they
// could not do without.
func (x *exchange) statusesGone(older, newer map[string]*document.Response) {
	if x.reversed {
		return // it is clients that answer
	}
	var unknown []string
	successes := 0
	for _, n := range x.new.Responses {
		if isSuccess(n.Status) || n.Status == "default" {
			successes++
		}
		if _, known := closestStatus(keysOf(x.old.Responses), n.Status); isSuccess(n.Status) && !known {
			unknown = append(unknown, n.Status)
		}
	}
	for _, o := range x.old.Responses {
		if !isSuccess(o.Status) {
			continue
		}
		if _, covered := closestStatus(keysOf(x.new.Responses), o.Status); covered || coversAny(o.Status, x.new.Responses) {
			continue
		}
		x.report(cause{rule: statusRemoved, old: o.Node, new: x.new, detail: o.Status}, func() *change {
			ch := &change{
				message: fmt.Sprintf("the status %s is gone", o.Status),
				place:   x.responsesPlace(),
				related: x.before(o.At, "it was here"),
			}
			switch {
			case len(unknown) > 0:
				ch.message += ", and success is told by " + strings.Join(unknown, ", ") + " now"
			case successes > 0:
				ch.message += "; the statuses that are left were known before"
				ch.atMost = finding.Warning
			}
			return ch
		})
	}
}

// coversAny reports whether an old range of statuses is spelt out now.
func coversAny(status string, newer []*document.Response) bool {
	for _, n := range newer {
		if coversStatus(status, n.Status) {
			return true
		}
	}
	return false
}

func (x *exchange) responsesPlace() finding.Location {
	if m := x.new.Node.Member("responses"); m != nil {
		return m.Value.File.Location(m.KeyStart, m.KeyEnd)
	}
	return x.new.At
}

func (x *exchange) compareResponse(o, n *document.Response) {
	what := "response " + n.Status
	s := x.sender(serverSends)
	rule := responseWidened
	if s == clientSends {
		rule = requestNarrowed
		what = "answer " + n.Status + " of the client"
	}
	if len(o.Content) > 0 || s == clientSends {
		x.contents(rule, what, o.Content, n.Content, s, place{o.At, n.At})
	}
	x.headers(what, o.Headers, n.Headers, s, place{o.At, n.At})
}

// headers compares the headers of a response.
func (x *exchange) headers(what string, older, newer []*document.Header, s sender, at place) {
	now := map[string]*document.Header{}
	for _, n := range newer {
		now[strings.ToLower(n.Name)] = n
	}
	for _, o := range older {
		name := strings.ToLower(o.Name)
		if name == "content-type" {
			continue // content says it
		}
		n := now[name]
		delete(now, name)
		if n == nil {
			x.headerGone(what, o, s, at)
			continue
		}
		x.compareHeader(what, o, n, s)
	}
	for _, n := range newer {
		if now[strings.ToLower(n.Name)] == n {
			x.note(cause{new: n.Node}, fmt.Sprintf("the header %q of the %s is new", n.Name, what), n.At)
		}
	}
}

func (x *exchange) headerGone(what string, o *document.Header, s sender, at place) {
	if s == clientSends {
		return
	}
	x.report(cause{rule: headerRemoved, old: o.Node, new: at.new}, func() *change {
		ch := &change{
			message: fmt.Sprintf("the header %q of the %s is gone", o.Name, what),
			place:   at.new,
			related: x.before(o.At, "it was here"),
		}
		if !o.Required {
			ch.message += "; it was optional"
			ch.atMost = finding.Warning
		}
		return ch
	})
}

func (x *exchange) compareHeader(what string, o, n *document.Header, s sender) {
	if x.same.part(o.Node, n.Node) {
		return
	}
	if s == serverSends && o.Required && !n.Required {
		x.report(cause{rule: headerRemoved, old: o.Node, new: n.Node}, func() *change {
			return &change{
				message: fmt.Sprintf("the header %q of the %s need not be sent any more", n.Name, what),
				place:   keyPlace(n.Node, "required", n.At),
				related: x.before(o.At, "it was required"),
			}
		})
	}
	before, after := headerValue(o), headerValue(n)
	after.what += " of the " + what
	if x.serialization(before, after) {
		x.values(headerWidened, before, after, s)
	}
}
