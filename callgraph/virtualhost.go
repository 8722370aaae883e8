package callgraph

import (
	"cmp"
	"slices"
	"strings"
)

// A virtualHost is the routes of one proxy for the same hosts, in order.
type virtualHost struct {
	*Route // the first, which stands for all in what they have in common: hosts, listeners and file
	routes []*Route
	place  int // among all
}

// pass lists the routes that a request may take: those that may be for it, up to the
// first that is for sure.
func (v *virtualHost) pass(method, path string) (certain bool, all []*Route) {
	for _, r := range v.routes {
		switch r.takes(method, path) {
		case fits:
			return true, append(all, r)
		case mayFit:
			all = append(all, r)
		}
	}
	return false, all
}

// A routing is the routes of a system, by what leads requests to them.
type routing struct {
	routes []*Route
	of     map[*Route]*virtualHost
	byName map[string][]*virtualHost // hosts without ports, in lower case
	byPort map[string][]*virtualHost // of listeners
	wild   []*virtualHost            // with a pattern among their hosts
	all    []*virtualHost

	inside map[*service][]*virtualHost // that lie in the folders of services
}

func newRouting(routes []Route) *routing {
	t := &routing{
		of: map[*Route]*virtualHost{}, byName: map[string][]*virtualHost{}, byPort: map[string][]*virtualHost{},
		inside: map[*service][]*virtualHost{},
	}
	byKey := map[string]*virtualHost{}
	for i := range routes {
		r := &routes[i]
		t.routes = append(t.routes, r)
		key := strings.Join([]string{r.System, r.At.File, strings.Join(r.Hosts, ","), strings.Join(r.Listens, ",")}, "\x00")
		if r.Sidecar {
			key += "\x00sidecar"
		}
		v := byKey[key]
		if v == nil {
			v = &virtualHost{Route: r, place: len(t.all)}
			byKey[key] = v
			t.all = append(t.all, v)
			t.index(v)
		}
		v.routes = append(v.routes, r)
		t.of[r] = v
	}
	for _, v := range t.all {
		slices.SortStableFunc(v.routes, func(a, b *Route) int { return cmp.Compare(a.Order, b.Order) })
	}
	return t
}

func (t *routing) index(v *virtualHost) {
	wild := false
	for _, h := range v.Hosts {
		h = strings.ToLower(hostOf(h))
		t.byName[h] = append(t.byName[h], v)
		wild = wild || h != "*" && strings.Contains(h, "*")
	}
	if wild {
		t.wild = append(t.wild, v)
	}
	for _, l := range v.Listens {
		t.byPort[portOf(l)] = append(t.byPort[portOf(l)], v)
	}
}

// near lists what may be for a request to a peer, in order: by one of some names, by the
// port, or because it lies in the folder of the service.
func (t *routing) near(names []string, p *peer) []*virtualHost {
	near := slices.Concat(t.wild, t.byPort[portOf(p.authority)], t.within(p.service))
	for _, n := range names {
		near = append(near, t.byName[strings.ToLower(hostOf(n))]...)
	}
	slices.SortFunc(near, func(a, b *virtualHost) int { return cmp.Compare(a.place, b.place) })
	return slices.Compact(near)
}

func (t *routing) within(svc *service) []*virtualHost {
	if svc == nil || svc.Dir == "" {
		return nil
	}
	all, ok := t.inside[svc]
	if !ok {
		for _, v := range t.all {
			if withinDir(svc.Dir, v.At.File) {
				all = append(all, v)
			}
		}
		t.inside[svc] = all
	}
	return all
}

// hosts finds the virtual hosts that are for a peer. Only those of the greatest closeness
// count. Sender is the route that sends the request on; nil if code sends it.
func (t *routing) hosts(sender *Route, req *Request, p *peer) []*virtualHost {
	if p.authority == "" || isVague(p.authority) {
		return nil
	}
	names := []string{p.authority}
	if p.service != nil {
		names = append(names, p.service.alsoCalled(p.authority)...)
	}
	var all []*virtualHost
	best := 1
	for _, v := range t.near(names, p) {
		if sender != nil && t.of[sender] == v {
			continue // what a proxy sends on does not come back to it
		}
		rank := v.reaches(names, req, p, sender)
		if rank > best {
			best, all = rank, nil
		}
		if rank == best {
			all = append(all, v)
		}
	}
	return all
}

// reaches tells how closely a virtual host is for requests to a peer, of which all names
// are given, the one that is asked for first; 0 if they do not reach its proxy.
func (v *virtualHost) reaches(names []string, req *Request, p *peer, sender *Route) int {
	if !v.Sidecar {
		names = names[:1]
	}
	named := 0
	for _, n := range names {
		if v.names(n) {
			named = max(named, v.serves(n))
		}
	}
	switch {
	case v.Sidecar && req.Proxied, sender != nil && sender.sendsPast(v.Route):
		return 0
	case v.Sidecar:
		return named
	case v.listensAt(p.authority):
		return max(v.serves(p.authority), 1)
	case named > 0 && v.mayListen(portOf(p.authority)):
		return named
	case p.service != nil && p.service.Dir != "" && withinDir(p.service.Dir, v.At.File):
		if sender != nil && withinDir(p.service.Dir, sender.At.File) {
			return 0 // the proxy of the service asks the service itself
		}
		return max(v.serves(p.authority), 1)
	}
	return 0
}

// sendsPast reports whether what a route sends on goes straight to its upstream, whatever another
// route says of that host: gateways of one mesh whose addresses are not known have hosts in common
// with the services behind them, and send to those
// (https://istio.io/latest/docs/reference/config/networking/virtual-service/, gateways).
func (m *Route) sendsPast(other *Route) bool {
	return m.System == other.System && !other.Sidecar && len(m.Listens) == 0 && len(other.Listens) == 0
}

// mayListen reports whether a proxy may take requests that are sent to a port, empty for
// none: those of the web may be mapped to any other.
func (m *RouteMatch) mayListen(port string) bool {
	if port == "" || port == "80" || port == "443" || len(m.Listens) == 0 {
		return true
	}
	return slices.ContainsFunc(m.Listens, func(l string) bool { return portOf(l) == port || portOf(l) == "" })
}

// first reports whether a request would come to a route and not to one before it.
func (t *routing) first(r *Route, method, path string) bool {
	_, all := t.of[r].pass(method, path)
	return slices.Contains(all, r)
}
