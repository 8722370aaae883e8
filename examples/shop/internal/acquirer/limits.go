package acquirer

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"time"

	"example.com/shop/internal/httpx"
)

// Limits are what the bank lets the shop do.
type Limits struct {
	MaxAmount int64 `json:"max_amount"` // per charge, in the currency's smallest unit
}

// Gateway is the bank's gateway in our own network. Only its administration
// endpoint is used; it has a self-signed certificate.
type Gateway struct {
	admin string
	http  *http.Client
}

// NewGateway returns the gateway whose administration endpoint is at admin.
func NewGateway(admin string) *Gateway {
	return &Gateway{
		admin: admin,
		http: &http.Client{
			Timeout: 5 * time.Second,
			Transport: &http.Transport{
				TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
			},
		},
	}
}

// Limits asks for the limits that are in force now.
func (g *Gateway) Limits(ctx context.Context) (Limits, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, g.admin+"/limits", nil)
	if err != nil {
		return Limits{}, err
	}
	resp, err := g.http.Do(req)
	if err != nil {
		return Limits{}, fmt.Errorf("limits: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return Limits{}, httpx.Unexpected(resp)
	}
	var l Limits
	if err := httpx.ReadJSON(resp.Body, &l); err != nil {
		return Limits{}, fmt.Errorf("limits: %w", err)
	}
	return l, nil
}
