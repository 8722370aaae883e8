package haproxy_test

import (
	"testing"

	"github.com/commslint/commslint/envoycfg/haproxy"
	"github.com/commslint/commslint/envoycfg/policy"
)

// FuzzCheck reads anything as a configuration, and must come to an end without a panic.
func FuzzCheck(f *testing.F) {
	f.Add(config("retry-on all-retryable-errors\n  http-request disable-l7-retry unless { method GET HEAD }"))
	f.Add("defaults a from a\nlisten b from a\n  bind :80,*:81\n  retries x\n  acl w method\n  http-request disable-l7-retry if ! w or\n  server s \\\n")
	f.Add("frontend f\n  use_backend b if { path_beg /a } || METH_GET\n  use_backend b unless\nbackend b\n  timeout server 5 # '\"\n  server-template s 3 h:1\n")
	options := policy.DefaultOptions()
	f.Fuzz(func(t *testing.T, text string) {
		haproxy.Sniff([]byte(text))
		for _, found := range haproxy.Check("haproxy.cfg", []byte(text), options).Findings {
			if found.Line < 1 || found.Column < 1 || found.Message == "" {
				t.Errorf("%+v has no place", found)
			}
		}
	})
}
