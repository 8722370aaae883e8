// Package serves registers services.
package serves

import (
	"context"

	"google.golang.org/grpc"

	"shop/ledger"
	"shop/payments"
)

type server struct {
	payments.UnimplementedPaymentsServer
}

func (s *server) Charge(context.Context, *payments.ChargeRequest) (*payments.ChargeResponse, error) {
	return nil, nil
}

func (s *server) WatchPayments(*payments.WatchPaymentsRequest, grpc.ServerStreamingServer[payments.Payment]) error {
	return nil
}

type Book struct {
	ledger.UnimplementedLedgerServer
	reader
}

type reader struct{}

func (Book) Post(context.Context, *ledger.Entry) (*ledger.Entry, error) { return nil, nil }

func (Book) GetBalance(context.Context, *ledger.Entry) (*ledger.Entry, error) { return nil, nil }

func NewServer() payments.PaymentsServer { return &server{} }

func run() {
	s := grpc.NewServer()
	payments.RegisterPaymentsServer(s, NewServer()) // want `^/shop.payments.v1.Payments/Charge \(\*serves.server\).Charge; /shop.payments.v1.Payments/WatchPayments \(\*serves.server\).WatchPayments$`
	ledger.RegisterLedgerServer(s, Book{})          // want `^/shop.ledger.v1.Ledger/Post \(serves.Book\).Post; /shop.ledger.v1.Ledger/get_balance \(serves.Book\).GetBalance$`
	other(s, &server{})
}

func other(s grpc.ServiceRegistrar, impl payments.PaymentsServer) {
	payments.RegisterPaymentsServer(s, impl) // want `^/shop.payments.v1.Payments/Charge \(\*serves.server\).Charge; `
}
