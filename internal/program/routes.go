package program

import (
	"net"
	"path/filepath"
	"slices"
	"strings"

	"github.com/commslint/commslint/analyzers/callsheet"
	"github.com/commslint/commslint/callgraph"
)

// A Service is a service by the names of its hosts, and the folder of its code
// relative to the working directory.
type Service struct {
	Name  string
	Hosts []string
	Dir   string
}

// A route is a handler of the program, with its pattern taken apart.
type route struct {
	callsheet.Route
	pkg      string // the package that registers it
	method   string // empty for any
	host     string // empty for any
	segments []string
}

// routesOf lists what the packages serve. Patterns that hold for whole subtrees
// are left out: that a path begins as they do tells too little.
func routesOf(sheets []callsheet.Sheet) []route {
	var all []route
	for i := range sheets {
		for _, r := range sheets[i].Routes {
			parsed, ok := parseRoute(r)
			if ok {
				parsed.pkg = sheets[i].Path
				all = append(all, parsed)
			}
		}
	}
	return all
}

// parseRoute reads "[METHOD ][HOST]/[PATH]", as net/http describes it at
// https://pkg.go.dev/net/http#hdr-Patterns-ServeMux.
func parseRoute(r callsheet.Route) (route, bool) {
	method, rest, hasMethod := strings.Cut(r.Pattern, " ")
	if !hasMethod {
		method, rest = "", r.Pattern
	}
	rest = strings.TrimSpace(rest)
	slash := strings.IndexByte(rest, '/')
	if slash < 0 {
		return route{}, false
	}
	path := strings.TrimSuffix(rest[slash:], "{$}")
	if strings.HasSuffix(path, "/") && !strings.HasSuffix(rest, "{$}") || strings.Contains(path, "...}") {
		return route{}, false
	}
	return route{Route: r, method: method, host: rest[:slash], segments: strings.Split(path, "/")[1:]}, true
}

// serve tells the packages which of their functions serve the HTTP requests that
// they send, where that is certain enough: a host that is not known, or that the
// configuration says is a service, and one route alone that fits.
func serve(packages []callgraph.Package, sheets []callsheet.Sheet, services []Service) {
	routes := routesOf(sheets)
	if len(routes) == 0 {
		return
	}
	for i := range packages {
		pkg := &packages[i]
		for j := range pkg.Functions {
			for _, n := range pkg.Functions[j].Body.Nodes {
				if n.Request == nil || n.Request.Protocol != "http" {
					continue
				}
				shown := callgraph.ShowText(n.Request.Operation)
				for _, id := range handlersOf(shown, pkg.Path, routes, services) {
					// By both names: as it is sent, and as it is drawn.
					pkg.Served = append(pkg.Served,
						callgraph.Served{Operation: n.Request.Operation, Func: id, At: n.At},
						callgraph.Served{Operation: shown, Func: id, At: n.At})
				}
			}
		}
	}
}

// handlersOf finds the functions that serve "METHOD host/path" sent by a package.
func handlersOf(operation, pkg string, routes []route, services []Service) []string {
	method, addr, ok := strings.Cut(operation, " ")
	host, path, hasPath := strings.Cut(addr, "/")
	if !ok || !hasPath || path == "" {
		return nil
	}
	dir, ok := folderOf(host, services)
	if !ok {
		return nil
	}
	segments := strings.Split(path, "/")
	var best []route
	for _, r := range routes {
		switch {
		case r.method != "" && r.method != method, r.host != "" && r.host != host:
		case r.pkg == pkg: // a server that asks itself is more likely one that asks another
		case dir != "" && !within(dir, r.At.File):
		case !fits(r.segments, segments):
		case len(best) > 0 && wildcards(r.segments) > wildcards(best[0].segments):
		case len(best) > 0 && wildcards(r.segments) < wildcards(best[0].segments):
			best = []route{r}
		default:
			best = append(best, r)
		}
	}
	if len(best) != 1 {
		return nil
	}
	return best[0].Funcs
}

// folderOf is where the code of a host's service lies, empty if that may be
// anywhere. It is not ok for a host of which nothing says that it is ours.
func folderOf(host string, services []Service) (dir string, ok bool) {
	if strings.ContainsAny(host, "{}") {
		return "", true // a variable
	}
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	for _, s := range services {
		if s.Name == name || slices.Contains(s.Hosts, name) || slices.Contains(s.Hosts, host) {
			return s.Dir, true
		}
	}
	ip := net.ParseIP(name)
	return "", name == "localhost" || ip != nil && ip.IsLoopback()
}

func within(dir, file string) bool {
	rel, err := filepath.Rel(filepath.FromSlash(dir), filepath.FromSlash(file))
	return err == nil && filepath.IsLocal(rel)
}

// fits reports whether a path can be one of a pattern. What is not known of the
// path, in braces, is a whole variable of the pattern.
func fits(pattern, path []string) bool {
	return slices.EqualFunc(pattern, path, func(want, got string) bool {
		if isVariable(want) {
			return got != ""
		}
		return want == got
	})
}

func isVariable(segment string) bool {
	return strings.HasPrefix(segment, "{") && strings.HasSuffix(segment, "}")
}

func wildcards(segments []string) (n int) {
	for _, s := range segments {
		if isVariable(s) {
			n++
		}
	}
	return n
}
