// Package effective works out what configurations of Envoy come to: which route goes to which cluster,
// under which timeout, retries, limits and mirrors, with the defaults that hold where nobody chose
// anything, and who chose what.
//
//	config := effective.Resolve(files) // of xds.Load
//	for _, r := range config.Routes() {
//		if r.Timeout.Value == 0 && r.Timeout.Known { // at r.Timeout.At; chosen or not: r.Timeout.Chosen
//			…
//		}
//		for _, target := range r.Targets {
//			breaker := target.Cluster.Breaker(r.Priority) // nil Cluster: defined elsewhere
//		}
//	}
//
// Names of route configurations and clusters are looked up where an Envoy with the configuration would
// find them: in the same file, in files that it names as sources, and beside it.
// What is found nowhere is nil, and comes from a control plane.
package effective

import (
	"fmt"
	"time"

	"github.com/commslint/commslint/envoycfg/xds"
	"github.com/commslint/commslint/finding"
)

// EnvoyDefault is the origin of settings that nobody chose.
const EnvoyDefault = "Envoy's default, nobody chose it"

// A Setting is a value that is in force, and where it comes from.
type Setting[T any] struct {
	Value T
	// Known is false if a template, the runtime or a file out of sight decides.
	Known bool
	// Chosen says that somebody wrote the value down.
	Chosen bool
	// At is the place of the value; where nobody chose it, of the message that lacks it.
	At finding.Location
	// Origin says who decided, if it is not the message itself: EnvoyDefault, "the virtual host's".
	Origin string
}

// String is the value with its origin: "15s (Envoy's default, nobody chose it)".
func (s Setting[T]) String() string {
	text := "unknown"
	if s.Known {
		text = fmt.Sprint(s.Value)
	}
	if s.Origin != "" {
		text += " (" + s.Origin + ")"
	}
	return text
}

// byDefault is a setting that nobody chose.
func byDefault[T any](v xds.Value, value T) Setting[T] {
	return Setting[T]{Value: value, Known: true, At: v.At(), Origin: EnvoyDefault}
}

// durationSetting is a duration of the configuration, or a default.
func durationSetting(v xds.Value, otherwise time.Duration) Setting[time.Duration] {
	if !v.Set() {
		return byDefault(v, otherwise)
	}
	d, known := v.Duration()
	return Setting[time.Duration]{Value: d, Known: known, Chosen: true, At: v.At()}
}

// numberSetting is a whole number of the configuration, or a default.
func numberSetting(v xds.Value, otherwise uint64) Setting[uint64] {
	if !v.Set() {
		return byDefault(v, otherwise)
	}
	n, known := v.Uint()
	return Setting[uint64]{Value: n, Known: known, Chosen: true, At: v.At()}
}
