// Package allow is checked with some hosts allowed.
package allow

import "net/http"

func calls() {
	http.Get("http://cache/key")
	http.Get("http://orders.shop.svc.cluster.local/")
	http.Get("http://cache.example.com/") // want `to cache\.example\.com in clear text`
}
