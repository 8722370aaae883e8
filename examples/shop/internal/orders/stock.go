package orders

import (
	"context"
	"maps"
	"sync"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	inventoryv1 "example.com/shop/api/inventory/v1"
)

// batchLimit is promised in the proto.
const batchLimit = 200

// Stock counts the pieces that can be sold and implements
// inventory.v1.Inventory.
type Stock struct {
	inventoryv1.UnimplementedInventoryServer

	mu     sync.Mutex
	pieces map[string]int
}

// NewStock returns a stock of the given pieces per SKU.
func NewStock(pieces map[string]int) *Stock {
	return &Stock{pieces: maps.Clone(pieces)}
}

// take removes what lines want, or nothing if something is missing.
func (s *Stock) take(lines []Line) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	left := maps.Clone(s.pieces)
	for _, l := range lines {
		if left[l.SKU] < l.Quantity {
			return false
		}
		left[l.SKU] -= l.Quantity
	}
	s.pieces = left
	return true
}

func (s *Stock) giveBack(lines []Line) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range lines {
		s.pieces[l.SKU] += l.Quantity
	}
}

// GetStock implements inventory.v1.Inventory.
func (s *Stock) GetStock(_ context.Context, req *inventoryv1.GetStockRequest) (*inventoryv1.GetStockResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, ok := s.pieces[req.GetSku()]
	if !ok {
		return nil, status.Errorf(codes.NotFound, "no article %q", req.GetSku())
	}
	return &inventoryv1.GetStockResponse{Stock: &inventoryv1.Stock{Sku: req.GetSku(), Available: int32(n)}}, nil
}

// BatchGetStock implements inventory.v1.Inventory.
func (s *Stock) BatchGetStock(_ context.Context, req *inventoryv1.BatchGetStockRequest) (*inventoryv1.BatchGetStockResponse, error) {
	if n := len(req.GetSkus()); n > batchLimit {
		return nil, status.Errorf(codes.InvalidArgument, "%d articles, at most %d are answered at once", n, batchLimit)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	resp := new(inventoryv1.BatchGetStockResponse)
	for _, sku := range req.GetSkus() {
		if n, ok := s.pieces[sku]; ok {
			resp.Stocks = append(resp.Stocks, &inventoryv1.Stock{Sku: sku, Available: int32(n)})
		}
	}
	return resp, nil
}
