package effective

import (
	"time"

	"github.com/commslint/commslint/envoycfg/xds"
	"github.com/commslint/commslint/finding"
)

// A RouteConfig is a route configuration.
type RouteConfig struct {
	*xds.Message // nil for a virtual host that stands alone
	File         *xds.File
	Name         string
	VirtualHosts []*VirtualHost
	// Managers are those that use it, as far as they are known.
	Managers []*HTTPManager
}

// A VirtualHost is a group of routes for some domains.
type VirtualHost struct {
	*xds.Message
	Config  *RouteConfig
	Name    string
	Domains []string
	Routes  []*Route
}

// An ActionKind says what a route does with a request.
type ActionKind uint8

const (
	OtherAction  ActionKind = iota // a filter's own, or one of a later Envoy
	Forward                        // send it to a cluster
	Redirect                       // answer with another address
	Respond                        // answer
	NonForwarder                   // for the client side of a mesh: leave it alone
)

// A Route says what happens to the requests that match it. Settings of routes that do not Forward are
// zero.
type Route struct {
	*xds.Message
	Host   *VirtualHost
	Index  int // among the routes of Host
	Kind   ActionKind
	Action *xds.Message // RouteAction; nil unless Kind is Forward
	Match  Match

	// Targets are the clusters, of which each request goes to one.
	Targets []Target
	// Dynamic says what picks the cluster where the configuration does not: "header x-cluster".
	Dynamic  string
	Priority string // "DEFAULT" or "HIGH"

	Timeout Setting[time.Duration] // of the whole exchange, retries included; 0 is none
	// Replaced says that the route has a max_stream_duration, which takes the place of its timeout.
	Replaced bool
	// IdleTimeout ends streams on which nothing happens: the route's, or the manager's.
	IdleTimeout Setting[time.Duration]
	// MaxStreamDuration ends any stream: the route's, or the manager's; 0 is none.
	MaxStreamDuration Setting[time.Duration]
	// GRPCTimeoutMax says that the grpc-timeout header of a request counts, capped by it, or as it is
	// if it is 0. Not Chosen, the header does not count.
	GRPCTimeoutMax Setting[time.Duration]

	Retry   *Retry // nil if there is no policy
	Hedge   *Hedge // nil if there is no policy
	Mirrors []Mirror
	// Upgrades are the protocols that requests may turn into: "websocket", "CONNECT". The route's timeout
	// does not end such streams.
	Upgrades []string
}

// A Target is a cluster that requests may go to.
type Target struct {
	Name    string
	Weight  uint64   // 0 where there is one target
	Cluster *Cluster // nil if it is defined elsewhere
	At      finding.Location
}

// A Mirror sends copies of requests.
type Mirror struct {
	*xds.Message
	Target
	// Header is the header of the request that names the cluster; empty if the configuration does.
	Header string
	// Fraction is the share of requests, from 0 to 1.
	Fraction Setting[float64]
	// From says whose policy it is: "the route", "the virtual host", …
	From string
}

// A Hedge is a policy that sends a request again while the first is still on its way.
type Hedge struct {
	*xds.Message
	From            string
	OnPerTryTimeout bool
	At              finding.Location
}

func (rc *RouteConfig) file() *xds.File { return rc.File }

// addRouteConfig takes in a route configuration that managers name.
func (c *Config) addRouteConfig(f *xds.File, m *xds.Message) {
	rc := c.newRouteConfig(f, m)
	c.routeConfigs.add(rc.Name, rc)
}

// newRouteConfig takes in a route configuration that nothing needs to name.
func (c *Config) newRouteConfig(f *xds.File, m *xds.Message) *RouteConfig {
	rc := &RouteConfig{Message: m, File: f, Name: m.Get("name").String()}
	for _, vh := range m.Get("virtual_hosts").Messages() {
		rc.VirtualHosts = append(rc.VirtualHosts, newVirtualHost(rc, vh))
	}
	c.RouteConfigs = append(c.RouteConfigs, rc)
	return rc
}

func newVirtualHost(rc *RouteConfig, m *xds.Message) *VirtualHost {
	vh := &VirtualHost{Message: m, Config: rc, Name: m.Get("name").String()}
	for _, domain := range m.Get("domains").List() {
		vh.Domains = append(vh.Domains, domain.String())
	}
	add := func(route *xds.Message) {
		vh.Routes = append(vh.Routes, newRoute(vh, route))
	}
	for _, route := range m.Get("routes").Messages() {
		add(route)
	}
	m.Get("matcher").Message().Walk(func(inner *xds.Message) bool {
		if !inner.Is("envoy.config.route.v3.Route") {
			return true
		}
		add(inner)
		return false
	})
	return vh
}

func newRoute(vh *VirtualHost, m *xds.Message) *Route {
	r := &Route{Message: m, Host: vh, Index: len(vh.Routes), Match: newMatch(m.Get("match").Message())}
	action := m.Oneof("action")
	if !action.Set() {
		return r
	}
	switch action.Field.Name {
	case "route":
		r.Kind, r.Action = Forward, action.Message()
	case "redirect":
		r.Kind = Redirect
	case "direct_response":
		r.Kind = Respond
	case "non_forwarding_action":
		r.Kind = NonForwarder
	}
	return r
}

// resolve works out the settings of the routes, when all that they depend on is there.
func (rc *RouteConfig) resolve(c *Config) {
	for _, vh := range rc.VirtualHosts {
		for _, r := range vh.Routes {
			if r.Action != nil {
				r.resolve(c)
			}
		}
	}
}

func (r *Route) resolve(c *Config) {
	r.Priority = priorityOf(r.Action.Get("priority"))
	r.Targets = targets(r.Action)
	c.find(r.Host.Config.File, r.Targets)
	r.Dynamic = dynamicTarget(r.Action)
	r.timeouts()
	r.retries()
	r.hedge()
	r.mirrors(c)
	r.upgrades()
}

// targets are the clusters that a RouteAction or TcpProxy names.
func targets(m *xds.Message) []Target {
	if cluster := m.Get("cluster"); cluster.Known() {
		return []Target{{Name: cluster.String(), At: cluster.At()}}
	}
	var all []Target
	for _, w := range m.Get("weighted_clusters.clusters").Messages() {
		name := w.Get("name")
		weight, _ := w.Get("weight").Uint()
		if name.Known() {
			all = append(all, Target{Name: name.String(), Weight: weight, At: name.At()})
		}
	}
	return all
}

// dynamicTarget says what picks the cluster; it is empty if the configuration does.
func dynamicTarget(action *xds.Message) string {
	switch v := action.Oneof("cluster_specifier"); {
	case !v.Set():
		return "unknown cluster"
	case v.Field.Name == "cluster_header":
		return "header " + v.String()
	case v.Field.Name == "cluster_specifier_plugin" || v.Field.Name == "inline_cluster_specifier_plugin":
		return "cluster specifier plugin"
	case v.Field.Name == "cluster" && !v.Known():
		return "template"
	}
	for _, w := range action.Get("weighted_clusters.clusters").Messages() {
		if header := w.Get("cluster_header"); header.Set() {
			return "header " + header.String()
		}
	}
	return ""
}

// manager is one of the managers that use the route; nil if none is known.
func (r *Route) manager() *HTTPManager {
	if managers := r.Host.Config.Managers; len(managers) > 0 {
		return managers[0]
	}
	return nil
}

// timeouts finds the limits in time, of which those of the route win over those of the manager.
func (r *Route) timeouts() {
	a := r.Action
	r.Timeout = durationSetting(a.Get("timeout"), DefaultTimeout)
	if r.Replaced = a.Has("max_stream_duration"); r.Replaced {
		// Even an empty one switches the timeout off (usingNewTimeouts in FilterUtility::finalTimeout of router.cc).
		r.Timeout.Value, r.Timeout.Known, r.Timeout.Origin = 0, true, "as max_stream_duration takes its place"
	}
	r.IdleTimeout = durationSetting(a.Get("idle_timeout"), DefaultStreamIdle)
	r.MaxStreamDuration = durationSetting(a.Get("max_stream_duration.max_stream_duration"), 0)
	if h := r.manager(); h != nil {
		if !r.IdleTimeout.Chosen && h.StreamIdle.Chosen {
			r.IdleTimeout = h.StreamIdle
			r.IdleTimeout.Origin = "stream_idle_timeout of the HTTP connection manager"
		}
		if !r.MaxStreamDuration.Chosen && h.MaxStreamDuration.Chosen {
			r.MaxStreamDuration = h.MaxStreamDuration
			r.MaxStreamDuration.Origin = "max_stream_duration of the HTTP connection manager"
		}
	}
	r.GRPCTimeoutMax = durationSetting(a.Get("max_stream_duration.grpc_timeout_header_max"), 0)
	if old := a.Get("max_grpc_timeout"); !r.GRPCTimeoutMax.Chosen && old.Set() {
		r.GRPCTimeoutMax = durationSetting(old, 0)
	}
}

// Bound is the longest that an exchange may take: the timeout or the longest duration of streams. It is 0
// if nothing bounds it, and false if that is not known.
func (r *Route) Bound() (time.Duration, bool) {
	timeout, stream := r.Timeout, r.MaxStreamDuration
	switch {
	case !timeout.Known || !stream.Known:
		return 0, false
	case timeout.Value == 0 || stream.Value > 0 && stream.Value < timeout.Value:
		return stream.Value, true
	}
	return timeout.Value, true
}

// hedge finds the hedging policy: the route's wins whole over that of its virtual host.
func (r *Route) hedge() {
	v, from := r.Action.Get("hedge_policy"), "the route"
	if !v.Set() {
		v, from = r.Host.Get("hedge_policy"), "the virtual host"
	}
	if v.Set() {
		r.Hedge = &Hedge{
			Message: v.Message(), From: from, At: v.At(),
			OnPerTryTimeout: v.Get("hedge_on_per_try_timeout").IsTrue(),
		}
	}
}

// mirrors finds who gets copies: the most specific list that is not empty, with those of the cluster above
// all (HttpProtocolOptions.request_mirror_policies).
func (r *Route) mirrors(c *Config) {
	levels := []struct {
		policies xds.Value
		from     string
	}{
		{r.Action.Get("request_mirror_policies"), "the route"},
		{r.Host.Get("request_mirror_policies"), "the virtual host"},
		{r.Host.Config.Get("request_mirror_policies"), "the route configuration"},
	}
	for _, t := range r.Targets {
		if t.Cluster != nil && t.Cluster.HTTP.Has("request_mirror_policies") {
			levels[0].policies, levels[0].from = t.Cluster.HTTP.Get("request_mirror_policies"), "cluster "+t.Name
		}
	}
	for _, level := range levels {
		if len(level.policies.List()) == 0 {
			continue
		}
		for _, m := range level.policies.Messages() {
			r.Mirrors = append(r.Mirrors, r.mirror(c, m, level.from))
		}
		return
	}
}

func (r *Route) mirror(c *Config, m *xds.Message, from string) Mirror {
	name := m.Get("cluster")
	mirror := Mirror{
		Message: m, From: from, Header: m.Get("cluster_header").String(),
		Target:   Target{Name: name.String(), At: name.At()},
		Fraction: byDefault(m.Get("runtime_fraction"), 1.0),
	}
	if name.Known() {
		mirror.Cluster = c.clusters.find(c, r.Host.Config.File, mirror.Name)
	}
	if fraction := m.Get("runtime_fraction"); fraction.Set() {
		share, known := fraction.Percent()
		mirror.Fraction = Setting[float64]{Value: share, Known: known, Chosen: true, At: fraction.At()}
	}
	return mirror
}

// upgrades finds the protocols that requests of the route may turn into.
func (r *Route) upgrades() {
	if r.Match.Connect {
		r.Upgrades = append(r.Upgrades, "CONNECT")
	}
	disabled := map[string]bool{}
	add := func(configs []*xds.Message) {
		for _, u := range configs {
			kind := u.Get("upgrade_type").String()
			if enabled, known := u.Get("enabled").Bool(); known && !enabled {
				disabled[kind] = true
			} else if !disabled[kind] {
				r.Upgrades = append(r.Upgrades, kind)
			}
		}
	}
	add(r.Action.Get("upgrade_configs").Messages())
	if h := r.manager(); h != nil {
		add(h.Get("upgrade_configs").Messages())
	}
}
