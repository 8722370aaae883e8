// Package grpcthrottle charges customers, and holds back when much fails.
package grpcthrottle

import (
	"context"
	"fmt"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	paymentsv1 "example.com/shop/api/payments/v1"
)

const serviceConfig = `{
	"methodConfig": [{
		"name": [{"service": "payments.v1.Payments"}],
		"retryPolicy": {
			"maxAttempts": 3,
			"initialBackoff": "0.001s",
			"maxBackoff": "0.003s",
			"backoffMultiplier": 2,
			"retryableStatusCodes": ["UNAVAILABLE"]
		}
	}],
	"retryThrottling": {"maxTokens": 10, "tokenRatio": 0.1}
}`

// A pool keeps one connection per address.
type pool struct {
	mu    sync.Mutex
	conns map[string]*grpc.ClientConn
}

func (p *pool) get(addr string) (*grpc.ClientConn, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if conn, ok := p.conns[addr]; ok {
		return conn, nil
	}
	conn, err := grpc.NewClient(addr,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultServiceConfig(serviceConfig),
	)
	if err != nil {
		return nil, fmt.Errorf("payments: %w", err)
	}
	p.conns[addr] = conn
	return conn, nil
}

var connections = pool{conns: map[string]*grpc.ClientConn{}}

// Call charges for one order.
func Call(ctx context.Context, target string) error {
	conn, err := connections.get(target)
	if err != nil {
		return err
	}
	_, err = paymentsv1.NewPaymentsClient(conn).Charge(ctx, &paymentsv1.ChargeRequest{OrderId: "o-6"})
	return err
}
