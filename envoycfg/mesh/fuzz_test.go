package mesh_test

import (
	"testing"

	"github.com/commslint/commslint/envoycfg/manifest"
	"github.com/commslint/commslint/envoycfg/mesh"
	"github.com/commslint/commslint/envoycfg/policy"
)

// FuzzCheck reads anything as documents of Kubernetes, and must come to an end without a panic.
func FuzzCheck(f *testing.F) {
	for _, text := range []string{
		virtualService("    timeout: 1s\n    retries: {attempts: 5, perTryTimeout: 250ms, retryOn: 'x,503'}\n    fault: {delay: {percent: 5, fixedDelay: 2s}}\n    mirror: {host: e}\n"),
		"apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: d}\nspec: {host: '*', subsets: [{name: a}], trafficPolicy: {retryBudget: {percent: 20}, portLevelSettings: [{port: {number: 1}}]}}\n",
		"apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: d}\nspec:\n  parentRefs: [{name: g}]\n  rules:\n  - retry: {codes: [500], attempts: 5}\n    timeouts: {request: 1s}\n    matches: [{path: {value: /}}, {headers: [{name: a}]}]\n    filters: [{type: RequestMirror, requestMirror: {fraction: {numerator: 1}}}]\n",
		"apiVersion: gateway.envoyproxy.io/v1alpha1\nkind: BackendTrafficPolicy\nmetadata: {name: p}\nspec: {targetRefs: [{kind: Gateway, name: g}], retry: {numRetries: x}, circuitBreaker: {retryBudget: {percent: {numerator: 1}}}}\n",
		"apiVersion: projectcontour.io/v1\nkind: HTTPProxy\nmetadata: {name: a}\nspec: {includes: [{name: a}], routes: [{services: [{name: s, mirror: true}], retryPolicy: {count: -1}}]}\n",
		"type: MeshRetry\nname: r\nmesh: m\nspec: {to: [{targetRef: {kind: Mesh}, default: {http: {retryOn: [HttpMethodGet, 5xx]}}}]}\n",
		"apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: i, annotations: {nginx.ingress.kubernetes.io/proxy-next-upstream: 'error  non_idempotent', nginx.ingress.kubernetes.io/proxy-next-upstream-tries: '0'}}\nspec: {rules: [{http: {paths: [{path: /, backend: {service: {name: s}}}]}}]}\n",
		"apiVersion: linkerd.io/v1alpha2\nkind: ServiceProfile\nmetadata: {name: a.b.svc.cluster.local}\nspec: {routes: [{condition: {method: POST}, isRetryable: true}], retryBudget: {retryRatio: x}}\n",
		"apiVersion: traefik.io/v1alpha1\nkind: Middleware\nmetadata: {name: m}\nspec: {retry: {attempts: 0, status: ['500-x']}}\n",
	} {
		f.Add(text)
	}
	options := policy.DefaultOptions()
	f.Fuzz(func(t *testing.T, text string) {
		if !manifest.Sniff([]byte(text)) {
			return
		}
		for _, found := range mesh.Check([]*manifest.File{manifest.Read("a.yaml", []byte(text))}, options).Findings {
			if found.Line < 1 || found.Column < 1 || found.Message == "" {
				t.Errorf("%+v has no place", found)
			}
		}
	})
}
