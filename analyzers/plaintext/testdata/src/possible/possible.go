// Package possible chooses clear text on demand.
package possible

import (
	"flag"
	"os"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

var target = flag.String("target", "localhost:50051", "server to call")

func localByDefault() {
	grpc.NewClient(*target, grpc.WithTransportCredentials(insecure.NewCredentials())) // want `to whatever its target names`
}

func onDemand(addr string) {
	var opts []grpc.DialOption
	if os.Getenv("INSECURE") != "" {
		opts = append(opts, grpc.WithInsecure()) // want `to whatever its target names`
	}
	grpc.NewClient(addr, opts...)
}
