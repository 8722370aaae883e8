package breaking

import (
	"fmt"
	"maps"
	"slices"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
)

// compareServices compares the services of the same full name.
func (c *comparison) compareServices() {
	for _, name := range slices.Sorted(maps.Keys(c.old.services)) {
		for _, s := range c.old.services[name] {
			n, ok := counterpart(c, s, c.new.services[name])
			if !ok {
				continue
			}
			for i := range s.Methods().Len() {
				m := s.Methods().Get(i)
				if nm := n.Methods().ByName(m.Name()); nm != nil {
					c.compareMethod(m, nm)
				} else {
					c.methodRemoved(m, s, n)
				}
			}
		}
	}
}

func (c *comparison) methodRemoved(m protoreflect.MethodDescriptor, s, n protoreflect.ServiceDescriptor) {
	ch := change{
		rule: rpcRemoved, buf: []string{"RPC_NO_DELETE"}, dims: AllDimensions,
		message: fmt.Sprintf("the rpc %s is gone: calls of /%s/%s are refused", m.FullName(), s.FullName(), m.Name()),
		at:      c.newAt(n), before: c.oldAt(m),
	}
	if to := renamedMethod(m, s, n); to != nil {
		ch.message = fmt.Sprintf("the rpc %s was renamed to %s: calls of /%s/%s are refused", m.FullName(), to.Name(), s.FullName(), m.Name())
		ch.related = append(ch.related, c.also(c.newAt(to), "it is here now"))
	}
	c.report(ch)
}

// renamedMethod finds the one new method with the types of one that is gone.
func renamedMethod(m protoreflect.MethodDescriptor, s, n protoreflect.ServiceDescriptor) protoreflect.MethodDescriptor {
	var found protoreflect.MethodDescriptor
	for i := range n.Methods().Len() {
		to := n.Methods().Get(i)
		if s.Methods().ByName(to.Name()) == nil && to.Input().FullName() == m.Input().FullName() && to.Output().FullName() == m.Output().FullName() {
			if found != nil {
				return nil
			}
			found = to
		}
	}
	return found
}

func (c *comparison) compareMethod(m, n protoreflect.MethodDescriptor) {
	c.compareMethodType(m, n, "request", m.Input(), n.Input(), methodInput, "RPC_SAME_REQUEST_TYPE")
	c.compareMethodType(m, n, "response", m.Output(), n.Output(), methodOutput, "RPC_SAME_RESPONSE_TYPE")
	c.compareStreaming(m, n, "requests", m.IsStreamingClient(), n.IsStreamingClient(), "RPC_SAME_CLIENT_STREAMING")
	c.compareStreaming(m, n, "responses", m.IsStreamingServer(), n.IsStreamingServer(), "RPC_SAME_SERVER_STREAMING")
	c.compareIdempotency(m, n)
	c.compareHTTP(m, n)
	c.compareSignatures(m, n)
	c.compareOperation(m, n)
}

func (c *comparison) compareMethodType(m, n protoreflect.MethodDescriptor, word string, was, is protoreflect.MessageDescriptor, part int32, rule string) {
	if was.FullName() == is.FullName() {
		return
	}
	ch := change{
		rule: rpcTypeChanged, buf: []string{rule}, dims: Source | c.messageDimensions(was, is),
		message: fmt.Sprintf("the %s of the rpc %s changed from %s to %s", word, m.FullName(), was.FullName(), is.FullName()),
		at:      c.newAt(n, part), before: c.oldAt(m, part),
	}
	if ch.dims == Source {
		ch.message += ", which holds the same"
	}
	c.report(ch)
}

func (c *comparison) compareStreaming(m, n protoreflect.MethodDescriptor, word string, was, is bool, rule string) {
	if was == is {
		return
	}
	text := map[bool]string{true: "a stream of " + word, false: "one of its " + word}
	c.report(change{
		rule: rpcStreamingChanged, buf: []string{rule}, dims: AllDimensions,
		message: fmt.Sprintf("the rpc %s changed from %s to %s: old clients and servers do not understand new ones", m.FullName(), text[was], text[is]),
		at:      c.newAt(n), before: c.oldAt(m),
	})
}

// compareIdempotency compares what clients and proxies may do with a call: repeat it,
// or even cache it. To promise more breaks nobody.
func (c *comparison) compareIdempotency(m, n protoreflect.MethodDescriptor) {
	was, is := idempotency(m), idempotency(n)
	if was == is {
		return
	}
	ch := change{
		rule: idempotencyWeakened, buf: []string{"RPC_SAME_IDEMPOTENCY_LEVEL"},
		message: fmt.Sprintf("the rpc %s is %s now, and was %s", m.FullName(), is, was),
		at:      firstOf(c.newAt(n, methodOptions, optionIdempotency), c.newAt(n)),
		before:  firstOf(c.oldAt(m, methodOptions, optionIdempotency), c.oldAt(m)),
	}
	if promise(is) < promise(was) {
		ch.dims = Wire | JSON
		ch.message += ": clients and proxies go on repeating calls of it"
		if was == descriptorpb.MethodOptions_NO_SIDE_EFFECTS {
			ch.message += ", and sending them as GET"
		}
	}
	c.report(ch)
}

func idempotency(m protoreflect.MethodDescriptor) descriptorpb.MethodOptions_IdempotencyLevel {
	o, _ := m.Options().(*descriptorpb.MethodOptions)
	return o.GetIdempotencyLevel()
}

func promise(level descriptorpb.MethodOptions_IdempotencyLevel) int {
	switch level {
	case descriptorpb.MethodOptions_NO_SIDE_EFFECTS:
		return 2
	case descriptorpb.MethodOptions_IDEMPOTENT:
		return 1
	}
	return 0
}
