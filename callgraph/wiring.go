package callgraph

import (
	"reflect"
	"strings"
)

// A wiring is the gRPC connections of a program.
type wiring struct{ connections []Connection }

// around is what lies around a request: of its connection, if that is known; else
// of the connections that name its service, the one that repeats most; else what
// all connections have in common for every service.
func (w *wiring) around(r *Request) []Around {
	if r.Protocol != "grpc" || len(w.connections) == 0 {
		return nil
	}
	for i := range w.connections {
		if c := &w.connections[i]; r.Conn != (Posn{}) && c.At == r.Conn {
			m, _ := c.match(r)
			return c.around(m)
		}
	}
	var named []Around
	most := Count(0)
	for i := range w.connections {
		c := &w.connections[i]
		m, rank := c.match(r)
		if rank < namesService {
			continue
		}
		around := c.around(m)
		if n := product(around); n > most {
			most, named = n, around
		}
	}
	if most > 0 {
		return named
	}
	return w.common(r)
}

// common is what every connection puts around a request alike, or nothing.
func (w *wiring) common(r *Request) []Around {
	var first []Around
	for i := range w.connections {
		c := &w.connections[i]
		m, _ := c.match(r)
		around := c.around(m)
		if i > 0 && !reflect.DeepEqual(withoutPlaces(first), withoutPlaces(around)) {
			return nil
		}
		if i == 0 {
			first = around
		}
	}
	return first
}

func withoutPlaces(around []Around) []Around {
	bare := make([]Around, len(around))
	for i, a := range around {
		bare[i] = a
		if a.Layer != nil {
			l := *a.Layer
			l.At = Posn{}
			bare[i].Layer = &l
		}
	}
	return bare
}

// product is the attempts of all layers, with each variable at 1.
func product(around []Around) Count {
	n := Count(1)
	for _, a := range around {
		if a.Layer != nil {
			n = n.times(a.Layer.attempts().At(1))
		}
	}
	return n
}

// How exactly a MethodLayer names a method.
const (
	noMatch = iota
	namesAny
	namesService
	namesMethod
)

// match finds what a connection says of a request most exactly.
func (c *Connection) match(r *Request) (*MethodLayer, int) {
	service, method := splitOperation(r.Operation)
	kind := UnaryCall
	if strings.Contains(r.Callee, "NewStream") {
		kind = StreamCall
	}
	var best *MethodLayer
	rank := noMatch
	for i := range c.Layers {
		m := &c.Layers[i]
		if m.Calls != AnyCall && m.Calls != kind {
			continue
		}
		if n := m.names(service, method); n > rank {
			best, rank = m, n
		}
	}
	return best, rank
}

func (m *MethodLayer) names(service, method string) int {
	switch {
	case m.Service == "":
		return namesAny
	case m.Service != service:
		return noMatch
	case m.Method == "":
		return namesService
	case m.Method == method:
		return namesMethod
	}
	return noMatch
}

// splitOperation takes "/pay.v1.Payments/Charge" apart.
func splitOperation(operation string) (service, method string) {
	service, method, _ = strings.Cut(strings.TrimPrefix(operation, "/"), "/")
	return service, method
}

// around lists the layers and interceptors of a connection for a method, which
// may be nil, outermost first.
func (c *Connection) around(m *MethodLayer) []Around {
	var layers []Layer
	if m != nil {
		layers = m.limited()
	}
	var all []Around
	next := 0
	for i := range layers {
		for next < len(c.Interceptors) && c.Interceptors[next].Outside <= i {
			all = append(all, c.Interceptors[next].around()...)
			next++
		}
		all = append(all, Around{Layer: &layers[i]})
	}
	for ; next < len(c.Interceptors); next++ {
		all = append(all, c.Interceptors[next].around()...)
	}
	return all
}

func (i *Interceptor) around() []Around {
	if i.Func == "" {
		return nil
	}
	return []Around{{Interceptor: i.Func}}
}

// limited is the layers with the deadline of the method, which holds around the
// attempts of the service config and inside the interceptors.
func (m *MethodLayer) limited() []Layer {
	layers := append([]Layer(nil), m.Layers...)
	if m.Timeout == 0 {
		return layers
	}
	if last := len(layers) - 1; last >= 0 && layers[last].Kind == ConfigLayer {
		if l := &layers[last]; l.Overall == 0 || m.Timeout < l.Overall {
			l.Overall = m.Timeout
		}
		return layers
	}
	return append(layers, Layer{Kind: ConfigLayer, Attempts: Amount{N: 1}, Overall: m.Timeout})
}
