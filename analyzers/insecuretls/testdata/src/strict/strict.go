// Package strict is checked with min-version 1.3.
package strict

import "crypto/tls"

var conf = tls.Config{MinVersion: tls.VersionTLS12} // want `MinVersion allows TLS 1\.2, which is below TLS 1\.3`
