package grpc

import (
	"context"
	"net"
	"time"

	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/metadata"
)

type ServiceRegistrar interface {
	RegisterService(desc *ServiceDesc, impl any)
}

type ServiceInfo struct{ Metadata any }

type Server struct{}

func NewServer(opt ...ServerOption) *Server { return &Server{} }

func (s *Server) RegisterService(sd *ServiceDesc, ss any) {}
func (s *Server) GetServiceInfo() map[string]ServiceInfo  { return nil }
func (s *Server) Serve(lis net.Listener) error            { return nil }
func (s *Server) Stop()                                   {}
func (s *Server) GracefulStop()                           {}

type ServerOption interface{ serverOption() }

type emptyServerOption struct{}

func (emptyServerOption) serverOption() {}

func Creds(c credentials.TransportCredentials) ServerOption      { return emptyServerOption{} }
func ConnectionTimeout(d time.Duration) ServerOption             { return emptyServerOption{} }
func KeepaliveParams(kp keepalive.ServerParameters) ServerOption { return emptyServerOption{} }
func KeepaliveEnforcementPolicy(kep keepalive.EnforcementPolicy) ServerOption {
	return emptyServerOption{}
}
func UnaryInterceptor(i UnaryServerInterceptor) ServerOption { return emptyServerOption{} }
func ChainUnaryInterceptor(interceptors ...UnaryServerInterceptor) ServerOption {
	return emptyServerOption{}
}

type UnaryServerInfo struct {
	Server     any
	FullMethod string
}

type (
	UnaryHandler           func(ctx context.Context, req any) (any, error)
	UnaryServerInterceptor func(ctx context.Context, req any, info *UnaryServerInfo, handler UnaryHandler) (resp any, err error)
	StreamHandler          func(srv any, stream ServerStream) error
	MethodHandler          func(srv any, ctx context.Context, dec func(any) error, interceptor UnaryServerInterceptor) (any, error)
)

type MethodDesc struct {
	MethodName string
	Handler    MethodHandler
}

type StreamDesc struct {
	StreamName    string
	Handler       StreamHandler
	ServerStreams bool
	ClientStreams bool
}

type ServiceDesc struct {
	ServiceName string
	HandlerType any
	Methods     []MethodDesc
	Streams     []StreamDesc
	Metadata    any
}

type ServerStream interface {
	SetHeader(metadata.MD) error
	SendHeader(metadata.MD) error
	SetTrailer(metadata.MD)
	Context() context.Context
	SendMsg(m any) error
	RecvMsg(m any) error
}

type ServerStreamingServer[Res any] interface {
	Send(*Res) error
	ServerStream
}

type GenericServerStream[Req any, Res any] struct{ ServerStream }

func (x *GenericServerStream[Req, Res]) Send(m *Res) error { return x.ServerStream.SendMsg(m) }
