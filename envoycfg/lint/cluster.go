package lint

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/commslint/commslint/envoycfg/effective"
	"github.com/commslint/commslint/envoycfg/xds"
	"github.com/commslint/commslint/finding"
)

// Defaults of Envoy (envoy/config/cluster/v3/cluster.proto and circuit_breaker.proto).
const (
	envoyConnectTimeout = 5 * time.Second
	envoyLimit          = 1024 // of connections, of pending requests, of requests
	envoyRetries        = 3    // at a time
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
	c.connectTimeout(m)
	c.breakers(m, uses)
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

func (c *checker) connectTimeout(m *xds.Message) {
	if m.Has("connect_timeout") || mayGain(m) || m.Get("cluster_type.typed_config").Set() && discoveryOf(m) == computed {
		return
	}
	c.reportf(defaultConnect, m.At(), "%s gives a connection %v to be made: Envoy's default, nobody chose it", clusterName(m), envoyConnectTimeout)
}

// breakers asks what limits the load on a cluster.
func (c *checker) breakers(m *xds.Message, uses use) {
	thresholds := m.Get("circuit_breakers.thresholds")
	if !m.Has("circuit_breakers") || thresholds.Known() && len(thresholds.List()) == 0 {
		if !mayGain(m) && !isAggregate(m) {
			c.reportf(noBreaker, m.At(), "%s takes up to %d connections, %[2]d pending requests, %[2]d requests and %d retries at a time: Envoy's defaults, nobody chose them",
				clusterName(m), envoyLimit, envoyRetries)
		}
		return
	}
	for _, t := range thresholds.Messages() {
		c.threshold(m, t, uses)
	}
}

func isAggregate(m *xds.Message) bool {
	return strings.Contains(m.Get("cluster_type.typed_config").TypeName(), ".aggregate.")
}

func (c *checker) threshold(m, t *xds.Message, uses use) {
	if n, ok := t.Get("max_requests").Uint(); ok && n == 1 {
		c.reportf(breakerOfOne, t.Get("max_requests").At(), "%s takes one request at a time, and answers 503 to all that come meanwhile", clusterName(m))
	}
	if retries, budget := t.Get("max_retries"), t.Get("retry_budget"); retries.Set() && budget.Set() {
		c.report(finding.Finding{
			Rule: deadMaxRetries, Location: retries.At(),
			Message: fmt.Sprintf("max_retries has no effect: the retry_budget (%s) overrides it", budgetText(budget.Message())),
			Related: []finding.Related{{Location: budget.KeyAt(), Message: "the budget"}},
			Fixes:   []finding.Fix{{Message: "remove max_retries", Edits: removal(retries)}},
		})
	}
	connections, pending := t.Get("max_connections"), t.Get("max_pending_requests")
	if n, ok := connections.Uint(); ok && n > envoyLimit && !pending.Set() && (uses.tcp || uses.tunnels) && !mayGain(t) {
		c.reportf(pendingBelow, connections.At(), "%s may have %d connections, but only %d that are being made: max_pending_requests is Envoy's default, which nobody chose, and holds for connections of TCP and of tunnels",
			clusterName(m), n, envoyLimit)
	}
}

// Defaults of a retry budget (circuit_breaker.proto).
const (
	budgetPercent = 20.0
	budgetMin     = 3
)

// budgetText is "20 % of the active requests, at least 3".
func budgetText(m *xds.Message) string {
	percent, least := budgetPercent, uint64(budgetMin)
	if share, ok := m.Get("budget_percent").Percent(); ok && m.Has("budget_percent") {
		percent = share * 100
	}
	if n, ok := m.Get("min_retry_concurrency").Uint(); ok {
		least = n
	}
	return fmt.Sprintf("%g %% of the active requests, at least %d", percent, least)
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
