// Package recursion loads user profiles.
package recursion

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

const maxRetries = 3

type profile struct {
	Name string `json:"name"`
}

type directory struct {
	base string
	http *http.Client
}

// Call loads the profile of the signed-in user.
func Call(ctx context.Context, target string) error {
	d := &directory{base: "http://" + target, http: &http.Client{Timeout: 300 * time.Millisecond}}
	_, err := d.load(ctx, 0)
	return err
}

// load asks for the profile. retries counts the requests made before.
func (d *directory) load(ctx context.Context, retries int) (*profile, error) {
	p, err := d.get(ctx)
	if err != nil {
		if retries >= maxRetries {
			return nil, fmt.Errorf("profile: %w", err)
		}
		time.Sleep(time.Millisecond << retries)
		return d.load(ctx, retries+1)
	}
	return p, nil
}

func (d *directory) get(ctx context.Context) (*profile, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, d.base+"/users/me", nil)
	if err != nil {
		return nil, err
	}
	resp, err := d.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %d", resp.StatusCode)
	}
	var p profile
	if err := json.NewDecoder(resp.Body).Decode(&p); err != nil {
		return nil, err
	}
	return &p, nil
}
