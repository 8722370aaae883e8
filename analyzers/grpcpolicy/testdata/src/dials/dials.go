// Package dials makes connections in many ways.
package dials

import (
	"context"
	"embed"
	"fmt"
	"os"
	"time"

	grpc_middleware "github.com/grpc-ecosystem/go-grpc-middleware"
	grpc_retry "github.com/grpc-ecosystem/go-grpc-middleware/retry"
	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/retry"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"

	"options"
)

//go:embed config.json
var embedded string

//go:embed config.json
var embeddedBytes []byte

//go:embed *.json
var files embed.FS

const (
	policy = `"retryPolicy": {"maxAttempts": %d, "initialBackoff": "0.1s", "maxBackoff": "1s", "backoffMultiplier": 1, "retryableStatusCodes": ["UNAVAILABLE"]}`
	ten    = `{"methodConfig": [{"name": [{}], "retryPolicy": {"maxAttempts": 10, "initialBackoff": "0.1s", "maxBackoff": "1s", "backoffMultiplier": 2, "retryableStatusCodes": ["UNAVAILABLE"]}}]}`
)

var creds = grpc.WithTransportCredentials(insecure.NewCredentials())

func bare() {
	grpc.NewClient("a", creds) // want `^$`
}

func constant() {
	grpc.NewClient("a", creds, grpc.WithDefaultServiceConfig(ten)) // want `^\*=service-config 5 wait 1.8s; capped$`
}

func concatenated(n int) {
	c := `{"methodConfig": [{"name": [{"service": "` + "s" + `"}], ` + fmt.Sprintf(policy, 3) + `}]}`
	grpc.Dial("a", grpc.WithDefaultServiceConfig(c)) // want `^s=service-config 3 same wait 240ms; shrinking-waits$`
	c = `{"methodConfig": [{"name": [{"service": "s"}], ` + fmt.Sprintf(policy, n) + `}]}`
	grpc.Dial("a", grpc.WithDefaultServiceConfig(c)) // want `^unknown$`
}

func durations() {
	const limit = 2 * time.Second
	c := fmt.Sprintf(`{"methodConfig": [{"name": [{}], "timeout": "%v"}]}`, limit)
	grpc.Dial("a", grpc.WithDefaultServiceConfig(c)) // want `^\*= timeout 2s$`
}

func fromFiles(ctx context.Context) {
	grpc.DialContext(ctx, "a", grpc.WithDefaultServiceConfig(embedded))              // want `^pay.v1.Payments/Charge=service-config 4 throttled within 1.5s wait 720ms at config.json:5:20 timeout 1.5s; pay.v1.Payments/Refund=service-config 4 throttled within 1.5s wait 720ms at config.json:5:20 timeout 1.5s; pay.v1.Payments= timeout 9s$`
	grpc.DialContext(ctx, "a", grpc.WithDefaultServiceConfig(string(embeddedBytes))) // want `^pay.v1.Payments/Charge=service-config 4 throttled`
	b, err := files.ReadFile("config.json")
	if err != nil {
		return
	}
	grpc.DialContext(ctx, "a", grpc.WithDefaultServiceConfig(string(b))) // want `^pay.v1.Payments/Charge=service-config 4 throttled`
	b, _ = os.ReadFile("config.json")
	grpc.DialContext(ctx, "a", grpc.WithDefaultServiceConfig(string(b))) // want `^pay.v1.Payments/Charge=service-config 4 throttled`
	b, _ = os.ReadFile("/etc/config.json")
	grpc.DialContext(ctx, "a", grpc.WithDefaultServiceConfig(string(b))) // want `^unknown$`
	grpc.NewClient("xds:///a", grpc.WithDefaultServiceConfig(embedded))  // want `throttled.*; unknown$`
}

func limits() {
	grpc.NewClient("a", grpc.WithDefaultServiceConfig(ten), grpc.WithMaxCallAttempts(10)) // want `^\*=service-config 10 wait`
	grpc.NewClient("a", grpc.WithDefaultServiceConfig(ten), grpc.WithMaxCallAttempts(1))  // want `^\*=service-config 5 wait`
	grpc.NewClient("a", grpc.WithDefaultServiceConfig(ten), grpc.WithDisableRetry())      // want `^\*=; capped$`
	grpc.NewClient("a", grpc.JoinDialOption(grpc.WithDefaultServiceConfig(ten)))          // want `^\*=service-config 5 wait`
}

func refused() {
	grpc.NewClient("a", grpc.WithDefaultServiceConfig(`{"methodConfig": [{"name": [{}], "timeout": "100ms"}]}`)) // want `rejected: "100ms" is no duration: write seconds with an s, such as "0.1s"; rejected$`
	grpc.NewClient("a", grpc.WithDefaultServiceConfig(`{"methodConfig": {}}`))                                   // want `rejected: line 1, column 18: methodConfig is a JSON object: want an array`
}

func hedged() {
	grpc.NewClient("a", grpc.WithDefaultServiceConfig(`{"methodConfig": [{"name": [{}], "hedgingPolicy": {"maxAttempts": 3}, "retryPolcy": {}}]}`)) // want `^\*=; no-hedging; ignored$`
}

func slices(disable, more bool, extra ...grpc.DialOption) {
	opts := []grpc.DialOption{creds}
	if disable {
		opts = append(opts, grpc.WithDisableRetry())
	}
	opts = append(opts, grpc.WithDefaultServiceConfig(ten))
	grpc.NewClient("a", opts...) // want `^\*=service-config 5 wait`
	opts = append(opts, extra...)
	grpc.NewClient("a", opts...) // want `^\*=service-config 5 wait .*unknown`
}

func loops(names []string) {
	var opts []grpc.DialOption
	for range names {
		opts = append(opts, grpc.WithDefaultServiceConfig(ten))
	}
	grpc.NewClient("a", opts...) // want `^\*=service-config 5 wait`
}

func returned() {
	grpc.NewClient("a", helper(true)...)                                  // want `^\*=service-config 5 wait`
	grpc.NewClient("a", passed(ten)...)                                   // want `^\*=service-config 5 wait`
	grpc.NewClient("a", fromOutside()...)                                 // want `^unknown$`
	grpc.NewClient("a", options.Retrying())                               // want `^unary \*=client 2 same wait 55ms; around\(1\) options.Log$`
	grpc.NewClient("a", options.Default()...)                             // want `^unary \*=client 2 same wait 55ms, service-config 3 wait 360ms at options.go:13:65; stream \*=service-config 3 wait 360ms at options.go:13:65; around\(1\) options.Log$`
	grpc.NewClient("a", grpc.WithUnaryInterceptor(options.Interceptor())) // want `^unary \*=client 2`
}

func throughDialers(extra ...grpc.DialOption) {
	options.DialWith("a", grpc.WithDefaultServiceConfig(ten))        // want `^\*=service-config 5 wait 1.8s; capped$`
	options.DialWith("a")                                            // want `^$`
	options.DialWith("a", extra...)                                  // want `^unknown$`
	grpc.NewClient("a", options.Default(grpc.WithDisableRetry())...) // want `^unary \*=client 2 same wait 55ms; stream \*=; around\(1\) options.Log$`
	own("a", grpc.WithDefaultServiceConfig(ten))                     // want `^\*=service-config 5 wait 1.8s; capped$`
	own("a")                                                         // want `^$`
}

func own(addr string, extra ...grpc.DialOption) *grpc.ClientConn {
	conn, err := options.DialWith(addr, extra...) // want `^\*=service-config 5`
	if err != nil {
		return nil
	}
	return conn
}

func helper(on bool) []grpc.DialOption {
	if !on {
		return nil
	}
	return []grpc.DialOption{creds, grpc.WithDefaultServiceConfig(ten)}
}

func passed(c string) []grpc.DialOption {
	return []grpc.DialOption{grpc.WithDefaultServiceConfig(c)}
}

var fromOutside func() []grpc.DialOption

func interceptors(n uint) {
	grpc.NewClient("a", grpc.WithUnaryInterceptor(retry.UnaryClientInterceptor())) // want `^$`
	grpc.NewClient("a", grpc.WithUnaryInterceptor(retry.UnaryClientInterceptor(    // want `^unary \*=client 3 try 2s wait 330ms modes 14004$`
		retry.WithMax(3), retry.WithCodes(codes.Aborted), retry.WithPerRetryTimeout(2*time.Second),
		retry.WithBackoff(retry.BackoffExponentialWithJitter(100*time.Millisecond, 0.1)))))
	grpc.NewClient("a", grpc.WithUnaryInterceptor(retry.UnaryClientInterceptor(retry.WithMax(n))))                  // want `^unary \*=client n same`
	grpc.NewClient("a", grpc.WithUnaryInterceptor(retry.UnaryClientInterceptor(retry.WithMax(9), retry.Disable()))) // want `^$`
	grpc.NewClient("a",                                                                                             // want `^unary \*=client 2 same wait 55ms; stream \*=client 4 same wait 3s; around\(0\) options.Log$`
		grpc.WithStreamInterceptor(grpc_retry.StreamClientInterceptor(grpc_retry.WithMax(4), grpc_retry.WithBackoff(grpc_retry.BackoffLinear(time.Second)))),
		grpc.WithUnaryInterceptor(grpc_middleware.ChainUnaryClient(options.Log, grpc_retry.UnaryClientInterceptor(grpc_retry.WithMax(2)))))
}

func stacked() {
	grpc.NewClient("a", // want `^unary \*=client 3 same try 1s wait 110ms, service-config 2 same within 1s wait 120ms timeout 1s; stream \*=service-config 2 same within 1s wait 120ms timeout 1s; around\(0\) dials.stacked\$1; around\(1\) \(\*dials.logger\).intercept; shrinking-waits$`
		grpc.WithChainUnaryInterceptor(
			func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoker grpc.UnaryInvoker, opts ...grpc.CallOption) error {
				return invoker(ctx, method, req, reply, cc, opts...)
			},
			retry.UnaryClientInterceptor(retry.WithMax(3)),
			new(logger).intercept,
		),
		grpc.WithDefaultServiceConfig(`{"methodConfig": [{"name": [{}], "timeout": "1s", `+fmt.Sprintf(policy, 2)+`}]}`))
}

type logger struct{}

func (*logger) intercept(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoker grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	return invoker(ctx, method, req, reply, cc, opts...)
}

func notConnection(cc grpc.ClientConnInterface) grpc.ClientConnInterface { return wrapper{cc} }

type wrapper struct{ grpc.ClientConnInterface }
