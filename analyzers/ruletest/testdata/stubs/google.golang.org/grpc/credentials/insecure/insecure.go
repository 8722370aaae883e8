// Package insecure has the declarations that fixtures use.
package insecure

import "google.golang.org/grpc/credentials"

type insecureTC struct{}

func (insecureTC) OverrideServerName(string) error { return nil }

func NewCredentials() credentials.TransportCredentials { return insecureTC{} }
