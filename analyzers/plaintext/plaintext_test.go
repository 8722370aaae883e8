package plaintext_test

import (
	"testing"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/analyzers/plaintext"
	"github.com/commslint/commslint/analyzers/ruletest"
)

func Test(t *testing.T) {
	ruletest.Run(t, plaintext.Analyzer, "a", "rpc", "db", "dialer", "plaindialer", "dialmethod")
}

func TestPossible(t *testing.T) {
	set(t, netcall.Analyzer.Flags.Set, "raw", "true", "false")
	ruletest.Run(t, plaintext.Analyzer, "possible")
}

func TestMeshEncrypts(t *testing.T) {
	set(t, plaintext.Analyzer.Flags.Set, "mesh-encrypts", "true", "false")
	ruletest.Run(t, plaintext.Analyzer, "mesh")
}

func TestAllowHosts(t *testing.T) {
	set(t, plaintext.Analyzer.Flags.Set, "allow-hosts", "cache,*.svc.cluster.local", "")
	ruletest.Run(t, plaintext.Analyzer, "allow")
}

func set(t *testing.T, flag func(name, value string) error, name, value, before string) {
	t.Helper()
	if err := flag(name, value); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { flag(name, before) })
}
