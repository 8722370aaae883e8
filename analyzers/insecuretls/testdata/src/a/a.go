// Package a configures TLS.
package a

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"os"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
)

func literal() *http.Client {
	return &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, // want `InsecureSkipVerify accepts any certificate`
	}}
}

func assigned(t *http.Transport) {
	conf := &tls.Config{ServerName: "ledger"}
	conf.InsecureSkipVerify = true // want `InsecureSkipVerify accepts any certificate`
	t.TLSClientConfig = conf
}

func throughField() {
	http.DefaultTransport.(*http.Transport).TLSClientConfig.InsecureSkipVerify = true // want `InsecureSkipVerify`
}

const skip = true

func constant() *tls.Config {
	return &tls.Config{InsecureSkipVerify: skip} // want `InsecureSkipVerify`
}

func throughParameter() *tls.Config { return build(true) }

func build(skip bool) *tls.Config {
	return &tls.Config{InsecureSkipVerify: skip} // want `InsecureSkipVerify`
}

func rpc() grpc.DialOption {
	return grpc.WithTransportCredentials(credentials.NewTLS(&tls.Config{
		InsecureSkipVerify: true, // want `InsecureSkipVerify`
	}))
}

// By value, in a struct.
type dialer struct{ conf tls.Config }

func embedded() dialer {
	return dialer{conf: tls.Config{InsecureSkipVerify: true}} // want `InsecureSkipVerify`
}

// What comes before it does not make it a setting.
func afterErrors(scheme string, name string) (*tls.Config, error) {
	if _, err := os.Stat(name); err != nil {
		return nil, err
	}
	var conf *tls.Config
	if conf == nil {
		conf = &tls.Config{InsecureSkipVerify: true} // want `InsecureSkipVerify`
	}
	return conf, nil
}

// TLS as a whole is a setting, but whenever it is on it is not verified.
func whenever(useTLS bool) *tls.Config {
	if useTLS {
		return &tls.Config{InsecureSkipVerify: true} // want `InsecureSkipVerify`
	}
	return nil
}

func versions() []*tls.Config {
	const oldest = tls.VersionTLS11
	lowered := &tls.Config{}
	lowered.MinVersion = tls.VersionTLS11 // want `MinVersion allows TLS 1\.1, which is below TLS 1\.2`
	return []*tls.Config{
		{MinVersion: tls.VersionTLS10}, // want `MinVersion allows TLS 1\.0`
		{MaxVersion: tls.VersionTLS11}, // want `MaxVersion forces TLS 1\.1`
		{MinVersion: oldest},           // want `MinVersion allows TLS 1\.1`
		{MinVersion: tls.VersionTLS12},
		{MinVersion: tls.VersionTLS13, MaxVersion: tls.VersionTLS13},
		{MinVersion: 0},
		{},
		lowered,
	}
}

// Not reported: a verification of its own takes the place of the default.

func pinned(roots *x509.CertPool) *tls.Config {
	return &tls.Config{
		InsecureSkipVerify: true,
		VerifyPeerCertificate: func(raw [][]byte, _ [][]*x509.Certificate) error {
			return errors.New("not pinned")
		},
	}
}

func verifiedLater() *tls.Config {
	conf := &tls.Config{InsecureSkipVerify: true}
	addVerification(conf)
	return conf
}

func addVerification(conf *tls.Config) {
	conf.VerifyConnection = func(tls.ConnectionState) error { return nil }
}

func verifiedThroughField(t *http.Transport) {
	t.TLSClientConfig.InsecureSkipVerify = true
	t.TLSClientConfig.VerifyConnection = func(tls.ConnectionState) error { return nil }
}

// Not reported: someone else decides.

type settings struct {
	Insecure bool
	Oldest   uint16
}

func fromSettings(s settings) *tls.Config {
	return &tls.Config{InsecureSkipVerify: s.Insecure, MinVersion: s.Oldest}
}

func FromCaller(insecure bool) *tls.Config {
	return &tls.Config{InsecureSkipVerify: insecure}
}

func off() *tls.Config {
	return &tls.Config{InsecureSkipVerify: false}
}

// A type of the same name elsewhere.
type Config struct{ InsecureSkipVerify bool }

func other() *Config { return &Config{InsecureSkipVerify: true} }

type server struct{ TLS settings }

func nested(s *server) *tls.Config {
	if s.TLS.Insecure {
		return &tls.Config{InsecureSkipVerify: true}
	}
	return nil
}

// Possible findings are silent.
func onDemand(s settings) *tls.Config {
	conf := &tls.Config{}
	if s.Insecure {
		conf.InsecureSkipVerify = true
	}
	return conf
}
