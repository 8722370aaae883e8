// Package credentials has the declarations that fixtures use.
package credentials

import "crypto/tls"

type TransportCredentials interface{ OverrideServerName(string) error }

type tlsCreds struct{ config *tls.Config }

func (tlsCreds) OverrideServerName(string) error { return nil }

func NewTLS(c *tls.Config) TransportCredentials { return tlsCreds{c} }

func NewClientTLSFromFile(certFile, serverNameOverride string) (TransportCredentials, error) {
	return tlsCreds{}, nil
}
