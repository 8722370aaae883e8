package lint

import (
	"strings"

	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/envoycfg/effective"
	"github.com/commslint/commslint/envoycfg/xds"
	"github.com/commslint/commslint/finding"
)

// A File is a file of which [xds.Sniff] says that it is Envoy's.
type File struct {
	Name string // as findings name it
	Text []byte
}

// A Result is what there is to say about some files.
type Result struct {
	// Findings are sorted. Those of rule input/envoy are files, or documents in them, that could not be read.
	Findings []finding.Finding
	// Routes are what the call graph takes from the files.
	Routes []callgraph.Route
}

// Check reads files and reports what is wrong with what they come to, together. Levels are those that
// rules have at most: the caller applies what is configured.
func Check(files []File, opt Options) Result {
	loaded := make([]*xds.File, len(files))
	for i, f := range files {
		loaded[i] = xds.Load(f.Name, f.Text)
	}
	return CheckLoaded(loaded, opt)
}

// CheckLoaded is Check for files that were read already.
func CheckLoaded(files []*xds.File, opt Options) Result {
	c := newChecker(files, opt)
	for _, f := range files {
		for _, problem := range f.Findings {
			if problem.Rule != xds.RuleInvalid || !strings.Contains(problem.Message, xds.Redacted) {
				c.report(problem)
			}
		}
		for _, r := range f.Resources {
			r.Walk(func(m *xds.Message) bool {
				c.message(m)
				if r.Shape == xds.Patch {
					c.patch(m)
				}
				return true
			})
		}
	}
	for _, b := range c.config.Bootstraps {
		c.bootstrap(b)
	}
	called := uses(c.config)
	for _, cluster := range c.config.Clusters {
		c.cluster(cluster, called[cluster])
	}
	for _, l := range c.config.Listeners {
		c.listener(l)
	}
	for _, h := range c.config.Managers {
		c.manager(h)
	}
	for _, rc := range c.config.RouteConfigs {
		c.routes(rc)
	}
	finding.Sort(c.findings)
	return Result{Findings: c.findings, Routes: c.config.Graph()}
}

// message runs the rules about messages wherever they stand.
func (c *checker) message(m *xds.Message) {
	c.secrets(m)
	c.failsOpen(m)
}

func (c *checker) bootstrap(b *effective.Bootstrap) {
	c.admin(b.Message)
	c.adminRoutes(b)
	c.overload(b)
	c.dynamic(b.Message)
	c.runtimeLimits(b.Message)
	c.unknownClusters(b)
}

// manager runs the rules about HTTP connection managers that need to know who reaches them.
func (c *checker) manager(h *effective.HTTPManager) {
	if h.Dynamic != "" {
		at := h.Get("rds").KeyAt()
		if !h.Has("rds") {
			at = h.At()
		}
		c.reportf(dynamicResources, at, "the routes come from elsewhere (%s) and were not analysed: nothing is known of them", strings.TrimSpace(h.Dynamic))
	}
	e := exposureOf(h.Listener)
	inspect := func(m *xds.Message) bool {
		c.faults(m, e)
		return true
	}
	h.Walk(inspect)
	if h.Routes != nil && h.Routes.Message != nil {
		h.Routes.Walk(inspect)
	}
}
