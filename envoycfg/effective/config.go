package effective

import (
	"path"

	"github.com/commslint/commslint/envoycfg/xds"
)

// A Config is what a set of files tells Envoys to do: of one, or of many that have nothing to do with
// each other.
type Config struct {
	Files        []*xds.File
	Bootstraps   []*Bootstrap
	Listeners    []*Listener
	Managers     []*HTTPManager // of all listeners, and those that stand alone
	RouteConfigs []*RouteConfig // inline ones and those with a file of their own
	Clusters     []*Cluster

	routeConfigs registry[*RouteConfig]
	clusters     registry[*Cluster]
	endpoints    registry[endpointSource]
	// sources are the base names of the files that a file takes resources from; sourced has all of them.
	sources    map[*xds.File]map[string]bool
	sourced    map[string]bool
	bootstraps map[*xds.File]*Bootstrap
}

// A Bootstrap is the configuration that an Envoy starts with.
type Bootstrap struct {
	*xds.Message
	File *xds.File
	// Dynamic says that a control plane or other files add resources.
	Dynamic bool
}

// Resolve works out what files come to. They may be given in any order.
func Resolve(files []*xds.File) *Config {
	c := &Config{
		Files: files, routeConfigs: registry[*RouteConfig]{}, clusters: registry[*Cluster]{},
		endpoints: registry[endpointSource]{}, sources: map[*xds.File]map[string]bool{}, sourced: map[string]bool{},
		bootstraps: map[*xds.File]*Bootstrap{},
	}
	for _, f := range files {
		c.sources[f] = map[string]bool{}
		for _, r := range f.Resources {
			if r.Shape != xds.Patch {
				c.add(f, r.Message)
			}
		}
	}
	for _, cluster := range c.Clusters {
		c.discoverEndpoints(cluster)
	}
	for _, m := range c.Managers {
		c.routesOf(m)
	}
	for _, l := range c.Listeners {
		for _, chain := range l.Chains {
			for _, p := range chain.TCP {
				c.find(l.File, p.Targets)
			}
		}
	}
	for _, rc := range c.RouteConfigs {
		rc.resolve(c)
	}
	return c
}

// add takes in a resource at the top of a file.
func (c *Config) add(f *xds.File, m *xds.Message) {
	switch {
	case m.Is(xds.TypeBootstrap):
		c.addBootstrap(f, m)
	case m.Is(xds.TypeListener):
		c.addListener(f, m)
	case m.Is(xds.TypeCluster):
		c.addCluster(f, m)
	case m.Is(xds.TypeRoutes):
		c.addRouteConfig(f, m)
	case m.Is(xds.TypeVirtualHost):
		rc := &RouteConfig{File: f}
		rc.VirtualHosts = []*VirtualHost{newVirtualHost(rc, m)}
		c.RouteConfigs = append(c.RouteConfigs, rc)
	case m.Is(xds.TypeEndpoints):
		c.addEndpoints(f, m)
	case m.Is("envoy.config.listener.v3.FilterChain"):
		c.addListener(f, nil).addChain(c, m)
	case m.Is("envoy.config.listener.v3.Filter"):
		c.addListener(f, nil).addFilter(c, &FilterChain{}, m)
	case m.Is(xds.TypeHTTPManager):
		c.addManager(f, nil, nil, m)
	}
}

func (c *Config) addBootstrap(f *xds.File, m *xds.Message) {
	b := &Bootstrap{Message: m, File: f, Dynamic: m.Has("dynamic_resources")}
	c.Bootstraps = append(c.Bootstraps, b)
	c.bootstraps[f] = b
	for _, l := range m.Get("static_resources.listeners").Messages() {
		c.addListener(f, l)
	}
	for _, cluster := range m.Get("static_resources.clusters").Messages() {
		c.addCluster(f, cluster)
	}
	for _, source := range []string{"lds_config", "cds_config"} {
		c.addSource(f, m.Get("dynamic_resources").Get(source))
	}
}

// addSource notes the file that a ConfigSource names. It is a path in a container, of which only the
// name of the file says something here.
func (c *Config) addSource(f *xds.File, source xds.Value) {
	name := source.Get("path_config_source.path").String()
	if name == "" {
		name = source.Get("path").String()
	}
	if name != "" {
		c.sources[f][path.Base(name)], c.sourced[path.Base(name)] = true, true
	}
}

// Routes are the routes of all route configurations.
func (c *Config) Routes() []*Route {
	var all []*Route
	for _, rc := range c.RouteConfigs {
		for _, vh := range rc.VirtualHosts {
			all = append(all, vh.Routes...)
		}
	}
	return all
}

// find looks up the clusters of targets.
func (c *Config) find(from *xds.File, targets []Target) {
	for i := range targets {
		targets[i].Cluster = c.clusters.find(c, from, targets[i].Name)
	}
}
