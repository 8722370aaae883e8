package lint_test

import (
	"strings"
	"testing"
)

// TestWhatIsOff has what Envoy does not do unless somebody asks for it, each with the place where Envoy says so.
func TestWhatIsOff(t *testing.T) {
	const elsewhere = "socket_address: {address: shop.example.com, port_value: 443}"
	const admin = "static_resources: {}\nadmin: {address: {socket_address: {address: 0.0.0.0, port_value: 9901}}%s}\n"
	for name, tt := range map[string]struct{ source, text, among, want string }{
		"no ejection of hosts":         {"Cluster.outlier_detection: absent is off", cluster(elsewhere, ""), "no-outlier-detection", "no-outlier-detection note"},
		"ejection by default values":   {"outlier_detection.proto: 5 of 5xx, 10 s, 30 s, 10 %", cluster(elsewhere, "outlier_detection: {}"), "no-outlier-detection", ""},
		"all hosts are healthy":        {"Cluster.health_checks", cluster(elsewhere, ""), "no-health-check", "no-health-check note"},
		"limits of 1024 and 3":         {"circuit_breaker.proto", cluster(elsewhere, ""), "no-circuit-breaker", "no-circuit-breaker note"},
		"5 s for a connection":         {"Cluster.connect_timeout", "name: c\nlb_policy: RANDOM\n", "default-connect-timeout", "default-connect-timeout note"},
		"no administration interface":  {"Bootstrap.admin", "static_resources: {}\n", "admin-exposed", ""},
		"an administration interface":  {"operations/admin.rst: it has no authentication", strings.Replace(admin, "%s", "", 1), "admin-exposed", "admin-exposed error"},
		"parts of one":                 {"Admin.allow_paths", strings.Replace(admin, "%s", ", allow_paths: [{exact: /ready}]", 1), "admin-exposed", "admin-exposed note"},
		"authorization fails closed":   {"ExtAuthz.failure_mode_allow: false", authz(""), "authz-fails-open", ""},
		"authorization that lets pass": {"ExtAuthz.failure_mode_allow", authz("failure_mode_allow: true, "), "authz-fails-open", "authz-fails-open warning"},
	} {
		if got := strings.Join(levels(checkText(t, tt.text), tt.among), ", "); got != tt.want {
			t.Errorf("%s (%s): found %q, want %q", name, tt.source, got, tt.want)
		}
	}
}

// authz is a filter that asks an authorization service.
func authz(more string) string {
	return `resources:
- "@type": type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz
  grpc_service: {envoy_grpc: {cluster_name: authz}, timeout: 0.2s}
` + strings.TrimSuffix("  "+more, ", ") + "\n"
}
