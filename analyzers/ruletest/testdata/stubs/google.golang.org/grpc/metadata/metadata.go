// Package metadata has the declarations that fixtures use.
package metadata

import "context"

type MD map[string][]string

func New(m map[string]string) MD { return MD{} }
func Pairs(kv ...string) MD      { return MD{} }

func (md MD) Get(k string) []string        { return md[k] }
func (md MD) Set(k string, vals ...string) { md[k] = vals }

type key struct{}

func NewIncomingContext(ctx context.Context, md MD) context.Context {
	return context.WithValue(ctx, key{}, md)
}

func NewOutgoingContext(ctx context.Context, md MD) context.Context {
	return context.WithValue(ctx, key{}, md)
}

func AppendToOutgoingContext(ctx context.Context, kv ...string) context.Context {
	return context.WithValue(ctx, key{}, kv)
}

func FromIncomingContext(ctx context.Context) (MD, bool) { return nil, false }
func FromOutgoingContext(ctx context.Context) (MD, bool) { return nil, false }
