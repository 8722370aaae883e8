// Package connect has the declarations of connectrpc.com/connect that
// fixtures use.
package connect

import (
	"context"
	"net/http"
)

type HTTPClient interface {
	Do(*http.Request) (*http.Response, error)
}

type Client[Req, Res any] struct {
	httpClient HTTPClient
	url        string
}

func NewClient[Req, Res any](httpClient HTTPClient, url string, options ...ClientOption) *Client[Req, Res] {
	return &Client[Req, Res]{httpClient: httpClient, url: url}
}

func (c *Client[Req, Res]) CallUnary(ctx context.Context, request *Request[Req]) (*Response[Res], error) {
	return nil, nil
}

func (c *Client[Req, Res]) CallServerStream(ctx context.Context, request *Request[Req]) (*ServerStreamForClient[Res], error) {
	return nil, nil
}

type Request[T any] struct {
	Msg    *T
	header http.Header
}

func NewRequest[T any](message *T) *Request[T] { return &Request[T]{Msg: message} }

func (r *Request[T]) Header() http.Header { return r.header }

type Response[T any] struct {
	Msg    *T
	header http.Header
}

func NewResponse[T any](message *T) *Response[T] { return &Response[T]{Msg: message} }

func (r *Response[T]) Header() http.Header { return r.header }

type ServerStreamForClient[Res any] struct{ msg *Res }

func (s *ServerStreamForClient[Res]) Receive() bool { return false }
func (s *ServerStreamForClient[Res]) Msg() *Res     { return s.msg }
func (s *ServerStreamForClient[Res]) Err() error    { return nil }
func (s *ServerStreamForClient[Res]) Close() error  { return nil }

type ServerStream[Res any] struct{}

func (s *ServerStream[Res]) Send(msg *Res) error { return nil }

type (
	ClientOption  interface{ clientOption() }
	HandlerOption interface{ handlerOption() }
	Option        interface {
		ClientOption
		HandlerOption
	}
)

type emptyOption struct{}

func (emptyOption) clientOption()  {}
func (emptyOption) handlerOption() {}

type IdempotencyLevel int

const (
	IdempotencyUnknown       IdempotencyLevel = 0
	IdempotencyNoSideEffects IdempotencyLevel = 1
	IdempotencyIdempotent    IdempotencyLevel = 2
)

func WithIdempotency(level IdempotencyLevel) Option             { return emptyOption{} }
func WithClientOptions(options ...ClientOption) ClientOption    { return emptyOption{} }
func WithHandlerOptions(options ...HandlerOption) HandlerOption { return emptyOption{} }
func WithGRPC() ClientOption                                    { return emptyOption{} }

type Handler struct{}

func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {}

func NewUnaryHandler[Req, Res any](procedure string, unary func(context.Context, *Request[Req]) (*Response[Res], error), options ...HandlerOption) *Handler {
	return &Handler{}
}

func NewServerStreamHandler[Req, Res any](procedure string, implementation func(context.Context, *Request[Req], *ServerStream[Res]) error, options ...HandlerOption) *Handler {
	return &Handler{}
}

type Code uint32

const (
	CodeDeadlineExceeded  Code = 4
	CodeResourceExhausted Code = 8
	CodeUnavailable       Code = 14
)

type Error struct{ code Code }

func NewError(c Code, underlying error) *Error { return &Error{c} }
func CodeOf(err error) Code                    { return 0 }
func (e *Error) Error() string                 { return "" }
func (e *Error) Code() Code                    { return e.code }
