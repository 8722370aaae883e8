package nginx_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/commslint/commslint/envoycfg/nginx"
)

// TestPartsBeforeTheWhole reads a part once, under what surrounds its include, though its name comes first.
func TestPartsBeforeTheWhole(t *testing.T) {
	result := check(t,
		nginx.File{Name: "conf.d/api.conf", Text: []byte("server {\n  location / { proxy_next_upstream off; proxy_pass http://api; }\n}\n")},
		nginx.File{Name: "nginx.conf", Text: []byte("http {\n  proxy_read_timeout 7s;\n  include /etc/nginx/conf.d/*.conf;\n}\n")},
	)
	if len(result.Routes) != 1 || result.Routes[0].Layers[0].Overall != 7*time.Second {
		t.Errorf("%+v", result.Routes)
	}
	for _, f := range result.Findings {
		t.Errorf("%s: %s", f.Rule, f.Message)
	}
}

// TestCircles ends where files include each other, or multiply by including each other.
func TestCircles(t *testing.T) {
	const location = "location /%s { proxy_pass http://%[1]s; %s }\n"
	circle := check(t,
		nginx.File{Name: "a.conf", Text: []byte("server {\n" + fmt.Sprintf(location, "a", "include b.conf;") + "}\n")},
		nginx.File{Name: "b.conf", Text: []byte(fmt.Sprintf(location, "b", "include c.conf;"))},
		nginx.File{Name: "c.conf", Text: []byte(fmt.Sprintf(location, "c", "include b.conf; include a.conf;"))},
	)
	var names []string
	for _, r := range circle.Routes {
		if len(r.Methods) == 0 {
			names = append(names, r.Name[:len("location /a")])
		}
	}
	if got := strings.Join(names, ","); got != "location /a,location /b,location /c" {
		t.Errorf("routes %s", got)
	}

	var each, doubled []nginx.File
	for i := range 40 {
		each = append(each, nginx.File{Name: fmt.Sprintf("conf.d/%d.conf", i), Text: []byte("include conf.d/*.conf;\nserver { location / { proxy_pass http://a; } }\n")})
		doubled = append(doubled, nginx.File{Name: fmt.Sprintf("%d.conf", i), Text: fmt.Appendf(nil, "include %d.conf; include %[1]d.conf;\nserver { location / { proxy_pass http://a; } }\n", i+1)})
	}
	for name, files := range map[string][]nginx.File{"each includes all": each, "each includes the next twice": doubled} {
		start := time.Now()
		check(t, files...)
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("%s: %v", name, took)
		}
	}
}
