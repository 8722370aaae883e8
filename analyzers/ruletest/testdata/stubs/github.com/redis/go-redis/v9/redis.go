// Package redis has the declarations of github.com/redis/go-redis/v9 that
// fixtures use. As there, the commands of clients and pipelines alike are
// methods of one embedded function type.
package redis

import (
	"context"
	"crypto/tls"
	"errors"
	"time"
)

var Nil = errors.New("redis: nil")

type Options struct {
	Network               string
	Addr                  string
	Password              string
	DB                    int
	MaxRetries            int
	MinRetryBackoff       time.Duration
	MaxRetryBackoff       time.Duration
	DialTimeout           time.Duration
	ReadTimeout           time.Duration
	WriteTimeout          time.Duration
	ContextTimeoutEnabled bool
	PoolSize              int
	PoolTimeout           time.Duration
	TLSConfig             *tls.Config
}

type ClusterOptions struct {
	Addrs        []string
	MaxRedirects int
	MaxRetries   int
	DialTimeout  time.Duration
	ReadTimeout  time.Duration
	WriteTimeout time.Duration
}

type UniversalOptions struct {
	Addrs        []string
	MaxRetries   int
	ReadTimeout  time.Duration
	WriteTimeout time.Duration
}

func ParseURL(redisURL string) (*Options, error) { return &Options{}, nil }

type Cmder interface {
	Name() string
	Err() error
}

type baseCmd struct{ err error }

func (c *baseCmd) Name() string { return "" }
func (c *baseCmd) Err() error   { return c.err }

type Cmd struct{ baseCmd }

func (c *Cmd) Result() (interface{}, error) { return nil, c.err }

type StatusCmd struct{ baseCmd }

func (c *StatusCmd) Result() (string, error) { return "", c.err }

type StringCmd struct{ baseCmd }

func (c *StringCmd) Result() (string, error) { return "", c.err }
func (c *StringCmd) Val() string             { return "" }
func (c *StringCmd) Bytes() ([]byte, error)  { return nil, c.err }
func (c *StringCmd) Int64() (int64, error)   { return 0, c.err }

type IntCmd struct{ baseCmd }

func (c *IntCmd) Result() (int64, error) { return 0, c.err }
func (c *IntCmd) Val() int64             { return 0 }

type BoolCmd struct{ baseCmd }

func (c *BoolCmd) Result() (bool, error) { return false, c.err }

type MapStringStringCmd struct{ baseCmd }

func (c *MapStringStringCmd) Result() (map[string]string, error) { return nil, c.err }

type SliceCmd struct{ baseCmd }

func (c *SliceCmd) Result() ([]interface{}, error) { return nil, c.err }

type cmdable func(ctx context.Context, cmd Cmder) error

func (c cmdable) Ping(ctx context.Context) *StatusCmd             { return &StatusCmd{} }
func (c cmdable) Get(ctx context.Context, key string) *StringCmd  { return &StringCmd{} }
func (c cmdable) Incr(ctx context.Context, key string) *IntCmd    { return &IntCmd{} }
func (c cmdable) Del(ctx context.Context, keys ...string) *IntCmd { return &IntCmd{} }

func (c cmdable) Set(ctx context.Context, key string, value interface{}, expiration time.Duration) *StatusCmd {
	return &StatusCmd{}
}

func (c cmdable) SetNX(ctx context.Context, key string, value interface{}, expiration time.Duration) *BoolCmd {
	return &BoolCmd{}
}

func (c cmdable) MGet(ctx context.Context, keys ...string) *SliceCmd { return &SliceCmd{} }

func (c cmdable) LPush(ctx context.Context, key string, values ...interface{}) *IntCmd {
	return &IntCmd{}
}

func (c cmdable) HGetAll(ctx context.Context, key string) *MapStringStringCmd {
	return &MapStringStringCmd{}
}

func (c cmdable) Expire(ctx context.Context, key string, expiration time.Duration) *BoolCmd {
	return &BoolCmd{}
}

type StringCmdable interface {
	Get(ctx context.Context, key string) *StringCmd
	Incr(ctx context.Context, key string) *IntCmd
	MGet(ctx context.Context, keys ...string) *SliceCmd
	Set(ctx context.Context, key string, value interface{}, expiration time.Duration) *StatusCmd
	SetNX(ctx context.Context, key string, value interface{}, expiration time.Duration) *BoolCmd
}

type HashCmdable interface {
	HGetAll(ctx context.Context, key string) *MapStringStringCmd
}

type Cmdable interface {
	Pipeline() Pipeliner
	Pipelined(ctx context.Context, fn func(Pipeliner) error) ([]Cmder, error)
	Ping(ctx context.Context) *StatusCmd
	Del(ctx context.Context, keys ...string) *IntCmd
	StringCmdable
	HashCmdable
}

type Pipeliner interface {
	Cmdable
	Len() int
	Exec(ctx context.Context) ([]Cmder, error)
}

type Pipeline struct{ cmdable }

func (c *Pipeline) Len() int                                  { return 0 }
func (c *Pipeline) Exec(ctx context.Context) ([]Cmder, error) { return nil, nil }
func (c *Pipeline) Pipeline() Pipeliner                       { return c }

func (c *Pipeline) Pipelined(ctx context.Context, fn func(Pipeliner) error) ([]Cmder, error) {
	return nil, nil
}

type Client struct {
	cmdable
	opt *Options
}

func NewClient(opt *Options) *Client { return &Client{opt: opt} }

func (c *Client) Close() error        { return nil }
func (c *Client) Options() *Options   { return c.opt }
func (c *Client) Pipeline() Pipeliner { return &Pipeline{} }

func (c *Client) Pipelined(ctx context.Context, fn func(Pipeliner) error) ([]Cmder, error) {
	return nil, nil
}

func (c *Client) Do(ctx context.Context, args ...interface{}) *Cmd { return &Cmd{} }

type ClusterClient struct{ cmdable }

func NewClusterClient(opt *ClusterOptions) *ClusterClient { return &ClusterClient{} }

func (c *ClusterClient) Close() error        { return nil }
func (c *ClusterClient) Pipeline() Pipeliner { return &Pipeline{} }

func (c *ClusterClient) Pipelined(ctx context.Context, fn func(Pipeliner) error) ([]Cmder, error) {
	return nil, nil
}

type UniversalClient interface {
	Cmdable
	Do(ctx context.Context, args ...interface{}) *Cmd
	Close() error
}

func NewUniversalClient(opts *UniversalOptions) UniversalClient { return NewClient(&Options{}) }
