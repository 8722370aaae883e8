package callgraph

// ProxyLayer is the retry policy of a proxy: a sidecar, a gateway, a load balancer.
const ProxyLayer LayerKind = "proxy"

// A Route is what a proxy does with the requests that match it: which layers send
// them again, how long it waits, and where they go. Frontends that read the
// configuration of proxies produce routes; linking puts them between those who send
// a request and those who serve it.
type Route struct {
	ID     string `json:"id"`     // of all routes: "envoy:front.yaml:23:15"
	Name   string `json:"name"`   // for people: "route /service/1 of ingress_http"
	System string `json:"system"` // "envoy", "istio", "gateway-api", "contour", "nginx", "haproxy" …
	At     Posn   `json:"at"`

	RouteMatch

	// Layers are around every request that the route sends on, outermost first.
	// Overall of a layer is the timeout of the route. A route without retries has a
	// layer of one attempt if it has a timeout, and else none.
	Layers []Layer `json:"layers,omitempty"`
	// Rewrite is what becomes of the path of a request that is sent on, to Mirrors too.
	Rewrite Rewrite `json:"rewrite,omitzero"`
	// To are the upstreams, of which each request goes to one. Empty if the proxy
	// answers itself, or if Dynamic.
	To []Upstream `json:"to,omitempty"`
	// Dynamic says what decides about the upstream where the configuration does not:
	// "header x-cluster", "cluster from ADS". Empty if To is complete.
	Dynamic string `json:"dynamic,omitempty"`
	// Mirrors get copies, once for each request that arrives, whatever Layers do.
	Mirrors []Mirror `json:"mirrors,omitempty"`
	// Checks are asked about each request that arrives, once, whatever Layers do.
	Checks []Check `json:"checks,omitempty"`
}

// A Check is what a proxy asks another service about a request before it sends it on: whether it is allowed, or within
// its limit. What it makes of a check that fails is an answer of its own, such as 403, and no failure of the check.
type Check struct {
	Upstream
	// Operation is the method of gRPC that it calls: "/envoy.service.auth.v3.Authorization/Check". Empty if it sends
	// method and path of the request itself.
	Operation string `json:"operation,omitempty"`
}

// A RouteMatch says which requests a route is for.
type RouteMatch struct {
	// Listens are the addresses at which the proxy takes requests, as host:port;
	// empty if that is not known or if it is a Sidecar.
	Listens []string `json:"listens,omitempty"`
	// Sidecar says that the proxy stands beside every client and sees what it sends
	// to Hosts, whatever address it has of its own.
	Sidecar bool `json:"sidecar,omitempty"`
	// Hosts are domains, with or without a port: "payments",
	// "payments.shop.svc.cluster.local", "*.example.com"; "*" and none are any.
	Hosts   []string  `json:"hosts,omitempty"`
	Methods []string  `json:"methods,omitempty"` // of HTTP; empty for any
	Path    PathMatch `json:"path,omitzero"`
	// Conditional says that something else than host, method and path decides too
	// (a header, a query parameter, a source): the request may take another route.
	Conditional bool `json:"conditional,omitempty"`
	// Order is the place of the route among those of its virtual host: the first
	// that matches takes the request.
	Order int `json:"order,omitempty"`
}

// A PathMatch is the condition that a route puts on paths. The zero PathMatch takes
// all.
type PathMatch struct {
	Kind PathKind `json:"kind,omitempty"`
	Text string   `json:"text,omitempty"` // "/v1/charges"
}

// A PathKind says how a path is compared.
type PathKind string

const (
	AnyPath      PathKind = ""
	ExactPath    PathKind = "exact"
	PrefixPath   PathKind = "prefix"   // of characters, as Envoy's prefix
	SegmentsPath PathKind = "segments" // of whole segments, as Gateway API's PathPrefix and Envoy's path_separated_prefix
	TemplatePath PathKind = "template" // "/v1/charges/{id}"
	RegexPath    PathKind = "regex"    // RE2, of the whole path
)

// An Upstream is a destination of a route.
type Upstream struct {
	Name string `json:"name"` // of the cluster, service or upstream block
	// Addresses are host:port, where known: "payments:8080". A cluster with none
	// is discovered elsewhere.
	Addresses []string `json:"addresses,omitempty"`
	// Layers are those of the cluster rather than the route: what limits retries to
	// it (a budget, a breaker) is already in the Layers of the route.
	Layers []Layer `json:"layers,omitempty"`
	At     Posn    `json:"at,omitzero"`
}

// A Mirror is a copy of requests to somewhere whose answers nobody waits for.
type Mirror struct {
	Upstream
	Fraction float64 `json:"fraction"` // of requests, 1 for all
}

// A Workload is a service as the manifests of a cluster describe it.
type Workload struct {
	Name string `json:"name"`
	// Hosts are the names that others reach it by, with and without a namespace.
	Hosts []string `json:"hosts,omitempty"`
	Ports []int    `json:"ports,omitempty"`
	// Env is the environment of its containers, which tells the addresses that its
	// code reads from there.
	Env []EnvValue `json:"env,omitempty"`
	// Images and Labels tie it to a folder of code: "shop/payments", "payments".
	Images []string `json:"images,omitempty"`
	At     Posn     `json:"at"`
}

// An EnvValue is an environment variable that a manifest sets to a known value.
type EnvValue struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	At    Posn   `json:"at"`
}
