// Package session keeps sessions in the cache cluster.
package session

import (
	"context"
	"fmt"
	"net"
	"os"
	"time"
)

// Open connects to the cache that the deployment names, so that it can move
// without a new build.
func Open(ctx context.Context) (net.Conn, error) {
	dialer := &net.Dialer{Timeout: time.Second}
	conn, err := dialer.DialContext(ctx, "tcp", os.Getenv("SESSION_CACHE_ADDR"))
	if err != nil {
		return nil, fmt.Errorf("session cache: %w", err)
	}
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		conn.Close()
		return nil, fmt.Errorf("session cache: %w", err)
	}
	return conn, nil
}
