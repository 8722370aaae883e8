// Command drain has possible findings, which are silent by default: bodies that
// are closed unread, and one left open when the process ends.
package main

import (
	"encoding/json"
	"errors"
	"net/http"
)

func unread(url string) error {
	resp, err := http.Get(url) // want `closed unread on some path: that closes the connection instead of returning it to the pool`
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != 200 {
		return errors.New(resp.Status)
	}
	return json.NewDecoder(resp.Body).Decode(new(int))
}

func read(url string) error {
	resp, err := http.Get(url)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	err = json.NewDecoder(resp.Body).Decode(new(int))
	if resp.StatusCode != 200 {
		return errors.New(resp.Status)
	}
	return err
}

func nothingToRead(url string) (int, error) {
	resp, err := http.Get(url)
	if err != nil {
		return 0, err
	}
	resp.Body.Close()
	return resp.StatusCode, nil
}

func main() {
	resp, err := http.Get("u") // want `the response body of http.Get is never closed`
	if err != nil {
		return
	}
	json.NewDecoder(resp.Body).Decode(new(int))
}
