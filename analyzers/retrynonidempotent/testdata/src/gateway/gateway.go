// Package gateway sends remote procedure calls of any kind by POST.
package gateway

import (
	"bytes"
	"net/http"
)

func Invoke(url string, message []byte) error {
	req, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(message))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/grpc-web+proto")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// All repeats whatever it is given to invoke, the calls that change something too.
func All(url string, message []byte) (err error) {
	for range 3 { // want `the loop in All repeats POST`
		if err = Invoke(url, message); err == nil {
			return nil
		}
	}
	return err
}
