// Package a makes HTTP requests.
package a

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"os"
)

func direct(ctx context.Context, client *http.Client) {
	http.Get("http://orders/v1/orders")                             // want `http:// sends requests to orders in clear text`
	http.Post("http://orders.shop.svc.cluster.local", "", nil)      // want `to orders\.shop\.svc\.cluster\.local in clear text`
	client.Get("HTTP://10.1.2.3:8080/")                             // want `to 10\.1\.2\.3 in clear text`
	http.NewRequest("GET", "http://payments:8080/charges", nil)     // want `to payments in clear text`
	http.NewRequestWithContext(ctx, "GET", "http://[fd12::1]", nil) // want `to fd12::1 in clear text`
}

// The host is a setting, http is not.
func configured(host string) {
	http.Get("http://" + os.Getenv("ORDERS") + "/v1/orders") // want `http:// sends requests in clear text whatever the host`
	http.Get(fmt.Sprintf("http://%s/v1/orders", host))       // want `whatever the host`
}

type client struct {
	base string
}

func newClient() *client { return &client{base: "http://catalog"} } // want `to catalog in clear text`

func (c *client) list() { http.Get(c.base + "/products") }

func literal() {
	u := url.URL{Scheme: "http", Host: "shipping:80", Path: "/quote"} // want `to shipping in clear text`
	http.Get(u.String())
}

func fallback() {
	base := os.Getenv("BASE")
	if base == "" {
		base = "http://inventory" // want `to inventory in clear text`
	}
	http.Get(base)
}

// Not reported.

var server = flag.String("server", "http://localhost:8080", "server to talk to")

const namespace = "http://www.w3.org/2000/svg"

func fine(ctx context.Context, base, port string) {
	http.Get("https://orders/v1/orders")
	http.Get("http://localhost:8080/")
	http.Get("http://127.0.0.1:" + port + "/")
	http.Get("http://[::1]:8080/")
	http.Get("http://localhost:" + port)
	http.Get("http://127.0.0.1" + port)
	http.Get(fmt.Sprintf("http://localhost:%s/", port))
	http.Get("http://unix/containers/json")
	http.Get("http://169.254.169.254/latest/meta-data/")
	http.Get("http://metadata.google.internal/computeMetadata/v1/")
	http.Get("https://redirect/?to=http://orders")
	http.Get(base + "/v1/orders")
	http.Get(*server)
	http.Get(os.Getenv("BASE"))
	host := os.Getenv("GCE_METADATA_HOST")
	if host == "" {
		host = "metadata.google.internal"
	}
	http.Get("http://" + host + "/computeMetadata/v1/")
	http.ListenAndServe("http://orders", nil)
	fmt.Println(namespace, "http://orders")
}
