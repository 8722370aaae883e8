package netcall

import "golang.org/x/tools/go/ssa"

// IsHandler reports whether a function has the form of a handler of incoming
// requests: an HTTP handler, or a method of a gRPC or Connect service.
func IsHandler(fn *ssa.Function) bool {
	_, ok := incoming(fn)
	return ok
}
