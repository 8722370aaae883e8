// Package ifaceclient takes payments.
package ifaceclient

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// A Charger takes money from a card.
type Charger interface {
	Charge(ctx context.Context, card string, cents int) error
}

// An Acquirer charges cards over HTTP.
type Acquirer struct {
	URL    string
	Client *http.Client
}

var _ Charger = (*Acquirer)(nil)

// Charge takes cents from card.
func (a *Acquirer) Charge(ctx context.Context, card string, cents int) error {
	body := strings.NewReader(fmt.Sprintf(`{"card": %q, "cents": %d}`, card, cents))
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.URL+"/charges", body)
	if err != nil {
		return err
	}
	resp, err := a.Client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		return fmt.Errorf("charge: %s", resp.Status)
	}
	return nil
}

// A Desk takes payments.
type Desk struct {
	charger Charger
	tries   int
}

// Pay takes cents from card.
func (d *Desk) Pay(ctx context.Context, card string, cents int) error {
	var err error
	for try := 0; try < d.tries; try++ {
		if err = d.charger.Charge(ctx, card, cents); err == nil {
			return nil
		}
		time.Sleep(time.Millisecond)
	}
	return err
}

// Call pays for a teapot.
func Call(ctx context.Context, target string) error {
	desk := &Desk{
		charger: &Acquirer{URL: "http://" + target, Client: &http.Client{Timeout: 300 * time.Millisecond}},
		tries:   3,
	}
	return desk.Pay(ctx, "tok_1", 5450)
}
