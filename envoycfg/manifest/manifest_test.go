package manifest_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/envoycfg/manifest"
)

const shop = `# the shop
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: nobody.reads.this}
spec: {names: {kind: Service}}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: checkout
  namespace: shop
spec:
  template:
    metadata:
      labels: {app: checkout, version: v1}
    spec:
      containers:
      - name: server
        image: example.com/shop/checkout:1.2
        env:
        - name: PAYMENTS_ADDR
          value: "payments:8080"
        - name: STOCK_ADDR
          valueFrom: {configMapKeyRef: {name: addresses, key: stock}}
        - name: LATER
          value: "{{ .Values.later }}"
        - name: SECRET
          valueFrom: {secretKeyRef: {name: s, key: k}}
        envFrom:
        - prefix: X_
          configMapRef: {name: addresses}
---
apiVersion: v1
kind: Service
metadata:
  name: checkout
  namespace: shop
spec:
  selector: {app: checkout}
  ports:
  - {name: http, port: 80, targetPort: 8080}
  - {name: grpc, port: 5050}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: addresses, namespace: shop}
data:
  stock: stock.shop.svc:9090
`

func read(t *testing.T, name, text string) []*manifest.Object {
	t.Helper()
	if !manifest.Sniff([]byte(text)) {
		t.Fatalf("%s is not recognised", name)
	}
	f := manifest.Read(name, []byte(text))
	if len(f.Errors) > 0 {
		t.Fatal(f.Errors[0])
	}
	return f.Objects
}

func TestWorkloads(t *testing.T) {
	got := manifest.Workloads(read(t, "shop.yaml", shop))
	at := func(line, column int) callgraph.Posn {
		return callgraph.Posn{File: "shop.yaml", Line: line, Col: column}
	}
	want := []callgraph.Workload{{
		Name:   "checkout",
		Hosts:  []string{"checkout", "checkout.shop", "checkout.shop.svc", "checkout.shop.svc.cluster.local"},
		Ports:  []int{80, 5050},
		Images: []string{"example.com/shop/checkout:1.2"},
		Env: []callgraph.EnvValue{
			{Name: "PAYMENTS_ADDR", Value: "payments:8080", At: at(22, 18)},
			{Name: "STOCK_ADDR", Value: "stock.shop.svc:9090", At: at(48, 10)},
			{Name: "X_stock", Value: "stock.shop.svc:9090", At: at(48, 10)},
		},
		At: at(36, 9),
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestCompose reads the services of a Compose file.
func TestCompose(t *testing.T) {
	text := `services:
  checkout:
    build: {context: ./src/checkout, dockerfile: Dockerfile}
    container_name: shop-checkout
    environment:
      - PAYMENTS_ADDR=payments:8080
      - PORT=${CHECKOUT_PORT}
    ports: ["8080:80/tcp", "9090"]
  payments:
    image: example.com/shop/payments:1
    environment:
      DB: postgres://db:5432
      LATER:
    expose: [8080]
    networks: {back: {aliases: [pay]}}
  db: {image: postgres}
`
	got := manifest.Workloads(read(t, "compose.yaml", text))
	at := func(line, column int) callgraph.Posn {
		return callgraph.Posn{File: "compose.yaml", Line: line, Col: column}
	}
	want := []callgraph.Workload{
		{Name: "checkout", Hosts: []string{"checkout", "shop-checkout"}, Ports: []int{80, 9090}, Images: []string{"src/checkout"}, At: at(2, 3),
			Env: []callgraph.EnvValue{{Name: "PAYMENTS_ADDR", Value: "payments:8080", At: at(6, 9)}}},
		{Name: "payments", Hosts: []string{"payments", "pay"}, Ports: []int{8080}, Images: []string{"example.com/shop/payments:1"}, At: at(9, 3),
			Env: []callgraph.EnvValue{{Name: "DB", Value: "postgres://db:5432", At: at(12, 11)}}},
		{Name: "db", Hosts: []string{"db"}, Images: []string{"postgres"}, At: at(16, 3)},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestVariants keeps the containers of one folder from the services of another.
func TestVariants(t *testing.T) {
	pod := "apiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: {app: a}}\nspec: {containers: [{image: "
	service := "---\napiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {selector: {app: a}}\n"
	objects := read(t, "staging/a.yaml", pod+"staging}]}\n"+service)
	objects = append(objects, read(t, "prod/pod.yaml", pod+"prod}]}\n")...)
	objects = append(objects, read(t, "prod/service.yaml", service)...)
	for _, w := range manifest.Workloads(objects) {
		want := map[string]string{"staging/a.yaml": "staging", "prod/service.yaml": "prod"}[w.At.File]
		if len(w.Images) != 1 || w.Images[0] != want {
			t.Errorf("%s runs %v; want %s", w.At.File, w.Images, want)
		}
	}
}

func TestSniff(t *testing.T) {
	for text, want := range map[string]bool{
		"apiVersion: v1\nkind: Service\n":                                         true,
		"kind: Service\napiVersion: v1\n":                                         true,
		"# c\n---\nkind: \"HTTPProxy\"\napiVersion: projectcontour.io/v1\n":       true,
		"a: 1\n---\napiVersion: v1\nkind: Pod\n":                                  true,
		"apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Service\n": true,
		"apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Secret\n":  false,
		"httpRoutes:\n- apiVersion: g/v1\n  kind: HTTPRoute\n":                    true,
		`{"apiVersion": "v1", "kind": "Service"}`:                                 true,
		`{"apiVersion": "v1", "kind": "Secret"}`:                                  false,
		"type: MeshRetry\nmesh: default\nname: a\n":                               true,
		"services:\n  a:\n    image: b\n":                                         true,
		"version: '3'\n\nservices:\n  a:\n    build: .\n":                         true,
		"services:\n  a:\n    class: b\n":                                         false,
		"a:\n  services:\n    image: b\n":                                         false,
		"apiVersion: v1\nkind: Secret\nspec:\n  kind: Service\n":                  false,
		"apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n":   false,
		"openapi: 3.0.0\n": false,
		"{{- if .Values.x }}\napiVersion: v1\nkind: Service\n{{- end }}\n": true,
		"": false,
	} {
		if got := manifest.Sniff([]byte(text)); got != want {
			t.Errorf("%q: %v; want %v", text, got, want)
		}
	}
}

// TestTemplate reads what a template says around its expressions, at its place.
func TestTemplate(t *testing.T) {
	text := `{{- if .Values.on }}
apiVersion: v1
kind: Service
metadata:
  name: {{ include "name" . }}
  labels:
    {{- include "labels" . | nindent 4 }}
spec:
  ports:
  - port: {{ .Values.port }}
  - port: 8080
{{- end }}
`
	objects := read(t, "templates/service.yaml", text)
	if len(objects) != 1 || objects[0].Kind != "Service" || objects[0].Name != "" {
		t.Fatalf("read %v", objects)
	}
	port := objects[0].Spec().Get("ports").Items[1].Get("port")
	if at := manifest.At(port); at.Line != 11 || port.Text != "8080" {
		t.Errorf("port %q at line %d", port.Text, at.Line)
	}
}

// TestErrors names a document that is ours and cannot be read, at its line, and reads the others.
func TestErrors(t *testing.T) {
	f := manifest.Read("a.yaml", []byte("apiVersion: a/v1\nkind: HTTPProxy\nmetadata: {name: a\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: b}\n"))
	if len(f.Errors) != 1 || f.Template || len(f.Objects) != 1 || f.Objects[0].Name != "b" {
		t.Errorf("errors %v, objects %v", f.Errors, f.Objects)
	}
	f = manifest.Read("a.yaml", []byte("apiVersion: v1\nkind: Pod\nmetadata: {name: {image[a]}}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: b}\n"))
	if len(f.Errors) != 0 || len(f.Objects) != 1 {
		t.Errorf("errors %v, objects %v", f.Errors, f.Objects)
	}
}
