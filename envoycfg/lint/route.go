package lint

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/commslint/commslint/envoycfg/effective"
	"github.com/commslint/commslint/envoycfg/policy"
	"github.com/commslint/commslint/envoycfg/xds"
	"github.com/commslint/commslint/finding"
)

// routes runs the rules about routes.
func (c *checker) routes(rc *effective.RouteConfig) {
	var silent []*effective.Route
	e := reached(rc)
	for _, vh := range rc.VirtualHosts {
		for _, r := range vh.Routes {
			if r.Kind != effective.Forward {
				continue
			}
			c.timeouts(r)
			c.retry(r)
			c.hedging(r)
			c.mirrors(r, e)
			if silentUpgrade(r) != "" {
				silent = append(silent, r)
			}
		}
	}
	c.silentUpgrades(silent)
}

// reached says who reaches routes: the most exposed of the listeners that they are behind.
func reached(rc *effective.RouteConfig) exposure {
	var most exposure
	for _, h := range rc.Managers {
		if e := exposureOf(h.Listener); e.exposed && (!most.exposed || most.guessed) {
			most = e
		}
	}
	return most
}

// timeouts asks what ends requests of a route.
func (c *checker) timeouts(r *effective.Route) {
	c.grpcTimeout(r)
	switch t := r.Timeout; {
	case t.Chosen && r.Replaced:
		c.replaced(r)
	case r.Replaced:
	case !t.Chosen && !r.Match.Connect && !r.GRPCTimeoutMax.Chosen && !mayGain(r.Action):
		c.reportf(defaultTimeout, r.Action.At(), "a request and all its retries have %v: Envoy's default, nobody chose it", t.Value)
	case t.Chosen && t.Known && t.Value == 0:
		c.disabled(r)
	}
}

// replaced finds timeouts that count for nothing.
func (c *checker) replaced(r *effective.Route) {
	written, known := r.Action.Get("timeout").Duration()
	stream := r.MaxStreamDuration
	switch {
	case !known || written == 0 && stream.Value > 0 || !stream.Known || mayGain(r.Action):
		return
	case written == 0:
		c.disabled(r)
		return
	}
	f := finding.Finding{
		Rule: timeoutDisabled, Location: r.Timeout.At,
		Message: fmt.Sprintf("this timeout of %v has no effect: a max_stream_duration, even an empty one, takes its place, and sets no limit: write one in it, as max_stream_duration", written),
		Related: []finding.Related{{Location: r.Action.Get("max_stream_duration").KeyAt(), Message: "what takes its place"}},
	}
	if stream.Value > 0 {
		f.Strength = finding.Possible
		f.Message = fmt.Sprintf("this timeout of %v has no effect: max_stream_duration takes its place, so that a request may take %s", written, stream)
	} else if upstreamBound(r) {
		return
	}
	c.report(f)
}

// grpcTimeout finds routes whose calls may take as long as their callers say.
func (c *checker) grpcTimeout(r *effective.Route) {
	max := r.GRPCTimeoutMax
	if !max.Chosen || !max.Known || max.Value > 0 {
		return
	}
	limit := r.Timeout
	if r.Replaced {
		limit = r.MaxStreamDuration
	}
	message := fmt.Sprintf("a call may take as long as its grpc-timeout header says, which replaces the route's %s and has no maximum", limit)
	if limit.Known && limit.Value == 0 {
		message = "a call may take as long as its grpc-timeout header says, without a maximum; one without the header has no limit at all, as nothing limits it"
	}
	c.reportf(grpcUnbounded, max.At, "%s", message)
}

// disabled finds routes without a timeout whose streams nothing else ends.
func (c *checker) disabled(r *effective.Route) {
	if d := r.MaxStreamDuration; !d.Known || d.Value > 0 || upstreamBound(r) || mayGain(r.Action) {
		return
	}
	f := finding.Finding{Rule: timeoutDisabled, Location: r.Timeout.At, Message: "the timeout is switched off and nothing else bounds a request: an upstream that hangs keeps it"}
	idle := r.IdleTimeout
	switch {
	case !idle.Known:
		return
	case len(r.Upgrades) > 0 || r.Match.GRPC || r.GRPCTimeoutMax.Chosen || streamsByName(r):
		f.Strength = finding.Possible
		f.Message = "the timeout is switched off, which is right for streams: only silence ends them, after " + idle.String()
	case idle.Chosen && idle.Value > 0:
		f.Strength = finding.Possible
		f.Message = fmt.Sprintf("the timeout is switched off: only silence ends a request, after %v", idle.Value)
		f.Related = []finding.Related{{Location: idle.At, Message: "the idle timeout"}}
	case idle.Value > 0:
		f.Message += fmt.Sprintf(" until it has been silent for %s", idle)
	}
	if inbound(r) {
		f.Strength = finding.Possible
		f.Message += "; whoever calls this service of a mesh may have a timeout of its own"
	}
	if per, known := perTry(r.Retry); known && per > 0 && r.Retry.Active() && r.Retry.Retries.Known {
		f.Message += fmt.Sprintf("; the attempts end after %d × %v while no response has begun", 1+r.Retry.Retries.Value, per)
	}
	c.report(f)
}

// streamsByName reports whether the names of a route say that its exchanges last.
func streamsByName(r *effective.Route) bool {
	names := []string{r.Match.Path.Text, r.Get("name").String()}
	for _, t := range r.Targets {
		names = append(names, t.Name)
	}
	return slices.ContainsFunc(names, policy.NamesStream)
}

// inbound reports whether a route is that of a sidecar to its own service.
func inbound(r *effective.Route) bool {
	managers := r.Host.Config.Managers
	return len(managers) > 0 && !slices.ContainsFunc(managers, func(h *effective.HTTPManager) bool {
		return h.Listener == nil || h.Listener.Message == nil || h.Listener.Get("traffic_direction").Enum() != "INBOUND"
	})
}

// upstreamBound reports whether each cluster of a route ends its streams by itself.
func upstreamBound(r *effective.Route) bool {
	if len(r.Targets) == 0 {
		return false
	}
	return !slices.ContainsFunc(r.Targets, func(t effective.Target) bool {
		return t.Cluster == nil || !t.Cluster.HTTP.Has("common_http_protocol_options.max_stream_duration")
	})
}

func perTry(p *effective.Retry) (time.Duration, bool) {
	if p == nil {
		return 0, true
	}
	return p.EffectivePerTry()
}

// silentUpgrade returns the protocol of upgraded streams that end after a silence that nobody chose; empty if
// the route has none, or if that is not known.
func silentUpgrade(r *effective.Route) string {
	idle := r.IdleTimeout
	if idle.Chosen || !idle.Known || len(r.Host.Config.Managers) == 0 || mayGain(r.Action) {
		return ""
	}
	return lasting(r.Upgrades)
}

// lasting is the first of the protocols whose streams may be silent for long; empty if there is none.
func lasting(upgrades []string) string {
	for _, kind := range upgrades {
		if strings.EqualFold(kind, "websocket") || kind == "CONNECT" {
			return kind
		}
	}
	return ""
}

// maxSilent is how many routes of one configuration are reported each on its own. More of them are no
// choice for each, but what is given to all.
const maxSilent = 3

// silentUpgrades reports routes whose upgraded streams end when they are silent.
func (c *checker) silentUpgrades(routes []*effective.Route) {
	others := ""
	if n := len(routes) - 1; n >= maxSilent || n > 0 && !allowsUpgrade(routes[0]) {
		others = fmt.Sprintf(" and of %d more", n)
		routes = routes[:1]
	}
	for _, r := range routes {
		f := finding.Finding{
			Rule: upgradeIdle, Location: r.Action.At(),
			Message: fmt.Sprintf("%s streams of this route%s end after %v of silence: stream_idle_timeout is Envoy's default, nobody chose it", lasting(r.Upgrades), others, r.IdleTimeout.Value),
		}
		for _, h := range r.Host.Config.Managers {
			if at := h.Get("upgrade_configs"); at.Set() && !allowsUpgrade(r) {
				f.Related = []finding.Related{{Location: at.KeyAt(), Message: "where upgrades are allowed to all routes"}}
			}
		}
		c.report(f)
	}
}

// allowsUpgrade reports whether the route itself allows what it may turn into.
func allowsUpgrade(r *effective.Route) bool {
	return r.Match.Connect || r.Action.Has("upgrade_configs")
}

// mirrors finds copies that are many, and copies whose place the request chooses.
func (c *checker) mirrors(r *effective.Route, e exposure) {
	sum := 0.0
	var to []string
	var first *effective.Mirror
	for i := range r.Mirrors {
		m := &r.Mirrors[i]
		if m.Header != "" {
			c.mirrorByHeader(m, r, e)
			continue
		}
		if !m.Fraction.Known || m.Fraction.Value == 0 {
			continue
		}
		if first == nil {
			first = m
		}
		sum += m.Fraction.Value
		to = append(to, fmt.Sprintf("%s (%s)", m.Name, percentText(m.Fraction)))
	}
	if first != nil && sum >= c.opt.MirroredShare {
		c.reportf(mirrorAmplifies, first.Message.At(), "each request leaves %.4g times: copies go to %s", 1+sum, strings.Join(to, ", "))
	}
}

func percentText(s effective.Setting[float64]) string {
	if !s.Chosen {
		return "100 %, as no fraction is set"
	}
	return fmt.Sprintf("%.4g %%", s.Value*100)
}

// mirrorByHeader reports a mirror whose cluster a header names.
func (c *checker) mirrorByHeader(m *effective.Mirror, r *effective.Route, e exposure) {
	f := finding.Finding{
		Rule: mirrorFromHeader, Location: m.Get("cluster_header").At(), Strength: e.strength(),
		Message: fmt.Sprintf("the header %s of a request names the cluster that gets its copy: any client can direct requests at any cluster of this Envoy", m.Header),
	}
	if e.exposed {
		f.Related = []finding.Related{e.related()}
	} else {
		f.AtMost = finding.Warning
	}
	if slices.ContainsFunc(r.Host.Config.Get("internal_only_headers").List(), func(v xds.Value) bool { return strings.EqualFold(v.String(), m.Header) }) {
		return // taken from requests of clients
	}
	c.report(f)
}
