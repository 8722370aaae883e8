package callgraph

import "testing"

// Whose contract holds for a request is told by the service or the host that is asked.
// What is asked of others has none of ours.
func TestContractOf(t *testing.T) {
	contracts := []Contract{
		{Operation: "POST /v1/charges", At: Posn{File: "pay/api.yaml", Line: 1}},
		{Operation: "POST /v1/charges/{id}", At: Posn{File: "pay/api.yaml", Line: 2}},
		{Operation: "POST /v1/charges/all", At: Posn{File: "pay/api.yaml", Line: 3}},
		{Operation: "POST /v1/orders", At: Posn{File: "docs/orders.yaml", Line: 4}},
		{Operation: "POST /v1/both", At: Posn{File: "docs/a.yaml", Line: 5}},
		{Operation: "POST /v1/both", At: Posn{File: "docs/b.yaml", Line: 6}},
		{Operation: "POST /v1/hosted", Hosts: []string{"api.example.com"}, At: Posn{File: "docs/c.yaml", Line: 7}},
	}
	p := LinkSystem(nil, System{Estate: Estate{Contracts: contracts, Services: []ServiceNames{{Name: "pay", Dir: "pay"}, {Name: "stock", Dir: "stock"}}}})
	for _, tt := range []struct {
		operation, service string
		line               int
		how                fit
	}{
		{"POST pay/v1/charges", "pay", 1, fits},
		{"POST pay/v1/charges/7", "pay", 2, fits},
		{"POST pay/v1/charges/all", "pay", 3, fits},
		{"GET pay/v1/charges", "pay", 0, misses},
		{"POST stock/v1/charges", "stock", 0, misses},
		{"POST {base}/v1/charges", "", 1, mayFit},
		{"POST localhost:8080/v1/charges", "", 1, mayFit},
		{"POST api.bank.example/v1/charges", "", 0, misses},
		{"POST api.example.com:443/v1/hosted", "", 7, fits},
		{"POST pay/v1/orders", "pay", 4, mayFit},
		{"POST {base}/v1/both", "", 0, misses},
		{"POST {base}/v1/none", "", 0, misses},
	} {
		svc, _ := p.linker.services.ofHost(tt.service)
		at, how := p.contractOf(tt.operation, svc)
		line := 0
		if how != misses {
			line = contracts[at].At.Line
		}
		if how != tt.how || line != tt.line {
			t.Errorf("%s of %q: contract at line %d (%d), want %d (%d)", tt.operation, tt.service, line, how, tt.line, tt.how)
		}
	}
}
