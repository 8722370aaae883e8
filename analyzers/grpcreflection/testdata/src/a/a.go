// Package main serves gRPC.
package main

import (
	"flag"
	"log"
	"net"
	"os"

	"google.golang.org/grpc"
	"google.golang.org/grpc/reflection"
)

var reflect = flag.Bool("reflection", false, "register reflection")

const debug = false

type config struct {
	Reflection bool
	Port       string
}

func main() {
	plain()
	inHelper(config{})
	serve(config{})
	server := grpc.NewServer()
	if os.Getenv("DEBUG") != "" {
		enable(server)
	}
	attach(grpc.NewServer())
}

func plain() {
	lis, err := net.Listen("tcp", ":50051")
	if err != nil {
		log.Fatal(err)
	}
	server := grpc.NewServer()
	reflection.Register(server) // want `gRPC reflection is registered in every build and configuration`
	if err := server.Serve(lis); err != nil {
		log.Fatal(err)
	}
}

func afterChecks(cfg config) error {
	if cfg.Port == "" {
		log.Fatal("no port")
	}
	lis, err := net.Listen("tcp", cfg.Port)
	if err != nil {
		return err
	}
	server := grpc.NewServer()
	reflection.Register(server) // want `gRPC reflection`
	return server.Serve(lis)
}

// The condition decides on the server, not on its reflection.
func serve(cfg config) {
	if cfg.Port != "" {
		server := grpc.NewServer()
		reflection.RegisterV1(server) // want `gRPC reflection`
	}
}

func inHelper(cfg config) {
	register(grpc.NewServer())
	for _, server := range []*grpc.Server{grpc.NewServer()} {
		reflection.Register(server) // want `gRPC reflection`
	}
}

func register(server *grpc.Server) {
	reflection.Register(server) // want `gRPC reflection`
}

// The check comes before the server, and it is made out of sight of its use.
func checked(cfg config) error {
	if cfg.Port == "" || cfg.Port == "0" {
		return os.ErrInvalid
	}
	server, err := listen(cfg)
	if err != nil {
		return err
	}
	handlers(server)
	return nil
}

func listen(cfg config) (*grpc.Server, error) { return grpc.NewServer(), nil }

func handlers(server *grpc.Server) {
	reflection.Register(server) // want `gRPC reflection`
}

func attach(server *grpc.Server) {
	if server != nil {
		reflection.Register(server) // want `gRPC reflection`
	}
}

// Not reported: behind a switch.

func byFlag() {
	server := grpc.NewServer()
	if *reflect {
		reflection.Register(server)
	}
}

func bySetting(cfg config) {
	server := grpc.NewServer()
	if !cfg.Reflection {
		return
	}
	reflection.Register(server)
}

func byEnvironment() {
	server := grpc.NewServer()
	if os.Getenv("ENV") == "dev" || os.Getenv("ENV") == "test" {
		reflection.Register(server)
	}
}

func byConstant() {
	server := grpc.NewServer()
	if debug {
		reflection.Register(server)
	}
}

func bySwitch(env string) {
	server := grpc.NewServer()
	switch env {
	case "dev", "staging":
		reflection.Register(server)
	}
}

// Called on demand only, by main.
func enable(server *grpc.Server) {
	reflection.Register(server)
}
