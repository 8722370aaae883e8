package nginx

import (
	"slices"
	"strings"

	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/envoycfg/manifest"
)

// An upstream is a group of servers with a name.
type upstream struct {
	name    string
	at      *directive
	servers []string // that are not down, backup ones included
	// dynamic says that something else than the configuration decides on the servers, such as Lua.
	dynamic string
}

// findUpstreams gathers the groups of all files, wherever their blocks stand.
func (w *workspace) findUpstreams() {
	var walk func(block []*directive)
	walk = func(block []*directive) {
		for _, d := range block {
			if d.name == "upstream" && len(d.args) == 1 {
				u := w.upstreamOf(d)
				w.byName[u.name] = append(w.byName[u.name], &u)
			} else {
				walk(d.block)
			}
		}
	}
	for _, c := range w.configs {
		walk(c.block)
	}
}

func (w *workspace) upstreamOf(d *directive) upstream {
	u := upstream{name: d.arg(), at: d}
	for _, s := range w.expand(d.block) {
		switch {
		case s.name == "server" && s.arg() != "":
			if strings.Contains(s.arg(), "$") {
				u.dynamic = "a template"
				continue
			}
			if slices.Contains(s.args, "resolve") {
				u.dynamic = "DNS, for " + s.arg()
			}
			if !slices.Contains(s.args, "down") {
				u.servers = append(u.servers, s.arg())
			}
		case strings.HasPrefix(s.name, "balancer_by_lua"):
			u.dynamic = s.name
		}
	}
	return u
}

// group is the upstream of a name that is nearest to a file; nil if the name is that of a host.
func (w *workspace) group(name, file string) *upstream {
	var best *upstream
	for _, u := range w.byName[name] {
		if best == nil || manifest.Distance(file, u.at.config.name) < manifest.Distance(file, best.at.config.name) {
			best = u
		}
	}
	return best
}

// A target is where a pass leads to.
type target struct {
	to      callgraph.Upstream
	servers int // 0 if unknown
	dynamic string
}

// targetOf reads the address of a pass: "http://payments:8080/v1/", "grpc://backend", "unix:/run/a.sock", "http://$host".
func (w *workspace) targetOf(d *directive) target {
	address := d.arg()
	port := "80"
	if scheme, rest, ok := strings.Cut(address, "://"); ok {
		address = rest
		if scheme == "https" || scheme == "grpcs" {
			port = "443"
		}
	}
	if strings.HasPrefix(address, "unix:") {
		return target{to: callgraph.Upstream{Name: address, At: posn(d)}, servers: 1}
	}
	host, _, _ := strings.Cut(address, "/")
	if strings.Contains(host, "$") {
		return target{to: callgraph.Upstream{Name: host, At: posn(d)}, dynamic: "the variable in " + host}
	}
	if u := w.group(host, d.config.name); u != nil {
		to := callgraph.Upstream{Name: u.name, Addresses: withPort(u.servers), At: posn(u.at)}
		if u.dynamic != "" {
			return target{to: to, dynamic: u.dynamic}
		}
		return target{to: to, servers: len(u.servers)}
	}
	if !strings.Contains(host, ":") {
		host += ":" + port
	}
	return target{to: callgraph.Upstream{Name: host, Addresses: []string{host}, At: posn(d)}, servers: 1}
}

func withPort(servers []string) []string {
	var all []string
	for _, s := range servers {
		if !strings.HasPrefix(s, "unix:") && !strings.Contains(s, ":") {
			s += ":80"
		}
		all = append(all, s)
	}
	return all
}

func posn(d *directive) callgraph.Posn {
	at := d.at()
	return callgraph.Posn{File: at.File, Line: at.Line, Col: at.Column}
}
