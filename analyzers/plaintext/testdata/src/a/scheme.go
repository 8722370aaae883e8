package a

import (
	"fmt"
	"net/http"
	"strings"
)

// The scheme is only a default: the address may begin with https://.
func completed(addr string) {
	if !strings.HasPrefix(addr, "http://") && !strings.HasPrefix(addr, "https://") {
		addr = fmt.Sprintf("http://%s", addr)
	}
	http.Get(addr)
}

func completedBriefly(addr string) {
	if !strings.Contains(addr, "://") {
		addr = "http://" + addr
	}
	http.Get(addr)
}

func completedEither(addr string) {
	if !(strings.HasPrefix(addr, "http://") || strings.HasPrefix(addr, "https://")) {
		addr = "http://" + addr
	}
	http.Get(addr)
}

// An address with https:// would become http://https://.
func forced(addr string) {
	if !strings.HasPrefix(addr, "http://") {
		addr = "http://" + addr // want `http:// sends requests in clear text whatever the host`
	}
	http.Get(addr)
}

func otherTest(addr, path string) {
	if !strings.HasPrefix(path, "/") {
		addr = "http://" + addr // want `http:// sends requests in clear text whatever the host`
	}
	http.Get(addr)
}

// The finding stands at the literal that is used, not at one of equal text.
func equalText(target string, forced bool) {
	if forced {
		target = "http://" + target // want `http:// sends requests in clear text`
	}
	fmt.Println(strings.Replace(target, "https://", "http://", 1), "http://")
	http.Get(target)
}

const clear = "http://" // want `http:// sends requests in clear text`

func named(host string) {
	fmt.Println("http://")
	base := clear + host
	fmt.Println("http://")
	http.Get(base)
}

func assigned(host string) {
	scheme := "http://" // want `http:// sends requests in clear text`
	fmt.Println("http://")
	http.Get(scheme + host)
}

func chosen(host string, secure bool) {
	fmt.Println("http://")
	scheme := "http://" // want `http:// sends requests in clear text`
	if secure {
		scheme = "https://"
	}
	fmt.Println("http://")
	http.Get(scheme + host)
}

func base() string { return "http://basket" } // want `to basket in clear text`

func called() {
	fmt.Println("http://basket")
	http.Get(base())
}
