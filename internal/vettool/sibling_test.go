package vettool

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"testing"
)

func TestSameSource(t *testing.T) {
	info := func(goVersion, version string) *debug.BuildInfo {
		return &debug.BuildInfo{GoVersion: goVersion, Main: debug.Module{Path: "example.com/m", Version: version}}
	}
	for _, c := range []struct {
		x, y *debug.BuildInfo
		want bool
	}{
		{info("go1.26", "v1.2.3"), info("go1.26", "v1.2.3"), true},
		{info("go1.26", "v1.2.3"), info("go1.26", "v1.2.4"), false},
		{info("go1.26", "v1.2.3"), info("go1.26.1", "v1.2.3"), false},
		{info("go1.26", "(devel)"), info("go1.26", "(devel)"), false},
		{info("go1.26", "v0.0.0-1-a+dirty"), info("go1.26", "v0.0.0-1-a+dirty"), false},
	} {
		if got := sameSource(c.x, c.y); got != c.want {
			t.Errorf("sameSource(%v, %v) = %v", c.x.Main, c.y.Main, got)
		}
	}
}

func TestSibling(t *testing.T) {
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	commslint := filepath.Join(dir, "commslint")
	if got := Sibling(self); got != self {
		t.Errorf("Sibling of a test binary = %s", got)
	}
	for _, name := range []string{"commslint", "commslint-vet"} {
		// A binary of a version that is not exact, whatever this test was built from.
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"), 0o777); err != nil {
			t.Fatal(err)
		}
		if got := Sibling(commslint); got != commslint {
			t.Errorf("with %s: Sibling = %s", name, got)
		}
	}
	if testing.Short() {
		return
	}
	build(t, dir)
	if got := Sibling(commslint); got != commslint {
		t.Errorf("of builds without a version: Sibling = %s", got)
	}
}

// build puts two binaries without version control information into dir.
func build(t *testing.T, dir string) {
	t.Helper()
	cmd := exec.Command("go", "build", "-buildvcs=false", "-o", dir, "../../internal/bench/empty")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, name := range []string{"commslint", "commslint-vet"} {
		data, err := os.ReadFile(filepath.Join(dir, "empty"))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o777); err != nil {
			t.Fatal(err)
		}
	}
}
