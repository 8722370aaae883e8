package callgraph

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A linker finds out where requests go.
type linker struct {
	services *services
	texts    texts
	peers    map[Posn]*Text
	methods  map[string][]registered // of gRPC, by full name
	patterns []registered            // of HTTP
	routing  *routing
	cache    map[string]*linkage
	every    []*registered
	byOwner  map[*service][]*registered // nil until it is asked for

	// instance gives the function that stands for a route and a request.
	instance func(r *Route, req *Request) string
	// sender is the route that a function stands for, nil for none.
	sender func(id string) *Route
}

// A registered is a handler with its pattern taken apart.
type registered struct {
	Served
	pattern
	pkg string // that registers it
}

// A linkage is what a request leads to in other processes.
type linkage struct {
	handlers []string // functions, of which one serves it
	proxies  []hop    // routes, of which one takes it before
	beside   bool     // the proxies stand beside the sender
	service  *service // that it goes to, nil if that is not known
	why      string
	// mend is what a line of configuration could say where nothing tells who serves
	// the request; empty if it is known, or served elsewhere for sure.
	mend string
}

// A hop is a route that takes a request.
type hop struct {
	function string
	route    *Route
	why      string
}

// A peer is somewhere that a request may go to.
type peer struct {
	service   *service
	authority string
	path      string // of HTTP
	env       string // the variable that tells, if one does
	why       string
}

func newLinker(e *Estate, packages []Package) *linker {
	l := &linker{
		services: newServices(e, packages),
		texts:    newTexts(),
		peers:    map[Posn]*Text{},
		methods:  map[string][]registered{},
		cache:    map[string]*linkage{},
		routing:  newRouting(e.Routes),
		sender:   func(string) *Route { return nil },
	}
	for i := range packages {
		p := &packages[i]
		for _, f := range p.Texts {
			l.texts.flows[f.To] = append(l.texts.flows[f.To], f.From)
		}
		for j := range p.Peers {
			l.peers[p.Peers[j].At] = &p.Peers[j].Text
		}
		l.serve(p)
	}
	return l
}

// serve notes what the functions of a package serve. A handler that is registered
// twice for the same counts once.
func (l *linker) serve(p *Package) {
	for _, s := range p.Served {
		if isFullMethod(s.Operation) {
			r := registered{Served: s, pkg: p.Path}
			if !slices.ContainsFunc(l.methods[s.Operation], func(o registered) bool { return o.Func == s.Func && o.pkg == r.pkg }) {
				l.methods[s.Operation] = append(l.methods[s.Operation], r)
			}
			continue
		}
		if parsed, ok := parsePattern(s.Operation); ok {
			l.patterns = append(l.patterns, registered{s, parsed, p.Path})
		}
	}
}

// isFullMethod reports whether an operation is a method of gRPC,
// "/package.Service/Method", and no pattern of HTTP. Services without a package are
// rare enough to be told apart by their capitals.
func isFullMethod(operation string) bool {
	name, ok := strings.CutPrefix(operation, "/")
	service, method, ok2 := strings.Cut(name, "/")
	return ok && ok2 && !strings.ContainsAny(method, "/{") && method != "" &&
		(strings.Contains(service, ".") || startsUpper(service) && startsUpper(method))
}

func startsUpper(s string) bool { return s != "" && s[0] >= 'A' && s[0] <= 'Z' }

// link finds out where a request of a function, sent at a place, goes.
func (l *linker) link(from string, req *Request, at Posn) *linkage {
	key := from + "\x00" + at.text() + fmt.Sprint(at.Col) + "\x00" + req.Protocol + req.Operation + "\x00" + req.Authority
	if known, ok := l.cache[key]; ok {
		return known
	}
	found := &linkage{}
	l.cache[key] = found
	switch req.Protocol {
	case "grpc":
		l.linkMethod(found, from, req, at)
	case "http":
		l.linkHTTP(found, from, req, at)
	}
	return found
}

// linkMethod links a call of gRPC.
func (l *linker) linkMethod(to *linkage, from string, req *Request, at Posn) {
	peers := l.peersOf(from, req, at)
	if l.throughRoutes(to, from, req, "POST", req.Operation, peers) {
		return
	}
	served := l.methods[req.Operation]
	known := l.ofServices(served, peers)
	switch {
	case len(known) > 0:
		to.service, to.why = l.ownerOf(&known[0]), "registered at "+known[0].At.text()
		if p, ok := decided(peers); ok && len(served) > len(known) {
			to.why += ", " + p.why
		}
		to.handlers = functionsOf(known)
	default:
		l.linkPeer(to, req, peers)
	}
}

// ofServices keeps of all registrations those of the services that a request may go
// to, where that is known; else all.
func (l *linker) ofServices(all []registered, peers []peer) []registered {
	p, ok := decided(peers)
	if !ok {
		return all
	}
	var kept []registered
	unowned := false
	for _, s := range all {
		owner := l.ownerOf(&s)
		unowned = unowned || owner == nil
		if owner == p.service {
			kept = append(kept, s)
		}
	}
	if len(kept) == 0 && (unowned || len(all) == 1) {
		return all // one that is made elsewhere and served here, perhaps
	}
	return kept
}

// patternsOf lists the handlers that may be those of a service: its own, and those of
// which it is not known whose they are; all of them for nil.
func (l *linker) patternsOf(svc *service) []*registered {
	if l.byOwner == nil {
		l.byOwner = map[*service][]*registered{}
		for i := range l.patterns {
			r := &l.patterns[i]
			l.every = append(l.every, r)
			owner := l.services.owners[r.pkg]
			l.byOwner[owner] = append(l.byOwner[owner], r)
		}
	}
	if svc == nil {
		return l.every
	}
	if unowned := l.byOwner[nil]; len(unowned) > 0 {
		return slices.Concat(l.byOwner[svc], unowned)
	}
	return l.byOwner[svc]
}

func functionsOf(all []registered) []string {
	var ids []string
	for _, s := range all {
		ids = append(ids, s.Func)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// ownerOf is the service that registers a handler, nil if that is not known.
func (l *linker) ownerOf(r *registered) *service {
	if svc := l.services.owners[r.pkg]; svc != nil {
		return svc
	}
	return l.services.ownerOf(r.Func)
}

// decided is the peer that all agree on.
func decided(peers []peer) (peer, bool) {
	if len(peers) == 0 || peers[0].service == nil {
		return peer{}, false
	}
	for _, p := range peers[1:] {
		if p.service != peers[0].service {
			return peer{}, false
		}
	}
	return peers[0], true
}

// linkPeer links a request to a service of which no handler is known.
func (l *linker) linkPeer(to *linkage, req *Request, peers []peer) {
	if p, ok := decided(peers); ok {
		to.service, to.why = p.service, p.why
		return
	}
	if req.Protocol == "grpc" {
		full, _ := splitOperation(req.Operation)
		if svc, why := l.services.ofHost(full); svc != nil {
			to.service, to.why = svc, why
			return
		}
		name := full[strings.LastIndexByte(full, '.')+1:]
		if known := l.services.byPlain[plainName(name)]; len(known) > 0 {
			to.service, to.why = known[0], "service "+known[0].Name+" has the name of "+full
			return
		}
	}
	to.mend = mend(req, peers)
}

// mend is what the configuration could say of a request whose peer is not known: the
// line of a service. A host that is known is served by others.
func mend(req *Request, peers []peer) string {
	known := false
	for _, p := range peers {
		if p.env != "" {
			return "env: [" + p.env + "]"
		}
		known = known || p.authority != "" && !isVague(p.authority)
	}
	if known {
		return ""
	}
	if _, authority, _, ok := splitHTTP(ShowText(req.Operation)); ok {
		return fmt.Sprintf("hosts: [%q]", authority)
	}
	if req.Protocol == "grpc" {
		full, _ := splitOperation(req.Operation)
		return fmt.Sprintf("hosts: [%q]", full)
	}
	return ""
}

// linkHTTP links an HTTP request.
func (l *linker) linkHTTP(to *linkage, from string, req *Request, at Posn) {
	method, _, _, ok := splitHTTP(ShowText(req.Operation))
	if !ok {
		return
	}
	peers := l.peersOf(from, req, at)
	if isLate(req.Operation) {
		if p, ok := decided(peers); ok {
			to.service, to.why = p.service, p.why
		} else if len(peers) > 0 {
			to.mend = mend(req, peers)
		}
		return
	}
	for _, p := range peers {
		if l.throughRoutes(to, from, req, method, p.path, []peer{p}) {
			return
		}
	}
	for _, p := range peers {
		if p.service == nil {
			continue
		}
		if best := l.handlersOf(l.patternsOf(p.service), method, p.path, p.authority, func(r *registered) bool { return l.belongs(r, p.service) }); len(best) > 0 {
			to.service, to.handlers = p.service, functionsOf(best)
			to.why = p.why + ", which registers " + best[0].Operation + " at " + best[0].At.text()
			return
		}
	}
	if slices.ContainsFunc(peers, func(p peer) bool { return p.service != nil }) {
		if p, ok := decided(peers); ok {
			to.service, to.why = p.service, p.why
		}
		return
	}
	l.linkAlone(to, from, method, peers)
	if len(to.handlers) == 0 {
		to.mend = mend(req, peers)
	}
}

// belongs reports whether a handler is one of a service.
func (l *linker) belongs(r *registered, svc *service) bool {
	if owner := l.services.owners[r.pkg]; owner != nil {
		return owner == svc
	}
	return svc.Dir != "" && withinDir(svc.Dir, r.At.File)
}

// linkAlone links a request to a host that is not known where one handler alone fits
// it. That it is the sender's own is less likely than that it asks another of the
// same kind.
func (l *linker) linkAlone(to *linkage, from, method string, peers []peer) {
	for _, p := range peers {
		if saysLittle(p.path) || !isVague(p.authority) && !strings.Contains(p.authority, envOpen) && !isLoopback(hostOf(p.authority)) {
			continue
		}
		own := packagesOf(from)
		best := l.handlersOf(l.patternsOf(nil), method, p.path, p.authority, func(r *registered) bool {
			return !r.subtree && !slices.Contains(own, r.pkg)
		})
		if ids := functionsOf(best); len(best) > 0 && samePlace(best) {
			to.handlers, to.why = ids, "only "+best[0].At.text()+" registers what fits "+method+" "+p.path
			to.service = l.ownerOf(&best[0])
			return
		}
	}
}

// usualPaths are those that every service may have.
var usualPaths = []string{
	"", "api", "graphql", "health", "healthz", "live", "livez", "login", "metrics", "oauth/token", "ping", "query", "ready", "readyz", "search",
	"status", "token", "v1", "version", "webhook",
}

// saysLittle reports whether a path tells nothing of who serves it.
func saysLittle(path string) bool { return slices.Contains(usualPaths, strings.Trim(path, "/")) }

func samePlace(all []registered) bool {
	return !slices.ContainsFunc(all, func(s registered) bool { return s.At != all[0].At })
}

// handlersOf finds the handlers that fit best of those that may serve a request.
func (l *linker) handlersOf(among []*registered, method, path, authority string, may func(*registered) bool) []registered {
	var best []registered
	rank := -1
	for _, r := range among {
		if r.host != "" && r.host != hostOf(authority) || !may(r) {
			continue
		}
		how, n := r.takes(method, path)
		n += int(how) << 16
		if how == misses || how == mayFit && !isVague(path) && !isVague(method) && method != "HTTP" || n < rank {
			continue
		}
		if n > rank {
			best, rank = nil, n
		}
		best = append(best, *r)
	}
	return best
}

// peersOf lists where a request may go: as it is told with it, as its operation says,
// or as the code's texts say; each with the service that it names.
func (l *linker) peersOf(from string, req *Request, at Posn) []peer {
	owner := l.services.ownerOf(from)
	operation := ShowText(req.Operation)
	_, authority, path, _ := splitHTTP(operation)
	if req.Protocol == "grpc" {
		authority, path = "", req.Operation
	}
	switch {
	case req.Authority != "":
		return l.peer(owner, req.Authority, path)
	case authority != "" && !isVague(authority) && !strings.Contains(authority, envOpen):
		return l.peer(owner, authority, path)
	}
	var all []peer
	if text := l.peers[at]; text != nil {
		for _, told := range l.texts.of(text) {
			for _, p := range l.peer(owner, told, path) {
				if req.Protocol == "grpc" || consistent(p.path, path) {
					all = append(all, p)
				}
			}
		}
	}
	if known := slices.DeleteFunc(slices.Clone(all), func(p peer) bool { return p.service == nil }); len(known) > 0 {
		return known
	}
	if authority != "" {
		all = append(all, l.peer(owner, authority, path)...)
	}
	return all
}

// consistent reports whether a path that flows into a request can be the path that
// its operation shows.
func consistent(told, shown string) bool {
	if told == "" || isVague(told) || isVague(shown) {
		return true
	}
	return strings.HasSuffix(told, shown)
}

// peer takes a text apart that says where a request goes: a URL, or host and port,
// which may come from the environment.
func (l *linker) peer(owner *service, text, path string) []peer {
	text = stripScheme(text)
	if name, rest, ok := cutEnv(text); ok {
		return l.envPeer(owner, name, rest, path)
	}
	p := peer{authority: text, path: path}
	if i := strings.IndexByte(text, '/'); i >= 0 {
		p.authority = text[:i]
		if !isFullMethod(path) && len(text) > i+1 {
			p.path = text[i:]
		}
	}
	if strings.Contains(p.authority, envOpen) {
		name, _, _ := cutEnv(p.authority[strings.Index(p.authority, envOpen):])
		return l.envPeer(owner, name, "", p.path)
	}
	p.service, p.why = l.services.ofHost(p.authority)
	return []peer{p}
}

// stripScheme takes scheme, or resolver of gRPC, and query off an address.
func stripScheme(text string) string {
	if _, rest, ok := strings.Cut(text, "://"); ok {
		text = strings.TrimPrefix(rest, "/") // dns:///host
	}
	text, _, _ = strings.Cut(text, "?")
	if _, host, ok := strings.Cut(text, "@"); ok && !strings.Contains(text[:strings.IndexByte(text, '@')], "/") {
		text = host
	}
	return text
}

// cutEnv splits a text that begins with an environment variable.
func cutEnv(text string) (name, rest string, ok bool) {
	text, ok = strings.CutPrefix(text, envOpen)
	if !ok {
		return "", "", false
	}
	return strings.Cut(text, envClose)
}

// envPeer is what an environment variable, and what follows it, names.
func (l *linker) envPeer(owner *service, name, rest, path string) []peer {
	if strings.HasPrefix(rest, "/") {
		path = rest
	}
	if svc := l.services.byEnv[name]; svc != nil {
		return []peer{{service: svc, authority: svc.Name, path: path, env: name, why: "variable " + name + " is " + svc.why}}
	}
	value, ok := l.services.env(owner, name)
	if svc := l.services.called(name); !ok && svc != nil {
		return []peer{{service: svc, authority: svc.Name, path: path, env: name, why: "variable " + name + " has the name of " + svc.why}}
	}
	if !ok {
		return []peer{{authority: "{" + name + "}", path: path, env: name}}
	}
	all := l.peer(owner, value.Value+rest, path)
	for i := range all {
		p := &all[i]
		p.env = name
		p.why = cmp.Or(p.why, "no service has this host")
		p.why = fmt.Sprintf("variable %s is %q at %s, %s", name, value.Value, value.At.text(), p.why)
	}
	return all
}
