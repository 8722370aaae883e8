// Package api declares what fixtures need of Consul's client.
package api

type Config struct{ Address string }

func DefaultConfig() *Config { return &Config{} }

type Client struct{}

func NewClient(config *Config) (*Client, error) { return &Client{}, nil }

func (c *Client) Agent() *Agent { return &Agent{} }

type Agent struct{}

type AgentServiceRegistration struct{ ID, Name string }

func (a *Agent) ServiceRegister(service *AgentServiceRegistration) error { return nil }
func (a *Agent) ServiceDeregister(serviceID string) error                { return nil }
