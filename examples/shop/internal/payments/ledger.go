package payments

import (
	"slices"
	"sync"

	paymentsv1 "example.com/shop/api/payments/v1"
)

type entry struct {
	ID, OrderID string
	Reference   string // the bank's
	RefundedBy  string // request_id of the refund
	Amount      int64
	Currency    string
	State       paymentsv1.ChargeState
}

func (e entry) proto() *paymentsv1.Charge {
	return &paymentsv1.Charge{Id: e.ID, OrderId: e.OrderID, Amount: e.Amount, Currency: e.Currency, State: e.State}
}

// A ledger holds the charges since the service started.
type ledger struct {
	mu      sync.Mutex
	entries map[string]entry
}

func newLedger() *ledger {
	return &ledger{entries: make(map[string]entry)}
}

func (l *ledger) add(e entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entries[e.ID] = e
}

func (l *ledger) get(id string) (entry, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e, ok := l.entries[id]
	return e, ok
}

func (l *ledger) ofOrders(orderIDs []string) []entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	var found []entry
	for _, e := range l.entries {
		if slices.Contains(orderIDs, e.OrderID) {
			found = append(found, e)
		}
	}
	return found
}
