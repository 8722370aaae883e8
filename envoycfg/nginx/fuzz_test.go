package nginx_test

import (
	"testing"

	"github.com/commslint/commslint/envoycfg/nginx"
	"github.com/commslint/commslint/envoycfg/policy"
)

// FuzzCheck reads anything as a configuration and as a part that it includes, and must come to an end without a panic.
func FuzzCheck(f *testing.F) {
	f.Add(config(three, "proxy_next_upstream error timeout non_idempotent; proxy_next_upstream_timeout 1s;"), "server_name a;\n")
	f.Add("http { include b.conf; server { location ~ ^/(a|b) { if ($x) { proxy_pass http://$x/; } } } }", "proxy_read_timeout 1m30s; include a.conf;")
	f.Add("{{ if .x }}server { listen {{ .port }}; location / { grpc_pass grpcs://a; mirror /m; } location = /m { internal; } }{{ end }}", "upstream a { server ${A}; }")
	options := policy.DefaultOptions()
	f.Fuzz(func(t *testing.T, whole, part string) {
		nginx.Sniff([]byte(whole))
		result := nginx.Check([]nginx.File{{Name: "a.conf", Text: []byte(whole)}, {Name: "b.conf", Text: []byte(part)}}, options)
		for _, found := range result.Findings {
			if found.Line < 1 || found.Column < 1 || found.Message == "" {
				t.Errorf("%+v has no place", found)
			}
		}
	})
}
