package breaking

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/commslint/commslint/openapi/document"
)

// parameterKey is what makes two parameters one: their place and name. Variables of
// a path count by position, headers without regard to case.
func parameterKey(p *document.Parameter, path template) string {
	switch p.In {
	case "path":
		if i := path.position(p.Name); i >= 0 {
			return "path " + strconv.Itoa(i)
		}
	case "header":
		return "header " + strings.ToLower(p.Name)
	}
	return p.In + " " + p.Name
}

// isReserved reports whether a header parameter says nothing: the specification
// leaves these to content and security.
func isReserved(p *document.Parameter) bool {
	if p.In != "header" {
		return false
	}
	switch strings.ToLower(p.Name) {
	case "accept", "content-type", "authorization":
		return true
	}
	return false
}

func parameters(list []*document.Parameter, path template) map[string]*document.Parameter {
	byKey := make(map[string]*document.Parameter, len(list))
	for _, p := range list {
		if !isReserved(p) {
			byKey[parameterKey(p, path)] = p
		}
	}
	return byKey
}

func (x *exchange) compareParameters() {
	older, newer := parameters(x.old.Parameters, x.oldPath), parameters(x.new.Parameters, x.newPath)
	for _, o := range x.old.Parameters {
		if isReserved(o) {
			continue
		}
		if n := newer[parameterKey(o, x.oldPath)]; n != nil {
			x.compareParameter(o, n)
			continue
		}
		x.parameterGone(o, newer, older)
	}
	for _, n := range x.new.Parameters {
		key := parameterKey(n, x.newPath)
		if isReserved(n) || older[key] != nil {
			continue
		}
		x.parameterAdded(n, older, newer)
	}
}

// elsewhere finds a parameter of the same name in another place of the request that
// the other side does not have.
func elsewhere(p *document.Parameter, there, here map[string]*document.Parameter) *document.Parameter {
	for _, in := range []string{"query", "header", "cookie"} {
		name := p.Name
		if in == "header" {
			name = strings.ToLower(name)
		}
		if q := there[in+" "+name]; q != nil && in != p.In && here[in+" "+name] == nil {
			return q
		}
	}
	return nil
}

// parameterGone reports a parameter that the new operation does not have. Who sends
// it decides what that means: a server ignores it, a client misses it.
func (x *exchange) parameterGone(o *document.Parameter, newer, older map[string]*document.Parameter) {
	if o.In == "path" {
		return // the path has no such variable on the new side, which its shape tells
	}
	if n := elsewhere(o, newer, older); n != nil {
		x.report(cause{rule: parameterMoved, old: o.Node, new: n.Node}, func() *change {
			return &change{
				message: fmt.Sprintf("the %s parameter %q is a %s parameter now", o.In, o.Name, n.In),
				place:   n.At,
				related: x.before(o.At, "it was here"),
			}
		})
		return
	}
	if x.reversed && !o.Required || x.isIdempotencyKey(o) && x.losesIdempotency() {
		return // nothing is lost, or it is said what is
	}
	x.report(cause{rule: parameterRemoved, old: o.Node, new: x.new.Item}, func() *change {
		message := fmt.Sprintf("the %s parameter %q is gone: requests with it are answered as if it were not there, or refused", o.In, o.Name)
		if x.reversed {
			message = fmt.Sprintf("the %s parameter %q is not sent any more", o.In, o.Name)
		}
		return &change{
			message: message,
			place:   x.new.At,
			related: x.before(o.At, "it was here"),
		}
	})
}

// parameterAdded reports a parameter that only the new operation has.
func (x *exchange) parameterAdded(n *document.Parameter, older, newer map[string]*document.Parameter) {
	switch {
	case n.In == "path" || elsewhere(n, older, newer) != nil:
	case n.Required && !x.reversed:
		x.report(cause{rule: parameterRequired, new: n.Node}, func() *change {
			return &change{
				message: fmt.Sprintf("the %s parameter %q is new and required", n.In, n.Name),
				place:   n.At,
				related: x.before(x.old.At, "the operation had no such parameter"),
			}
		})
	default:
		x.note(cause{new: n.Node}, fmt.Sprintf("the %s parameter %q is new", n.In, n.Name), n.At)
	}
}

// compareParameter compares two states of a parameter.
func (x *exchange) compareParameter(o, n *document.Parameter) {
	if x.same.part(o.Node, n.Node) {
		return
	}
	if x.reversed {
		x.parameterSent(o, n)
		return
	}
	switch {
	case n.Required && !o.Required:
		x.report(cause{rule: parameterRequired, old: o.Node, new: n.Node}, func() *change {
			return &change{
				message: fmt.Sprintf("the %s parameter %q is required now", n.In, n.Name),
				place:   keyPlace(n.Node, "required", n.At),
				related: x.before(o.At, "it was optional"),
			}
		})
	case o.Required && !n.Required:
		x.note(cause{old: o.Node, new: n.Node}, fmt.Sprintf("the %s parameter %q is optional now", n.In, n.Name), keyPlace(n.Node, "required", n.At))
	}
	if o.AllowEmptyValue && !n.AllowEmptyValue && !acceptsEmptyText(n.Schema()) {
		x.report(cause{rule: parameterNarrowed, old: o.Node, new: n.Node, detail: "allowEmptyValue"}, func() *change {
			return &change{
				message: fmt.Sprintf("the %s parameter %q may not be empty any more", n.In, n.Name),
				place:   keyPlace(n.Node, "allowEmptyValue", n.At),
				related: x.before(keyPlace(o.Node, "allowEmptyValue", o.At), "it was allowed here"),
			}
		})
	}
	if x.serialization(parameterValue(o), parameterValue(n)) {
		x.values(parameterNarrowed, parameterValue(o), parameterValue(n), clientSends)
	}
}

// parameterSent compares a parameter that the server sends.
func (x *exchange) parameterSent(o, n *document.Parameter) {
	if o.Required && !n.Required {
		x.report(cause{rule: parameterRemoved, old: o.Node, new: n.Node}, func() *change {
			return &change{
				message: fmt.Sprintf("the %s parameter %q need not be sent any more", n.In, n.Name),
				place:   keyPlace(n.Node, "required", n.At),
				related: x.before(o.At, "it was required"),
			}
		})
	}
	if x.serialization(parameterValue(o), parameterValue(n)) {
		x.values(parameterNarrowed, parameterValue(o), parameterValue(n), serverSends)
	}
}
