package mesh_test

import (
	"fmt"
	"testing"

	"github.com/commslint/commslint/callgraph"
)

// TestRewrites has what becomes of paths.
func TestRewrites(t *testing.T) {
	const mapping = "apiVersion: getambassador.io/v3alpha1\nkind: Mapping\nmetadata: {name: d}\nspec: {prefix: /shop/, service: d%s}\n"
	for _, tt := range []struct {
		name, document, says string
		want                 callgraph.Rewrite
	}{
		{"Istio, a prefix", istioRoute, "    match: [{uri: {prefix: /shop/}}]\n    rewrite: {uri: /}\n", callgraph.Rewrite{Prefix: "/shop/", To: "/"}},
		{"Istio, an expression", istioRoute, "    rewrite: {uriRegexRewrite: {match: '^/a/(.*)', rewrite: '/b/\\1'}}\n", callgraph.Rewrite{Pattern: "^/a/(.*)", To: `/b/\1`}},
		{"Istio, hosts alone", istioRoute, "    rewrite: {authority: e}\n", callgraph.Rewrite{}},
		{"a Gateway, a prefix", gatewayRoute, "    matches: [{path: {value: /shop}}]\n    filters: [{type: URLRewrite, urlRewrite: {path: {type: ReplacePrefixMatch, replacePrefixMatch: /}}}]\n", callgraph.Rewrite{Prefix: "/shop"}},
		{"a Gateway, all of it", gatewayRoute, "    filters: [{type: URLRewrite, urlRewrite: {path: {type: ReplaceFullPath, replaceFullPath: /one}}}]\n", callgraph.Rewrite{Pattern: "^.*$", To: "/one"}},
		{"Contour", contourRoute, "    conditions: [{prefix: /shop}]\n    pathRewritePolicy: {replacePrefix: [{replacement: /v1}]}\n", callgraph.Rewrite{Prefix: "/shop", To: "/v1"}},
		{"Emissary, by default", mapping, "", callgraph.Rewrite{Prefix: "/shop/", To: "/"}},
		{"Emissary, not", mapping, ", rewrite: ''", callgraph.Rewrite{}},
		{"ingress-nginx", ingressNginx, "    nginx.ingress.kubernetes.io/rewrite-target: /v1/$1\n", callgraph.Rewrite{Pattern: "(?i)^/.*$", To: `/v1/\1`}},
	} {
		if got := check(t, fmt.Sprintf(tt.document, tt.says)).Routes[0].Rewrite; got != tt.want {
			t.Errorf("%s: %+v; want %+v", tt.name, got, tt.want)
		}
	}
}
