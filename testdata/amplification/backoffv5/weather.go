// Package backoffv5 reads the weather.
package backoffv5

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/cenkalti/backoff/v5"
)

type forecast struct {
	Celsius float64 `json:"celsius"`
}

type station struct {
	url    string
	client http.Client
}

// Call reads tomorrow's forecast.
func Call(ctx context.Context, target string) error {
	s := &station{url: "http://" + target + "/forecast/tomorrow", client: http.Client{Timeout: 300 * time.Millisecond}}
	_, err := backoff.Retry(ctx, func() (forecast, error) { return s.read(ctx) },
		backoff.WithBackOff(backoff.NewConstantBackOff(2*time.Millisecond)),
		backoff.WithMaxTries(3),
	)
	return err
}

func (s *station) read(ctx context.Context) (forecast, error) {
	var f forecast
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url, nil)
	if err != nil {
		return f, err
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return f, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return f, fmt.Errorf("forecast: %s", resp.Status)
	}
	err = json.NewDecoder(resp.Body).Decode(&f)
	return f, err
}
