package vettool

import (
	"os"
	"path/filepath"
	"testing"
)

func TestTooOld(t *testing.T) {
	const (
		from125 = `{"ID": "example.com/shop", "VetxOnly": false, "VetxOutput": "vet.out", "GoVersion": "go1.24"}`
		from126 = `{"ID": "example.com/shop", "VetxOnly": false, "VetxOutput": "vet.out", "Stdout": "vet.stdout", "GoVersion": "go1.24"}`
	)
	for _, test := range []struct {
		flag, config string
		want         bool
	}{
		{rawFlag, from125, true},
		{rawFlag, from126, false},
		{"-json", from125, false}, // go vet alone prints what the tool says
	} {
		file := filepath.Join(t.TempDir(), "vet.cfg")
		if err := os.WriteFile(file, []byte(test.config), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := tooOld([]string{"commslint", test.flag, file}); got != test.want {
			t.Errorf("%s %s: %v", test.flag, test.config, got)
		}
	}
}

func TestIsOwnCode(t *testing.T) {
	for _, test := range []struct {
		config            string
		moduleCache, want bool
	}{
		{`{"Dir": "/src/shop", "ModulePath": "example.com/shop"}`, false, true},
		{`{"Dir": "/src/shop/vendor/example.com/a", "ModulePath": "example.com/a"}`, false, false},
		{`{"Dir": "/go/pkg/mod/example.com/a@v1.0.0", "ModulePath": "example.com/a"}`, false, false},
		{`{"Dir": "/go/pkg/mod/example.com/a@v1.0.0", "ModulePath": "example.com/a"}`, true, true},
		{`{"Dir": "/usr/lib/go/src/net/http"}`, true, false},
	} {
		if got := isOwnCode([]byte(test.config), test.moduleCache); got != test.want {
			t.Errorf("%s, module cache %v: %v", test.config, test.moduleCache, got)
		}
	}
}
