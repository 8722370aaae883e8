package fix

import (
	"io"
	"net/http"
)

func atTheTop(url string) ([]byte, error) {
	resp, err := http.Get(url) // want `never closed`
	if err != nil {
		return nil, err
	}
	return io.ReadAll(resp.Body)
}

func inABlock(url string, get bool) error {
	if get {
		res, e := http.Get(url) // want `never closed`
		if e != nil {
			return e
		}
		io.Copy(io.Discard, res.Body)
	}
	return nil
}

func inALoop(urls []string) {
	for _, url := range urls {
		resp, err := http.Get(url) // want `never closed`
		if err != nil {
			return
		}
		io.Copy(io.Discard, resp.Body)
	}
}
