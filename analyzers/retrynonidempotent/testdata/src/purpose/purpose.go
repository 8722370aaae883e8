// Package purpose repeats POSTs that append telemetry.
package purpose

import (
	"bytes"
	"errors"
	"net/http"
	"net/url"

	"gateway"
)

type pusher struct{ url string }

func newPusher(host string) *pusher {
	u := url.URL{Scheme: "https", Host: host, Path: "/loki/api/v1/push"}
	return &pusher{url: u.String()}
}

func (p *pusher) push(body []byte) error {
	for range 3 {
		resp, err := http.Post(p.url, "application/x-protobuf", bytes.NewReader(body))
		if err == nil {
			return resp.Body.Close()
		}
	}
	return errors.New("not pushed")
}

// version asks through a gateway, of which nobody sees what it asks for.
func version() (err error) {
	for range 3 {
		if err = gateway.Invoke("https://example.com/version", nil); err == nil {
			return nil
		}
	}
	return err
}
