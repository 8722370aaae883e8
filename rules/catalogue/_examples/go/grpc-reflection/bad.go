// Command inventory serves the inventory over gRPC.
package main

import (
	"log"
	"net"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/reflection"
)

func main() {
	listener, err := net.Listen("tcp", ":9090")
	if err != nil {
		log.Fatal(err)
	}
	server := grpc.NewServer(grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: time.Minute}))

	// Everyone who reaches the port can list every method and message.
	reflection.Register(server)

	if err := server.Serve(listener); err != nil {
		log.Fatal(err)
	}
}
