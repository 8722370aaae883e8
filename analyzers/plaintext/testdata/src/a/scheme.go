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
