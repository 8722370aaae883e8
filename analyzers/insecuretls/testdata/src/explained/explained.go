// Package explained says why it does not verify, or only that it does not.
package explained

import (
	"crypto/tls"
	"net/http"
)

var above = &http.Transport{
	// The peer does not yet have a certificate, so we accept a temporary,
	// invalid one.
	TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, // want `^likely: InsecureSkipVerify`
}

func inside() *tls.Config {
	return &tls.Config{
		ServerName: "ledger",
		// We expect a self-signed challenge certificate.
		InsecureSkipVerify: true, // want `^likely: InsecureSkipVerify`
	}
}

func assigned(conf *tls.Config) {
	// The device makes its certificate itself: it cannot be verified.
	conf.InsecureSkipVerify = true // want `^likely: InsecureSkipVerify`
}

// A comment elsewhere, as that certificates cannot be verified, is not meant.
func farAway() *tls.Config {

	return &tls.Config{InsecureSkipVerify: true} // want `^proven: InsecureSkipVerify`
}

func noReason(conf *tls.Config) {
	// Skip certificate verification.
	conf.InsecureSkipVerify = true // want `^proven: InsecureSkipVerify`
}

func unfinished(conf *tls.Config) {
	// TODO: the staging certificate is self-signed.
	conf.InsecureSkipVerify = true // want `^proven: InsecureSkipVerify`
}

func otherMatter(conf *tls.Config) {
	// Because the ledger is slow.
	conf.InsecureSkipVerify = true // want `^proven: InsecureSkipVerify`
}
