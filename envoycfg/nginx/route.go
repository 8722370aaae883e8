package nginx

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/envoycfg/policy"
)

// serve walks the servers of a configuration, or of a part of one.
func (w *workspace) serve(c *config) {
	w.http(c.block, nil)
}

func (w *workspace) http(block []*directive, outer *settings) {
	block = w.expand(block)
	here := outer.inner(block)
	loose := false
	for _, d := range block {
		switch d.name {
		case "http":
			w.http(d.block, here)
		case "server":
			if d.block != nil {
				w.server(d, here)
			}
		case "location":
			loose = true
		}
	}
	if loose { // a part that a server includes
		s := &server{settings: here}
		w.locations(s, block, here)
	}
}

// A server is where requests come in.
type server struct {
	*settings
	owner   *policy.Owner
	hosts   []string
	listens []string
	// internal are the locations that mirrors lead to, by path
	internal map[string]*directive
}

func (w *workspace) server(d *directive, outer *settings) {
	block := w.expand(d.block)
	s := &server{settings: outer.inner(block), owner: &policy.Owner{Name: "the server", At: d.at()}, internal: map[string]*directive{}}
	for _, b := range block {
		switch b.name {
		case "server_name":
			for _, name := range b.args {
				if name != "_" && name != "" && !strings.HasPrefix(name, "~") {
					s.hosts = append(s.hosts, name)
				}
			}
			if len(b.args) > 0 {
				s.owner.Name = "server " + b.args[0]
			}
		case "listen":
			if !strings.Contains(b.arg(), "$") {
				s.listens = append(s.listens, listen(b.arg()))
			}
		case "location":
			s.internal[b.args[len(b.args)-1]] = b
		}
	}
	w.locations(s, block, s.settings)
}

// listen gives an address a host and a port.
func listen(address string) string {
	switch {
	case strings.Contains(address, ":"):
		return address
	case strings.Trim(address, "0123456789") == "":
		return "0.0.0.0:" + address
	}
	return address + ":80"
}

// locations adds the routes of a server in the order in which nginx looks: exact paths, prefixes that end the search,
// regular expressions as they come, other prefixes; the longer before the shorter.
func (w *workspace) locations(s *server, block []*directive, here *settings) {
	var all []*directive
	for _, b := range block {
		if b.name == "location" && len(b.args) > 0 && !strings.HasPrefix(b.args[0], "@") {
			all = append(all, b)
		}
	}
	slices.SortStableFunc(all, func(a, b *directive) int {
		ra, rb := rank(a), rank(b)
		if ra != rb {
			return ra - rb
		}
		if ra == 2 {
			return 0
		}
		return len(b.args[len(b.args)-1]) - len(a.args[len(a.args)-1])
	})
	for order, l := range all {
		w.location(s, l, here, order)
	}
}

func rank(location *directive) int {
	switch location.args[0] {
	case "=":
		return 0
	case "^~":
		return 1
	case "~", "~*":
		return 2
	}
	return 3
}

func pathOf(location *directive) callgraph.PathMatch {
	text := location.args[len(location.args)-1]
	switch location.args[0] {
	case "=":
		return callgraph.PathMatch{Kind: callgraph.ExactPath, Text: text}
	case "~", "~*":
		flag := map[string]string{"~*": "(?i)"}[location.args[0]]
		return callgraph.PathMatch{Kind: callgraph.RegexPath, Text: flag + ".*(?:" + text + ").*"} // found anywhere
	}
	if text == "/" {
		return callgraph.PathMatch{}
	}
	return callgraph.PathMatch{Kind: callgraph.PrefixPath, Text: text}
}

func (w *workspace) location(s *server, l *directive, outer *settings, order int) {
	block := w.expand(l.block)
	here := outer.inner(block)
	match := callgraph.RouteMatch{Hosts: s.hosts, Listens: s.listens, Path: pathOf(l), Order: order}
	name := "location " + strings.Join(l.args, " ")
	internal := slices.ContainsFunc(block, func(b *directive) bool { return b.name == "internal" })
	if !internal {
		w.pass(s, l, block, here, match, name)
	}
	for _, b := range block {
		if b.name == "if" || b.name == "limit_except" {
			inside := w.expand(b.block)
			conditional := match
			conditional.Conditional = true
			w.pass(s, l, inside, here.inner(inside), conditional, name)
		}
	}
	w.locations(s, block, here)
}

// pass adds the routes of a block that sends requests on.
func (w *workspace) pass(s *server, l *directive, block []*directive, here *settings, match callgraph.RouteMatch, name string) {
	for _, b := range block {
		if module, ok := strings.CutSuffix(b.name, "_pass"); ok && slices.Contains(passes, module) && b.arg() != "" {
			w.route(s, l, b, module, here, match, name)
		}
		if strings.HasPrefix(b.name, "content_by_lua") {
			w.routes = append(w.routes, policy.Route{
				System: system, Name: name, At: b.at(), Matches: []callgraph.RouteMatch{match}, Dynamic: b.name, Answers: true,
			})
		}
	}
}

// route adds what happens to the requests of a location. nginx never sends POST, LOCK and PATCH again once they were sent, unless
// it is told to; what could not be sent at all is passed on whatever it is. So these methods have a route of their own.
func (w *workspace) route(s *server, l, pass *directive, module string, here *settings, match callgraph.RouteMatch, name string) {
	to := w.targetOf(pass)
	rewrite := policy.Rewrite{}
	if _, address, ok := strings.Cut(pass.arg(), "://"); ok && module == "proxy" {
		// An address with a path takes the place of the location's.
		if slash := strings.IndexByte(address, '/'); slash >= 0 && !strings.Contains(address, "$") && rank(l) != 2 {
			rewrite = policy.Rewrite{Matched: true, To: address[slash:]}
		}
	}
	r := policy.Route{
		System: system, Name: name, At: pass.at(), Owner: s.owner, GRPC: module == "grpc",
		Matches: []callgraph.RouteMatch{match}, Mirrors: w.mirrors(s, here), Dynamic: to.dynamic, Rewrite: rewrite,
	}
	if to.dynamic == "" || len(to.to.Addresses) > 0 {
		r.To = []callgraph.Upstream{to.to}
	}
	retry, always := w.retry(module, here, to)
	read := w.duration(here.get(module+"_read_timeout"), policy.DefaultTime(readTimeout, nginxDefault))
	r.Timeout = read
	if !retry.Repeats(callgraph.Hang) {
		retry.PerTry = policy.Time{}
	}
	if retry.Retries.N > 0 || !retry.Retries.Known {
		r.Timeout = overall(read, retry)
		r.Window = w.duration(here.get(module+"_next_upstream_timeout"), policy.Time{})
		r.Retry = retry
	}
	if r.Retry == nil || always.Written() {
		w.routes = append(w.routes, r)
		return
	}
	w.routes = append(w.routes, r.Spare()...)
}

// retry is to how many servers a request is passed on, and after what.
func (w *workspace) retry(module string, here *settings, to target) (*policy.Retry, policy.Place) {
	next := here.get(module + "_next_upstream")
	on, always := conditions(next)
	r := &policy.Retry{Origin: nginxDefault, On: on, OnOrigin: nginxDefault, Growth: callgraph.NoWait, Jitter: callgraph.No, Where: to.to.Name}
	if next != nil {
		r.At, r.OnAt, r.Origin, r.OnOrigin = next.at(), next.at(), "", ""
	}
	tries := here.get(module + "_next_upstream_tries")
	limit := 0
	if tries != nil {
		if _, err := fmt.Sscanf(tries.arg(), "%d", &limit); err != nil {
			limit = 0
		}
	}
	switch {
	case len(on) == 0:
		r.Retries = policy.DefaultCount(0, nginxDefault)
	case to.servers > 0 && (limit == 0 || limit > to.servers):
		r.Retries = policy.DefaultCount(to.servers-1, fmt.Sprintf("to each of %d servers", to.servers))
	case limit > 0 && (to.servers > 0 || to.dynamic != ""):
		r.Retries = policy.Count{N: limit - 1, Known: true, At: tries.argAt(0)}
	default:
		r.Retries = policy.Count{Var: "servers of " + to.to.Name}
	}
	r.PerTry = w.duration(here.get(module+"_read_timeout"), policy.DefaultTime(readTimeout, nginxDefault))
	return r, always
}

// overall is the time for all servers together: each may take its own.
func overall(read policy.Time, retry *policy.Retry) policy.Time {
	if !retry.Repeats(callgraph.Hang) {
		return read
	}
	if !read.Known || !retry.Retries.Known {
		return policy.Time{At: read.At}
	}
	all := read
	all.Value *= time.Duration(1 + retry.Retries.N)
	if all.Origin != "" {
		all.Origin = fmt.Sprintf("%d × %v, %s", 1+retry.Retries.N, read.Value, nginxDefault)
	}
	return all
}

// mirrors are copies of each request to a location of the server.
func (w *workspace) mirrors(s *server, here *settings) []policy.Mirror {
	d := here.get("mirror")
	if d == nil || d.arg() == "off" || d.arg() == "" {
		return nil
	}
	m := policy.Mirror{Upstream: callgraph.Upstream{Name: d.arg(), At: posn(d)}, Fraction: 1, At: d.at()}
	if l := s.internal[d.arg()]; l != nil {
		for _, b := range w.expand(l.block) {
			if strings.HasSuffix(b.name, "_pass") {
				m.Upstream = w.targetOf(b).to
			}
		}
		if slices.ContainsFunc(l.block, func(b *directive) bool { return b.name == "if" }) {
			return nil // copies some of them
		}
	}
	return []policy.Mirror{m}
}
