package grpcpolicy_test

import (
	"os"
	"path"
	"path/filepath"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/analysistest"
	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/grpcpolicy"
	"github.com/commslint/commslint/analyzers/ruletest"
)

// shopFiles holds the parts of examples/shop that make connections, as they are,
// with stand-ins for the messages.
func shopFiles(t *testing.T) fstest.MapFS {
	files := make(fstest.MapFS)
	for to, from := range map[string]string{
		"internal/pay":     "../../examples/shop/internal/pay/*",
		"internal/stock":   "../../examples/shop/internal/stock/*",
		"api/payments/v1":  "../../examples/shop/api/payments/v1/*_grpc.pb.go",
		"api/inventory/v1": "../../examples/shop/api/inventory/v1/*_grpc.pb.go",
	} {
		addFiles(t, files, to, from)
	}
	addFiles(t, files, "api/payments/v1", "testdata/shop/payments/*")
	addFiles(t, files, "api/inventory/v1", "testdata/shop/inventory/*")
	return files
}

func addFiles(t *testing.T, files fstest.MapFS, to, from string) {
	names, err := filepath.Glob(from)
	if err != nil || len(names) == 0 {
		t.Fatalf("%s: no files: %v", from, err)
	}
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files[path.Join("example.com/shop", to, filepath.Base(name))] = &fstest.MapFile{Data: content, Mode: 0o644}
	}
}

func TestExampleShop(t *testing.T) {
	var got []string
	a := report(func(pass *analysis.Pass, res *grpcpolicy.Result) {
		for _, d := range res.Dials {
			got = append(got, pass.Pkg.Name()+": "+describe(d))
		}
		eachCall(pass, func(call ssa.CallInstruction) {
			if op, ok := res.OperationOf(call); ok {
				at, _ := res.ConnOf(call)
				got = append(got, pass.Pkg.Name()+" "+op+" over "+filepath.Base(at.File))
			}
		})
	})
	analysistest.Run(t, ruletest.GopathOf(t, shopFiles(t)), a, "example.com/shop/internal/pay", "example.com/shop/internal/stock")
	const pay = "service-config 4 within 2s wait 168ms at service_config.json:10:22 timeout 2s"
	want := []string{
		"pay: payments.v1.Payments/Charge=" + pay + "; payments.v1.Payments/Refund=" + pay + "; payments.v1.Payments/GetCharge=" + pay,
		"pay /payments.v1.Payments/Charge over client.go",
		"pay /payments.v1.Payments/GetCharge over client.go",
		"pay /payments.v1.Payments/ListCharges over client.go",
		"pay /payments.v1.Payments/Refund over client.go",
		"stock /inventory.v1.Inventory/BatchGetStock over client.go",
		"stock /inventory.v1.Inventory/GetStock over client.go",
		"stock: inventory.v1.Inventory=service-config 2 throttled within 1s wait 60ms at client.go:25:20 timeout 1s",
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("examples/shop (-want +got):\n%s", diff)
	}
}
