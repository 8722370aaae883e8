// Package memcache declares what fixtures need of gomemcache.
package memcache

import "time"

type Client struct{ Timeout time.Duration }

func New(server ...string) *Client { return &Client{} }

type Item struct {
	Key   string
	Value []byte
}

func (c *Client) Get(key string) (*Item, error)                                   { return nil, nil }
func (c *Client) Set(item *Item) error                                            { return nil }
func (c *Client) Add(item *Item) error                                            { return nil }
func (c *Client) Touch(key string, seconds int32) error                           { return nil }
func (c *Client) Delete(key string) error                                         { return nil }
func (c *Client) CompareAndSwap(item *Item) error                                 { return nil }
func (c *Client) Increment(key string, delta uint64) (newValue uint64, err error) { return 0, nil }
