// Package ruletest runs the tests of analyzers against fixtures that use
// third-party client libraries, without their modules: testdata/stubs holds the
// declarations that fixtures need, under the libraries' import paths.
//
// A rule's folder keeps its fixtures in its own testdata/src/<package>, as
// analysistest wants it. They may import the standard library, each other, and
//
//   - connectrpc.com/connect
//   - github.com/avast/retry-go/v4
//   - github.com/aws/aws-sdk-go-v2/{aws,aws/transport/http,config,service/dynamodb}
//   - github.com/bradfitz/gomemcache/memcache
//   - github.com/cenkalti/backoff/v4
//   - github.com/eapache/go-resiliency/retrier
//   - github.com/failsafe-go/failsafe-go, its failsafehttp, retrypolicy and timeout
//   - github.com/go-resty/resty/v2
//   - github.com/gojek/heimdall/v7 and its httpclient
//   - github.com/grpc-ecosystem/go-grpc-middleware, its retry, and
//     v2/interceptors/retry
//   - github.com/hashicorp/consul/api
//   - github.com/hashicorp/go-retryablehttp
//   - github.com/jackc/pgx/v5, its pgconn and pgxpool
//   - github.com/jmoiron/sqlx
//   - github.com/jpillora/backoff
//   - github.com/labstack/echo/v4
//   - github.com/redis/go-redis/v9
//   - github.com/sethvargo/go-retry
//   - golang.org/x/sync/errgroup
//   - golang.org/x/time/rate
//   - google.golang.org/grpc, its codes, credentials, credentials/insecure,
//     keepalive, metadata, reflection and status
//   - k8s.io/apimachinery/pkg/util/wait
//   - k8s.io/client-go/util/retry
//   - shop/ledger: the same for a service with the methods Post and GetBalance, as
//     protoc-gen-go-grpc wrote it before it named methods by constants
//   - shop/payments and shop/payments/paymentsconnect: what protoc generates
//     for a gRPC service with the methods Charge, GetPayment and the
//     server-streaming WatchPayments
//
// The stubs' bodies do nothing, so analyzers must know these libraries by
// their models; package clients is checked against the real modules elsewhere.
package ruletest

import (
	"embed"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/analysistest"
)

//go:embed testdata/stubs
var stubs embed.FS

// Run is analysistest.Run on packages of the caller's testdata/src.
func Run(t *testing.T, a *analysis.Analyzer, pkgs ...string) []*analysistest.Result {
	t.Helper()
	return analysistest.Run(t, Gopath(t), a, pkgs...)
}

// RunWithSuggestedFixes is analysistest.RunWithSuggestedFixes on packages of
// the caller's testdata/src, whose .golden files lie beside the sources.
func RunWithSuggestedFixes(t *testing.T, a *analysis.Analyzer, pkgs ...string) []*analysistest.Result {
	t.Helper()
	return analysistest.RunWithSuggestedFixes(t, Gopath(t), a, pkgs...)
}

// Gopath returns a temporary directory whose src holds the stubs and a copy
// of the testdata/src of the package under test. A fixture that has the path
// of a stub fails the test: declare what is missing in the stub instead.
func Gopath(t *testing.T) string {
	t.Helper()
	own := filepath.Join("testdata", "src")
	if _, err := os.Stat(own); err != nil {
		t.Fatalf("ruletest: fixtures belong in testdata/src beside the test: %v", err)
	}
	return GopathOf(t, os.DirFS(own))
}

// GopathOf is Gopath with the fixtures in own, for fixtures that are made
// rather than kept in files.
func GopathOf(t *testing.T, own fs.FS) string {
	t.Helper()
	shared, err := fs.Sub(stubs, "testdata/stubs")
	if err != nil {
		t.Fatalf("ruletest: %v", err)
	}
	gopath := t.TempDir()
	src := filepath.Join(gopath, "src")
	for _, tree := range []fs.FS{shared, own} {
		if err := os.CopyFS(src, tree); err != nil {
			t.Fatalf("ruletest: copying fixtures: %v", err)
		}
	}
	return gopath
}
