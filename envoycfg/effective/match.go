package effective

import (
	"regexp"
	"slices"
	"strings"

	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/envoycfg/policy"
	"github.com/commslint/commslint/envoycfg/xds"
)

// A Match is the condition of a route.
type Match struct {
	*xds.Message
	Path callgraph.PathMatch
	// Methods are those of the requests that match; empty for all.
	Methods []string
	// GRPC says that only requests of gRPC match, Connect that those do which open a tunnel.
	GRPC, Connect bool
	// Conditional says that something else than host, method and path decides too.
	Conditional bool
}

func newMatch(m *xds.Message) Match {
	match := Match{Message: m, GRPC: m.Has("grpc"), Connect: m.Has("connect_matcher")}
	match.Path = pathMatch(m)
	for _, name := range []string{"query_parameters", "cookies", "tls_context", "dynamic_metadata", "filter_state"} {
		match.Conditional = match.Conditional || m.Has(name)
	}
	if fraction := m.Get("runtime_fraction"); fraction.Set() {
		share, known := fraction.Percent()
		match.Conditional = match.Conditional || !known || share < 1
	}
	methods := allMethods
	for _, h := range m.Get("headers").Messages() {
		switch name := strings.ToLower(h.Get("name").String()); {
		case name == ":method":
			methods = intersect(methods, MethodsOf(h))
		case name == "content-type" && strings.HasPrefix(headerText(h), "application/grpc"):
			match.GRPC = true
		default:
			match.Conditional = true
		}
	}
	if len(methods) < len(allMethods) {
		match.Methods = methods
	}
	return match
}

func pathMatch(m *xds.Message) callgraph.PathMatch {
	v := m.Oneof("path_specifier")
	if !v.Set() {
		return callgraph.PathMatch{}
	}
	switch v.Field.Name {
	case "prefix":
		if v.String() == "/" || v.String() == "" {
			return callgraph.PathMatch{}
		}
		return callgraph.PathMatch{Kind: callgraph.PrefixPath, Text: v.String()}
	case "path":
		return callgraph.PathMatch{Kind: callgraph.ExactPath, Text: v.String()}
	case "path_separated_prefix":
		return callgraph.PathMatch{Kind: callgraph.SegmentsPath, Text: v.String()}
	case "safe_regex":
		return callgraph.PathMatch{Kind: callgraph.RegexPath, Text: v.Get("regex").String()}
	case "path_match_policy":
		if template := v.Get("typed_config.path_template"); template.Set() {
			return callgraph.PathMatch{Kind: callgraph.TemplatePath, Text: pathTemplate(template.String())}
		}
	}
	return callgraph.PathMatch{}
}

// pathTemplate writes a template of the URI template extension, whose variables may have patterns and
// which has ** for any number of segments, with variables alone: "/v1/{name=*}" is "/v1/{name}".
func pathTemplate(text string) string {
	var segments []string
	for segment := range strings.SplitSeq(text, "/") {
		if name, _, ok := strings.Cut(segment, "="); ok && strings.HasPrefix(name, "{") {
			segment = name + "}"
		} else if segment == "*" {
			segment = "{any}"
		}
		segments = append(segments, segment)
	}
	return strings.Join(segments, "/")
}

// allMethods are the methods of HTTP that have a meaning of their own (RFC 9110, RFC 5789).
var allMethods = []string{"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"}

func intersect(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(m string) bool { return !slices.Contains(b, m) })
}

// MethodsOf are the methods that a matcher of the :method header lets through.
func MethodsOf(h *xds.Message) []string {
	inverted := h.Get("invert_match").IsTrue()
	matches := headerMatcher(h)
	return slices.DeleteFunc(slices.Clone(allMethods), func(method string) bool { return matches(method) == inverted })
}

// Methods are those of the requests that come to the route: what it matches, without what routes before it take. Empty, they are all;
// none reports that nothing is left.
func (r *Route) Methods() (methods []string, none bool) {
	var taken []string
	for _, before := range r.Host.Routes[:r.Index] {
		if m := &before.Match; len(m.Methods) > 0 && !m.Conditional && !m.GRPC && policy.Covers(m.Path, r.Match.Path) {
			taken = append(taken, m.Methods...)
		}
	}
	if len(taken) == 0 {
		return r.Match.Methods, false
	}
	methods = r.Match.Methods
	if len(methods) == 0 {
		methods = allMethods
	}
	methods = slices.DeleteFunc(slices.Clone(methods), func(m string) bool { return slices.Contains(taken, m) })
	return methods, len(methods) == 0
}

// headerMatcher is the condition on the text of a header, without its inversion. What cannot be told
// matches everything.
func headerMatcher(h *xds.Message) func(string) bool {
	v := h.Oneof("header_match_specifier")
	if !v.Set() {
		return func(string) bool { return true }
	}
	switch v.Field.Name {
	case "string_match":
		return stringMatcher(v.Message())
	case "exact_match":
		return textMatcher("exact", v.String(), false)
	case "prefix_match":
		return textMatcher("prefix", v.String(), false)
	case "suffix_match":
		return textMatcher("suffix", v.String(), false)
	case "contains_match":
		return textMatcher("contains", v.String(), false)
	case "safe_regex_match":
		return textMatcher("safe_regex", v.Get("regex").String(), false)
	case "present_match":
		present := v.IsTrue()
		return func(string) bool { return present }
	}
	return func(string) bool { return true }
}

func stringMatcher(m *xds.Message) func(string) bool {
	v := m.Oneof("match_pattern")
	if !v.Set() || !v.Known() {
		return func(string) bool { return true }
	}
	text := v.String()
	if v.Field.Name == "safe_regex" {
		text = v.Get("regex").String()
	}
	return textMatcher(v.Field.Name, text, m.Get("ignore_case").IsTrue())
}

func textMatcher(kind, text string, fold bool) func(string) bool {
	prepare := func(s string) string { return s }
	if fold {
		prepare = strings.ToLower
	}
	switch kind {
	case "exact":
		return func(s string) bool { return prepare(s) == prepare(text) }
	case "prefix":
		return func(s string) bool { return strings.HasPrefix(prepare(s), prepare(text)) }
	case "suffix":
		return func(s string) bool { return strings.HasSuffix(prepare(s), prepare(text)) }
	case "contains":
		return func(s string) bool { return strings.Contains(prepare(s), prepare(text)) }
	case "safe_regex":
		if re, err := regexp.Compile("^(?:" + text + ")$"); err == nil { // Envoy matches the whole text
			return re.MatchString
		}
	}
	return func(string) bool { return true }
}

// headerText is the text that a header is compared with.
func headerText(h *xds.Message) string {
	for _, path := range []string{"string_match.exact", "string_match.prefix", "exact_match", "prefix_match"} {
		if v := h.Get(path); v.Set() {
			return v.String()
		}
	}
	return ""
}
