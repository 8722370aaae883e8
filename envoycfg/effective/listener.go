package effective

import (
	"strconv"
	"strings"
	"time"

	"github.com/commslint/commslint/envoycfg/policy"
	"github.com/commslint/commslint/envoycfg/xds"
)

// A Listener takes connections.
type Listener struct {
	*xds.Message // nil where a filter chain stands alone
	File         *xds.File
	Name         string
	// Host and Port are the address; empty and 0 for a pipe, an internal listener, or where a template
	// decides.
	Host   string
	Port   uint64
	Chains []*FilterChain
}

// A FilterChain is what a listener does with the connections that match it.
type FilterChain struct {
	*xds.Message
	Listener *Listener
	// TLS says that clients connect with TLS or QUIC, Transport how; nil for clear text, or where its type is
	// not known.
	TLS       bool
	Transport *xds.Message
	Managers  []*HTTPManager
	TCP       []*TCPProxy
}

// A TCPProxy is a filter that passes connections on.
type TCPProxy struct {
	*xds.Message
	Chain *FilterChain
	// ConnectAttempts is how often it tries to connect for one connection.
	ConnectAttempts Setting[uint64]
	Targets         []Target
}

func (c *Config) addListener(f *xds.File, m *xds.Message) *Listener {
	l := &Listener{Message: m, File: f, Name: m.Get("name").String()}
	if a := m.Get("address.socket_address"); a.Set() {
		l.Host = a.Get("address").String()
		l.Port, _ = a.Get("port_value").Uint()
	}
	c.Listeners = append(c.Listeners, l)
	for _, chain := range m.Get("filter_chains").Messages() {
		l.addChain(c, chain)
	}
	if chain := m.Get("default_filter_chain").Message(); chain != nil {
		l.addChain(c, chain)
	}
	if manager := m.Get("api_listener.api_listener").Message(); manager.Is(xds.TypeHTTPManager) {
		c.addManager(f, l, nil, manager)
	}
	return l
}

func (l *Listener) addChain(c *Config, m *xds.Message) {
	chain := &FilterChain{Message: m, Listener: l}
	if socket := m.Get("transport_socket"); socket.Set() {
		config := socket.Get("typed_config")
		chain.TLS = !strings.HasSuffix(config.TypeName(), ".RawBuffer")
		chain.Transport = config.Message()
	}
	l.Chains = append(l.Chains, chain)
	for _, filter := range m.Get("filters").Messages() {
		l.addFilter(c, chain, filter)
	}
}

func (l *Listener) addFilter(c *Config, chain *FilterChain, filter *xds.Message) {
	config := filter.Get("typed_config").Message()
	switch {
	case config.Is(xds.TypeHTTPManager):
		chain.Managers = append(chain.Managers, c.addManager(l.File, l, chain, config))
	case config.Is(xds.TypeTCPProxy):
		p := &TCPProxy{Message: config, Chain: chain, ConnectAttempts: numberSetting(config.Get("max_connect_attempts"), 1)}
		p.Targets = targets(config)
		chain.TCP = append(chain.TCP, p)
	}
}

// Sidecar reports whether the listener stands before or behind one service of a mesh, whose control plane
// says so: by the direction of its traffic, or by a socket that nothing is bound to.
func (l *Listener) Sidecar() bool {
	if l.Message == nil {
		return false
	}
	bind, known := l.Get("bind_to_port").Bool()
	return l.Get("traffic_direction").Enum() == "OUTBOUND" || l.Get("traffic_direction").Enum() == "INBOUND" || known && !bind
}

// Address is host:port; empty if it is not known.
func (l *Listener) Address() string {
	if l == nil || l.Host == "" || l.Port == 0 || isWithheld(l.Host) {
		return ""
	}
	return joinHostPort(l.Host, l.Port)
}

// isWithheld reports whether a dump was cleaned of a host, so that many have the same name.
func isWithheld(host string) bool { return strings.Contains(strings.ToUpper(host), xds.Redacted) }

func joinHostPort(host string, port uint64) string {
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return host + ":" + strconv.FormatUint(port, 10)
}

// An HTTPManager is an HTTP connection manager.
type HTTPManager struct {
	*xds.Message
	File     *xds.File
	Listener *Listener    // nil if it stands alone
	Chain    *FilterChain // nil for that of an API listener
	// Routes is nil if they come from elsewhere, which Dynamic then describes.
	Routes  *RouteConfig
	Dynamic string
	// Filters are the configurations of the HTTP filters of known type, in order, without disabled ones.
	Filters []*xds.Message

	StreamIdle        Setting[time.Duration]
	RequestTimeout    Setting[time.Duration]
	HeadersTimeout    Setting[time.Duration]
	MaxStreamDuration Setting[time.Duration]
	IdleTimeout       Setting[time.Duration]
}

// Defaults of HttpConnectionManager and HttpProtocolOptions, by the comments of their protos.
const (
	DefaultStreamIdle = 5 * time.Minute
	DefaultIdle       = time.Hour
	// DefaultTimeout is that of RouteAction.timeout.
	DefaultTimeout = policy.EnvoyTimeout
	// DefaultConnectTimeout is that of Cluster.connect_timeout.
	DefaultConnectTimeout = 5 * time.Second
)

func (c *Config) addManager(f *xds.File, l *Listener, chain *FilterChain, m *xds.Message) *HTTPManager {
	h := &HTTPManager{
		Message: m, File: f, Listener: l, Chain: chain,
		StreamIdle:        durationSetting(m.Get("stream_idle_timeout"), DefaultStreamIdle),
		RequestTimeout:    durationSetting(m.Get("request_timeout"), 0),
		HeadersTimeout:    durationSetting(m.Get("request_headers_timeout"), 0),
		MaxStreamDuration: durationSetting(m.Get("common_http_protocol_options.max_stream_duration"), 0),
		IdleTimeout:       durationSetting(m.Get("common_http_protocol_options.idle_timeout"), DefaultIdle),
	}
	for _, filter := range m.Get("http_filters").Messages() {
		if config := filter.Get("typed_config").Message(); config != nil && !filter.Get("disabled").IsTrue() {
			h.Filters = append(h.Filters, config)
		}
	}
	c.addSource(f, m.Get("rds.config_source"))
	c.Managers = append(c.Managers, h)
	return h
}

// UsesRemoteAddress reports whether the address of the connection, rather than a header, says where a
// request is from. It is false unless somebody asks for it.
func (h *HTTPManager) UsesRemoteAddress() bool { return h.Get("use_remote_address").IsTrue() }

// TrustsForwardedFor reports whether a client can make itself internal by a header, so that Envoy obeys
// its x-envoy-retry-on, x-envoy-max-retries and the like: the address is taken from x-forwarded-for. Since
// Envoy 1.33 no address is internal unless internal_address_config says so, which is here the second
// result.
func (h *HTTPManager) TrustsForwardedFor() (trusts, internalConfigured bool) {
	if h.UsesRemoteAddress() || h.Has("original_ip_detection_extensions") {
		return false, false
	}
	internal := h.Get("internal_address_config")
	return true, internal.Get("cidr_ranges").Set() || internal.Get("unix_sockets").IsTrue()
}

// routesOf finds the routes of a manager.
func (c *Config) routesOf(h *HTTPManager) {
	inline, rds := h.Get("route_config").Message(), h.Get("rds")
	switch {
	case inline != nil:
		h.Routes = c.newRouteConfig(h.File, inline)
	case rds.Set():
		name := rds.Get("route_config_name").String()
		h.Routes = c.routeConfigs.find(c, h.File, name)
		if h.Routes == nil {
			h.Dynamic = strings.TrimSpace("route configuration " + name + " from RDS")
		}
	case h.Has("scoped_routes"):
		h.Dynamic = "scoped routes"
	}
	if h.Routes != nil {
		h.Routes.Managers = append(h.Routes.Managers, h)
	}
}
