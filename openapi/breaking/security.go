package breaking

import (
	"fmt"
	"slices"
	"strings"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/openapi/document"
)

// anonymous is the requirement that nothing is needed.
var anonymous = []document.Requirement{{}}

func requirements(s *document.Security) []document.Requirement {
	if s == nil || len(s.Requirements) == 0 {
		return anonymous
	}
	return s.Requirements
}

// compareSecurity reports old alternatives of credentials that no new one accepts.
func (x *exchange) compareSecurity() {
	newer := requirements(x.new.Security)
	for _, o := range requirements(x.old.Security) {
		missing := lacks(o, newer)
		if missing == nil {
			continue
		}
		x.report(missing.cause(), func() *change {
			return &change{
				message: missing.message,
				unknown: missing.unknown,
				place:   missing.place(x),
				related: x.before(x.oldSecurityPlace(o, missing), "this was enough"),
			}
		})
	}
}

// A shortfall says why credentials that were enough are not any more.
type shortfall struct {
	message  string
	detail   string
	unknown  bool
	old, new *document.SchemeUse // that differ; nil if there are none to compare
	scheme   bool                // the schemes themselves differ, not what is asked of them
	count    int                 // of what is missing; the least is the explanation
}

// lacks finds why no new requirement is met by what an old one asked for; nil if one is.
func lacks(o document.Requirement, newer []document.Requirement) *shortfall {
	var best *shortfall
	for _, n := range newer {
		s := compareRequirement(o, n)
		if s == nil {
			return nil
		}
		if best == nil || s.count < best.count {
			best = s
		}
	}
	return best
}

// compareRequirement finds what a request that meets o lacks to meet n; nil if nothing.
func compareRequirement(o, n document.Requirement) *shortfall {
	var all *shortfall
	for i := range n.Uses {
		s := compareUse(o, &n.Uses[i])
		switch {
		case s == nil:
		case all == nil:
			all = s
		default:
			all.count += s.count
		}
	}
	return all
}

func compareUse(o document.Requirement, n *document.SchemeUse) *shortfall {
	var best *shortfall
	for i := range o.Uses {
		s := compareUses(&o.Uses[i], n)
		if s == nil {
			return nil
		}
		if best == nil || s.count < best.count {
			best = s
		}
	}
	if best != nil && best.count < 3 {
		return best
	}
	message := fmt.Sprintf("%s is required now", describe(n))
	if len(o.Uses) > 0 {
		message += "; " + describeAll(o.Uses) + " was enough"
	} else {
		message += "; no credentials were needed"
	}
	return &shortfall{message: message, detail: n.Name, new: n, count: 3}
}

// compareUses compares what is asked of two schemes. A count of 3 says that they have
// nothing to do with each other.
func compareUses(o, n *document.SchemeUse) *shortfall {
	differ, unknown := schemeDiffers(o, n)
	if differ != "" {
		count := 3
		if o.Name == n.Name {
			count = 1
		}
		return &shortfall{
			message: fmt.Sprintf("the security scheme %q is another: %s", n.Name, differ),
			detail:  "scheme", unknown: unknown, old: o, new: n, scheme: true, count: count,
		}
	}
	var scopes []string
	for _, scope := range n.Scopes {
		if !slices.Contains(o.Scopes, scope) {
			scopes = append(scopes, scope)
		}
	}
	if len(scopes) == 0 {
		return nil
	}
	return &shortfall{
		message: fmt.Sprintf("%s needs the scope %s now", n.Name, strings.Join(scopes, ", ")),
		detail:  strings.Join(scopes, " "), old: o, new: n, count: 2,
	}
}

// schemeDiffers says how credentials for one scheme are none for the other; empty
// if they are.
func schemeDiffers(old, new *document.SchemeUse) (how string, unknown bool) {
	o, n := old.Scheme, new.Scheme
	if o == nil || n == nil {
		if old.Name == new.Name {
			return "", false
		}
		return fmt.Sprintf("%s became %s, and one of them is not declared", old.Name, new.Name), true
	}
	switch {
	case o.Type != n.Type:
		return fmt.Sprintf("%s became %s", kindOf(o), kindOf(n)), sameBearer(o, n)
	case o.Type == "apiKey" && (o.In != n.In || !sameName(o, n)):
		return fmt.Sprintf("%s %s became %s %s", o.In, o.ParameterName, n.In, n.ParameterName), false
	case o.Type == "http" && o.Scheme != n.Scheme:
		return fmt.Sprintf("%s became %s", o.Scheme, n.Scheme), false
	case o.Type == "openIdConnect" && o.OpenIDConnectURL != n.OpenIDConnectURL:
		return fmt.Sprintf("tokens come from %s, no more from %s", n.OpenIDConnectURL, o.OpenIDConnectURL), false
	case o.Type == "oauth2":
		return flowsDiffer(o, n), false
	}
	return "", false
}

func kindOf(s *document.SecurityScheme) string {
	if s.Type == "http" {
		return "http " + s.Scheme
	}
	return s.Type
}

// sameBearer reports whether requests look alike under both schemes, with a token of
// which nothing tells whether it is the same.
func sameBearer(o, n *document.SecurityScheme) bool { return isBearer(o) && isBearer(n) }

func isBearer(s *document.SecurityScheme) bool {
	return s.Type == "oauth2" || s.Type == "openIdConnect" || s.Type == "http" && s.Scheme == "bearer"
}

func sameName(o, n *document.SecurityScheme) bool {
	if o.In == "header" {
		return strings.EqualFold(o.ParameterName, n.ParameterName)
	}
	return o.ParameterName == n.ParameterName
}

// flowsDiffer says which way to a token is gone; empty if none is.
func flowsDiffer(o, n *document.SecurityScheme) string {
	now := map[string]document.Flow{}
	for _, f := range n.Flows {
		now[f.Kind] = f
	}
	for _, f := range o.Flows {
		g, ok := now[f.Kind]
		switch {
		case !ok:
			return fmt.Sprintf("the flow %s is gone", f.Kind)
		case f.TokenURL != g.TokenURL:
			return fmt.Sprintf("the tokens of the flow %s come from %s, no more from %s", f.Kind, g.TokenURL, f.TokenURL)
		case f.AuthorizationURL != g.AuthorizationURL:
			return fmt.Sprintf("the flow %s authorizes at %s, no more at %s", f.Kind, g.AuthorizationURL, f.AuthorizationURL)
		}
	}
	return ""
}

func describe(u *document.SchemeUse) string {
	if u.Scheme == nil {
		return u.Name
	}
	if u.Scheme.Type == "apiKey" {
		return fmt.Sprintf("%s (%s %s)", u.Name, u.Scheme.In, u.Scheme.ParameterName)
	}
	return fmt.Sprintf("%s (%s)", u.Name, kindOf(u.Scheme))
}

func describeAll(uses []document.SchemeUse) string {
	var names []string
	for i := range uses {
		names = append(names, describe(&uses[i]))
	}
	return strings.Join(names, " with ")
}

// cause makes one root cause of all operations of which the same is asked now where
// the same was enough: whoever takes an alternative out of a description does so at
// each operation.
func (s *shortfall) cause() cause {
	if s.scheme {
		return cause{rule: securityTightened, old: s.old.Scheme, new: s.new.Scheme, detail: s.detail}
	}
	return cause{rule: securityTightened, detail: s.message}
}

func (s *shortfall) place(x *exchange) finding.Location {
	switch {
	case s.scheme && s.new.Scheme != nil:
		return s.new.Scheme.At
	case s.new != nil && s.new.At.File != "":
		return s.new.At
	}
	return x.new.At
}

func (x *exchange) oldSecurityPlace(o document.Requirement, s *shortfall) finding.Location {
	switch {
	case s.scheme && s.old.Scheme != nil:
		return s.old.Scheme.At
	case o.Node != nil:
		return o.Node.Location()
	case x.old.Security != nil && x.old.Security.Node != nil:
		return x.old.Security.Node.Location()
	}
	return x.old.At
}
