package orders

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	paymentsv1 "example.com/shop/api/payments/v1"
)

// pendingGrace is how old a pending order must be before it counts as one
// whose charge got lost; placing one takes seconds.
const pendingGrace = time.Minute

// reconcileEvery looks for lost charges once every interval. Call stop to end it.
func (s *Service) reconcileEvery(interval time.Duration) (stop func()) {
	done := make(chan struct{})
	go func() {
		ticker := time.NewTicker(interval)
		defer ticker.Stop()
		for {
			select {
			case now := <-ticker.C:
				if err := s.reconcile(now.Add(-pendingGrace)); err != nil {
					slog.Error("orders not reconciled", "err", err)
				}
			case <-done:
				return
			}
		}
	}()
	return func() { close(done) }
}

// reconcile marks orders as paid that are older than t, still pending and
// known to payments: the process ended between charging and storing.
func (s *Service) reconcile(t time.Time) error {
	pending, err := s.store.PendingSince(context.Background(), t)
	if err != nil || len(pending) == 0 {
		return err
	}
	ids := make([]string, len(pending))
	for i, o := range pending {
		ids[i] = o.ID
	}
	charges, err := s.payments.List(context.Background(), ids)
	if err != nil {
		return fmt.Errorf("charges of %d orders: %w", len(ids), err)
	}
	paid := make(map[string]string, len(charges))
	for _, c := range charges {
		if c.GetState() == paymentsv1.ChargeState_CHARGE_STATE_AUTHORISED {
			paid[c.GetOrderId()] = c.GetId()
		}
	}
	for _, o := range pending {
		if paid[o.ID] == "" {
			continue
		}
		o.ChargeID, o.Status = paid[o.ID], Paid
		if err := s.store.Put(context.Background(), o); err != nil {
			return err
		}
	}
	return nil
}
