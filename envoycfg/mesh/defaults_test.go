package mesh_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/commslint/commslint/callgraph"
)

// TestDefaults has what each system does where a document does not say it: the one layer of its route. The source of each is named.
func TestDefaults(t *testing.T) {
	const (
		istio        = "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: d}\nspec: {hosts: [d], http: [{route: [{destination: {host: d}}]%s}]}\n"
		contour      = "apiVersion: projectcontour.io/v1\nkind: HTTPProxy\nmetadata: {name: d}\nspec: {virtualhost: {fqdn: d}, routes: [{services: [{name: d, port: 80}]%s}]}\n"
		gateway      = "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: d}\nspec: {rules: [{backendRefs: [{name: d, port: 80}]%s}]}\n"
		istioGateway = "---\napiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: g}\nspec: {gatewayClassName: istio}\n"
		attach       = "---\napiVersion: gateway.envoyproxy.io/v1alpha1\nkind: BackendTrafficPolicy\nmetadata: {name: p}\nspec: {targetRefs: [{kind: HTTPRoute, name: d}]%s}\n"
		kuma         = "type: MeshRetry\nname: r\nmesh: default\nspec: {to: [{targetRef: {kind: MeshService, name: d}, default: {%s}}]}\n"
		linkerd      = "apiVersion: v1\nkind: Service\nmetadata: {name: d, annotations: {%s}}\n"
		appMesh      = `{"virtualRouterName": "r", "routeName": "d", "spec": {"httpRoute": {"match": {"prefix": "/"}, "action": {"weightedTargets": [{"virtualNode": "d"}]}%s}}}`
		mapping      = "apiVersion: getambassador.io/v3alpha1\nkind: Mapping\nmetadata: {name: d}\nspec: {prefix: /d, service: d%s}\n"
		consul       = "apiVersion: consul.hashicorp.com/v1alpha1\nkind: ServiceRouter\nmetadata: {name: d}\nspec: {routes: [{destination: {service: d%s}}]}\n"
		reset        = callgraph.Refused | callgraph.Reset | callgraph.Hang
		any5xx       = callgraph.Status500 | callgraph.Status502 | callgraph.Status503 | callgraph.Status504 | callgraph.Status5xx
		gone         = callgraph.Status502 | callgraph.Status503 | callgraph.Status504
	)
	for _, tt := range []struct {
		name, source, document, says string
		attempts                     int
		modes                        callgraph.ModeSet
		overall, perTry              time.Duration
	}{
		{"Istio says nothing", "istio retry.go defaultPolicy, PR 52111; HTTPRoute.timeout", istio, "", 3, callgraph.Refused | callgraph.GRPCUnavailable, 0, 0},
		{"Istio names a count", "retry.go ConvertPolicy", istio, ", retries: {attempts: 1}", 2, callgraph.Refused | callgraph.GRPCUnavailable, 0, 0},
		{"Istio takes codes among words", "retry.go parseRetryOn", istio, ", retries: {attempts: 1, retryOn: 'connect-failure,503'}", 2, callgraph.Refused | callgraph.Status503, 0, 0},
		{"Contour says nothing", "Envoy's RouteAction.timeout: 15 s", contour, "", 1, 0, 15 * time.Second, 0},
		{"Contour's empty policy", "contour internal/dag/policy.go retryPolicy", contour, ", retryPolicy: {}", 2, reset | any5xx, 15 * time.Second, 0},
		{"Contour's count 0 is 1", "HTTPProxy RetryPolicy.NumRetries", contour, ", retryPolicy: {count: 0}", 2, reset | any5xx, 15 * time.Second, 0},
		{"Contour's count -1 is none", "HTTPProxy RetryPolicy.NumRetries", contour, ", retryPolicy: {count: -1}", 1, 0, 15 * time.Second, 0},
		{"Contour switches its timeout off", "HTTPProxy TimeoutPolicy.Response", contour, ", timeoutPolicy: {response: infinity}, retryPolicy: {count: 2}", 3, reset | any5xx, 0, 0},
		{"an HTTPRoute's attempts are retries", "GEP-1731", gateway, ", retry: {attempts: 2}", 3, reset, 0, 0},
		{"an HTTPRoute of Istio says nothing", "istio pilot/pkg/config/kube/gateway/conversion.go", strings.Replace(gateway, "spec: {", "spec: {parentRefs: [{name: g}], ", 1) + istioGateway, "", 3, callgraph.Refused | callgraph.GRPCUnavailable, 0, 0},
		{"Envoy Gateway's empty retry", "api/v1alpha1 retry_types.go; its xDS golden files", gateway + "%[2]s", "|, retry: {}", 3, callgraph.Refused | callgraph.GRPCUnavailable | callgraph.Status503, 15 * time.Second, 0},
		{"Envoy Gateway without a retry", "its xDS golden files", gateway + "%[2]s", "|", 1, 0, 15 * time.Second, 0},
		{"Kuma's empty http", "meshretry plugin xds: HttpRetryOnDefault; schema of numRetries", kuma, "http: {}", 2, reset | gone, 0, 0},
		{"Kuma's empty grpc", "meshretry plugin xds: GrpcRetryOnDefault", kuma, "grpc: {}", 2, reset | gone | callgraph.GRPCResourceExhausted | callgraph.GRPCUnavailable, 0, 0},
		{"Linkerd retries once when asked", "linkerd.io/2/reference/retries", linkerd, "retry.linkerd.io/http: gateway-error", 2, gone | callgraph.Hang, 0, 0},
		{"Linkerd's limit of an attempt", "linkerd.io/2/reference/timeouts", linkerd, "retry.linkerd.io/http: 5xx, retry.linkerd.io/limit: '3', retry.linkerd.io/timeout: 400ms, timeout.linkerd.io/request: 2s", 4, any5xx | callgraph.Hang, 2 * time.Second, 400 * time.Millisecond},
		{"Linkerd's annotations of a route", "linkerd.io/2/reference/retries", strings.Replace(gateway, "{name: d}", "{name: d, annotations: {retry.linkerd.io/grpc: unavailable}}", 1), "", 2, callgraph.GRPCUnavailable, 0, 0},
		{"App Mesh says nothing", "App Mesh user guide: default route retry policy", appMesh, "", 3, callgraph.Refused | callgraph.GRPCUnavailable | callgraph.Status503, 15 * time.Second, 0},
		{"App Mesh counts retries", "App Mesh API: HttpRetryPolicy.maxRetries", appMesh, `, "retryPolicy": {"maxRetries": 1, "perRetryTimeout": {"unit": "ms", "value": 50}, "tcpRetryEvents": ["connection-error"]}`, 2, callgraph.Refused, 15 * time.Second, 50 * time.Millisecond},
		{"Consul repeats what it is told", "consul docs: service-router", consul, ", retryOnConnectFailure: true", 2, callgraph.Refused, 15 * time.Second, 0},
		{"Consul's number alone", "consul docs: service-router", consul, ", numRetries: 5", 1, 0, 15 * time.Second, 0},
		{"Consul's negative timeout is none", "consul docs: service-router", consul, ", requestTimeout: -1s, numRetries: 3, retryOnStatusCodes: [503]", 4, callgraph.Status503, 0, 0},
		{"Emissary says nothing", "Emissary docs: timeout_ms", mapping, "", 1, 0, 3 * time.Second, 0},
		{"Emissary's policy makes one retry", "Emissary docs: retry_policy", mapping, ", retry_policy: {retry_on: 5xx}", 2, reset | any5xx, 3 * time.Second, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var text string
			if route, policy, two := strings.Cut(tt.says, "|"); two {
				text = fmt.Sprintf(gateway, route) + fmt.Sprintf(attach, policy)
			} else {
				text = fmt.Sprintf(tt.document, tt.says)
			}
			got := onlyLayer(t, text)
			if got.Attempts.N != tt.attempts || got.Modes != tt.modes || got.Overall != tt.overall || got.PerTry != tt.perTry {
				t.Errorf("%s: %d attempts on %v, %v each, %v in all; want %d on %v, %v, %v", tt.source,
					got.Attempts.N, got.Modes, got.PerTry, got.Overall, tt.attempts, tt.modes, tt.perTry, tt.overall)
			}
		})
	}
}

// TestNoLayer has what sends nothing again and ends nothing.
func TestNoLayer(t *testing.T) {
	for name, text := range map[string]string{
		"Istio, no attempts":      "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: d}\nspec: {hosts: [d], http: [{route: [{destination: {host: d}}], retries: {retryOn: 5xx}}]}\n",
		"Istio, attempts 0":       "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: d}\nspec: {hosts: [d], http: [{route: [{destination: {host: d}}], retries: {attempts: 0}}]}\n",
		"an HTTPRoute alone":      "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: d}\nspec: {rules: [{backendRefs: [{name: d, port: 80}]}]}\n",
		"a redirect":              "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: d}\nspec: {rules: [{filters: [{type: RequestRedirect, requestRedirect: {scheme: https}}]}]}\n",
		"Istio answers by itself": "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: d}\nspec: {hosts: [d], http: [{directResponse: {status: 404}}]}\n",
	} {
		routes := check(t, text).Routes
		if len(routes) != 1 || len(routes[0].Layers) != 0 {
			t.Errorf("%s: %+v", name, routes)
		}
	}
}

// TestLimits has how documents that stand apart limit the retries of a route.
func TestLimits(t *testing.T) {
	const service = "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: d, namespace: shop}\nspec: {hosts: [d], http: [{route: [{destination: {host: d%s}}], retries: {attempts: 1}}]}\n---\n"
	const rule = "apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: d%s}\nspec: {host: %s, trafficPolicy: {%s}%s}\n---\n"
	const one, two = "connectionPool: {http: {maxRetries: 1}}", "connectionPool: {http: {maxRetries: 2}}"
	for _, tt := range []struct {
		name, text string
		breaker    int
		share      float64
	}{
		{"no rule", fmt.Sprintf(service, ""), 1<<32 - 1, 0},
		{"the host", fmt.Sprintf(service, "") + fmt.Sprintf(rule, "", "d", one, ""), 1, 0},
		{"its full name, in another namespace", fmt.Sprintf(service, "") + fmt.Sprintf(rule, ", namespace: x", "d.shop.svc.cluster.local", one, ""), 1, 0},
		{"a service of another namespace", fmt.Sprintf(service, "") + fmt.Sprintf(rule, ", namespace: x", "d", one, ""), 1<<32 - 1, 0},
		{"all of a namespace", fmt.Sprintf(service, "") + fmt.Sprintf(rule, "", "'*.shop.svc.cluster.local'", one, ""), 1, 0},
		{"a subset", fmt.Sprintf(service, ", subset: v2") + fmt.Sprintf(rule, "", "d", one, ", subsets: [{name: v2, trafficPolicy: {"+two+"}}]"), 2, 0},
		{"another subset", fmt.Sprintf(service, ", subset: v1") + fmt.Sprintf(rule, "", "d", one, ", subsets: [{name: v2, trafficPolicy: {"+two+"}}]"), 1, 0},
		{"a port", fmt.Sprintf(service, ", port: {number: 80}") + fmt.Sprintf(rule, "", "d", one+", portLevelSettings: [{port: {number: 80}, "+two+"}]", ""), 2, 0},
		{"a budget", fmt.Sprintf(service, "") + fmt.Sprintf(rule, "", "d", "retryBudget: {percent: 10}", ""), 0, 0.1},
		{"two that differ", fmt.Sprintf(service, "") + fmt.Sprintf(rule, "", "d", one, "") + fmt.Sprintf(rule, "", "d", two, ""), 0, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, r := range check(t, tt.text).Routes {
				if l := r.Layers[0]; r.Name == "the route of VirtualService d" && (l.Breaker != tt.breaker || l.BudgetShare != tt.share) {
					t.Errorf("breaker %d, budget %v; want %d, %v", l.Breaker, l.BudgetShare, tt.breaker, tt.share)
				}
			}
		})
	}
}

// TestMesh has services that no VirtualService speaks of: those of a mesh get Istio's retries, others do not.
func TestMesh(t *testing.T) {
	const service = "apiVersion: v1\nkind: Service\nmetadata: {name: d, namespace: shop}\nspec: {selector: {app: d}, ports: [{port: 80}]}\n---\n"
	const pods = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d, namespace: shop}\nspec: {template: {metadata: {labels: {app: d%s}}}}\n---\n"
	const meshConfig = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio, namespace: istio-system}\ndata:\n  mesh: |\n    defaultHttpRetryPolicy:\n      attempts: 1\n      retryOn: gateway-error\n---\n"
	for _, tt := range []struct {
		name, text string
		attempts   int
		why        string
	}{
		{"nothing is known", service + fmt.Sprintf(pods, ""), 0, ""},
		{"a label of the namespace", "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {istio-injection: enabled}}\n---\n" + service, 3, "the label of namespace shop"},
		{"a label of the pods", service + fmt.Sprintf(pods, ", sidecar.istio.io/inject: 'true'"), 3, "the label of Deployment d"},
		{"a DestinationRule", service + "apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: d, namespace: shop}\nspec: {host: d}\n", 3, "its DestinationRule"},
		{"the policy of the mesh", meshConfig + service + fmt.Sprintf(pods, ", sidecar.istio.io/inject: 'true'"), 2, "the label of Deployment d"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			routes := check(t, tt.text).Routes
			if tt.attempts == 0 {
				if len(routes) != 0 {
					t.Errorf("%+v", routes)
				}
				return
			}
			if len(routes) != 1 || routes[0].Layers[0].Attempts.N != tt.attempts || !strings.HasSuffix(routes[0].Name, tt.why) || !routes[0].Sidecar {
				t.Errorf("%+v; want %d attempts, because of %s", routes, tt.attempts, tt.why)
			}
		})
	}
}

// TestMatches has which requests a route of a VirtualService is for.
func TestMatches(t *testing.T) {
	text := `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: d, namespace: shop}
spec:
  hosts: [d, d.example.com]
  gateways: [mesh, edge]
  http:
  - match:
    - {uri: {exact: /a}, gateways: [mesh], port: 80}
    - {uri: {regex: "/b/.*"}, method: {regex: "GET|HEAD"}, gateways: [edge]}
    - {uri: {prefix: /c}, headers: {x: {exact: y}}}
    route: [{destination: {host: d}}]
`
	var got []string
	for _, r := range check(t, text).Routes {
		got = append(got, fmt.Sprintf("%v %d hosts, first %s, %s%s %v conditional=%v", r.Sidecar, len(r.Hosts), r.Hosts[0], r.Path.Kind, r.Path.Text, r.Methods, r.Conditional))
	}
	want := []string{
		"true 5 hosts, first d:80, exact/a [] conditional=false",
		"true 5 hosts, first d, prefix/c [] conditional=true",
		"false 5 hosts, first d, regex/b/.* [GET HEAD] conditional=false",
		"false 5 hosts, first d, prefix/c [] conditional=true",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("routes\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
