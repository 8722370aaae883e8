// Package grpc has the declarations of google.golang.org/grpc that fixtures
// use; no body does anything.
package grpc

import (
	"context"
	"net"
	"time"

	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/metadata"
)

const SupportPackageIsVersion9 = true

type ClientConnInterface interface {
	Invoke(ctx context.Context, method string, args any, reply any, opts ...CallOption) error
	NewStream(ctx context.Context, desc *StreamDesc, method string, opts ...CallOption) (ClientStream, error)
}

type ClientConn struct{ target string }

func NewClient(target string, opts ...DialOption) (conn *ClientConn, err error) {
	return &ClientConn{target: target}, nil
}

func Dial(target string, opts ...DialOption) (*ClientConn, error) {
	return &ClientConn{target: target}, nil
}

func DialContext(ctx context.Context, target string, opts ...DialOption) (conn *ClientConn, err error) {
	return &ClientConn{target: target}, nil
}

func (cc *ClientConn) Invoke(ctx context.Context, method string, args, reply any, opts ...CallOption) error {
	return nil
}

func (cc *ClientConn) NewStream(ctx context.Context, desc *StreamDesc, method string, opts ...CallOption) (ClientStream, error) {
	return nil, nil
}

func (cc *ClientConn) Target() string { return cc.target }
func (cc *ClientConn) Connect()       {}
func (cc *ClientConn) Close() error   { return nil }

func Invoke(ctx context.Context, method string, args, reply any, cc *ClientConn, opts ...CallOption) error {
	return cc.Invoke(ctx, method, args, reply, opts...)
}

type DialOption interface{ dialOption() }

type CallOption interface{ callOption() }

type EmptyCallOption struct{}

func (EmptyCallOption) callOption() {}

func WaitForReady(waitForReady bool) CallOption { return EmptyCallOption{} }
func StaticMethod() CallOption                  { return EmptyCallOption{} }
func MaxCallRecvMsgSize(bytes int) CallOption   { return EmptyCallOption{} }

type (
	UnaryInvoker            func(ctx context.Context, method string, req, reply any, cc *ClientConn, opts ...CallOption) error
	UnaryClientInterceptor  func(ctx context.Context, method string, req, reply any, cc *ClientConn, invoker UnaryInvoker, opts ...CallOption) error
	Streamer                func(ctx context.Context, desc *StreamDesc, cc *ClientConn, method string, opts ...CallOption) (ClientStream, error)
	StreamClientInterceptor func(ctx context.Context, desc *StreamDesc, cc *ClientConn, method string, streamer Streamer, opts ...CallOption) (ClientStream, error)
)

type emptyDialOption struct{}

func (emptyDialOption) dialOption() {}

type ConnectParams struct{ MinConnectTimeout time.Duration }

func WithTransportCredentials(creds credentials.TransportCredentials) DialOption {
	return emptyDialOption{}
}
func WithInsecure() DialOption                                            { return emptyDialOption{} }
func WithBlock() DialOption                                               { return emptyDialOption{} }
func WithTimeout(d time.Duration) DialOption                              { return emptyDialOption{} }
func WithUserAgent(s string) DialOption                                   { return emptyDialOption{} }
func WithAuthority(a string) DialOption                                   { return emptyDialOption{} }
func WithDefaultServiceConfig(s string) DialOption                        { return emptyDialOption{} }
func WithDisableServiceConfig() DialOption                                { return emptyDialOption{} }
func WithDisableRetry() DialOption                                        { return emptyDialOption{} }
func WithMaxCallAttempts(n int) DialOption                                { return emptyDialOption{} }
func WithIdleTimeout(d time.Duration) DialOption                          { return emptyDialOption{} }
func WithConnectParams(p ConnectParams) DialOption                        { return emptyDialOption{} }
func WithKeepaliveParams(kp keepalive.ClientParameters) DialOption        { return emptyDialOption{} }
func WithDefaultCallOptions(cos ...CallOption) DialOption                 { return emptyDialOption{} }
func WithUnaryInterceptor(f UnaryClientInterceptor) DialOption            { return emptyDialOption{} }
func WithChainUnaryInterceptor(fs ...UnaryClientInterceptor) DialOption   { return emptyDialOption{} }
func WithStreamInterceptor(f StreamClientInterceptor) DialOption          { return emptyDialOption{} }
func WithChainStreamInterceptor(fs ...StreamClientInterceptor) DialOption { return emptyDialOption{} }
func JoinDialOption(opts ...DialOption) DialOption                        { return emptyDialOption{} }
func WithContextDialer(f func(context.Context, string) (net.Conn, error)) DialOption {
	return emptyDialOption{}
}

type ClientStream interface {
	Header() (metadata.MD, error)
	Trailer() metadata.MD
	CloseSend() error
	Context() context.Context
	SendMsg(m any) error
	RecvMsg(m any) error
}

type ServerStreamingClient[Res any] interface {
	Recv() (*Res, error)
	ClientStream
}

type GenericClientStream[Req any, Res any] struct{ ClientStream }

func (x *GenericClientStream[Req, Res]) Send(m *Req) error { return x.ClientStream.SendMsg(m) }

func (x *GenericClientStream[Req, Res]) Recv() (*Res, error) {
	m := new(Res)
	if err := x.ClientStream.RecvMsg(m); err != nil {
		return nil, err
	}
	return m, nil
}
