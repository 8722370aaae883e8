// Package payments is the payments service.
package payments

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	paymentsv1 "example.com/shop/api/payments/v1"
	"example.com/shop/internal/acquirer"
)

// An Acquirer is the bank. It treats authorisations with the same key as one.
type Acquirer interface {
	Authorise(ctx context.Context, key, customerID string, amount int64, currency string) (reference string, err error)
	Reverse(ctx context.Context, reference string) error
}

// Server implements payments.v1.Payments.
type Server struct {
	paymentsv1.UnimplementedPaymentsServer

	bank   Acquirer
	ledger *ledger
	limits acquirer.Limits
}

// NewServer returns a server that books with the bank. A limit of zero means
// that there is none.
func NewServer(bank Acquirer, limits acquirer.Limits) *Server {
	return &Server{bank: bank, ledger: newLedger(), limits: limits}
}

// Charge implements payments.v1.Payments.
func (s *Server) Charge(ctx context.Context, req *paymentsv1.ChargeRequest) (*paymentsv1.ChargeResponse, error) {
	if req.GetAmount() <= 0 || req.GetCurrency() == "" {
		return nil, status.Error(codes.InvalidArgument, "amount and currency are required")
	}
	if limit := s.limits.MaxAmount; limit > 0 && req.GetAmount() > limit {
		return nil, status.Errorf(codes.FailedPrecondition, "amount %d is above the limit of %d", req.GetAmount(), limit)
	}
	e := entry{
		ID:       "ch_" + rand.Text(),
		OrderID:  req.GetOrderId(),
		Amount:   req.GetAmount(),
		Currency: req.GetCurrency(),
		State:    paymentsv1.ChargeState_CHARGE_STATE_AUTHORISED,
	}
	reference, err := s.bank.Authorise(ctx, e.ID, req.GetCustomerId(), e.Amount, e.Currency)
	switch {
	case errors.Is(err, acquirer.ErrDeclined):
		e.State = paymentsv1.ChargeState_CHARGE_STATE_DECLINED
	case err != nil:
		slog.WarnContext(ctx, "bank did not answer", "charge", e.ID, "order", e.OrderID, "err", err)
		return nil, status.Error(codes.Unavailable, "the bank did not answer")
	}
	e.Reference = reference
	s.ledger.add(e)
	return &paymentsv1.ChargeResponse{Charge: e.proto()}, nil
}

// Refund implements payments.v1.Payments.
func (s *Server) Refund(ctx context.Context, req *paymentsv1.RefundRequest) (*paymentsv1.RefundResponse, error) {
	if req.GetRequestId() == "" {
		return nil, status.Error(codes.InvalidArgument, "request_id is required")
	}
	e, ok := s.ledger.get(req.GetChargeId())
	switch {
	case !ok:
		return nil, status.Errorf(codes.NotFound, "no charge %q", req.GetChargeId())
	case e.RefundedBy == req.GetRequestId():
		return &paymentsv1.RefundResponse{Charge: e.proto()}, nil
	case e.State != paymentsv1.ChargeState_CHARGE_STATE_AUTHORISED:
		return nil, status.Errorf(codes.FailedPrecondition, "charge %q cannot be refunded", e.ID)
	}
	if err := s.bank.Reverse(ctx, e.Reference); err != nil {
		slog.WarnContext(ctx, "refund failed", "charge", e.ID, "err", err)
		return nil, status.Error(codes.Unavailable, "the bank did not refund")
	}
	e.State, e.RefundedBy = paymentsv1.ChargeState_CHARGE_STATE_REFUNDED, req.GetRequestId()
	s.ledger.add(e)
	return &paymentsv1.RefundResponse{Charge: e.proto()}, nil
}

// GetCharge implements payments.v1.Payments.
func (s *Server) GetCharge(_ context.Context, req *paymentsv1.GetChargeRequest) (*paymentsv1.GetChargeResponse, error) {
	e, ok := s.ledger.get(req.GetChargeId())
	if !ok {
		return nil, status.Errorf(codes.NotFound, "no charge %q", req.GetChargeId())
	}
	return &paymentsv1.GetChargeResponse{Charge: e.proto()}, nil
}

// ListCharges implements payments.v1.Payments.
func (s *Server) ListCharges(_ context.Context, req *paymentsv1.ListChargesRequest) (*paymentsv1.ListChargesResponse, error) {
	resp := new(paymentsv1.ListChargesResponse)
	for _, e := range s.ledger.ofOrders(req.GetOrderIds()) {
		resp.Charges = append(resp.Charges, e.proto())
	}
	return resp, nil
}
