package insecuretls

import (
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
)

// onlyProbes reports whether a configuration serves only for connections that
// carry no data: they are made to look at the peer's certificate, for which it
// must not be verified.
func onlyProbes(fa *ssa.FieldAddr) bool {
	config, ok := fa.X.(*ssa.Alloc)
	if !ok {
		return false
	}
	probes := false
	for _, ref := range *config.Referrers() {
		switch ref := ref.(type) {
		case *ssa.FieldAddr, *ssa.DebugRef:
		case *ssa.Call:
			if !opensTLS(ref) || !carriesNothing(ref) {
				return false
			}
			probes = true
		case *ssa.Store:
			if ref.Val != config || !dialerProbes(ref.Addr) {
				return false
			}
			probes = true
		default:
			return false
		}
	}
	return probes
}

// dialerProbes reports whether an address is that of the configuration in a
// tls.Dialer which only opens connections that carry no data.
func dialerProbes(addr ssa.Value) bool {
	fa, ok := addr.(*ssa.FieldAddr)
	if !ok || types.TypeString(fa.X.Type(), nil) != "*crypto/tls.Dialer" {
		return false
	}
	dialer, ok := fa.X.(*ssa.Alloc)
	if !ok {
		return false
	}
	probes := false
	for _, ref := range *dialer.Referrers() {
		switch ref := ref.(type) {
		case *ssa.FieldAddr:
			if ref.Field == fa.Field && ref != fa {
				return false // the configuration can be had from it
			}
		case *ssa.DebugRef:
		case *ssa.Call:
			fn := netcall.Callee(ref)
			if fn == nil || !slices.Contains([]string{"(*crypto/tls.Dialer).Dial", "(*crypto/tls.Dialer).DialContext"}, fn.FullName()) || !carriesNothing(ref) {
				return false
			}
			probes = true
		default:
			return false
		}
	}
	return probes
}

func opensTLS(call *ssa.Call) bool {
	fn := netcall.Callee(call)
	return fn != nil && slices.Contains([]string{"crypto/tls.Client", "crypto/tls.Dial", "crypto/tls.DialWithDialer"}, fn.FullName())
}

// silent are the methods of a tls.Conn that send none of the program's data and
// hand out none of the peer's.
var silent = []string{
	"Handshake", "HandshakeContext", "ConnectionState", "VerifyHostname", "RemoteAddr", "LocalAddr",
	"Close", "SetDeadline", "SetReadDeadline", "SetWriteDeadline",
}

// carriesNothing reports whether a call's first result, a connection, is used
// only for the certificate of its peer.
func carriesNothing(call *ssa.Call) bool {
	conns := []ssa.Value{call}
	if call.Call.Signature().Results().Len() > 1 {
		conns = nil
		for _, ref := range *call.Referrers() {
			if ext, ok := ref.(*ssa.Extract); ok && ext.Index == 0 {
				conns = append(conns, ext)
			}
		}
	}
	looked := false
	for len(conns) > 0 {
		conn := conns[0]
		conns = conns[1:]
		for _, ref := range *conn.Referrers() {
			if assert, ok := ref.(*ssa.TypeAssert); ok && !assert.CommaOk {
				conns = append(conns, assert) // the net.Conn of a tls.Dialer is a *tls.Conn
				continue
			}
			use, ok := ref.(ssa.CallInstruction)
			if !ok || !isReceiver(conn, use.Common()) {
				return false
			}
			fn := netcall.Callee(use)
			if fn == nil || !slices.Contains(silent, fn.Name()) {
				return false
			}
			looked = looked || fn.Name() == "ConnectionState"
		}
	}
	return looked
}

// isReceiver reports whether a call calls a method of a value.
func isReceiver(v ssa.Value, call *ssa.CallCommon) bool {
	if call.IsInvoke() {
		return call.Value == v
	}
	return call.Signature().Recv() != nil && len(call.Args) > 0 && call.Args[0] == v
}
