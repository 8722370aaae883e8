// Package paymentsv1 stands for the messages of examples/shop's payments, whose
// real code needs the protobuf runtime.
package paymentsv1

type (
	Charge        struct{ Id string }
	ChargeRequest struct {
		OrderId, CustomerId string
		Amount              int64
		Currency            string
	}
	ChargeResponse      struct{}
	RefundRequest       struct{ ChargeId, RequestId string }
	RefundResponse      struct{}
	GetChargeRequest    struct{ ChargeId string }
	GetChargeResponse   struct{}
	ListChargesRequest  struct{ OrderIds []string }
	ListChargesResponse struct{}
)

func (*ChargeResponse) GetCharge() *Charge         { return nil }
func (*GetChargeResponse) GetCharge() *Charge      { return nil }
func (*ListChargesResponse) GetCharges() []*Charge { return nil }
