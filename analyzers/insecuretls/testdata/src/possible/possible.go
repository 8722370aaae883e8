// Package possible turns verification off on demand.
package possible

import (
	"crypto/tls"
	"flag"
	"os"
)

var insecure = flag.Bool("insecure", false, "accept any certificate")

type settings struct{ Insecure bool }

func bySetting(s settings) *tls.Config {
	conf := &tls.Config{}
	if s.Insecure {
		conf.InsecureSkipVerify = true // want `InsecureSkipVerify`
	}
	return conf
}

// The setting is in a struct within a struct.
type server struct{ TLS settings }

func nested(s *server) *tls.Config {
	if s.TLS.Insecure {
		return &tls.Config{InsecureSkipVerify: true} // want `InsecureSkipVerify`
	}
	return nil
}

func byEnvironment() *tls.Config {
	conf := &tls.Config{}
	if os.Getenv("ENV") == "dev" {
		conf.InsecureSkipVerify = true // want `InsecureSkipVerify`
	}
	return conf
}

func byFlag() *tls.Config {
	if *insecure {
		return &tls.Config{InsecureSkipVerify: true} // want `InsecureSkipVerify`
	}
	return &tls.Config{}
}

func either(name string) *tls.Config {
	skip := false
	if name == "localhost" {
		skip = true
	}
	return &tls.Config{InsecureSkipVerify: skip} // want `InsecureSkipVerify`
}

// The flag itself is passed through: off unless asked for.
func passed() *tls.Config {
	return &tls.Config{InsecureSkipVerify: *insecure}
}
