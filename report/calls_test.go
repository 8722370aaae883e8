package report

import (
	"bytes"
	"strings"
	"testing"

	"github.com/commslint/commslint/callgraph"
)

func callSheet() *CallSheet {
	charge := Call{
		File: "pay/pay.go", Line: 33, Column: 9, Function: "shop/pay.charge", Operation: "POST pay/charges", Protocol: "http",
		Callee: "(*http.Client).Do", Resolved: true,
		Timeout:     Timeout{Kind: "bounded", Duration: "2s"},
		Idempotency: Idempotency{Method: "no"},
		Failure:     Failure{Kind: "returned", File: "pay/pay.go", Line: 35},
		Attempts:    &Attempts{N: callgraph.Times{N: 1}, Entry: "shop.Checkout"},
		Load:        &Load{Entry: "shop.Checkout", Requests: 12, Symbolic: "12", Mode: "any failure"},
	}
	charge.Attempts.Add(Layer{Kind: "loop", Name: "charge", Attempts: callgraph.Times{N: 3}, Backoff: "constant", Jitter: "no", Budget: "unknown", File: "pay/pay.go", Line: 17})
	charge.Attempts.Add(Layer{Kind: "client", Name: "retryablehttp", Attempts: callgraph.Times{N: 4}, Backoff: "growing", Jitter: "no", Budget: "no", File: "pay/pay.go", Line: 9})

	endless := Call{
		File: "stock/stock.go", Line: 8, Function: "shop/stock.sync", Operation: "GET {`base`}/items", Protocol: "http", Callee: "http.Get",
		Timeout:      Timeout{Kind: "unbounded", Evidence: "http.DefaultClient"},
		Idempotency:  Idempotency{Method: "yes"},
		Failure:      Failure{Kind: "ignored", File: "stock/stock.go", Line: 8},
		Attempts:     &Attempts{N: callgraph.Times{N: 1}, Entry: "main.main"},
		Load:         &Load{Entry: "main.main", Requests: callgraph.Infinity, Symbolic: "unbounded", Mode: "any failure"},
		Backpressure: []Guard{{Name: "(*rate.Limiter).Wait", File: "stock/stock.go", Line: 7}},
	}
	endless.Attempts.Add(Layer{Kind: "data", Name: "loop", Attempts: callgraph.Times{Text: "len(items)"}, File: "stock/stock.go", Line: 6})
	endless.Attempts.Add(Layer{Kind: "loop", Name: "sync", Attempts: callgraph.Times{N: callgraph.Infinity}, Backoff: "none", Jitter: "no", Budget: "no", File: "stock/stock.go", Line: 7})

	return &CallSheet{Version: CallSheetVersion, Calls: []Call{
		charge, endless,
		{
			File: "store/store.go", Line: 4, Function: "shop/store.Put", Operation: "sql:exec in Put", Protocol: "sql", Callee: "(*sql.DB).Exec",
			Timeout: Timeout{Kind: Unknown}, Idempotency: Idempotency{Method: Unknown, Key: "RequestId"}, Failure: Failure{Kind: Unknown},
		},
	}}
}

func TestWriteCalls(t *testing.T) {
	for _, format := range CallFormats() {
		t.Run(format, func(t *testing.T) {
			var got bytes.Buffer
			if err := WriteCalls(&got, format, callSheet()); err != nil {
				t.Fatal(err)
			}
			golden(t, "calls."+format, got.Bytes())
		})
	}
}

func TestWriteCallsRefusesFormat(t *testing.T) {
	err := WriteCalls(&bytes.Buffer{}, "sarif", &CallSheet{})
	if err == nil || !strings.Contains(err.Error(), "table, json, markdown") {
		t.Errorf("got %v, want an error that lists the formats", err)
	}
}
