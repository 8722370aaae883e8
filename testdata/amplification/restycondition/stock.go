// Package restycondition reads the stock of a shop.
package restycondition

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/go-resty/resty/v2"
)

var errStock = errors.New("stock is not known")

type stockClient struct {
	rest *resty.Client
}

func newStockClient(host string) *stockClient {
	rest := resty.New()
	rest.SetBaseURL("http://" + host)
	rest.SetRetryCount(2)
	rest.SetRetryWaitTime(time.Millisecond)
	rest.SetRetryMaxWaitTime(2 * time.Millisecond)
	rest.AddRetryCondition(func(r *resty.Response, err error) bool {
		return err != nil || r.StatusCode() == http.StatusTooManyRequests || r.StatusCode() >= 500
	})
	return &stockClient{rest: rest}
}

func (c *stockClient) level(ctx context.Context) error {
	resp, err := c.rest.R().SetContext(ctx).Get("/stock/teapot")
	if err != nil {
		return err
	}
	if !resp.IsSuccess() {
		return errStock
	}
	return nil
}

// Call reads how many teapots there are.
func Call(ctx context.Context, target string) error {
	return newStockClient(target).level(ctx)
}
