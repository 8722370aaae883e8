// Package a dials machines.
package a

import (
	"context"
	"crypto/tls"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"google.golang.org/grpc"
)

func direct(ctx context.Context) {
	net.Dial("tcp", "10.1.2.3:5432")                                // want `the IP address 10\.1\.2\.3 is fixed in code and dialled`
	net.DialTimeout("tcp", "[2001:db8::1]:443", time.Second)        // want `2001:db8::1`
	(&net.Dialer{}).DialContext(ctx, "tcp", "10.1.2.4:80")          // want `10\.1\.2\.4`
	tls.Dial("tcp", "10.1.2.5:443", nil)                            // want `10\.1\.2\.5`
	http.Get("http://10.1.2.6/health")                              // want `10\.1\.2\.6`
	http.Get("https://user:secret@10.1.2.7:8443/health")            // want `10\.1\.2\.7`
	grpc.NewClient("10.1.2.8:50051")                                // want `10\.1\.2\.8`
	grpc.NewClient("dns:///10.1.2.9:50051")                         // want `10\.1\.2\.9`
	http.NewRequestWithContext(ctx, "GET", "http://10.1.2.10", nil) // want `10\.1\.2\.10`
}

const database = "10.2.0.1:5432" // want `10\.2\.0\.1`

var cache = "10.2.0.2:6379" // want `10\.2\.0\.2`

func named() {
	net.Dial("tcp", database)
	net.Dial("tcp", cache)
}

func joined(port int, path string) {
	base := "http://10.2.0.3" // want `10\.2\.0\.3`
	http.Get(base + ":8080/" + path)
	http.Get(fmt.Sprintf("http://%s:%d/", "10.2.0.4", port)) // want `10\.2\.0\.4`
	net.Dial("tcp", net.JoinHostPort("10.2.0.5", "80"))      // want `10\.2\.0\.5`
}

func wrapped() { dial("10.2.0.6:1") } // want `10\.2\.0\.6`

func dial(addr string) { net.Dial("tcp", addr) }

type client struct{ base string }

func newClient() *client { return &client{base: "http://10.2.0.7"} } // want `10\.2\.0\.7`

func (c *client) get() { http.Get(c.base + "/v1/orders") }

func all() {
	for _, addr := range []string{"10.2.0.8:80", "10.2.0.9:80"} { // want `10\.2\.0\.8` `10\.2\.0\.9`
		net.Dial("tcp", addr)
	}
}

// What stands in for a missing setting.
func fallback() {
	addr := os.Getenv("ADDR")
	if addr == "" {
		addr = "10.3.0.1:80" // want `10\.3\.0\.1`
	}
	net.Dial("tcp", addr)
	net.Dial("tcp", getenv("OTHER", "10.3.0.2:80")) // want `10\.3\.0\.2`
}

func getenv(key, fallback string) string {
	if v, ok := os.LookupEnv(key); ok {
		return v
	}
	return fallback
}

var target = flag.String("target", "10.3.0.3:80", "machine to call") // want `10\.3\.0\.3`

func byFlag() { net.Dial("tcp", *target) }

// Not reported.

func fine(ctx context.Context, suffix string) {
	net.Listen("tcp", "10.1.2.3:80")
	http.ListenAndServe("10.1.2.3:80", nil)
	net.Dial("tcp", "127.0.0.1:80")
	net.Dial("tcp", "[::1]:80")
	net.Dial("tcp", "0.0.0.0:80")
	net.Dial("udp", "224.0.0.251:5353")
	net.Dial("tcp", "orders.internal:80")
	net.Dial("tcp", ":80")
	http.Get("http://169.254.169.254/latest/meta-data/")
	http.Get("http://[fd00:ec2::254]/latest/meta-data/")
	http.Get("http://localhost:8080/10.1.2.3")
	http.Get("http://orders/10.1.2.3:80")
	http.Get("http://10.1.2." + suffix)
	fmt.Println("10.1.2.3")
	net.ParseIP("10.1.2.3")
}

func localAddress() net.Addr {
	conn, err := net.Dial("udp", "8.8.8.8:80")
	if err != nil {
		return nil
	}
	defer conn.Close()
	return conn.LocalAddr()
}

func version() string { return "1.2.3.4" }
