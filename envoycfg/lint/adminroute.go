package lint

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/envoycfg/effective"
	"github.com/commslint/commslint/envoycfg/xds"
	"github.com/commslint/commslint/finding"
)

// commands are paths of the administration interface that change Envoy, and secrets those that show how it
// is configured (docs/root/operations/admin.rst).
var (
	commands = []string{"/quitquitquit", "/drain_listeners", "/healthcheck/fail", "/runtime_modify", "/logging", "/reset_counters"}
	secrets  = []string{"/config_dump", "/certs"}
)

// adminRoutes finds routes by which an exposed listener offers the administration interface.
func (c *checker) adminRoutes(b *effective.Bootstrap) {
	for _, rc := range c.byFile[b.File].routeConfigs {
		e := reached(rc)
		if !e.exposed {
			continue
		}
		for _, vh := range rc.VirtualHosts {
			for _, r := range vh.Routes {
				if c.leadsToAdmin(b.File, r) {
					c.adminRoute(b, r, e)
				}
			}
		}
	}
}

// destination is an address in a form that can be compared; empty if it is not known.
func destination(m *xds.Message) string {
	a := addressOf(m)
	if pipe := m.Get("pipe.path"); pipe.Known() {
		return pipe.String()
	}
	if a.reach == unknownReach || m.Get("socket_address.port_value").String() == "" {
		return ""
	}
	if a.reach == local || a.reach == everybody {
		return ":" + m.Get("socket_address.port_value").String()
	}
	return a.text
}

// leadsToAdmin reports whether requests of a route may go to the administration interface of the Envoy that
// a file is for.
func (c *checker) leadsToAdmin(f *xds.File, r *effective.Route) bool {
	admin := c.byFile[f].admin
	return admin != "" && slices.ContainsFunc(r.Targets, func(t effective.Target) bool {
		return t.Cluster != nil && slices.ContainsFunc(endpointMessages(t.Cluster.Message), func(m *xds.Message) bool { return destination(m) == admin })
	})
}

func (c *checker) adminRoute(b *effective.Bootstrap, r *effective.Route, e exposure) {
	f := finding.Finding{
		Rule: adminExposed, Location: r.At(), Strength: e.strength(),
		Related: []finding.Related{e.related(), {Location: b.Get("admin.address").KeyAt(), Message: "the administration interface"}},
	}
	if path := offers(r, commands, "POST"); path != "" {
		f.Message = fmt.Sprintf("this route offers %s of the administration interface, which asks nobody who they are, to all that reach the listener", path)
	} else if path := offers(r, secrets, "GET"); path != "" {
		f.AtMost = finding.Warning
		f.Message = fmt.Sprintf("this route shows %s of the administration interface to all that reach the listener", path)
	} else {
		return
	}
	c.report(f)
}

// offers returns the first of the paths that requests with a method reach by a route; empty if they reach
// none, or if the route rewrites paths in a way that is not followed.
func offers(r *effective.Route, paths []string, method string) string {
	if len(r.Match.Methods) > 0 && !slices.Contains(r.Match.Methods, method) || r.Action.Has("regex_rewrite") || r.Action.Has("path_rewrite_policy") {
		return ""
	}
	rewrite := r.Action.Get("prefix_rewrite")
	for _, path := range paths {
		if rewrite.Set() {
			prefix := r.Match.Path.Kind == callgraph.PrefixPath || r.Match.Path.Kind == callgraph.AnyPath
			if prefix && rewrite.Known() && strings.HasPrefix(path, rewrite.String()) {
				return path
			}
			continue
		}
		if takesPath(r.Match.Path, path) {
			return path
		}
	}
	return ""
}

func takesPath(m callgraph.PathMatch, path string) bool {
	switch m.Kind {
	case callgraph.AnyPath:
		return true
	case callgraph.ExactPath:
		return m.Text == path
	case callgraph.PrefixPath:
		return strings.HasPrefix(path, m.Text)
	case callgraph.SegmentsPath:
		return path == m.Text || strings.HasPrefix(path, m.Text+"/")
	case callgraph.RegexPath:
		re, err := regexp.Compile("^(?:" + m.Text + ")$")
		return err == nil && re.MatchString(path)
	}
	return false
}
