package callgraph

import (
	"net"
	"regexp"
	"slices"
	"strings"
)

// A fit says whether a request is one of those that a condition is for.
type fit uint8

const (
	misses fit = iota
	mayFit     // not all of the request is known, or not all of the condition
	fits
)

// hostOf is an authority without its port.
func hostOf(authority string) string {
	if host, _, err := net.SplitHostPort(authority); err == nil {
		return host
	}
	return authority
}

// portOf is the port of an authority, empty if it names none.
func portOf(authority string) string {
	_, port, _ := net.SplitHostPort(authority)
	return port
}

// isVague reports whether a part of a request is not known: it is in braces.
func isVague(text string) bool { return strings.ContainsAny(text, "{}") }

// serves tells how closely the hosts of a route name an authority: 0 not at all, 1
// as any host, 2 and more by a pattern, the most for the name itself. A pattern that
// begins with a star goes before one that ends with it, as with Envoy
// (config.route.v3.VirtualHost.domains) and nginx (server_name).
func (m *RouteMatch) serves(authority string) int {
	const exact, suffixed = 1 << 16, 1 << 10
	if len(m.Hosts) == 0 {
		return 1
	}
	host, best := strings.ToLower(hostOf(authority)), 0
	for _, h := range m.Hosts {
		h = strings.ToLower(h)
		switch suffix, wild := strings.CutPrefix(h, "*"); {
		case h == "*":
			best = max(best, 1)
		case h == host, h == strings.ToLower(authority):
			best = exact
		case wild && (strings.HasSuffix(host, suffix) || strings.HasSuffix(strings.ToLower(authority), suffix)):
			best = max(best, suffixed+len(suffix))
		case strings.HasSuffix(h, "*") && strings.HasPrefix(host, h[:len(h)-1]): // Envoy's and nginx's shop.*
			best = max(best, 1+len(h))
		}
	}
	return best
}

// names reports whether a route is for an authority by name, and not only because it
// is for any host.
func (m *RouteMatch) names(authority string) bool { return m.serves(authority) > 1 }

// listensAt reports whether a proxy takes requests at an authority.
func (m *RouteMatch) listensAt(authority string) bool {
	host, port := hostOf(authority), portOf(authority)
	return slices.ContainsFunc(m.Listens, func(l string) bool {
		return l == authority || port != "" && portOf(l) == port && isLoopback(host) && (isLoopback(hostOf(l)) || isAnyAddress(hostOf(l)))
	})
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func isAnyAddress(host string) bool {
	ip := net.ParseIP(host)
	return host == "" || ip != nil && ip.IsUnspecified()
}

// takes tells whether a route is for a method and a path.
func (m *RouteMatch) takes(method, path string) fit {
	result := m.Path.takes(path)
	if len(m.Methods) > 0 && !slices.Contains(m.Methods, method) {
		if isVague(method) || method == "" || method == "HTTP" {
			result = min(result, mayFit)
		} else {
			return misses
		}
	}
	if m.Conditional {
		result = min(result, mayFit)
	}
	return result
}

// takes tells whether a path fits, of which parts may be in braces.
func (m PathMatch) takes(path string) fit {
	switch m.Kind {
	case AnyPath:
		return fits
	case ExactPath:
		return sameSegments(strings.Split(m.Text, "/"), strings.Split(path, "/"))
	case TemplatePath:
		return sameSegments(strings.Split(m.Text, "/"), strings.Split(path, "/"))
	case PrefixPath:
		return prefixFit(m.Text, path)
	case SegmentsPath:
		text := strings.TrimSuffix(m.Text, "/")
		switch how := prefixFit(text, path); {
		case how != fits || len(path) == len(text) || path[len(text)] == '/':
			return how
		}
		return misses
	case RegexPath:
		return regexFit(m.Text, path)
	}
	return mayFit
}

// prefixFit compares up to what is not known of the path.
func prefixFit(prefix, path string) fit {
	if i := strings.IndexByte(path, '{'); i >= 0 && i < len(prefix) {
		if strings.HasPrefix(prefix, path[:i]) {
			return mayFit
		}
		return misses
	}
	if strings.HasPrefix(path, prefix) {
		return fits
	}
	return misses
}

func regexFit(expr, path string) fit {
	re, err := regexp.Compile("^(?:" + expr + ")$")
	if err != nil || isVague(path) {
		return mayFit
	}
	if re.MatchString(path) {
		return fits
	}
	return misses
}

// sameSegments compares paths by segments. One in braces of the pattern takes any;
// one of the path is not known.
func sameSegments(pattern, path []string) fit {
	if len(pattern) != len(path) {
		return misses
	}
	result := fits
	for i, want := range pattern {
		switch got := path[i]; {
		case isVariable(want):
			if got == "" {
				return misses
			}
		case want == got:
		case isVague(got):
			result = mayFit
		default:
			return misses
		}
	}
	return result
}

// isVariable reports whether a segment of a pattern takes any text: {id}, :id, *.
func isVariable(segment string) bool {
	return strings.HasPrefix(segment, "{") && strings.HasSuffix(segment, "}") || segment == "*"
}

// A pattern is what a handler is registered for, taken apart.
type pattern struct {
	method   string // empty for any
	host     string // empty for any
	segments []string
	subtree  bool // what begins as the segments do
}

// parsePattern reads "[METHOD ][HOST]/[PATH]", as net/http describes it at
// https://pkg.go.dev/net/http#hdr-Patterns-ServeMux.
func parsePattern(text string) (pattern, bool) {
	method, rest, hasMethod := strings.Cut(text, " ")
	if !hasMethod {
		method, rest = "", text
	}
	rest = strings.TrimSpace(rest)
	slash := strings.IndexByte(rest, '/')
	if slash < 0 {
		return pattern{}, false
	}
	p := pattern{method: method, host: rest[:slash]}
	path := rest[slash:]
	switch exact, ok := strings.CutSuffix(path, "{$}"); {
	case ok:
		path = exact
	case strings.HasSuffix(path, "/"):
		p.subtree, path = true, path[:len(path)-1]
	case strings.HasSuffix(path, "...}"):
		p.subtree, path = true, path[:strings.LastIndexByte(path, '/')]
	}
	p.segments = strings.Split(path, "/")[1:]
	if path == "" {
		p.segments = nil
	}
	return p, true
}

// takes tells whether a request is one of those of the pattern, and how exactly: the
// more the better.
func (p *pattern) takes(method, path string) (how fit, rank int) {
	how = fits
	switch {
	case p.method == "" || p.method == method:
	case method == "HTTP" || isVague(method):
		how = mayFit
	default:
		return misses, 0
	}
	segments := strings.Split(strings.TrimPrefix(path, "/"), "/")
	if p.subtree {
		if len(segments) < len(p.segments) {
			return misses, 0
		}
		segments = segments[:len(p.segments)]
	}
	how = min(how, sameSegments(p.segments, segments))
	const exact = 1 << 10
	rank = 2 * len(p.segments)
	if !p.subtree {
		rank += exact
	}
	for _, s := range p.segments {
		if isVariable(s) {
			rank--
		}
	}
	rank *= 4
	if p.host != "" {
		rank += 2 // before the same without a host, and so is a method
	}
	if p.method != "" {
		rank++
	}
	return how, rank
}

// path is the pattern's path as a request would have it.
func (p *pattern) path() string { return "/" + strings.Join(p.segments, "/") }
