package haproxy

import (
	"slices"
	"strings"
	"time"

	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/envoycfg/policy"
	"github.com/commslint/commslint/finding"
)

// HAProxy's defaults (configuration.txt 4.2): three retries, of connections that could not be made, and no timeout at all, of which
// it warns itself.
const (
	haproxyDefault = "HAProxy's default"
	haproxyRetries = 3
)

// listen is a frontend and its backend in one.
func (c *config) listen(s *section) {
	c.route(s, s, callgraph.RouteMatch{Listens: binds(s)}, s.at)
}

// frontend adds a route for each backend that a frontend may choose. What one takes of all requests, such as all of a method, the
// later ones do not get.
func (c *config) frontend(s *section) {
	order := 0
	listens := binds(s)
	var taken []string
	for _, l := range s.lines {
		if !l.is("use_backend") || len(l.words) < 2 {
			continue
		}
		match := callgraph.RouteMatch{Listens: listens, Conditional: len(l.words) > 2, Order: order}
		s.condition(&match, l.words[2:])
		left := without(match.Methods, taken)
		if len(left) == 0 && len(taken) > 0 {
			continue
		}
		match.Methods = left
		c.choose(s, l.words[1], match, l.places[1])
		if !match.Conditional && len(match.Methods) > 0 && len(match.Hosts) == 0 && match.Path == (callgraph.PathMatch{}) {
			taken = append(taken, match.Methods...)
		}
		order++
	}
	left := without(nil, taken)
	if l, ok := s.get("default_backend"); ok && len(l.words) > 1 && (len(left) > 0 || len(taken) == 0) {
		c.choose(s, l.words[1], callgraph.RouteMatch{Listens: listens, Methods: left, Order: order}, l.places[1])
	}
}

// allMethods are the methods that have a meaning of their own (RFC 9110, RFC 5789).
var allMethods = []string{"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"}

// without takes some methods out of others; no methods are all.
func without(methods, taken []string) []string {
	if len(taken) == 0 {
		return methods
	}
	if len(methods) == 0 {
		methods = allMethods
	}
	return slices.DeleteFunc(slices.Clone(methods), func(m string) bool { return slices.Contains(taken, m) })
}

func (c *config) choose(front *section, name string, match callgraph.RouteMatch, at policy.Place) {
	back := c.find("backend", name)
	if back == nil {
		back = c.find("listen", name)
	}
	if back == nil {
		dynamic := "a backend that is not in this file"
		if strings.Contains(name, "%[") {
			dynamic = "the expression " + name
		}
		c.routes = append(c.routes, policy.Route{System: system, Name: "backend " + name + " of frontend " + front.name, At: at, Matches: []callgraph.RouteMatch{match}, Dynamic: dynamic})
		return
	}
	c.reached[back] = true
	c.route(front, back, match, at)
}

// unreached checks a backend whose frontend is in another file.
func (c *config) unreached(s *section) {
	before := len(c.routes)
	c.route(s, s, callgraph.RouteMatch{}, s.at)
	for i := before; i < len(c.routes); i++ {
		c.routes[i].Unattached = true
	}
}

func binds(s *section) []string {
	var all []string
	for _, l := range s.lines {
		if !l.is("bind") || len(l.words) < 2 {
			continue
		}
		for address := range strings.SplitSeq(l.words[1], ",") {
			host, port, ok := strings.Cut(address, ":")
			if !ok || strings.Contains(port, "-") {
				continue
			}
			if host == "" || host == "*" {
				host = "0.0.0.0"
			}
			all = append(all, host+":"+port)
		}
	}
	return all
}

// condition reads what is simple of "if host_a path_b METH_GET": access lists of hosts, paths and methods.
func (s *section) condition(match *callgraph.RouteMatch, words []string) {
	if methods, inverted, known := s.methods(words); known {
		if match.Methods, match.Conditional = methods, false; inverted {
			match.Methods = without(nil, methods)
		}
		return
	}
	if len(words) == 0 || words[0] != "if" || slices.Contains(words, "||") || slices.Contains(words, "or") {
		return
	}
	match.Conditional = false
	for _, test := range tests(words[1:]) {
		if methods, inverted, known := s.methods(append([]string{"if"}, test...)); known {
			if inverted {
				methods = without(nil, methods)
			}
			match.Methods = methods
		} else if len(test) > 1 || !s.take(match, test[0]) {
			match.Conditional = true
		}
	}
}

// tests parts a condition into what must hold together: access lists, and tests in braces.
func tests(words []string) [][]string {
	var all [][]string
	for len(words) > 0 {
		n := 1
		if words[0] == "!" && len(words) > 1 {
			n = 2
		}
		if words[n-1] == "{" {
			if end := slices.Index(words, "}"); end >= 0 {
				n = end + 1
			}
		}
		all, words = append(all, words[:n]), words[n:]
	}
	return all
}

// take adds to a match what an access list of the section asks for; it reports whether that is all.
func (s *section) take(match *callgraph.RouteMatch, acl string) bool {
	whole := false
	for _, l := range s.acl(acl) {
		if len(l.words) < 4 {
			return false
		}
		values := slices.DeleteFunc(slices.Clone(l.words[3:]), func(w string) bool { return strings.HasPrefix(w, "-") })
		switch test := strings.TrimSuffix(l.words[2], ",lower"); {
		case test == "hdr(host)" || test == "req.hdr(host)" || test == "hdr_dom(host)":
			match.Hosts = append(match.Hosts, values...)
		case test == "path_beg" && len(values) == 1 && match.Path == (callgraph.PathMatch{}):
			match.Path = callgraph.PathMatch{Kind: callgraph.PrefixPath, Text: values[0]}
		case test == "path" && len(values) == 1 && match.Path == (callgraph.PathMatch{}):
			match.Path = callgraph.PathMatch{Kind: callgraph.ExactPath, Text: values[0]}
		default:
			return false
		}
		whole = true
	}
	return whole
}

// route adds what happens to requests that a backend gets.
func (c *config) route(front, back *section, match callgraph.RouteMatch, at policy.Place) {
	c.missing(front, back)
	to, ok := servers(back)
	if !ok {
		return
	}
	http := back.text("mode") == "http"
	r := policy.Route{
		System: system, Name: back.kind + " " + back.name, At: at, Matches: []callgraph.RouteMatch{match}, To: []callgraph.Upstream{to},
		Streams: !http, Retry: c.retry(back, http), Timeout: c.duration(back, "timeout", "server"),
	}
	r.Retry.Where = to.Name
	if r.Retry.Repeats(callgraph.Hang) { // the timeout is that of each attempt
		r.Retry.PerTry = r.Timeout
		r.Timeout.Value *= time.Duration(1 + r.Retry.Retries.N)
		r.Timeout.Known = r.Timeout.Known && r.Retry.Retries.Known
	}
	c.routes = append(c.routes, c.byMethod(r, front, back)...)
}

// servers are those of a backend that are not switched off.
func servers(back *section) (callgraph.Upstream, bool) {
	to := callgraph.Upstream{Name: back.name, At: callgraph.Posn{File: back.at.File, Line: back.at.Line, Col: back.at.Column}}
	found := false
	for _, l := range back.lines {
		address := ""
		switch {
		case l.is("server") && len(l.words) > 2 && indexOf(l.words, "disabled") < 0:
			address = l.words[2]
		case l.is("server-template") && len(l.words) > 3:
			address = l.words[3]
		default:
			continue
		}
		found = true
		if host, port, ok := strings.Cut(address, ":"); ok && host != "" && strings.Trim(port, "0123456789") == "" && port != "" {
			to.Addresses = append(to.Addresses, address)
		}
	}
	return to, found
}

// missing finds the timeouts that nobody set: HAProxy has no default for them and warns when it starts.
func (c *config) missing(front, back *section) {
	for _, s := range []*section{front, back} {
		if c.timed[s] {
			continue
		}
		c.timed[s] = true
		var none []string
		for _, side := range []struct {
			name string
			of   bool
		}{{"client", s.kind != "backend"}, {"connect", s.kind != "frontend"}, {"server", s.kind != "frontend"}} {
			if _, ok := s.get("timeout", side.name); side.of && !ok {
				none = append(none, side.name)
			}
		}
		if len(none) == 0 || s.kind == "backend" && len(s.lines) == 0 {
			continue
		}
		strength := finding.Proven
		if !c.whole {
			strength = finding.Possible // they may stand in another file
		}
		c.report.Addf(policy.NoTimeout, s.at, strength, "%s %s sets no timeout for %s: HAProxy then waits for ever, and warns of it when it starts", s.kind, s.name, strings.Join(none, ", "))
	}
}
