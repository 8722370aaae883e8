// Package secondtry obtains access tokens.
package secondtry

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

type issuer struct {
	endpoint string
	client   http.Client
}

// Call obtains a token for the reporting service.
func Call(ctx context.Context, target string) error {
	i := &issuer{
		endpoint: "http://" + target + "/oauth/token",
		client:   http.Client{Timeout: 400 * time.Millisecond},
	}
	token, err := i.issue(ctx, "reports:read")
	if err != nil {
		// The issuer drops connections when it rolls its keys.
		token, err = i.issue(ctx, "reports:read")
	}
	if err != nil {
		return fmt.Errorf("token: %w", err)
	}
	_ = token
	return nil
}

func (i *issuer) issue(ctx context.Context, scope string) (string, error) {
	form := url.Values{"grant_type": {"client_credentials"}, "scope": {scope}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, i.endpoint, strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := i.client.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("issuer answered %s", resp.Status)
	}
	var answer struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return "", err
	}
	return answer.AccessToken, nil
}
