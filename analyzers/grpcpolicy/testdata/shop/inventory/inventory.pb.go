// Package inventoryv1 stands for the messages of examples/shop's inventory, whose
// real code needs the protobuf runtime.
package inventoryv1

type (
	Stock                 struct{}
	GetStockRequest       struct{ Sku string }
	GetStockResponse      struct{}
	BatchGetStockRequest  struct{ Skus []string }
	BatchGetStockResponse struct{}
)

func (*Stock) GetSku() string                      { return "" }
func (*Stock) GetAvailable() int64                 { return 0 }
func (*GetStockResponse) GetStock() *Stock         { return nil }
func (*BatchGetStockResponse) GetStocks() []*Stock { return nil }
