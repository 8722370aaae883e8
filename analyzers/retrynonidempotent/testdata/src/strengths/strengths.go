// Package strengths repeats what may do no harm.
package strengths

import (
	"net/http"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

func pay(url string) (err error) {
	for range 3 { // want `the loop in pay repeats POST`
		var resp *http.Response
		if resp, err = http.Post(url, "application/json", nil); err == nil {
			return resp.Body.Close()
		}
		time.Sleep(time.Second)
	}
	return err
}

// By its name it asks for something: nothing is shown unless asked for.
func search(url string) (err error) {
	for range 3 {
		var resp *http.Response
		if resp, err = http.Post(url, "application/json", nil); err == nil {
			return resp.Body.Close()
		}
		time.Sleep(time.Second)
	}
	return err
}

func configured(client *retryablehttp.Client, url string) error {
	resp, err := client.Post(url, "application/json", nil) // want `repeats POST`
	if err != nil {
		return err
	}
	return resp.Body.Close()
}
