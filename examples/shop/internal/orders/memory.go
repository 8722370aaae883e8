package orders

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"time"
)

// MemoryStore keeps orders until the process ends. The zero value is empty.
type MemoryStore struct {
	mu     sync.Mutex
	orders map[string]Order
}

// Put implements Store.
func (m *MemoryStore) Put(_ context.Context, o Order) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.orders == nil {
		m.orders = make(map[string]Order)
	}
	m.orders[o.ID] = o
	return nil
}

// Get implements Store.
func (m *MemoryStore) Get(_ context.Context, id string) (Order, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	o, ok := m.orders[id]
	if !ok {
		return Order{}, ErrNotFound
	}
	return o, nil
}

// List implements Store.
func (m *MemoryStore) List(_ context.Context, after string, limit int) ([]Order, error) {
	found := m.where(func(o Order) bool { return o.ID > after })
	return found[:min(limit, len(found))], nil
}

// PendingSince implements Store.
func (m *MemoryStore) PendingSince(_ context.Context, t time.Time) ([]Order, error) {
	return m.where(func(o Order) bool { return o.Status == Pending && o.CreatedAt.Before(t) }), nil
}

func (m *MemoryStore) where(keep func(Order) bool) []Order {
	m.mu.Lock()
	defer m.mu.Unlock()
	found := slices.Collect(maps.Values(m.orders))
	found = slices.DeleteFunc(found, func(o Order) bool { return !keep(o) })
	slices.SortFunc(found, func(a, b Order) int { return cmp.Compare(a.ID, b.ID) })
	return found
}
