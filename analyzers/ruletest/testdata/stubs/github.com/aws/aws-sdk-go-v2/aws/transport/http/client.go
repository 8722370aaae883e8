// Package http has the declarations that fixtures use.
package http

import (
	"net/http"
	"time"
)

type BuildableClient struct{ timeout time.Duration }

func NewBuildableClient() *BuildableClient { return &BuildableClient{} }

func (b *BuildableClient) WithTimeout(timeout time.Duration) *BuildableClient {
	return &BuildableClient{timeout}
}

func (b *BuildableClient) Do(req *http.Request) (*http.Response, error) { return nil, nil }
