package mesh_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/commslint/commslint/finding"
)

const (
	istioRoute = "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: d}\nspec:\n  hosts: [d]\n  http:\n  - route: [{destination: {host: d}}]\n    timeout: 2s\n%s" +
		"---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: d}\nspec: {host: d, trafficPolicy: {connectionPool: {http: {maxRetries: 3}}}}\n"
	contourRoute = "apiVersion: projectcontour.io/v1\nkind: HTTPProxy\nmetadata: {name: d}\nspec:\n  virtualhost: {fqdn: d}\n  routes:\n  - services: [{name: d, port: 80}]\n%s"
	gatewayRoute = "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: d}\nspec:\n  parentRefs: [{name: g}]\n  rules:\n  - backendRefs: [{name: d, port: 80}]\n%s"
	kumaRetry    = "type: MeshRetry\nname: r\nmesh: default\nspec:\n  to:\n  - targetRef: {kind: Mesh}\n    default:\n%s"
	ingressNginx = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: d\n  annotations:\n%sspec:\n  ingressClassName: nginx\n  rules:\n  - http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: d, port: {number: 80}}}}]}\n"
)

// TestFindings has what is found at warning or above, and what is near it and right.
func TestFindings(t *testing.T) {
	for _, tt := range []struct {
		name, document, says string
		want                 []string
	}{
		{"statuses of GET alone", istioRoute, "    match: [{method: {exact: GET}}]\n    retries: {attempts: 1, perTryTimeout: 500ms, retryOn: 5xx}\n", nil},
		{"GET or HEAD by an expression", istioRoute, "    match: [{method: {regex: ^(GET|HEAD)$}}]\n    retries: {attempts: 1, perTryTimeout: 500ms, retryOn: 5xx}\n", nil},
		{"one of two ways to match takes POST", istioRoute, "    match: [{method: {exact: GET}}, {uri: {prefix: /a}}]\n    retries: {attempts: 1, perTryTimeout: 500ms, retryOn: 5xx}\n", []string{"10:59 error mesh/retry-nonidempotent"}},
		{"after a route of writes", istioRoute, "    match: [{method: {regex: POST|PATCH}}]\n  - route: [{destination: {host: d}}]\n    timeout: 2s\n    retries: {attempts: 1, perTryTimeout: 500ms, retryOn: 5xx}\n", nil},
		{"after a route of some writes", istioRoute, "    match: [{method: {regex: POST|PATCH}, uri: {prefix: /a}}]\n  - route: [{destination: {host: d}}]\n    timeout: 2s\n    retries: {attempts: 1, perTryTimeout: 500ms, retryOn: 5xx}\n", []string{"12:59 error mesh/retry-nonidempotent"}},
		{"with an idempotency key", istioRoute, "    match: [{headers: {idempotency-key: {regex: .+}}}]\n    retries: {attempts: 1, perTryTimeout: 500ms, retryOn: 5xx}\n", nil},
		{"before sending alone", istioRoute, "    retries: {attempts: 2, retryOn: 'connect-failure,refused-stream,reset-before-request'}\n", nil},
		{"what Istio does by itself", istioRoute, "    retries: {attempts: 2}\n", nil},
		{"503, which may stand for a lost answer", istioRoute, "    retries: {attempts: 2, perTryTimeout: 500ms, retryOn: 'connect-failure,503'}\n", []string{"9:76 warning mesh/retry-nonidempotent"}},
		{"429, which does not", istioRoute, "    retries: {attempts: 2, perTryTimeout: 500ms, retryOn: 'connect-failure,429'}\n", nil},
		{"switched off", istioRoute, "    retries: {attempts: 0, retryOn: 5xx}\n", nil},
		{"a number that a template fills in", istioRoute, "    retries: {attempts: {{ .Values.n }}, perTryTimeout: {{ .Values.p }}, retryOn: connect-failure}\n", nil},
		{"a word that a template fills in", istioRoute, "    retries: {attempts: 2, retryOn: \"{{ .Values.on }}\"}\n", nil},
		{"in a destination", istioRoute, "    name: a\n  - route:\n    - destination: {host: d}\n      timeout: 5s\n    timeout: 3s\n", []string{"12:7 error mesh/unknown-field"}},
		{"another case", istioRoute, "    Retries: {attempts: 2}\n", []string{"9:5 error mesh/unknown-field"}},
		{"a fault for a test", istioRoute, "    match: [{headers: {end-user: {exact: t}}}]\n    fault: {abort: {percentage: {value: 100}, httpStatus: 500}}\n", nil},
		{"a fault of no request", istioRoute, "    fault: {abort: {httpStatus: 500}}\n", nil},
		{"a tenth is copied", istioRoute, "    mirror: {host: e}\n    mirrorPercentage: {value: 10}\n", nil},
		{"what a template says is copied", istioRoute, "    mirror: {host: e}\n    mirrorPercentage: {value: {{ .Values.m }}}\n", nil},

		{"a websocket has no end", contourRoute, "    enableWebsockets: true\n    timeoutPolicy: {response: infinity}\n", nil},
		{"the server of the cluster speaks TLS", "apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: d}\nspec:\n  host: %s\n  trafficPolicy: {tls: {mode: DISABLE}}\n", "kubernetes.default.svc.cluster.local", nil},
		{"others do not", "apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: d}\nspec:\n  host: %s\n  trafficPolicy: {tls: {mode: DISABLE}}\n", "ratings.default.svc.cluster.local", []string{"6:31 warning mesh/plaintext-upstream"}},
		{"a websocket by its path", contourRoute, "    conditions: [{prefix: /api/ws}]\n    timeoutPolicy: {response: infinity}\n", nil},
		{"a profile has no limit for an attempt", "apiVersion: linkerd.io/v1alpha2\nkind: ServiceProfile\nmetadata: {name: d.shop.svc.cluster.local}\nspec:\n  routes:\n%s", "  - {name: a, condition: {method: GET}, isRetryable: true}\n", nil},
		{"a profile repeats POST", "apiVersion: linkerd.io/v1alpha2\nkind: ServiceProfile\nmetadata: {name: d.shop.svc.cluster.local}\nspec:\n  routes:\n%s", "  - {name: a, condition: {method: POST}, isRetryable: true}\n", []string{"6:42 error mesh/retry-nonidempotent"}},
		{"a request has one", contourRoute, "    timeoutPolicy: {response: infinity}\n", []string{"8:31 warning mesh/timeout-disabled"}},
		{"streams of gRPC have none", strings.Replace(contourRoute, "port: 80", "port: 80, protocol: h2c", 1), "    timeoutPolicy: {response: infinity}\n", nil},
		{"Contour spares no method by default", contourRoute, "    retryPolicy: {count: 1, perTryTimeout: 1s}\n", []string{"8:5 error mesh/retry-nonidempotent"}},
		{"an attempt of 15 s", contourRoute, "    conditions: [{header: {name: ':method', exact: GET}}]\n    retryPolicy: {count: 1, perTryTimeout: 15s}\n", []string{"9:44 warning mesh/per-try-not-below-timeout"}},
		{"codes without the word for them", contourRoute, "    retryPolicy: {count: 1, perTryTimeout: 1s, retryOn: [connect-failure], retriableStatusCodes: [500]}\n", nil},

		{"codes of an implementation that is not known", gatewayRoute, "    retry: {codes: [500, 503], attempts: 2}\n", nil},
		{"no time for the attempts", gatewayRoute, "    retry: {codes: [500], attempts: 3}\n    timeouts: {request: 1s, backendRequest: 400ms}\n", []string{"8:37 warning mesh/retry-bound-by-timeout"}},
		{"codes of Istio", gatewayRoute + "---\napiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: g}\nspec: {gatewayClassName: istio}\n", "    matches: [{method: POST}]\n    retry: {codes: [500], attempts: 2}\n    timeouts: {request: 1s, backendRequest: 300ms}\n", []string{"9:21 error mesh/retry-nonidempotent", "9:5 warning mesh/retry-without-budget"}},

		{"Kuma lists GET", kumaRetry, "      http: {numRetries: 2, perTryTimeout: 1s, retryOn: [5xx, HttpMethodGet]}\n", nil},
		{"Kuma lists POST", kumaRetry, "      http: {numRetries: 2, perTryTimeout: 1s, retryOn: [5XX, HttpMethodGet, HttpMethodPost]}\n", []string{"8:58 error mesh/retry-nonidempotent"}},
		{"a word that Kuma has not", kumaRetry, "      http: {numRetries: 2, perTryTimeout: 1s, retryOn: [ConnectionFailure]}\n", []string{"8:58 error mesh/unknown-retry-on", "8:57 warning mesh/retry-without-effect"}},
		{"a policy that is only looked at", strings.Replace(kumaRetry, "mesh: default\n", "mesh: default\nlabels: {kuma.io/effect: shadow}\n", 1), "      http: {numRetries: 9, retryOn: [5xx]}\n", nil},

		{"an Ingress says nothing", ingressNginx, "    a: b\n", nil},
		{"POST passed on", ingressNginx, "    nginx.ingress.kubernetes.io/proxy-next-upstream: error timeout non_idempotent\n", []string{"6:68 error mesh/retry-nonidempotent"}},
		{"POST passed on everywhere", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ingress-nginx-controller}\ndata:\n%s---\n" + fmt.Sprintf(ingressNginx, "    a: b\n"), "  proxy-next-upstream: error non_idempotent\n", []string{"5:30 error mesh/retry-nonidempotent"}},
		{"off", ingressNginx, "    nginx.ingress.kubernetes.io/proxy-next-upstream: \"off\"\n", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, f := range check(t, fmt.Sprintf(tt.document, tt.says)).Findings {
				if level(f) != finding.Note {
					got = append(got, fmt.Sprintf("%d:%d %s %s", f.Line, f.Column, level(f), f.Rule))
				}
			}
			slices.Sort(got)
			slices.Sort(tt.want)
			if !slices.Equal(got, tt.want) {
				t.Errorf("found\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
		})
	}
}

// TestDeterminism asks twice, and expects the same.
func TestDeterminism(t *testing.T) {
	text := fmt.Sprintf(istioRoute, "    retries: {attempts: 9, retryOn: 5xx}\n") + "---\n" + fmt.Sprintf(contourRoute, "    retryPolicy: {}\n") + "---\n" + fmt.Sprintf(gatewayRoute, "    retry: {}\n")
	first := check(t, text)
	for range 5 {
		again := check(t, text)
		if show(again.Findings) != show(first.Findings) || fmt.Sprintf("%+v", again.Routes) != fmt.Sprintf("%+v", first.Routes) {
			t.Fatal("differs")
		}
	}
}

// TestHostileIncludes bounds the time for proxies that all include each other.
func TestHostileIncludes(t *testing.T) {
	var b strings.Builder
	for i := range 60 {
		fmt.Fprintf(&b, "apiVersion: projectcontour.io/v1\nkind: HTTPProxy\nmetadata: {name: p%d}\nspec:\n  virtualhost: {fqdn: d}\n  includes: [", i)
		for j := range 60 {
			fmt.Fprintf(&b, "{name: p%d},", j)
		}
		b.WriteString("]\n  routes: [{services: [{name: d, port: 80}]}]\n---\n")
	}
	start := time.Now()
	check(t, b.String())
	if took := time.Since(start); took > 10*time.Second {
		t.Error(took)
	}
}
