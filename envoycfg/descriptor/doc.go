// Package descriptor knows the types of Envoy's configuration: every message and enum of the protos
// of Envoy and its contributed extensions, with the rules about values that the protos state.
//
// The protos are one embedded set of descriptors, which internal/gen/envoy makes from the modules that
// testdata/envoy pins. Nothing of it is read before the first call of Find, and then only an index is
// made; a type costs something when it is first asked for.
package descriptor

//go:generate go run ../../internal/gen/envoy
