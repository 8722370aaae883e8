package callgraph

import (
	"math/bits"
	"strings"
)

// A hang is followed further than the other failures, because how often it is
// repeated depends on who ends it: where nothing inside a layer does, a layer
// without a limit on each attempt waits with its first one. These stand for
// hangs as layers pass them up; they are never part of a Layer's Modes.
const (
	// timedOut hangs end by a limit below the layer.
	timedOut ModeSet = lastMode << iota
	// opaqueHang and opaqueTimeout are hangs that were passed up as errors that
	// do not tell what happened.
	opaqueHang
	opaqueTimeout
)

const (
	hangs      = Hang | timedOut | opaqueHang | opaqueTimeout
	endedHangs = timedOut | opaqueTimeout
	everyMode  = AllModes | hangs

	anyStatus = Status408 | Status425 | Status429 | Status4xx |
		Status500 | Status502 | Status503 | Status504 | Status5xx
	anyCode = GRPCUnavailable | GRPCDeadlineExceeded | GRPCResourceExhausted |
		GRPCAborted | GRPCInternal | GRPCUnknown | GRPCPermanent
	noAnswer = Refused | Reset | Hang
)

// failuresOf lists how requests of a protocol can fail.
func failuresOf(protocol string) ModeSet {
	switch protocol {
	case "http", "aws": // the services of AWS are HTTP below
		return noAnswer | anyStatus
	case "grpc":
		return noAnswer | anyCode
	}
	return noAnswer | OpaqueError
}

// triggers is every failure that leads a layer to another attempt.
func (l *Layer) triggers() ModeSet {
	if l.Modes == 0 {
		return everyMode
	}
	m := l.Modes & AllModes
	if m&Hang != 0 {
		m |= timedOut
	}
	if m&OpaqueError != 0 {
		m |= opaqueHang | opaqueTimeout
	}
	return m
}

// passedUp is what a caller of the layer sees of failures below it.
func (l *Layer) passedUp(m ModeSet) ModeSet {
	if l.PerTry > 0 || l.Overall > 0 {
		m = m.replace(Hang, timedOut).replace(opaqueHang, opaqueTimeout)
	}
	if l.Opaque {
		m = m.replace(AllModes&^Hang, OpaqueError).replace(Hang, opaqueHang).replace(timedOut, opaqueTimeout)
	}
	return m
}

// replace puts one mode in the place of any of some.
func (m ModeSet) replace(any, by ModeSet) ModeSet {
	if m&any == 0 {
		return m
	}
	return m&^any | by
}

// each calls f with every single mode of m, in order.
func (m ModeSet) each(f func(ModeSet)) {
	for m != 0 {
		one := m & -m
		f(one)
		m &^= one
	}
}

var modeNames = [...]string{
	"connection refused", "connection reset", "hang", "opaque error",
	"HTTP 408", "HTTP 425", "HTTP 429", "HTTP 4xx",
	"HTTP 500", "HTTP 502", "HTTP 503", "HTTP 504", "HTTP 5xx",
	"gRPC UNAVAILABLE", "gRPC DEADLINE_EXCEEDED", "gRPC RESOURCE_EXHAUSTED",
	"gRPC ABORTED", "gRPC INTERNAL", "gRPC UNKNOWN", "gRPC permanent error",
}

// modeGroups are modes that have a name together.
var modeGroups = []struct {
	modes ModeSet
	name  string
}{
	{anyStatus, "any HTTP error"},
	{Status500 | Status502 | Status503 | Status504 | Status5xx, "any HTTP 5xx"},
	{Status408 | Status425 | Status429 | Status4xx, "any HTTP 4xx"},
	{anyCode, "any gRPC error"},
}

// String names the modes: "connection reset, HTTP 503". All of them, and none,
// are "any failure".
func (m ModeSet) String() string {
	m &= AllModes
	if m == 0 || m == AllModes {
		return "any failure"
	}
	var names, groups []string
	for _, g := range modeGroups {
		if m&g.modes == g.modes {
			groups = append(groups, g.name)
			m &^= g.modes
		}
	}
	m.each(func(one ModeSet) {
		names = append(names, modeNames[bits.TrailingZeros32(uint32(one))])
	})
	return strings.Join(append(names, groups...), ", ")
}

// among names the modes where only those of all are possible.
func (m ModeSet) among(all ModeSet) string {
	m, all = m&AllModes, all&AllModes
	missing := all &^ m
	switch {
	case missing == 0:
		return AllModes.String()
	case bits.OnesCount32(uint32(missing)) <= 2 && bits.OnesCount32(uint32(m)) > 2:
		return AllModes.String() + " but " + missing.String()
	}
	return m.String()
}
