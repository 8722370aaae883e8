package callgraph

import (
	"slices"
	"strings"
)

// throughRoutes links a request to the routes of proxies that take it. It reports
// whether one does for sure; where one only may, the request may go past it too.
func (l *linker) throughRoutes(to *linkage, from string, req *Request, method, path string, peers []peer) bool {
	for _, p := range peers {
		for _, group := range l.hosts(req, &p) {
			certain, hops := group.pass(method, path)
			if len(hops) == 0 {
				continue
			}
			for _, r := range hops {
				to.proxies = append(to.proxies, hop{route: r, why: r.reason(p.authority)})
			}
			to.beside, to.service = hops[0].Sidecar, p.service
			l.enter(to, req, method, path, &p)
			if !certain {
				l.pastRoutes(to, req, method, path, &p)
			}
			return true
		}
	}
	return false
}

func (r *Route) reason(authority string) string {
	if r.Sidecar {
		return "sidecar route for " + authority + " at " + r.At.text()
	}
	return "route for " + authority + " at " + r.At.text()
}

// knownMethod is a method, empty if it is not known.
func knownMethod(method string) string {
	if method == "HTTP" || isVague(method) {
		return ""
	}
	return method
}

// A routeGroup is the routes of one virtual host, in order.
type routeGroup struct {
	routes []*Route
	rank   int
}

// hosts finds the virtual hosts that are for a peer, the closest first. Only those
// of one closeness count.
func (l *linker) hosts(req *Request, p *peer) []routeGroup {
	groups := map[string]*routeGroup{}
	var order []string
	best := 0
	for _, r := range l.routes {
		rank := l.reaches(r, req, p)
		if rank == 0 {
			continue
		}
		best = max(best, rank)
		key := r.System + r.At.File + "\x00" + strings.Join(r.Hosts, ",") + "\x00" + strings.Join(r.Listens, ",")
		if groups[key] == nil {
			groups[key] = &routeGroup{rank: rank}
			order = append(order, key)
		}
		groups[key].routes = append(groups[key].routes, r)
	}
	var all []routeGroup
	for _, key := range order {
		if g := groups[key]; g.rank == best {
			slices.SortStableFunc(g.routes, func(a, b *Route) int { return a.Order - b.Order })
			all = append(all, *g)
		}
	}
	return all
}

// reaches tells how closely a route is for requests to a peer; 0 if they do not reach
// its proxy.
func (l *linker) reaches(r *Route, req *Request, p *peer) int {
	if p.authority == "" || isVague(p.authority) {
		return 0
	}
	names := []string{p.authority}
	if p.service != nil && r.Sidecar { // whichever of its names is asked for
		names = append(names, p.service.alsoCalled(p.authority)...)
	}
	named := 0
	for _, n := range names {
		if r.names(n) {
			named = max(named, r.serves(n))
		}
	}
	switch {
	case r.Sidecar && req.Proxied:
		return 0
	case r.Sidecar, named > 0:
		return named
	case r.listensAt(p.authority):
		return max(r.serves(p.authority), 1)
	case p.service != nil && p.service.Dir != "" && withinDir(p.service.Dir, r.At.File):
		return max(r.serves(p.authority), 1)
	}
	return 0
}

// pass lists the routes that a request may take: those that may be for it, up to the
// first that is for sure.
func (g *routeGroup) pass(method, path string) (certain bool, all []*Route) {
	for _, r := range g.routes {
		switch r.takes(method, path) {
		case fits:
			return true, append(all, r)
		case mayFit:
			all = append(all, r)
		}
	}
	return false, all
}

// enter makes the functions of the routes that a request takes.
func (l *linker) enter(to *linkage, req *Request, method, path string, p *peer) {
	at := *req
	at.Method = knownMethod(method)
	if req.Protocol == "http" {
		at.Operation = method + " " + p.authority + path
	}
	for i := range to.proxies {
		h := &to.proxies[i]
		h.function = l.instance(h.route, &at)
		if to.why == "" {
			to.why = h.why
		}
	}
}

// pastRoutes adds the way of a request that no route takes: with a sidecar, it goes
// to its host all the same; any other proxy turns it away.
func (l *linker) pastRoutes(to *linkage, req *Request, method, path string, p *peer) {
	if !to.beside {
		return
	}
	plain := &Route{ID: "past " + p.authority, Name: "no route", System: to.proxies[0].route.System, At: to.proxies[0].route.At,
		To: []Upstream{{Name: p.authority, Addresses: []string{p.authority}}}}
	at := *req
	at.Method = knownMethod(method)
	if req.Protocol == "http" {
		at.Operation = method + " " + p.authority + path
	}
	to.proxies = append(to.proxies, hop{route: plain, function: l.instance(plain, &at)})
}

// outsideRequests lists what the outside may ask of a route: the operations of its
// upstreams that it is for, or else whatever it takes.
func (l *linker) outsideRequests(r *Route) []Request {
	authority := "proxy"
	switch {
	case len(r.Hosts) > 0 && r.Hosts[0] != "*":
		authority = r.Hosts[0]
	case len(r.Listens) > 0:
		authority = r.Listens[0]
	}
	var all []Request
	for _, u := range r.To {
		svc := l.upstreamService(&u)
		if svc == nil {
			continue
		}
		for i := range l.patterns {
			s := &l.patterns[i]
			method := s.method
			if method == "" {
				method = "HTTP"
			}
			path, ok := r.Rewrite.before(s.path())
			if !ok || s.subtree || !l.belongs(s, svc) || !l.first(r, method, path, authority) {
				continue
			}
			all = append(all, Request{Protocol: "http", Operation: method + " " + authority + path, Method: s.method, Authority: authority})
		}
		all = append(all, l.outsideMethods(r, svc, authority)...)
	}
	if len(all) == 0 {
		path := "/…"
		if r.Path.Kind == ExactPath || r.Path.Kind == PrefixPath || r.Path.Kind == SegmentsPath {
			path = r.Path.Text
		}
		method := "HTTP"
		if len(r.Methods) == 1 {
			method = r.Methods[0]
		}
		req := Request{Protocol: "http", Operation: method + " " + authority + path, Authority: authority}
		if method != "HTTP" {
			req.Method = method
		}
		all = append(all, req)
	}
	return all
}

// outsideMethods lists the gRPC methods of a service that a route is for.
func (l *linker) outsideMethods(r *Route, svc *service, authority string) []Request {
	var names []string
	for name, served := range l.methods {
		if slices.ContainsFunc(served, func(s registered) bool { return l.ownerOf(&s) == svc }) && l.first(r, "POST", name, authority) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var all []Request
	for _, name := range names {
		all = append(all, Request{Protocol: "grpc", Operation: name, Method: "POST", Authority: authority})
	}
	return all
}

func (l *linker) upstreamService(u *Upstream) *service {
	for _, name := range append(slices.Clone(u.Addresses), u.Name) {
		if svc, _ := l.services.ofHost(name); svc != nil {
			return svc
		}
	}
	return nil
}

// first reports whether a request would come to a route and not to one before it.
func (l *linker) first(r *Route, method, path, authority string) bool {
	g := routeGroup{}
	for _, other := range l.routes {
		if other.System == r.System && other.At.File == r.At.File && slices.Equal(other.Hosts, r.Hosts) && slices.Equal(other.Listens, r.Listens) {
			g.routes = append(g.routes, other)
		}
	}
	slices.SortStableFunc(g.routes, func(a, b *Route) int { return a.Order - b.Order })
	_, all := g.pass(method, path)
	return slices.Contains(all, r)
}
