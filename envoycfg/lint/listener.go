package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/commslint/commslint/envoycfg/effective"
	"github.com/commslint/commslint/envoycfg/xds"
	"github.com/commslint/commslint/finding"
)

// An exposure says whether machines that nobody vouches for reach a listener.
type exposure struct {
	exposed bool
	// guessed says that a template fills in the address.
	guessed bool
	text    string
	at      finding.Location
}

// exposureOf looks at the addresses of a listener. The listeners of a mesh's sidecar take what the mesh
// sends, and those that nothing is bound to what other listeners pass on.
func exposureOf(l *effective.Listener) exposure {
	if l == nil || l.Message == nil || l.Sidecar() || l.Get("use_original_dst").IsTrue() {
		return exposure{}
	}
	addresses := []*xds.Message{l.Get("address").Message()}
	for _, more := range l.Get("additional_addresses").Messages() {
		addresses = append(addresses, more.Get("address").Message())
	}
	var guess exposure
	for _, m := range addresses {
		a := addressOf(m)
		switch {
		case m == nil, a.udp && !l.Has("udp_listener_config.quic_options"):
		case a.reach == everybody, a.reach == remote:
			return exposure{exposed: true, text: a.text, at: a.at.At()}
		case a.reach == unknownReach && a.at.Set():
			guess = exposure{exposed: true, guessed: true, text: a.text, at: a.at.At()}
		}
	}
	return guess
}

// strength is that of findings that rest on the exposure.
func (e exposure) strength() finding.Strength {
	if e.guessed {
		return finding.Likely
	}
	return finding.Proven
}

// related tells why the listener is taken for exposed.
func (e exposure) related() finding.Related {
	message := "others reach it at " + e.text
	if e.guessed {
		message = "an address that is filled in later"
	}
	return finding.Related{Location: e.at, Message: message}
}

// listener runs the rules about listeners and what is in their filter chains.
func (c *checker) listener(l *effective.Listener) {
	e := exposureOf(l)
	for _, chain := range l.Chains {
		c.clientCertificates(chain)
		for _, p := range chain.TCP {
			c.connectAttempts(p)
		}
	}
	if !e.exposed {
		return
	}
	c.clearText(l, e)
	for _, chain := range l.Chains {
		for _, h := range chain.Managers {
			if !c.observes(h) {
				c.forwardedFor(h, e)
			}
			c.slowRequests(h, e)
		}
	}
}

// filterAt is the place of the filter that a manager is the configuration of, which is where readers
// look for it.
func filterAt(h *effective.HTTPManager) finding.Location {
	if h.Chain != nil && h.Chain.Message != nil {
		for _, filter := range h.Chain.Get("filters").Messages() {
			if filter.Get("typed_config").Message() == h.Message {
				return filter.At()
			}
		}
	}
	return h.At()
}

// clearText wants exposed listeners to take HTTP over TLS.
func (c *checker) clearText(l *effective.Listener, e exposure) {
	for _, chain := range l.Chains {
		if chain.TLS || mayGain(chain.Message) || len(chain.Managers) == 0 {
			continue
		}
		f := finding.Finding{
			Rule: plaintextListener, Location: l.At(), Strength: e.strength(), Related: []finding.Related{e.related()},
			Message: "HTTP is spoken in clear text here: the filter chain has no transport_socket",
		}
		protected, onlyReads := true, true
		for _, h := range chain.Managers {
			safe, reads := harmless(h)
			protected, onlyReads = protected && safe, onlyReads && (reads || c.observes(h))
		}
		if protected {
			continue
		}
		if onlyReads {
			f.Strength = finding.Possible
			f.Message += "; its routes only read"
		}
		c.report(f)
		return
	}
}

// afterTLS reports whether a route takes only requests that came over TLS to a proxy in front.
func afterTLS(r *effective.Route) bool {
	return slices.ContainsFunc(r.Get("match.headers").Messages(), func(m *xds.Message) bool {
		return strings.EqualFold(m.Get("name").String(), "x-forwarded-proto") && !m.Get("invert_match").IsTrue() &&
			(m.Get("string_match.exact").String() == "https" || m.Get("exact_match").String() == "https")
	})
}

// harmless reports whether a manager sends on nothing that came in clear text, and whether its routes take
// nothing but reads. Both are false where its routes are not known.
func harmless(h *effective.HTTPManager) (protected, reads bool) {
	if h.Routes == nil {
		return false, false
	}
	protected, reads = true, true
	count := 0
	for _, vh := range h.Routes.VirtualHosts {
		requiresTLS := vh.Get("require_tls").Enum() == "ALL"
		for _, r := range vh.Routes {
			count++
			protected = protected && (requiresTLS || r.Kind == effective.Redirect || afterTLS(r))
			reads = reads && onlyReads(r.Match.Methods)
		}
	}
	return protected && count > 0, reads && count > 0
}

// observationPaths are those under which programs show how they are.
var observationPaths = []string{
	"/stats", "/metrics", "/health", "/healthz", "/ready", "/readyz", "/readiness", "/live", "/livez", "/liveness", "/ping", "/status",
}

// observes reports whether a manager does nothing but show how the machine is, by the paths of its
// routes, or because they lead to the administration interface.
func (c *checker) observes(h *effective.HTTPManager) bool {
	if h.Routes == nil {
		return false
	}
	count := 0
	for _, vh := range h.Routes.VirtualHosts {
		for _, r := range vh.Routes {
			if r.Kind != effective.Forward {
				continue
			}
			count++
			first, _, _ := strings.Cut(strings.TrimPrefix(r.Match.Path.Text, "/"), "/")
			if !slices.Contains(observationPaths, "/"+first) && !c.leadsToAdmin(h.File, r) {
				return false
			}
		}
	}
	return count > 0
}

// onlyReads reports whether requests with the methods change nothing. An empty list takes all.
func onlyReads(methods []string) bool {
	return len(methods) > 0 && !slices.ContainsFunc(methods, func(m string) bool { return m != "GET" && m != "HEAD" && m != "OPTIONS" })
}

// forwardedFor wants the address of the connection, and not a header, to say who is inside.
func (c *checker) forwardedFor(h *effective.HTTPManager, e exposure) {
	trusts, configured := h.TrustsForwardedFor()
	if !trusts || !h.Has("use_remote_address") && mayGain(h.Message) || keepsHeadersOut(h) {
		return
	}
	f := finding.Finding{
		Rule: clientDrivenRetry, Location: filterAt(h), Strength: finding.Likely, Related: []finding.Related{e.related()},
		Message: "clients can make themselves internal by x-forwarded-for, and then order retries by x-envoy-retry-on and x-envoy-max-retries: use_remote_address is false (Envoy's default, nobody chose it)",
	}
	if h.Has("use_remote_address") {
		f.Message = strings.Replace(f.Message, " (Envoy's default, nobody chose it)", "", 1)
		f.Related = append(f.Related, finding.Related{Location: h.Get("use_remote_address").At(), Message: "use_remote_address"})
	}
	if asksForCertificates(h.Chain) {
		f.Strength = finding.Possible
	} else if configured {
		f.Strength = e.strength()
	}
	if configured {
		f.Related = append(f.Related, finding.Related{Location: h.Get("internal_address_config").KeyAt(), Message: "the addresses that are internal"})
	} else {
		f.Message += "; until Envoy 1.33, and since then where internal_address_config names addresses"
	}
	c.report(f)
}

// keepsHeadersOut reports whether a manager is told how many proxies to trust, changes headers before
// anything reads them, or never gets to retry.
func keepsHeadersOut(h *effective.HTTPManager) bool {
	if n, _ := h.Get("xff_num_trusted_hops").Uint(); n > 0 || h.Has("early_header_mutation_extensions") {
		return true
	}
	if h.Routes == nil {
		return false
	}
	for _, vh := range h.Routes.VirtualHosts {
		for _, r := range vh.Routes {
			if r.Kind == effective.Forward {
				return false
			}
		}
	}
	return len(h.Routes.VirtualHosts) > 0
}

// slowRequests wants a limit to how long a client may take to send its request.
func (c *checker) slowRequests(h *effective.HTTPManager, e exposure) {
	if h.RequestTimeout.Chosen || h.HeadersTimeout.Chosen || mayGain(h.Message) {
		return
	}
	f := finding.Finding{
		Rule: noRequestTimeout, Location: filterAt(h), Strength: e.strength(), Related: []finding.Related{e.related()},
		Message: "clients may take for ever to send a request: request_timeout and request_headers_timeout are off (Envoy's default, nobody chose it)",
	}
	if c.observes(h) || asksForCertificates(h.Chain) {
		f.Strength = finding.Possible
	}
	c.report(f)
}

// asksForCertificates reports whether only clients with a certificate get in, which are not anybody.
func asksForCertificates(chain *effective.FilterChain) bool {
	if chain == nil {
		return false
	}
	for _, tls := range []*xds.Message{chain.Transport, chain.Transport.Get("downstream_tls_context").Message()} {
		if tls != nil && tls.Type.Field("require_client_certificate") != nil && tls.Get("require_client_certificate").IsTrue() {
			return true
		}
	}
	return false
}

// clientCertificates notes certificates of clients that are checked but not asked for.
func (c *checker) clientCertificates(chain *effective.FilterChain) {
	tls := chain.Transport
	if quic := tls.Get("downstream_tls_context").Message(); quic != nil {
		tls = quic
	}
	if tls == nil || tls.Type.Field("require_client_certificate") == nil || tls.Get("require_client_certificate").Set() {
		return
	}
	for _, path := range []string{
		"common_tls_context.validation_context.trusted_ca",
		"common_tls_context.combined_validation_context.default_validation_context.trusted_ca",
	} {
		if v := tls.Get(path); v.Set() {
			c.report(finding.Finding{
				Rule: optionalClientCert, Location: v.In().At(),
				Message: "clients without a certificate are let in: require_client_certificate is false (Envoy's default, nobody chose it)",
				Related: []finding.Related{{Location: v.KeyAt(), Message: "what the certificates of those that have one are checked against"}},
			})
		}
	}
}

// connectAttempts wants a wait between attempts to connect.
func (c *checker) connectAttempts(p *effective.TCPProxy) {
	attempts := p.ConnectAttempts
	if !attempts.Known || attempts.Value <= c.opt.MaxConnects || p.Has("backoff_options") {
		return
	}
	c.reportf(tcpAttempts, attempts.At, "up to %d attempts to connect follow each other without a wait: there are no backoff_options", attempts.Value)
}

// faults finds faults that requests may order.
func (c *checker) faults(m *xds.Message, e exposure) {
	if !m.Is("envoy.extensions.filters.http.fault.v3.HTTPFault") || !e.exposed {
		return
	}
	for _, kind := range []struct{ by, header string }{
		{"delay.header_delay", "x-envoy-fault-delay-request"}, {"abort.header_abort", "x-envoy-fault-abort-request"},
	} {
		v := m.Get(kind.by)
		share, known := v.In().Get("percentage").Percent()
		if !v.Set() || known && share == 0 || !v.In().Has("percentage") {
			continue
		}
		f := finding.Finding{
			Rule: clientDrivenFault, Location: v.KeyAt(), Related: []finding.Related{e.related()},
			Message: fmt.Sprintf("any client can order this fault for its requests by %s%s", kind.header, activeText(m)),
		}
		if m.Has("headers") {
			f.AtMost = finding.Warning
			f.Related = append(f.Related, finding.Related{Location: m.Get("headers").KeyAt(), Message: "for requests with these headers, which clients may send too"})
		}
		c.report(f)
	}
}

func activeText(m *xds.Message) string {
	if n, ok := m.Get("max_active_faults").Uint(); ok {
		return fmt.Sprintf(", up to %d at a time", n)
	}
	return ", without a limit to how many at a time (max_active_faults)"
}

// failsOpen finds authorization that lets requests pass when it fails.
func (c *checker) failsOpen(m *xds.Message) {
	if !strings.HasSuffix(m.Type.Name, ".ext_authz.v3.ExtAuthz") || !m.Get("failure_mode_allow").IsTrue() {
		return
	}
	v := m.Get("failure_mode_allow")
	c.reportf(authzFailsOpen, v.At(), "every request passes unchecked while the authorization service fails or is slow")
}
