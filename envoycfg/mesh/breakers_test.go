package mesh_test

import "testing"

// TestBreakersThatNobodyChose has how many retries may be under way at a time where no document says it.
func TestBreakersThatNobodyChose(t *testing.T) {
	for name, tt := range map[string]struct {
		source, text string
		want         int
	}{
		"Istio": {"pilot getDefaultCircuitBreakerThresholds", virtualService("    retries: {attempts: 1}\n"), 1<<32 - 1},
		"Envoy Gateway": {"its xDS golden files: max_retries of every cluster", "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: d}\nspec: {rules: [{backendRefs: [{name: d, port: 80}]}]}\n---\n" +
			"apiVersion: gateway.envoyproxy.io/v1alpha1\nkind: BackendTrafficPolicy\nmetadata: {name: p}\nspec: {targetRefs: [{kind: HTTPRoute, name: d}], retry: {}}\n", 1024},
		"Contour":  {"Envoy's circuit_breaker.proto: max_retries", "apiVersion: projectcontour.io/v1\nkind: HTTPProxy\nmetadata: {name: d}\nspec: {virtualhost: {fqdn: d}, routes: [{services: [{name: d, port: 80}], retryPolicy: {}}]}\n", 3},
		"Kuma":     {"Envoy's circuit_breaker.proto: max_retries", "type: MeshRetry\nname: r\nmesh: default\nspec: {to: [{targetRef: {kind: MeshService, name: d}, default: {http: {}}}]}\n", 3},
		"Emissary": {"Envoy's circuit_breaker.proto: max_retries", "apiVersion: getambassador.io/v3alpha1\nkind: Mapping\nmetadata: {name: d}\nspec: {prefix: /d, service: d, retry_policy: {retry_on: 5xx}}\n", 3},
	} {
		if got := onlyLayer(t, tt.text); got.Breaker != tt.want || got.BudgetShare != 0 {
			t.Errorf("%s: %d retries at a time, budget %v; want %d (%s)", name, got.Breaker, got.BudgetShare, tt.want, tt.source)
		}
	}
}
