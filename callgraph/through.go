package callgraph

import "slices"

// throughRoutes links a request to the routes of proxies that take it. It reports
// whether one does for sure; where one only may, the request may go past it too.
func (l *linker) throughRoutes(to *linkage, from string, req *Request, method, path string, peers []peer) bool {
	for _, p := range peers {
		for _, group := range l.routing.hosts(l.sender(from), req, &p) {
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
			if !ok || s.subtree || !l.belongs(s, svc) || !l.routing.first(r, method, path) {
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
		if slices.ContainsFunc(served, func(s registered) bool { return l.ownerOf(&s) == svc }) && l.routing.first(r, "POST", name) {
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
