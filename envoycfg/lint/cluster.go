package lint

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/commslint/commslint/envoycfg/effective"
	"github.com/commslint/commslint/envoycfg/xds"
	"github.com/commslint/commslint/finding"
)

// A discovery says where a cluster has its addresses from.
type discovery uint8

const (
	listed    discovery = iota // in the configuration, as addresses or names
	delivered                  // by a control plane
	computed                   // from the request, or from other clusters
)

func discoveryOf(m *xds.Message) discovery {
	switch m.Get("type").Enum() {
	case "EDS":
		return delivered
	case "ORIGINAL_DST":
		return computed
	}
	if custom := m.Get("cluster_type"); custom.Set() {
		if strings.HasSuffix(custom.Get("typed_config").TypeName(), "clusters.dns.v3.DnsCluster") {
			return listed
		}
		return computed
	}
	return listed
}

// A use says what a cluster is called for.
type use struct {
	http    bool // requests of routes
	tunnels bool // CONNECT requests that end here
	tcp     bool // connections of a TCP proxy
	// passed says that some of those are passed on as clients encrypted them, or did not.
	passed bool
}

// uses tells what each cluster is called for, as far as its callers are in sight.
func uses(config *effective.Config) map[*effective.Cluster]use {
	all := map[*effective.Cluster]use{}
	for _, r := range config.Routes() {
		for _, t := range r.Targets {
			u := all[t.Cluster]
			u.http = true
			u.tunnels = u.tunnels || r.Match.Connect
			all[t.Cluster] = u
		}
	}
	for _, l := range config.Listeners {
		for _, chain := range l.Chains {
			for _, p := range chain.TCP {
				for _, t := range p.Targets {
					u := all[t.Cluster]
					u.tcp, u.passed = true, u.passed || !chain.TLS
					all[t.Cluster] = u
				}
			}
		}
	}
	return all
}

// cluster runs the rules about single clusters.
func (c *checker) cluster(cluster *effective.Cluster, uses use) {
	m := cluster.Message
	list := endpoints(m)
	atHome := len(list) > 0 && !slices.ContainsFunc(list, away) || bindsToLoopback(m)
	if !atHome {
		c.plaintext(m, list, uses)
	}
	c.connectTimeout(cluster)
	c.breakers(cluster, uses)
	c.healthChecks(m)
	c.eviction(m, atHome)
}

// away reports whether an endpoint may be on another machine. One that has the address of no interface is
// reached as this machine.
func away(a address) bool { return a.reach != local && a.reach != everybody }

// bindsToLoopback reports whether connections to a cluster come from a loopback address, which only reach the
// machine itself: sidecars call their own service so.
func bindsToLoopback(m *xds.Message) bool {
	from := m.Get("upstream_bind_config.source_address.address").String()
	return from != "" && reachOf(from) == local
}

// clusterName is what messages call a cluster.
func clusterName(m *xds.Message) string {
	return fmt.Sprintf("cluster %q", cmp.Or(m.Get("name").String(), "without a name"))
}

// plaintext wants clusters on other machines to be called over TLS.
func (c *checker) plaintext(m *xds.Message, list []address, uses use) {
	if m.Has("transport_socket_matches") || encrypts(m.Get("transport_socket")) || !m.Has("transport_socket") && mayGain(m) {
		return
	}
	f := finding.Finding{Rule: plaintextUpstream, Location: m.At()}
	if m.Get("transport_socket").Set() {
		f.Location = m.Get("transport_socket").At()
	}
	why := "it has no transport_socket"
	if m.Has("transport_socket") {
		why = "its transport_socket encrypts nothing"
	}
	switch discoveryOf(m) {
	case computed:
		return
	case delivered:
		f.Strength = finding.Possible
		f.Message = fmt.Sprintf("%s is called in clear text, wherever its endpoints are: %s", clusterName(m), why)
		c.report(f)
		return
	}
	i := slices.IndexFunc(list, func(a address) bool { return away(a) && a.reach != withheld && !a.udp })
	if i < 0 {
		return
	}
	f.Message = fmt.Sprintf("%s is called in clear text at %s: %s", clusterName(m), list[i].text, why)
	f.Related = []finding.Related{{Location: list[i].at.At(), Message: "the address of another machine"}}
	if list[i].reach == unknownReach {
		f.Strength, f.Related[0].Message = finding.Likely, "an address that is filled in later"
	}
	if uses.passed && !uses.http {
		f.Strength = finding.Possible
		f.Message += "; it gets what clients send, which may be encrypted already"
	}
	c.report(f)
}

// encrypts reports whether a transport socket is set that encrypts, or of which that is not known.
func encrypts(socket xds.Value) bool {
	if !socket.Set() {
		return false
	}
	inner := socket.Get("typed_config")
	if m := inner.Message(); m != nil && m.Type.Field("transport_socket") != nil {
		return encrypts(m.Get("transport_socket")) // PROXY protocol, tap: around another one
	}
	return !strings.HasSuffix(inner.TypeName(), ".RawBuffer") && socket.Get("name").String() != "envoy.transport_sockets.raw_buffer"
}

func (c *checker) connectTimeout(cluster *effective.Cluster) {
	if t := cluster.ConnectTimeout; !t.Chosen && !mayGain(cluster.Message) && discoveryOf(cluster.Message) != computed {
		c.reportf(defaultConnect, cluster.At(), "%s gives a connection %v to be made: Envoy's default, nobody chose it", clusterName(cluster.Message), t.Value)
	}
}

// priorities are those of requests, each of which has limits of its own.
var priorities = []string{"DEFAULT", "HIGH"}

// breakers asks what limits the load on a cluster.
func (c *checker) breakers(cluster *effective.Cluster, uses use) {
	chosen := false
	for _, priority := range priorities {
		if b := cluster.Breaker(priority); b.Message != nil {
			chosen = true
			c.breaker(cluster, b, uses)
		}
	}
	if written := cluster.Get("circuit_breakers.thresholds"); chosen || written.Set() && !written.Known() || mayGain(cluster.Message) || isAggregate(cluster.Message) {
		return
	}
	b := cluster.Breaker("DEFAULT")
	c.reportf(noBreaker, cluster.At(), "%s takes up to %d connections, %d pending requests, %d requests and %d retries at a time: Envoy's defaults, nobody chose them",
		clusterName(cluster.Message), b.MaxConnections.Value, b.MaxPending.Value, b.MaxRequests.Value, b.MaxRetries.Value)
}

func isAggregate(m *xds.Message) bool {
	return strings.Contains(m.Get("cluster_type.typed_config").TypeName(), ".aggregate.")
}

// breaker runs the rules about the limits for one priority.
func (c *checker) breaker(cluster *effective.Cluster, b *effective.Breaker, uses use) {
	name := clusterName(cluster.Message)
	if b.MaxRequests.Known && b.MaxRequests.Value == 1 {
		c.reportf(breakerOfOne, b.MaxRequests.At, "%s takes one request at a time, and answers 503 to all that come meanwhile", name)
	}
	if retries := b.Message.Get("max_retries"); retries.Set() && b.Budget != nil {
		c.report(finding.Finding{
			Rule: deadMaxRetries, Location: retries.At(),
			Message: fmt.Sprintf("max_retries has no effect: the retry_budget (%g %% of the active requests, at least %d) overrides it", b.Budget.Percent.Value, b.Budget.MinConcurrency.Value),
			Related: []finding.Related{{Location: b.Message.Get("retry_budget").KeyAt(), Message: "the budget"}},
			Fixes:   []finding.Fix{{Message: "remove max_retries", Edits: removal(retries)}},
		})
	}
	if n := b.MaxConnections; n.Known && n.Value > b.MaxPending.Value && !b.MaxPending.Chosen && (uses.tcp || uses.tunnels) && !mayGain(b.Message) {
		c.reportf(pendingBelow, n.At, "%s may have %d connections, but only %d that are being made: max_pending_requests is Envoy's default, which nobody chose, and holds for connections of TCP and of tunnels",
			name, n.Value, b.MaxPending.Value)
	}
}

// healthChecks asks whether health checks can do what they are for.
func (c *checker) healthChecks(m *xds.Message) {
	for _, check := range m.Get("health_checks").Messages() {
		interval, ok1 := check.Get("interval").Duration()
		timeout, ok2 := check.Get("timeout").Duration()
		if ok1 && ok2 && interval < timeout {
			c.report(finding.Finding{
				Rule: checkOverlap, Location: check.Get("interval").At(),
				Message: fmt.Sprintf("a check may take %v, and the next is due after %v: a host that hangs is found later than the interval says", timeout, interval),
				Related: []finding.Related{{Location: check.Get("timeout").At(), Message: "how long a check may take"}},
			})
		}
		if n, ok := check.Get("unhealthy_threshold").Uint(); ok && n == 1 {
			message := "one failed check takes a host out"
			if back, ok := check.Get("healthy_threshold").Uint(); ok && back == 1 {
				message += ", and one that succeeds brings it back: a lost probe is enough for it to flap"
			}
			c.reportf(checkFlapping, check.Get("unhealthy_threshold").At(), "%s", message)
		}
	}
}

// eviction notes clusters that keep sending to hosts that fail.
func (c *checker) eviction(m *xds.Message, atHome bool) {
	kind := discoveryOf(m)
	if atHome || kind == computed || mayGain(m) {
		return
	}
	if !m.Has("outlier_detection") {
		c.reportf(noOutlier, m.At(), "%s keeps sending to a host whatever that answers: it has no outlier_detection", clusterName(m))
	}
	if !m.Has("health_checks") && kind == listed {
		c.reportf(noHealthCheck, m.At(), "%s takes all its hosts for healthy: it has no health_checks", clusterName(m))
	}
}
