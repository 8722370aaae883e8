// Package restyretry sends text messages.
package restyretry

import (
	"context"
	"fmt"
	"time"

	"github.com/go-resty/resty/v2"
)

// Call sends one message.
func Call(ctx context.Context, target string) error {
	client := resty.New().
		SetBaseURL("http://" + target).
		SetTimeout(300 * time.Millisecond).
		SetRetryCount(3).
		SetRetryWaitTime(time.Millisecond).
		SetRetryMaxWaitTime(3 * time.Millisecond)

	resp, err := client.R().
		SetContext(ctx).
		SetBody(map[string]string{"to": "+4687", "text": "Your parcel is here."}).
		Post("/messages")
	if err != nil {
		return fmt.Errorf("message: %w", err)
	}
	if resp.IsError() {
		return fmt.Errorf("message: %s", resp.Status())
	}
	return nil
}
