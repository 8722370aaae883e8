package insecuretls

import (
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
	for _, conn := range conns {
		for _, ref := range *conn.Referrers() {
			use, ok := ref.(ssa.CallInstruction)
			if !ok {
				return false
			}
			fn := netcall.Callee(use)
			args := use.Common().Args
			if fn == nil || len(args) == 0 || args[0] != conn || !slices.Contains(silent, fn.Name()) {
				return false
			}
			looked = looked || fn.Name() == "ConnectionState"
		}
	}
	return looked
}
