// Package session keeps sessions in the cache cluster.
package session

import (
	"context"
	"fmt"
	"net"
	"time"
)

// Open connects to the cache. Whoever moves that machine has to find this line,
// build and deploy.
func Open(ctx context.Context) (net.Conn, error) {
	dialer := &net.Dialer{Timeout: time.Second}
	conn, err := dialer.DialContext(ctx, "tcp", "10.32.7.14:11211")
	if err != nil {
		return nil, fmt.Errorf("session cache: %w", err)
	}
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		conn.Close()
		return nil, fmt.Errorf("session cache: %w", err)
	}
	return conn, nil
}
