package lint_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/commslint/commslint/envoycfg/lint"
	"github.com/commslint/commslint/envoycfg/xds"
	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/tree"
)

// levels says at which level each of the rules speaks of a text, as "rule level", sorted.
func levels(findings []finding.Finding, among ...string) []string {
	var all []string
	for _, f := range findings {
		if name := strings.TrimPrefix(f.Rule, "envoy/"); len(among) == 0 || slices.Contains(among, name) {
			all = append(all, fmt.Sprint(name, " ", effective(f)))
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// indent moves a text to a column.
func indent(text string, by int) string {
	return strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n"+strings.Repeat(" ", by))
}

// routes is a route configuration with the routes, and more of its virtual host.
func routes(list, host string) string {
	return `resources:
- "@type": type.googleapis.com/envoy.config.route.v3.RouteConfiguration
  name: shop
  virtual_hosts:
  - name: shop
    domains: ["*"]
    ` + indent(host, 4) + `
    routes:
    ` + indent(list, 4) + "\n"
}

// route is one route that takes everything, with more of its action.
func route(action string) string {
	return routes("- match: {prefix: /}\n  route:\n    cluster: payments\n    "+indent(action, 4), "")
}

// TestRetriedMethods tells retries that may do something twice from those that cannot.
func TestRetriedMethods(t *testing.T) {
	const post, none = "retry-nonidempotent error", ""
	policy := func(p string) string { return route("timeout: 2s\nretry_policy: {per_try_timeout: 0.5s, " + p + "}") }
	matched := func(match, p string) string {
		return routes("- match: "+match+"\n  route: {cluster: payments, timeout: 2s, retry_policy: {per_try_timeout: 0.5s, "+p+"}}", "")
	}
	only := func(matchers string) string {
		return policy("retry_on: 5xx, retriable_request_headers: [" + matchers + "]")
	}
	after := func(path string) string {
		return routes("- match: {prefix: "+path+", headers: [{name: ':method', string_match: {safe_regex: {regex: 'POST|PATCH'}}}]}\n  route: {cluster: payments, timeout: 2s}\n"+
			"- match: {prefix: /v1/}\n  route: {cluster: payments, timeout: 2s, retry_policy: {retry_on: 5xx, per_try_timeout: 0.5s}}", "")
	}
	for name, test := range map[string]struct{ text, want string }{
		"after a route of writes":                {after("/v1"), none},
		"after a route of other writes":          {after("/v1/a"), post},
		"any method, any failure":                {policy("retry_on: 5xx"), post},
		"resets":                                 {policy("retry_on: reset"), post},
		"before anything was done":               {policy(`retry_on: "connect-failure,refused-stream,reset-before-request,envoy-ratelimited"`), none},
		"no statuses":                            {policy("retry_on: retriable-status-codes"), none},
		"statuses without the word":              {policy("retry_on: connect-failure, retriable_status_codes: [500]"), none},
		"500":                                    {policy("retry_on: retriable-status-codes, retriable_status_codes: [500]"), post},
		"503":                                    {policy("retry_on: retriable-status-codes, retriable_status_codes: [503]"), "retry-nonidempotent warning"},
		"429, which the upstream turned away":    {policy("retry_on: retriable-status-codes, retriable_status_codes: [429]"), none},
		"gRPC internal":                          {policy("retry_on: internal"), post},
		"gRPC unavailable":                       {policy("retry_on: unavailable"), "retry-nonidempotent note"},
		"a read by its name":                     {matched("{path: /shop.v1.Carts/GetCart, grpc: {}}", "retry_on: internal"), "retry-nonidempotent note"},
		"no retries":                             {policy("retry_on: 5xx, num_retries: 0"), none},
		"no condition":                           {policy("num_retries: 5"), none},
		"a condition that is filled in later":    {policy("retry_on: ${RETRY_ON}"), none},
		"only GET is retried":                    {only(`{name: ":method", string_match: {exact: GET}}`), none},
		"GET and HEAD, by a regular expression":  {only(`{name: ":method", string_match: {safe_regex: {regex: "GET|HEAD"}}}`), none},
		"GET or POST":                            {only(`{name: ":method", string_match: {exact: GET}}, {name: ":method", string_match: {exact: POST}}`), post},
		"POST or a header":                       {only(`{name: x-again, present_match: true}, {name: ":method", string_match: {exact: POST}}`), post},
		"what clients mark":                      {only(`{name: x-again, present_match: true}`), none},
		"what has a key":                         {only(`{name: idempotency-key, present_match: true}`), none},
		"not POST, but PATCH":                    {only(`{name: ":method", string_match: {exact: POST}, invert_match: true}`), post},
		"a route for GET":                        {matched(`{prefix: /, headers: [{name: ":method", string_match: {exact: GET}}]}`, "retry_on: 5xx"), none},
		"a route for GET in the old way":         {matched(`{prefix: /, headers: [{name: ":method", exact_match: GET}]}`, "retry_on: 5xx"), none},
		"a route for PUT":                        {matched(`{prefix: /, headers: [{name: ":method", string_match: {exact: PUT}}]}`, "retry_on: 5xx"), none},
		"a route for POST":                       {matched(`{prefix: /, headers: [{name: ":method", string_match: {exact: POST}}]}`, "retry_on: 5xx"), post},
		"a route for requests with a key":        {matched(`{prefix: /, headers: [{name: Idempotency-Key, present_match: true}]}`, "retry_on: 5xx"), none},
		"a tunnel":                               {matched(`{connect_matcher: {}}`, "retry_on: 5xx"), none},
		"the policy of the virtual host":         {routes("- match: {prefix: /}\n  route: {cluster: payments, timeout: 2s}", "retry_policy: {retry_on: 5xx, per_try_timeout: 0.5s}"), post},
		"of which the route takes nothing over":  {routes("- match: {prefix: /}\n  route: {cluster: payments, timeout: 2s, retry_policy: {retry_on: connect-failure}}", "retry_policy: {retry_on: 5xx}"), none},
		"routes that send nothing on":            {routes("- match: {prefix: /a}\n  redirect: {path_redirect: /b}\n- match: {prefix: /c}\n  direct_response: {status: 200}", "retry_policy: {retry_on: 5xx}"), none},
		"a header that only the upstream writes": {policy("retry_on: retriable-headers, retriable_headers: [{name: x-retry, present_match: true}]"), "retry-nonidempotent note"},
	} {
		got := strings.Join(levels(checkText(t, test.text), "retry-nonidempotent"), ", ")
		if got != test.want {
			t.Errorf("%s: found %q, want %q", name, got, test.want)
		}
	}
}

// TestPerTry tells time limits of attempts that Envoy obeys from those that it drops, and hangs that are
// repeated from those that are not.
func TestPerTry(t *testing.T) {
	for action, want := range map[string]string{
		"timeout: 3s\nretry_policy: {retry_on: 5xx, per_try_timeout: 3s}":                                 "per-try-not-below-timeout warning",
		"timeout: 3s\nretry_policy: {retry_on: 5xx, per_try_timeout: 1s}":                                 "",
		"timeout: 0s\nretry_policy: {retry_on: 5xx, per_try_timeout: 3s}":                                 "",
		"retry_policy: {retry_on: 5xx, per_try_timeout: 20s}":                                             "per-try-not-below-timeout warning", // 15 s, which nobody chose
		"timeout: ${T}\nretry_policy: {retry_on: 5xx, per_try_timeout: 20s}":                              "",
		"timeout: {seconds: 3}\nretry_policy: {retry_on: 5xx, per_try_timeout: {seconds: 2, nanos: 500}}": "",
		"timeout: 3s\nretry_policy: {retry_on: 5xx}":                                                      "retry-without-per-try-timeout warning",
		"timeout: 3s\nretry_policy: {retry_on: 5xx, per_try_idle_timeout: 1s}":                            "",
		"timeout: 3s\nretry_policy: {retry_on: connect-failure}":                                          "",
		"timeout: 3s\nretry_policy: {retry_on: 5xx, num_retries: 0}":                                      "",
	} {
		got := strings.Join(levels(checkText(t, route(action)), "per-try-not-below-timeout", "retry-without-per-try-timeout"), ", ")
		if got != want {
			t.Errorf("%q: found %q, want %q", action, got, want)
		}
	}
}

// TestAttempts counts the attempts of policies, and those that the timeout leaves room for.
func TestAttempts(t *testing.T) {
	for action, want := range map[string]string{
		"timeout: 3s\nretry_policy: {retry_on: connect-failure, num_retries: 3}":                      "retry-count note",
		"timeout: 3s\nretry_policy: {retry_on: connect-failure, num_retries: 4}":                      "retry-count warning",
		"timeout: 3s\nretry_policy: {retry_on: connect-failure, num_retries: ${N}}":                   "",
		"timeout: 3s\nretry_policy: {retry_on: connect-failure}":                                      "",
		"timeout: 3s\nretry_policy: {num_retries: 40}":                                                "",
		"timeout: 3s\nretry_policy: {retry_on: 5xx, num_retries: 2, per_try_timeout: 1s}":             "retry-count note",
		"timeout: 3s\nretry_policy: {retry_on: 5xx, num_retries: 3, per_try_timeout: 1s}":             "retry-bound-by-timeout warning, retry-count note",
		"timeout: 3s\nretry_policy: {retry_on: connect-failure, num_retries: 3, per_try_timeout: 1s}": "retry-count note",
		"timeout: 0s\nretry_policy: {retry_on: 5xx, num_retries: 3, per_try_timeout: 1s}":             "retry-count note",
		"timeout: 1s\nretry_policy: {retry_on: 5xx, num_retries: 3, per_try_timeout: 2s}":             "retry-count note", // dropped
		"retry_policy: {retry_on: 5xx, num_retries: 3, per_try_timeout: 5s}":                          "retry-bound-by-timeout warning, retry-count note",
	} {
		if got := strings.Join(levels(checkText(t, route(action)), "retry-count", "retry-bound-by-timeout"), ", "); got != want {
			t.Errorf("%q: found %q, want %q", action, got, want)
		}
	}
}

// TestHedging wants hedges of writes only, and those that something fires.
func TestHedging(t *testing.T) {
	for action, want := range map[string]string{
		"timeout: 3s\nhedge_policy: {hedge_on_per_try_timeout: true}\nretry_policy: {retry_on: connect-failure, per_try_timeout: 1s}":                                                                               "hedging-nonidempotent error",
		"timeout: 3s\nhedge_policy: {hedge_on_per_try_timeout: true}\nretry_policy: {retry_on: connect-failure}":                                                                                                    "",
		"timeout: 3s\nhedge_policy: {hedge_on_per_try_timeout: true}\nretry_policy: {retry_on: connect-failure, per_try_idle_timeout: 1s}":                                                                          "hedging-nonidempotent error",
		"timeout: 3s\nhedge_policy: {hedge_on_per_try_timeout: true}":                                                                                                                                               "",
		"timeout: 3s\nhedge_policy: {}\nretry_policy: {retry_on: connect-failure, per_try_timeout: 1s}":                                                                                                             "",
		"timeout: 3s\nhedge_policy: {hedge_on_per_try_timeout: true}\nretry_policy: {retry_on: connect-failure, per_try_timeout: 1s, retriable_request_headers: [{name: \":method\", string_match: {exact: GET}}]}": "",
	} {
		if got := strings.Join(levels(checkText(t, route(action)), "hedging-nonidempotent"), ", "); got != want {
			t.Errorf("%q: found %q, want %q", action, got, want)
		}
	}
}

// TestTimeouts tells requests that may take for ever from streams, and both from what has no upstream.
func TestTimeouts(t *testing.T) {
	for text, want := range map[string]string{
		route("timeout: 0s"): "timeout-disabled warning",
		route("timeout: 0s\nmax_stream_duration: {max_stream_duration: 60s}"):                              "",
		route("timeout: 0s\nidle_timeout: 30s"):                                                            "timeout-disabled note",
		route("timeout: 0s\nidle_timeout: 0s"):                                                             "timeout-disabled warning",
		route("timeout: 0s\nupgrade_configs: [{upgrade_type: websocket}]"):                                 "timeout-disabled note",
		route("timeout: 0s\nupgrade_configs: [{upgrade_type: websocket, enabled: false}]"):                 "timeout-disabled warning",
		routes("- match: {prefix: /v1/orders/stream}\n  route: {cluster: c, timeout: 0s}", ""):             "timeout-disabled note",
		route("timeout: ${TIMEOUT}"):                                                                       "",
		route("timeout: 0s\nmax_stream_duration: {grpc_timeout_header_max: 0s}"):                           "grpc-timeout-unbounded warning, timeout-disabled note",
		route("timeout: 5s\nmax_grpc_timeout: 0s"):                                                         "grpc-timeout-unbounded warning",
		route("timeout: 5s\nmax_stream_duration: {grpc_timeout_header_max: 10s}"):                          "timeout-disabled warning",
		route("timeout: 5s\nmax_stream_duration: {}"):                                                      "timeout-disabled warning",
		route("timeout: 5s\nmax_stream_duration: {max_stream_duration: 60s}"):                              "timeout-disabled note",
		route("max_stream_duration: {max_stream_duration: 60s, grpc_timeout_header_max: 60s}"):             "",
		route("idle_timeout: 30s"):                                                                         "default-timeout note",
		routes("- match: {prefix: /, grpc: {}}\n  route: {cluster: c, timeout: 0s}", ""):                   "timeout-disabled note",
		routes("- match: {connect_matcher: {}}\n  route: {cluster: c}", ""):                                "",
		routes("- match: {prefix: /}\n  redirect: {https_redirect: true}", ""):                             "",
		routes("- match: {prefix: /}\n  direct_response: {status: 200, body: {inline_string: hello}}", ""): "",
	} {
		got := strings.Join(levels(checkText(t, text), "timeout-disabled", "default-timeout", "grpc-timeout-unbounded"), ", ")
		if got != want {
			t.Errorf("found %q, want %q:\n%s", got, want, text)
		}
	}
}

// listener is a listener with HTTP.
func listener(address, listenerMore, chainMore, managerMore, list string) string {
	return `resources:
- "@type": type.googleapis.com/envoy.config.listener.v3.Listener
  name: ingress
  ` + indent(listenerMore, 2) + `
  address: {` + address + `}
  filter_chains:
  - filters:
    - name: envoy.filters.network.http_connection_manager
      typed_config:
        "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
        stat_prefix: ingress
        ` + indent(managerMore, 8) + `
        route_config:
          name: shop
          virtual_hosts:
          - name: shop
            domains: ["*"]
            routes: [` + list + `]
    ` + indent(chainMore, 4) + "\n"
}

const (
	everywhere = "socket_address: {address: 0.0.0.0, port_value: 80}"
	forward    = "{match: {prefix: /}, route: {cluster: c, timeout: 1s}}"
	tls        = `transport_socket:
  name: envoy.transport_sockets.tls
  typed_config:
    "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext
`
)

// TestExposure tells listeners that anybody reaches from those that only friends do.
func TestExposure(t *testing.T) {
	const all = "client-driven-retry warning, no-request-timeout warning, plaintext-listener warning"
	for name, test := range map[string]struct{ text, want string }{
		"any interface":             {listener(everywhere, "", "", "", forward), all},
		"any interface of IPv6":     {listener("socket_address: {address: '::', port_value: 80}", "", "", "", forward), all},
		"one interface":             {listener("socket_address: {address: 10.1.2.3, port_value: 80}", "", "", "", forward), all},
		"a template":                {listener("socket_address: {address: '{{ .Address }}', port_value: 80}", "", "", "", forward), all},
		"loopback":                  {listener("socket_address: {address: 127.0.0.1, port_value: 80}", "", "", "", forward), ""},
		"a Unix socket":             {listener("pipe: {path: /run/envoy.sock}", "", "", "", forward), ""},
		"loopback, and one more":    {listener("socket_address: {address: 127.0.0.1, port_value: 80}", "additional_addresses: [{address: {"+everywhere+"}}]", "", "", forward), all},
		"a sidecar":                 {listener(everywhere, "traffic_direction: OUTBOUND", "", "", forward), ""},
		"bound to nothing":          {listener(everywhere, "bind_to_port: false", "", "", forward), ""},
		"TLS":                       {listener(everywhere, "", tls, "", forward), "client-driven-retry warning, no-request-timeout warning"},
		"the address counts":        {listener(everywhere, "", tls, "use_remote_address: true", forward), "no-request-timeout warning"},
		"proxies in front":          {listener(everywhere, "", tls, "xff_num_trusted_hops: 1", forward), "no-request-timeout warning"},
		"a limit for the headers":   {listener(everywhere, "", tls, "use_remote_address: true\nrequest_headers_timeout: 5s", forward), ""},
		"clients with certificates": {listener(everywhere, "", tls+"    require_client_certificate: true\n", "", forward), "client-driven-retry note, no-request-timeout note"},
		"only a way to https":       {listener(everywhere, "", "", "", "{match: {prefix: /}, redirect: {https_redirect: true}}"), "no-request-timeout warning"},
		"after a proxy with TLS":    {listener(everywhere, "", "", "use_remote_address: true\nrequest_timeout: 9s", `{match: {prefix: /, headers: [{name: x-forwarded-proto, string_match: {exact: https}}]}, route: {cluster: c, timeout: 1s}}, {match: {prefix: /}, redirect: {https_redirect: true}}`), ""},
		"how the machine is":        {listener(everywhere, "", "", "", "{match: {prefix: /stats/prometheus}, route: {cluster: c, timeout: 1s}}"), "no-request-timeout note, plaintext-listener note"},
		"only reads": {listener(everywhere, "", "", "", `{match: {prefix: /, headers: [{name: ":method", string_match: {exact: GET}}]}, route: {cluster: c, timeout: 1s}}`),
			"client-driven-retry warning, no-request-timeout warning, plaintext-listener note"},
	} {
		got := strings.Join(levels(checkText(t, test.text), "client-driven-retry", "no-request-timeout", "plaintext-listener"), ", ")
		if got != test.want {
			t.Errorf("%s: found %q, want %q", name, got, test.want)
		}
	}
}

// TestMirrors adds up copies, and takes headers that name clusters as what they are on each listener.
func TestMirrors(t *testing.T) {
	mirrored := func(list string) string {
		return "{match: {prefix: /}, route: {cluster: c, timeout: 1s, request_mirror_policies: [" + list + "]}}"
	}
	for name, test := range map[string]struct{ text, want string }{
		"a tenth":      {listener(everywhere, "", "", "", mirrored("{cluster: d, runtime_fraction: {default_value: {numerator: 10}}}")), ""},
		"all":          {listener(everywhere, "", "", "", mirrored("{cluster: d}")), "mirror-amplification warning"},
		"half, twice":  {listener(everywhere, "", "", "", mirrored("{cluster: d, runtime_fraction: {default_value: {numerator: 50}}}, {cluster: e, runtime_fraction: {default_value: {numerator: 5000, denominator: TEN_THOUSAND}}}")), "mirror-amplification warning"},
		"by header":    {listener(everywhere, "", "", "", mirrored("{cluster_header: x-to}")), "mirror-from-header error"},
		"among us":     {listener("socket_address: {address: 127.0.0.1, port_value: 80}", "", "", "", mirrored("{cluster_header: x-to}")), "mirror-from-header warning"},
		"a template":   {listener(everywhere, "", "", "", mirrored("{cluster: d, runtime_fraction: {default_value: {numerator: ${SHARE}}}}")), ""},
		"not answered": {listener(everywhere, "", "", "", "{match: {prefix: /}, direct_response: {status: 200}}"), ""},
	} {
		got := strings.Join(levels(checkText(t, test.text), "mirror-amplification", "mirror-from-header"), ", ")
		if got != test.want {
			t.Errorf("%s: found %q, want %q", name, got, test.want)
		}
	}
}

// TestFaults takes only those for faults of clients that are on, and reach clients.
func TestFaults(t *testing.T) {
	fault := func(text string) string {
		return `http_filters:
- name: envoy.filters.http.fault
  typed_config:
    "@type": type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault
    ` + text
	}
	for name, test := range map[string]struct{ text, want string }{
		"by header":           {listener(everywhere, "", "", fault("delay: {header_delay: {}, percentage: {numerator: 100}}"), forward), "client-driven-fault error"},
		"aborts":              {listener(everywhere, "", "", fault("abort: {header_abort: {}, percentage: {numerator: 1}}"), forward), "client-driven-fault error"},
		"never":               {listener(everywhere, "", "", fault("delay: {header_delay: {}}"), forward), ""},
		"for some":            {listener(everywhere, "", "", fault("delay: {header_delay: {}, percentage: {numerator: 100}}\n    headers: [{name: x-test, present_match: true}]"), forward), "client-driven-fault warning"},
		"fixed":               {listener(everywhere, "", "", fault("delay: {fixed_delay: 1s, percentage: {numerator: 100}}"), forward), ""},
		"from the machine":    {listener("pipe: {path: /run/e.sock}", "", "", fault("delay: {header_delay: {}, percentage: {numerator: 100}}"), forward), ""},
		"inside of one route": {listener(everywhere, "", "", "", `{match: {prefix: /}, route: {cluster: c, timeout: 1s}, typed_per_filter_config: {envoy.filters.http.fault: {"@type": type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault, delay: {header_delay: {}, percentage: {numerator: 100}}}}}`), "client-driven-fault error"},
	} {
		got := strings.Join(levels(checkText(t, test.text), "client-driven-fault"), ", ")
		if got != test.want {
			t.Errorf("%s: found %q, want %q", name, got, test.want)
		}
	}
}

// cluster is a cluster with an endpoint.
func cluster(address, more string) string {
	return `resources:
- "@type": type.googleapis.com/envoy.config.cluster.v3.Cluster
  name: payments
  ` + indent(more, 2) + `
  load_assignment:
    cluster_name: payments
    endpoints: [{lb_endpoints: [{endpoint: {address: {` + address + "}}}]}]\n"
}

// TestUpstreams tells clear text to other machines from that to this one.
func TestUpstreams(t *testing.T) {
	host := func(name string) string { return "socket_address: {address: " + name + ", port_value: 80}" }
	socket := func(config string) string {
		return "transport_socket: {name: s, typed_config: {\"@type\": type.googleapis.com/envoy.extensions.transport_sockets." + config + "}}"
	}
	const remote = "plaintext-upstream warning"
	for name, test := range map[string]struct{ text, want string }{
		"a name":                      {cluster(host("payments"), "type: STRICT_DNS"), remote},
		"a template":                  {cluster(host("${PAYMENTS}"), "type: STRICT_DNS"), remote},
		"the machine itself":          {cluster(host("127.0.0.1"), "type: STATIC"), ""},
		"by its name":                 {cluster(host("localhost"), "type: STRICT_DNS"), ""},
		"from inside a container":     {cluster(host("host.docker.internal"), "type: STRICT_DNS"), ""},
		"its metadata service":        {cluster(host("169.254.169.254"), "type: STATIC"), ""},
		"any address of it":           {cluster(host("0.0.0.0"), "type: STATIC"), ""},
		"a Unix socket":               {cluster("pipe: {path: /run/app.sock}", "type: STATIC"), ""},
		"a listener of this Envoy":    {cluster("envoy_internal_address: {server_listener_name: inner}", "type: STATIC"), ""},
		"a cleaned dump":              {cluster(host("IP_REDACTED"), "type: STATIC"), ""},
		"a sidecar's own service":     {cluster(host("10.1.2.3"), "type: STATIC\nupstream_bind_config: {source_address: {address: 127.0.0.6, port_value: 0}}"), ""},
		"TLS":                         {cluster(host("payments"), "type: STRICT_DNS\n"+socket("tls.v3.UpstreamTlsContext")), ""},
		"none":                        {cluster(host("payments"), "type: STRICT_DNS\n"+socket("raw_buffer.v3.RawBuffer")), remote},
		"PROXY protocol around TLS":   {cluster(host("payments"), "type: STRICT_DNS\n"+socket("proxy_protocol.v3.ProxyProtocolUpstreamTransport, transport_socket: {name: t, typed_config: {\"@type\": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext}}")), ""},
		"PROXY protocol around none":  {cluster(host("payments"), "type: STRICT_DNS\n"+socket("proxy_protocol.v3.ProxyProtocolUpstreamTransport, transport_socket: {name: t, typed_config: {\"@type\": type.googleapis.com/envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer}}")), remote},
		"TLS in the way of version 2": {cluster(host("payments"), "type: STRICT_DNS\ntls_context: {}"), ""},
		"by a control plane":          {"resources:\n- \"@type\": type.googleapis.com/envoy.config.cluster.v3.Cluster\n  name: c\n  type: EDS\n  eds_cluster_config: {eds_config: {ads: {}}}\n", "plaintext-upstream note"},
		"where requests were going":   {"resources:\n- \"@type\": type.googleapis.com/envoy.config.cluster.v3.Cluster\n  name: c\n  type: ORIGINAL_DST\n  lb_policy: CLUSTER_PROVIDED\n", ""},
	} {
		got := strings.Join(levels(checkText(t, test.text), "plaintext-upstream"), ", ")
		if got != test.want {
			t.Errorf("%s: found %q, want %q", name, got, test.want)
		}
	}
}

// TestSecrets tells secrets from what stands for them.
func TestSecrets(t *testing.T) {
	const key = `{inline_string: "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f\n-----END PRIVATE KEY-----\n"}`
	const secret = "inline-secret error"
	for value, want := range map[string]string{
		"tls_certificate: {private_key: " + key + "}":                                          secret,
		"tls_certificate: {private_key: {filename: /tls.key}}":                                 "",
		"tls_certificate: {private_key: {environment_variable: TLS_KEY}}":                      "",
		"tls_certificate: {private_key: {inline_string: '${TLS_KEY}'}}":                        "",
		"tls_certificate: {private_key: {inline_bytes: a2V5LWRhdGE=}}":                         "", // "key-data"
		"tls_certificate: {certificate_chain: {inline_string: '-----BEGIN CERTIFICATE-----'}}": "",
		"generic_secret: {secret: {inline_string: 9f86d081884c7d65}}":                          secret,
		"generic_secret: {secret: {inline_string: $HMAC_SECRET}}":                              "",
		"generic_secret: {secret: {inline_string: '{{ .Values.secret }}'}}":                    "",
		"generic_secret: {secret: {inline_string: '[redacted]'}}":                              "",
		"session_ticket_keys: {keys: [{filename: /a}, {inline_string: 9f86d081884c7d65}]}":     secret,
		"validation_context: {trusted_ca: {inline_string: '-----BEGIN CERTIFICATE-----'}}":     "",
	} {
		text := "resources:\n- \"@type\": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret\n  name: s\n  " + value + "\n"
		if got := strings.Join(levels(checkText(t, text), "inline-secret"), ", "); got != want {
			t.Errorf("%s: found %q, want %q", value, got, want)
		}
	}
}

// TestFilesTogether joins what a bootstrap, its listeners, routes and clusters say in files of their own.
func TestFilesTogether(t *testing.T) {
	file := func(name, text string) lint.File { return lint.File{Name: name, Text: []byte(text)} }
	bootstrap := file("a/envoy.yaml", `dynamic_resources:
  lds_config: {path_config_source: {path: /etc/envoy/lds.yaml}}
  cds_config: {path_config_source: {path: /etc/envoy/cds.yaml}}
`)
	lds := file("a/lds.yaml", strings.Replace(listener("pipe: {path: /run/e.sock}", "", "", "", ""), `route_config:
          name: shop
          virtual_hosts:
          - name: shop
            domains: ["*"]
            routes: []`, `rds: {route_config_name: shop, config_source: {path_config_source: {path: /etc/envoy/rds.yaml}}}`, 1))
	rds := file("a/rds.yaml", strings.ReplaceAll(route("timeout: 2s\nretry_policy: {retry_on: connect-failure, num_retries: 2}"), "cluster: payments", "cluster: payments"))
	cds := func(limit string) lint.File {
		return file("a/cds.yaml", cluster("pipe: {path: /run/app.sock}", "type: STATIC\nconnect_timeout: 1s\ncircuit_breakers: {thresholds: [{"+limit+"}]}"))
	}
	for name, test := range map[string]struct {
		files []lint.File
		want  string
	}{
		"all":                        {[]lint.File{bootstrap, lds, rds, cds("max_retries: 1024")}, "retry-without-budget warning"},
		"in any order":               {[]lint.File{cds("max_retries: 1024"), rds, lds, bootstrap}, "retry-without-budget warning"},
		"few retries":                {[]lint.File{bootstrap, lds, rds, cds("max_retries: 10")}, ""},
		"the default":                {[]lint.File{bootstrap, lds, rds, cds("max_requests: 10")}, ""},
		"a budget":                   {[]lint.File{bootstrap, lds, rds, cds("max_retries: 1024, retry_budget: {}")}, ""},
		"for the other priority":     {[]lint.File{bootstrap, lds, rds, cds("max_retries: 1024, priority: HIGH")}, ""},
		"clusters that are not here": {[]lint.File{bootstrap, lds, rds}, "dynamic-resources note"},
		"routes that are not here":   {[]lint.File{bootstrap, lds, cds("max_retries: 1024")}, "dynamic-resources note"},
	} {
		got := strings.Join(levels(check(t, test.files...), "retry-without-budget", "dynamic-resources"), ", ")
		if got != test.want {
			t.Errorf("%s: found %q, want %q", name, got, test.want)
		}
	}
}

// TestTemplates says nothing of the absence of what a template may add.
func TestTemplates(t *testing.T) {
	plain := cluster("socket_address: {address: '${HOST}', port_value: 80}", "type: STRICT_DNS")
	added := cluster("socket_address: {address: '${HOST}', port_value: 80}", "type: STRICT_DNS\n{{ include \"tls\" . }}")
	for text, want := range map[string]int{plain: 5, added: 0} {
		if got := checkText(t, text); len(got) != want {
			t.Errorf("want %d findings, found\n%s%s", want, show(got), text)
		}
	}
}

// TestMessagesTellTheValue wants effective values in messages, with whose choice they are.
func TestMessagesTellTheValue(t *testing.T) {
	for action, want := range map[string]string{
		"idle_timeout: 1s": "a request and all its retries have 15s: Envoy's default, nobody chose it",
		"retry_policy: {retry_on: 5xx, per_try_timeout: 20s}":                                         "Envoy drops this timeout of 20s, which is not below that of the route, 15s (Envoy's default, nobody chose it)",
		"timeout: 3s\nretry_policy: {retry_on: 5xx, per_try_timeout: 1s}":                             "up to 2 times", // num_retries is 1
		"timeout: 3s\nretry_policy: {retry_on: \"5xx,gatway-error\", per_try_timeout: 1s}":            `"gatway-error" and drops it without a word; did you mean gateway-error?`,
		"timeout: 3s\nretry_policy: {retry_on: \"503\"}":                                              "nothing is sent again; a status is listed in retriable_status_codes",
		"timeout: 0s\nretry_policy: {retry_on: connect-failure, per_try_timeout: 2s, num_retries: 4}": "the attempts end after 5 × 2s while no response has begun",
	} {
		if got := show(checkText(t, route(action))); !strings.Contains(got, want) {
			t.Errorf("%q does not say %q:\n%s", action, want, got)
		}
	}
}

// TestUnknownClusters wants routes of a bootstrap that is complete in itself to lead somewhere.
func TestUnknownClusters(t *testing.T) {
	bootstrap := func(name, routesMore, more string) string {
		l := listener("pipe: {path: /run/e.sock}", "", "", "", "{match: {prefix: /}, route: {cluster: "+name+", timeout: 1s}}")
		l = strings.Replace(l, "          name: shop\n", "          name: shop\n          "+routesMore+"\n", 1)
		_, l, _ = strings.Cut(l, "Listener\n")
		return "static_resources:\n  clusters: [{name: payments, connect_timeout: 1s, type: STATIC}]\n  listeners:\n  - " +
			strings.TrimSpace(strings.ReplaceAll(l, "\n", "\n  ")) + "\n" + more
	}
	for name, test := range map[string]struct{ text, want string }{
		"one that is there":      {bootstrap("payments", "", ""), ""},
		"one that is not":        {bootstrap("payment", "", ""), `there is no cluster "payment": Envoy refuses it; did you mean "payments"?`},
		"not to be checked":      {bootstrap("payment", "validate_clusters: false", ""), ""},
		"from a control plane":   {bootstrap("payment", "", "dynamic_resources: {cds_config: {ads: {}}, ads_config: {api_type: GRPC}}\n"), ""},
		"filled in later":        {bootstrap("'{{ .Cluster }}'", "", ""), ""},
		"a template around that": {bootstrap("payment", "", "node: {id: '${ID}'}\n"), ""},
	} {
		got := ""
		for _, f := range checkText(t, test.text) {
			if f.Rule == "envoy/invalid" {
				got += f.Message
			}
		}
		if got != test.want {
			t.Errorf("%s: found %q, want %q", name, got, test.want)
		}
	}
}

// TestPatches takes what an EnvoyFilter says of retries, and nothing that it leaves out.
func TestPatches(t *testing.T) {
	for policy, want := range map[string]string{
		`{retry_on: "5xx,gatway-error"}`: "retry-nonidempotent warning, unknown-retry-on error",
		`{retry_on: "5xx", retriable_request_headers: [{name: ":method", string_match: {exact: GET}}]}`: "",
		`{retry_on: connect-failure}`: "",
		`{num_retries: 7}`:            "",
	} {
		text := `apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: {name: retries}
spec:
  configPatches:
  - applyTo: HTTP_ROUTE
    patch: {operation: MERGE, value: {route: {retry_policy: ` + policy + `}}}
  - applyTo: CLUSTER
    patch: {operation: MERGE, value: {lb_policy: RING_HASH}}
`
		f, err := tree.Parse("filter.yaml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		result := lint.CheckLoaded(xds.Kubernetes(f.Root), lint.DefaultOptions())
		if got := strings.Join(levels(result.Findings), ", "); got != want {
			t.Errorf("%s: found %q, want %q", policy, got, want)
		}
	}
}

// TestAdminRoutes finds what a listener offers of the administration interface, beyond what is meant to be
// looked at.
func TestAdminRoutes(t *testing.T) {
	bootstrap := func(address, route string) string {
		_, l, _ := strings.Cut(listener(address, "", "", "", route), "Listener\n")
		return `admin: {address: {socket_address: {address: 127.0.0.1, port_value: 9901}}}
static_resources:
  clusters:
  - {name: self, connect_timeout: 1s, type: STATIC, load_assignment: {cluster_name: self, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 9901}}}}]}]}}
  - {name: app, connect_timeout: 1s, type: STATIC, load_assignment: {cluster_name: app, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 8080}}}}]}]}}
  listeners:
  - ` + strings.TrimSpace(strings.ReplaceAll(l, "\n", "\n  ")) + "\n"
	}
	const inside = "socket_address: {address: 127.0.0.1, port_value: 80}"
	get := `headers: [{name: ":method", string_match: {exact: GET}}]`
	for name, test := range map[string]struct{ text, want string }{
		"everything":         {bootstrap(everywhere, "{match: {prefix: /}, route: {cluster: self, timeout: 1s}}"), "admin-exposed error"},
		"below a prefix":     {bootstrap(everywhere, "{match: {prefix: /admin}, route: {cluster: self, timeout: 1s, prefix_rewrite: /}}"), "admin-exposed error"},
		"a command":          {bootstrap(everywhere, "{match: {safe_regex: {regex: '/(stats|drain_listeners)'}}, route: {cluster: self, timeout: 1s}}"), "admin-exposed error"},
		"to look at it":      {bootstrap(everywhere, "{match: {prefix: /, "+get+"}, route: {cluster: self, timeout: 1s}}"), "admin-exposed warning"},
		"statistics":         {bootstrap(everywhere, "{match: {prefix: /stats}, route: {cluster: self, timeout: 1s}}"), ""},
		"under another name": {bootstrap(everywhere, "{match: {prefix: /metrics}, route: {cluster: self, timeout: 1s, prefix_rewrite: /stats/prometheus}}"), ""},
		"readiness":          {bootstrap(everywhere, "{match: {path: /ready}, route: {cluster: self, timeout: 1s}}"), ""},
		"to the machine":     {bootstrap(inside, "{match: {prefix: /}, route: {cluster: self, timeout: 1s}}"), ""},
		"the service":        {bootstrap(everywhere, "{match: {prefix: /}, route: {cluster: app, timeout: 1s}}"), ""},
	} {
		if got := strings.Join(levels(checkText(t, test.text), "admin-exposed"), ", "); got != test.want {
			t.Errorf("%s: found %q, want %q", name, got, test.want)
		}
	}
}
