package orders

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"time"

	paymentsv1 "example.com/shop/api/payments/v1"
	"example.com/shop/internal/audit"
	"example.com/shop/internal/pay"
)

const (
	chargeAttempts = 3
	chargePause    = 100 * time.Millisecond
	refundTimeout  = 5 * time.Second
)

var (
	// ErrDeclined means that the customer's card was refused.
	ErrDeclined = errors.New("payment declined")
	// ErrSoldOut means that an article is not there in the wanted quantity.
	ErrSoldOut = errors.New("article sold out")
	// ErrNotCancellable means that it is too late, or was never possible.
	ErrNotCancellable = errors.New("order cannot be cancelled")
)

// Service takes orders and sees to it that they are paid and shipped.
type Service struct {
	store    Store
	stock    *Stock
	payments *pay.Client
	trail    *audit.Trail
	parcels  *dispatcher // nil if nothing is shipped from here
}

// Place takes the stock, stores an order, has it paid and queues it for the carrier.
func (s *Service) Place(ctx context.Context, o Order) (Order, error) {
	o.ID, o.Status, o.CreatedAt = "ord_"+rand.Text(), Pending, time.Now().UTC()
	for _, l := range o.Lines {
		o.TotalCents += int64(l.Quantity) * l.PriceCents
	}
	if !s.stock.take(o.Lines) {
		return Order{}, ErrSoldOut
	}
	if err := s.store.Put(ctx, o); err != nil {
		s.stock.giveBack(o.Lines)
		return Order{}, err
	}
	c, err := s.charge(ctx, o)
	if err != nil {
		s.stock.giveBack(o.Lines)
		return Order{}, err
	}
	o.ChargeID, o.Status = c.GetId(), Paid
	if c.GetState() == paymentsv1.ChargeState_CHARGE_STATE_DECLINED {
		o.Status = Declined
	}
	if err := s.store.Put(ctx, o); err != nil {
		return Order{}, err
	}
	s.record(ctx, o)
	if o.Status == Declined {
		s.stock.giveBack(o.Lines)
		return o, ErrDeclined
	}
	if s.parcels != nil {
		s.parcels.enqueue(o)
	}
	return o, nil
}

// charge has an order paid. Payments is restarted often, so a failure that
// may pass is given two more chances.
func (s *Service) charge(ctx context.Context, o Order) (*paymentsv1.Charge, error) {
	var lastErr error
	for attempt := 0; attempt < chargeAttempts; attempt++ {
		if attempt > 0 {
			slog.WarnContext(ctx, "charging again", "order", o.ID, "attempt", attempt+1, "err", lastErr)
			time.Sleep(chargePause)
		}
		c, err := s.payments.Charge(ctx, o.ID, o.CustomerID, o.TotalCents, o.Currency)
		if err == nil {
			return c, nil
		}
		if !pay.Transient(err) {
			return nil, fmt.Errorf("charge order %s: %w", o.ID, err)
		}
		lastErr = err
	}
	return nil, fmt.Errorf("charge order %s: %d attempts: %w", o.ID, chargeAttempts, lastErr)
}

// Cancel gives the customer's money back and marks the order.
func (s *Service) Cancel(ctx context.Context, id, requestID string) (Order, error) {
	o, err := s.store.Get(ctx, id)
	if err != nil {
		return Order{}, err
	}
	if o.Status != Paid {
		return o, ErrNotCancellable
	}
	// A customer who closes the page must not keep the refund from happening.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), refundTimeout)
	defer cancel()
	_ = s.payments.Refund(ctx, o.ChargeID, requestID)
	o.Status = Cancelled
	if err := s.store.Put(ctx, o); err != nil {
		return Order{}, err
	}
	s.stock.giveBack(o.Lines)
	s.record(ctx, o)
	return o, nil
}

// record adds an order's new status to the audit trail. The trail is not
// needed to go on, so a failure is only logged.
func (s *Service) record(ctx context.Context, o Order) {
	err := s.trail.Record(ctx, audit.Event{OrderID: o.ID, What: string(o.Status), At: time.Now().UTC()})
	if err != nil {
		slog.WarnContext(ctx, "event not recorded", "order", o.ID, "status", o.Status, "err", err)
	}
}
