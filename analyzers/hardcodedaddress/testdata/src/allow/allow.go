// Package allow is checked with some networks allowed.
package allow

import "net"

func dial() {
	net.Dial("tcp", "10.1.2.3:5432")
	net.Dial("tcp", "[2001:db8::1]:5432")
	net.Dial("tcp", "192.168.1.2:5432") // want `192\.168\.1\.2`
}
