// Package reflection has the declarations that fixtures use.
package reflection

import "google.golang.org/grpc"

type GRPCServer interface {
	grpc.ServiceRegistrar
	GetServiceInfo() map[string]grpc.ServiceInfo
}

func Register(s GRPCServer)   {}
func RegisterV1(s GRPCServer) {}
