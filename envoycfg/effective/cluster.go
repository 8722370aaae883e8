package effective

import (
	"strings"
	"time"

	"github.com/commslint/commslint/envoycfg/policy"
	"github.com/commslint/commslint/envoycfg/xds"
	"github.com/commslint/commslint/finding"
)

// A Cluster is a group of hosts that requests are sent to.
type Cluster struct {
	*xds.Message
	File           *xds.File
	Name           string
	ConnectTimeout Setting[time.Duration]
	// Endpoints are those that the configuration lists.
	Endpoints []Endpoint
	// Discovered says that others are added, or that no list is given: EDS, a custom type, the original
	// destination.
	Discovered bool
	// HTTP are the options for HTTP; nil if there are none.
	HTTP *xds.Message
	// TLS says that connections are encrypted, Transport how; nil where its type is not known.
	TLS       bool
	Transport *xds.Message

	breakers map[string]*Breaker
}

// An Endpoint is one host of a cluster.
type Endpoint struct {
	Host string // or the path of a pipe
	Port uint64
	Pipe bool
	// Internal says that it is a listener of the same Envoy.
	Internal bool
	At       finding.Location
}

// Address is host:port, or the path of a pipe; empty if a dump was cleaned of it.
func (e Endpoint) Address() string {
	if isWithheld(e.Host) {
		return ""
	}
	if e.Pipe || e.Internal || e.Port == 0 {
		return e.Host
	}
	return joinHostPort(e.Host, e.Port)
}

// A Breaker is what limits the traffic to a cluster, for one priority and one Envoy.
type Breaker struct {
	// Message is the thresholds; nil if nobody wrote any, in which case the defaults hold.
	Message        *xds.Message
	MaxConnections Setting[uint64]
	MaxPending     Setting[uint64]
	MaxRequests    Setting[uint64]
	// MaxRetries is how many retries may be there at once. It is in force unless there is a Budget.
	MaxRetries Setting[uint64]
	Budget     *Budget // nil if there is none
}

// A Budget limits the retries to a share of the requests, which count the retries.
type Budget struct {
	*xds.Message
	// Percent is the share in percent; MinConcurrency is how many retries are always allowed.
	Percent        Setting[float64]
	MinConcurrency Setting[uint64]
}

// Defaults of CircuitBreakers.Thresholds and its RetryBudget (circuit_breaker.proto).
const (
	DefaultMaxConnections = 1024
	DefaultMaxPending     = 1024
	DefaultMaxRequests    = 1024
	DefaultMaxRetries     = policy.EnvoyBreaker
	DefaultBudgetPercent  = 100 * policy.EnvoyBudget
	DefaultMinConcurrency = policy.EnvoyBudgetMin
)

func (c *Cluster) file() *xds.File { return c.File }

func (c *Config) addCluster(f *xds.File, m *xds.Message) {
	cluster := &Cluster{
		Message: m, File: f, Name: m.Get("name").String(),
		ConnectTimeout: durationSetting(m.Get("connect_timeout"), DefaultConnectTimeout),
		HTTP:           m.Get("typed_extension_protocol_options").Entry("envoy.extensions.upstreams.http.v3.HttpProtocolOptions").Message(),
		breakers:       map[string]*Breaker{},
	}
	cluster.transport()
	cluster.Endpoints = endpoints(m.Get("load_assignment").Message())
	switch m.Get("type").Enum() {
	case "EDS", "ORIGINAL_DST":
		cluster.Discovered = true
	}
	cluster.Discovered = cluster.Discovered || m.Has("cluster_type") || m.Has("eds_cluster_config")
	for _, t := range m.Get("circuit_breakers.thresholds").Messages() {
		priority := priorityOf(t.Get("priority"))
		if cluster.breakers[priority] == nil { // Envoy takes the first of a priority
			cluster.breakers[priority] = newBreaker(m, t)
		}
	}
	c.addSource(f, m.Get("eds_cluster_config.eds_config"))
	c.Clusters = append(c.Clusters, cluster)
	c.clusters.add(cluster.Name, cluster)
}

// transport finds out whether connections are encrypted: by the transport socket, or by one of those
// that are picked by what the endpoints say of themselves.
func (c *Cluster) transport() {
	sockets := []xds.Value{c.Get("transport_socket")}
	for _, match := range c.Get("transport_socket_matches").Messages() {
		sockets = append(sockets, match.Get("transport_socket"))
	}
	for _, socket := range sockets {
		config := socket.Get("typed_config")
		if !socket.Set() || c.TLS {
			continue
		}
		inner := config
		for range 4 { // sockets that wrap others: proxy protocol, tap
			if nested := inner.Get("transport_socket.typed_config"); nested.Set() {
				inner = nested
			}
		}
		c.TLS = !strings.HasSuffix(inner.TypeName(), ".RawBuffer")
		c.Transport = inner.Message()
	}
}

func priorityOf(v xds.Value) string {
	if name := v.Enum(); name != "" {
		return name
	}
	return "DEFAULT"
}

// Breaker returns the limits for a priority, "DEFAULT" or "HIGH", in which those that nobody chose have
// their defaults. It is nil for a nil Cluster: nothing is known of one that is defined elsewhere.
func (c *Cluster) Breaker(priority string) *Breaker {
	if c == nil {
		return nil
	}
	if b := c.breakers[priority]; b != nil {
		return b
	}
	return newBreaker(c.Message, nil)
}

func newBreaker(cluster, t *xds.Message) *Breaker {
	number := func(name string, otherwise uint64) Setting[uint64] {
		if t == nil {
			return byDefault(cluster.Get("circuit_breakers"), otherwise)
		}
		return numberSetting(t.Get(name), otherwise)
	}
	b := &Breaker{
		Message:        t,
		MaxConnections: number("max_connections", DefaultMaxConnections),
		MaxPending:     number("max_pending_requests", DefaultMaxPending),
		MaxRequests:    number("max_requests", DefaultMaxRequests),
		MaxRetries:     number("max_retries", DefaultMaxRetries),
	}
	if budget := t.Get("retry_budget").Message(); budget != nil {
		b.Budget = &Budget{
			Message: budget, Percent: percent(budget.Get("budget_percent")),
			MinConcurrency: numberSetting(budget.Get("min_retry_concurrency"), DefaultMinConcurrency),
		}
	}
	return b
}

func percent(v xds.Value) Setting[float64] {
	if !v.Set() {
		return byDefault(v, float64(DefaultBudgetPercent))
	}
	share, known := v.Percent()
	return Setting[float64]{Value: share * 100, Known: known, Chosen: true, At: v.At()}
}

// An endpointSource is a ClusterLoadAssignment with a file of its own.
type endpointSource struct {
	from    *xds.File
	message *xds.Message
}

func (s endpointSource) file() *xds.File { return s.from }

func (c *Config) addEndpoints(f *xds.File, m *xds.Message) {
	name := m.Get("cluster_name").String()
	c.endpoints.add(name, endpointSource{f, m})
}

// discoverEndpoints finds the endpoints of a cluster that another file lists.
func (c *Config) discoverEndpoints(cluster *Cluster) {
	if !cluster.Discovered {
		return
	}
	name := cluster.Get("eds_cluster_config.service_name").String()
	if name == "" {
		name = cluster.Name
	}
	if source := c.endpoints.find(c, cluster.File, name); source.message != nil {
		cluster.Endpoints = append(cluster.Endpoints, endpoints(source.message)...)
	}
}

func endpoints(assignment *xds.Message) []Endpoint {
	var all []Endpoint
	for _, locality := range assignment.Get("endpoints").Messages() {
		for _, lb := range locality.Get("lb_endpoints").Messages() {
			address := lb.Get("endpoint.address")
			e := Endpoint{At: lb.At()}
			switch {
			case address.Get("socket_address").Set():
				socket := address.Get("socket_address")
				e.Host, e.At = socket.Get("address").String(), socket.Get("address").At()
				e.Port, _ = socket.Get("port_value").Uint()
			case address.Get("pipe").Set():
				e.Host, e.Pipe = address.Get("pipe.path").String(), true
			case address.Get("envoy_internal_address").Set():
				e.Host, e.Internal = address.Get("envoy_internal_address.server_listener_name").String(), true
			default:
				continue
			}
			all = append(all, e)
		}
	}
	return all
}
