package xds

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/commslint/commslint/finding"
)

func TestMain(m *testing.M) {
	Strict = true
	os.Exit(m.Run())
}

// said are the findings of a file, one on each line.
func said(f *File) string {
	var lines []string
	for _, x := range f.Findings {
		lines = append(lines, fmt.Sprintf("%d:%d %s %s", x.Location.Line, x.Location.Column, x.Rule, x.Message))
	}
	return strings.Join(lines, "\n")
}

func TestFindings(t *testing.T) {
	const cluster = "name: c\nload_assignment: {cluster_name: c}\n"
	for name, tt := range map[string]struct{ text, want string }{
		"misspelt":        {cluster + "conect_timeout: 1s", `3:1 envoy/invalid envoy.config.cluster.v3.Cluster has no field "conect_timeout": Envoy refuses it; did you mean "connect_timeout"?`},
		"camelCase":       {"name: c\nloadAssignment: {clusterName: c}\nconectTimeout: 1s", `3:1 envoy/invalid envoy.config.cluster.v3.Cluster has no field "conectTimeout": Envoy refuses it; did you mean "connectTimeout"?`},
		"twice":           {cluster + "connect_timeout: 1s\nconnectTimeout: 2s", "4:1 envoy/invalid connect_timeout is set a second time, as connect_timeout and connectTimeout: remove one of them"},
		"oneof":           {cluster + "type: STATIC\ncluster_type: {name: x}", "4:1 envoy/invalid type and cluster_type exclude each other: Cluster takes one of them"},
		"duration":        {cluster + "connect_timeout: 5", `3:18 envoy/invalid connect_timeout: expected a duration in seconds, such as "1.5s", found 5`},
		"duration unit":   {cluster + "connect_timeout: 5m", `3:18 envoy/invalid connect_timeout: expected a duration in seconds, such as "1.5s", found "5m"`},
		"not positive":    {cluster + "connect_timeout: 0s", "3:18 envoy/invalid Cluster.connect_timeout: expected more than 0s: Envoy refuses it"},
		"enum":            {cluster + "lb_policy: SOMETIMES", `3:12 envoy/invalid lb_policy: expected one of ROUND_ROBIN, LEAST_REQUEST, RING_HASH, RANDOM, MAGLEV, CLUSTER_PROVIDED, LOAD_BALANCING_POLICY_CONFIG, found "SOMETIMES"`},
		"number":          {cluster + "circuit_breakers: {thresholds: [{max_retries: many}]}", `3:47 envoy/invalid max_retries: expected a whole number from 0 to 4294967295, found "many"`},
		"too large":       {cluster + "circuit_breakers: {thresholds: [{max_retries: 4294967296}]}", "3:47 envoy/invalid max_retries: expected a whole number from 0 to 4294967295, found 4294967296"},
		"object":          {cluster + "circuit_breakers: 3", "3:19 envoy/invalid expected an object (envoy.config.cluster.v3.CircuitBreakers), found 3"},
		"required":        {"load_assignment: {endpoints: []}\nname: c", "1:1 envoy/invalid ClusterLoadAssignment needs cluster_name: Envoy refuses it"},
		"empty":           {"name: ''\nload_assignment: {cluster_name: c}", "1:7 envoy/invalid Cluster.name: expected a text that is not empty: Envoy refuses it"},
		"no type":         {cluster + "transport_socket: {name: tls, typed_config: {sni: x}}", `3:31 envoy/invalid typed_config: expected a "@type" that names the type of the object`},
		"version 2":       {"name: c\nload_assignment: {cluster_name: c}\ntls_context: {}", "3:1 envoy/deprecated-api tls_context of Cluster belongs to version 2 of Envoy's API, which Envoy has not read since 1.18: use a transport_socket of type envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext"},
		"type of 2":       {"'@type': type.googleapis.com/envoy.api.v2.Cluster\nname: c", "1:10 envoy/deprecated-api envoy.api.v2.Cluster belongs to version 2 of Envoy's API, which Envoy has not read since 1.18: use the type of version 3"},
		"somebody's 2":    {"'@type': type.googleapis.com/envoy.api.v2.filter.http.FilterTransformations", ""},
		"deprecated":      {cluster + "http2_protocol_options: {}", "3:1 envoy/deprecated-api Cluster.http2_protocol_options is deprecated"},
		"at least one":    {"name: r\nvirtual_hosts: [{name: v, domains: [], routes: []}]", "2:27 envoy/invalid VirtualHost.domains: expected at least 1: Envoy refuses it"},
		"one of several":  {"name: r\nvirtual_hosts: [{name: v, domains: [a], routes: [{match: {prefix: /}}]}]", "2:51 envoy/invalid Route: expected one of route, redirect, direct_response, filter_action, non_forwarding_action: Envoy refuses it"},
		"each once":       {"name: r\nvirtual_hosts: [{name: v, domains: [a], routes: [{match: {prefix: /}, route: {cluster: c, internal_redirect_policy: {response_headers_to_copy: [a, b, a]}}}]}]", "2:118 envoy/invalid InternalRedirectPolicy.response_headers_to_copy: expected each value once (a is there again): Envoy refuses it"},
		"header name":     {"name: r\nvirtual_hosts: []\nrequest_headers_to_remove: ['a b', 'c\\nd']", "3:1 envoy/invalid RouteConfiguration.request_headers_to_remove: expected items that are a text without line ends: Envoy refuses it"},
		"item":            {"name: r\nvirtual_hosts: [{name: v, domains: [{}]}]", "2:37 envoy/invalid domains: expected a single value, found an object"},
		"back-off":        {"name: r\nvirtual_hosts: [{name: v, domains: [a], retry_policy: {retry_on: 5xx, retry_back_off: {base_interval: 1s, max_interval: 0.5s}}}]", "2:71 envoy/invalid RetryBackOff: expected a max_interval that is not less than the base_interval of 1s: Envoy refuses it"},
		"second document": {cluster + "---\nname: r\nvirtual_hosts: 3\n", "5:16 envoy/invalid expected an object (envoy.config.route.v3.VirtualHost), found 3"},
		"not YAML":        {cluster + "a: [\n", "3:1 input/envoy this is no valid YAML: did not find expected node content"},
		"a template":      {"{% if x %}\n" + cluster + "a: [\n", "4:1 input/envoy this is a template that is no YAML before it is filled in (this is no valid YAML: did not find expected node content): check the rendered file instead"},
	} {
		t.Run(name, func(t *testing.T) {
			text := tt.text
			if name == "header name" {
				text = strings.Replace(text, `'c\nd'`, `"c\nd"`, 1)
			}
			if got := said(Load("f.yaml", []byte(text))); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

// What Envoy reads although the mapping of protobuf to JSON does not have it, and other ways to write
// what it has.
func TestLeniency(t *testing.T) {
	text := `
name: c
connect_timeout: {seconds: 1, nanos: 500000000}
type: strict_dns
lb_policy: 1
dns_lookup_family: v4_only
respect_dns_ttl: yes
load_assignment:
  clusterName: 7
  endpoints:
    lb_endpoints:
      endpoint: {address: {socket_address: {address: a, port_value: "8080"}}}
circuit_breakers: {thresholds: {max_retries: 1e1, retry_budget: null}}
`
	f := Load("f.yaml", []byte(text))
	if got := said(f); got != "7:1 envoy/deprecated-api Cluster.respect_dns_ttl is deprecated" {
		t.Fatal(got)
	}
	c := f.All(TypeCluster)[0]
	if d, ok := c.Get("connect_timeout").Duration(); d != 1500*time.Millisecond || !ok {
		t.Errorf("connect_timeout %v", d)
	}
	if c.Get("type").Enum() != "STRICT_DNS" || c.Get("lb_policy").Enum() != "LEAST_REQUEST" || !c.Get("respect_dns_ttl").IsTrue() {
		t.Errorf("%s, %s", c.Get("type").Enum(), c.Get("lb_policy").Enum())
	}
	if c.Get("load_assignment.cluster_name").String() != "7" {
		t.Error("cluster_name")
	}
	lb := c.Get("load_assignment.endpoints").Messages()[0].Get("lb_endpoints").Messages()[0]
	if port, ok := lb.Get("endpoint.address.socket_address.port_value").Uint(); port != 8080 || !ok {
		t.Errorf("port %d", port)
	}
	thresholds := c.Get("circuit_breakers.thresholds").Messages()[0]
	if n, ok := thresholds.Get("max_retries").Uint(); n != 10 || !ok || thresholds.Has("retry_budget") {
		t.Errorf("max_retries %d, a budget: %v", n, thresholds.Has("retry_budget"))
	}
}

func TestTemplates(t *testing.T) {
	text := `
{{- if .clusters }}
static_resources:
  clusters:
  {{- range .clusters }}
  - name: {{ .name | quote }}
    connect_timeout: ${CONNECT_TIMEOUT}
    type: "{{ .type }}"
    {{ .key }}: 3
    load_assignment:
      cluster_name: x-{{ .name }}
      {{- toYaml .endpoints | nindent 6 }}
    circuit_breakers: { thresholds: [ { max_retries: {{ .retries }} } ] }
  {{- end }}
{{- else }}
static_resources: [
{{- end }}
`
	if !Sniff([]byte(text)) {
		t.Error("not taken for Envoy's")
	}
	f := Load("envoy.yaml.tpl", []byte(text))
	if got := said(f); got != "" || !f.Template {
		t.Fatal(got)
	}
	c := f.All(TypeCluster)[0]
	if v := c.Get("connect_timeout"); !v.Set() || v.Known() || v.At().Line != 7 {
		t.Errorf("connect_timeout: set %v, known %v, line %d", v.Set(), v.Known(), v.At().Line)
	}
	if _, ok := c.Get("connect_timeout").Duration(); ok {
		t.Error("the timeout is known")
	}
	if c.Get("type").Enum() != "" || c.Get("name").String() != "" {
		t.Error("the name is known")
	}
	if !c.Get("load_assignment").Message().Node.Templated() || c.Get("circuit_breakers.thresholds").Messages()[0].Get("max_retries").Known() {
		t.Error("what is filled in is said to be known")
	}
	if n, known := c.Get("circuit_breakers.thresholds").Messages()[0].Get("max_retries").UintOr(3); known {
		t.Errorf("max_retries is said to be %d", n)
	}
}

const oneCluster = `{"@type": "type.googleapis.com/envoy.config.cluster.v3.Cluster", "name": "c"}`

func TestShapes(t *testing.T) {
	for name, tt := range map[string]struct {
		text  string
		shape Shape
		name  string
	}{
		"discovery response": {`{"version_info": "1", "resources": [` + oneCluster + `]}`, Discovery, ""},
		"delta":              {`{"resources": [{"name": "n", "version": "1", "resource": ` + oneCluster + `}]}`, Delta, "n"},
		"typed delta":        {`{"resources": [{"@type": "type.googleapis.com/envoy.service.discovery.v3.Resource", "name": "n", "resource": ` + oneCluster + `}]}`, Delta, "n"},
		"response":           {`{"@type": "type.googleapis.com/envoy.service.discovery.v3.DiscoveryResponse", "resources": [` + oneCluster + `]}`, Discovery, ""},
		"dump":               {`{"configs": [{"@type": "type.googleapis.com/envoy.admin.v3.ClustersConfigDump", "hidden_envoy_deprecated_x": 1, "static_clusters": [{"cluster": ` + oneCluster + `}]}]}`, Dump, ""},
		"typed list":         {"[" + oneCluster + "]", List, ""},
		"list":               {"- name: c\n  load_assignment: {cluster_name: c}\n- name: d\n  type: EDS\n  edsClusterConfig: {edsConfig: {ads: {}}}\n", List, ""},
		"typed resource":     {oneCluster, Single, ""},
		"resource":           {"name: c\nlb_policy: RANDOM\n", Single, ""},
		"by type":            {`{"diff": [], "xds": {"type.googleapis.com/envoy.config.cluster.v3.Cluster": {"n": {"name": "c"}}}}`, List, "n"},
		"wrapped":            {`{"xds": {"default": ` + oneCluster + `}}`, Single, "default"},
		"beside others":      {`[{"version_info": "1", "cluster": ` + oneCluster + `}]`, Single, "cluster"},
		"named list":         {`{"clusters": [{"name": "c", "type": "EDS", "eds_cluster_config": {"eds_config": {"ads": {}}}}], "made_by": "` + typeURL + `"}`, List, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if !Sniff([]byte(tt.text)) {
				t.Error("not taken for Envoy's")
			}
			f := Load("f", []byte(tt.text))
			if got := said(f); got != "" {
				t.Error(got)
			}
			if len(f.Resources) == 0 || !f.Resources[0].Is(TypeCluster) || f.Resources[0].Shape != tt.shape || f.Resources[0].Name != tt.name {
				t.Errorf("%+v", f.Resources)
			}
			if c := f.All(TypeCluster); len(c) == 0 || c[0].Get("name").String() != "c" {
				t.Errorf("%d clusters", len(c))
			}
		})
	}
}

func TestSniffPrecision(t *testing.T) {
	for _, text := range []string{
		"", "{}", "[]", "a: 1", "---\n", "\ufeff",
		"apiVersion: v1\nkind: ConfigMap\ndata:\n  envoy.yaml: |\n    static_resources: {}\n",
		"openapi: 3.1.0\npaths: {}\n", "version: '3'\nservices:\n  envoy: {image: envoy}\n",
		"on: push\njobs: {}\n", "name: x\nconnect_timeout: 3\nretries: 2\nbackend: y\n", "filters: [a]\nname: x\ntags: []\nother: 1\n",
		`{"name": "pkg", "type": "module", "socketAddress": 1}`, "admin: {address: 1}\n", "route: a\nmatch: b\nmore: 1\nother: 2\n",
	} {
		if Sniff([]byte(text)) {
			t.Errorf("taken for Envoy's: %s", text)
		}
	}
	for _, text := range []string{
		"# c\n\nstatic_resources:\n  clusters: []\n", "\ufeff{\"staticResources\": {}}", "a: 1\n---\nstatic_resources: {}\n", "- name: empty\n- name: r\n  virtualHosts: []\n",
		"admin: {}\ndynamic_resources: {}\nlayered_runtime: {}\n", "{{- if x }}\nstatic_resources: {}\n{{- end }}\n",
	} {
		if !Sniff([]byte(text)) {
			t.Errorf("not taken for Envoy's: %s", text)
		}
	}
}

// Places are those of the fields, in YAML and in JSON, and of what lacks a field.
func TestPlaces(t *testing.T) {
	text := `static_resources:
  clusters:
  - name: c
    connect_timeout: 1s
    circuit_breakers:
      thresholds:
      - priority: HIGH
        max_retries: 7
`
	f := Load("f.yaml", []byte(text))
	c := f.All(TypeCluster)[0]
	thresholds := c.Get("circuit_breakers.thresholds").Messages()[0]
	for name, at := range map[string]struct {
		got  finding.Location
		want string
	}{
		"the cluster":    {c.At(), "3:5"},
		"a scalar":       {c.Get("connect_timeout").At(), "4:22"},
		"its key":        {c.Get("connect_timeout").KeyAt(), "4:5"},
		"a message":      {c.Get("circuit_breakers").At(), "5:5"},
		"an item":        {thresholds.At(), "7:9"},
		"what is absent": {thresholds.Get("max_requests").At(), "7:9"},
		"absent below":   {c.Get("outlier_detection.interval").At(), "3:5"},
	} {
		if got := fmt.Sprintf("%d:%d", at.got.Line, at.got.Column); got != at.want {
			t.Errorf("%s: %s, want %s", name, got, at.want)
		}
	}
	if got := c.Get("outlier_detection.interval"); got.Set() || got.String() != "" || len(got.List()) != 0 {
		t.Error("an absent value is there")
	}
	var types []string
	f.Resources[0].Walk(func(m *Message) bool {
		types = append(types, m.Type.ShortName())
		return true
	})
	if !slices.Equal(types, []string{"Bootstrap", "StaticResources", "Cluster", "CircuitBreakers", "Thresholds"}) {
		t.Errorf("walked %v", types)
	}
}

func TestExtensions(t *testing.T) {
	text := `name: c
transport_socket:
  name: own
  typed_config: {"@type": type.googleapis.com/acme.Tls, a: 1}
typed_extension_protocol_options:
  x:
    "@type": type.googleapis.com/udpa.type.v1.TypedStruct
    type_url: type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
    value: {auto_config: {}, common_http_protocol_options: {idle_timeout: 3s}}
lb_policy: RANDOM
`
	f := Load("f.yaml", []byte(text))
	if said(f) != "" || len(f.Unknown) != 1 || f.Unknown[0].Name != "acme.Tls" || f.Unknown[0].At.Line != 4 {
		t.Fatalf("%s; unknown %v", said(f), f.Unknown)
	}
	c := f.All(TypeCluster)[0]
	if v := c.Get("transport_socket.typed_config"); v.Message() != nil || v.TypeName() != "acme.Tls" || v.Get("a").Set() {
		t.Error("something is known of the socket")
	}
	options := c.Get("typed_extension_protocol_options").Entry("x")
	if d, ok := options.Get("common_http_protocol_options.idle_timeout").Duration(); d != 3*time.Second || !ok || options.Name() != "x" {
		t.Errorf("idle_timeout %v of %s", d, options.Message().Type.Name)
	}
}
