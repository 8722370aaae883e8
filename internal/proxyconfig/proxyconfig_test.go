package proxyconfig

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/commslint/commslint/internal/workspace"
)

const virtualService = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: payments}
spec:
  hosts: [payments]
  http:
    - route: [{destination: {host: payments}}]
      timeout: 1s
      retries: {attempts: 3, perTryTimeout: 2s, retryOn: connect-failure}
`

const bootstrap = `static_resources:
  clusters:
    - name: payments
      connect_timout: 1s
`

const broken = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: payments
`

const chart = `apiVersion: networking.k8s.io/v1
kind: Ingress
spec:
  rules:
  {{- if .Values.host }}
  - host: {{ .Values.host }}
  {{- end }}
    host: {{ .Values.other }}: {{ .Values.port }}
`

const proxied = `server {
  listen 80;
  location / {
    proxy_pass http://payments:8080;
}
`

func TestLoad(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"mesh/payments.yaml": virtualService, "envoy.yaml": bootstrap, "broken.yaml": broken,
		"chart/templates/ingress.yaml": chart, "nginx.conf": proxied, "notes.yaml": "kind: of thing\n", "left-out.yaml": broken,
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ws := workspace.Find([]string{dir}, workspace.Options{Dir: dir, Env: os.LookupEnv})
	res := Load(ws, Options{Dir: dir, Excluded: func(_, name string) bool { return name == "left-out.yaml" }})

	found := map[string]string{}
	for _, f := range res.Findings {
		found[f.File+" "+f.Rule] = f.Message
	}
	for _, want := range []string{"mesh/payments.yaml mesh/per-try-not-below-timeout", "envoy.yaml envoy/invalid"} {
		if found[want] == "" {
			t.Errorf("%s is not among %v", want, found)
		}
	}
	var failed []string
	for _, f := range res.Failures {
		failed = append(failed, f.File+" "+f.Rule)
	}
	if len(failed) != 2 || failed[0] != "broken.yaml input/kubernetes" || failed[1] != "nginx.conf input/nginx" {
		t.Errorf("inputs that failed: %v", failed)
	}
	if len(res.Routes) == 0 {
		t.Error("no route of the virtual service")
	}
	for _, f := range res.Files {
		if f.Name == "notes.yaml" {
			t.Error("a file of no kind that is known was read")
		}
	}
}
