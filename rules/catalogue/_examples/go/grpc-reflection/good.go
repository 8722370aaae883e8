// Command inventory serves the inventory over gRPC.
package main

import (
	"flag"
	"log"
	"net"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/reflection"
)

func main() {
	reflect := flag.Bool("reflection", false, "serve gRPC reflection, for development")
	flag.Parse()

	listener, err := net.Listen("tcp", ":9090")
	if err != nil {
		log.Fatal(err)
	}
	server := grpc.NewServer(grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: time.Minute}))
	if *reflect {
		reflection.Register(server)
	}
	if err := server.Serve(listener); err != nil {
		log.Fatal(err)
	}
}
