package vettool

import (
	"debug/buildinfo"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
)

// Sibling returns the path of commslint-vet next to the commslint binary at a path, if
// both are of one released version or unmodified commit; else that path itself, as
// the same binary speaks go vet's protocol too.
func Sibling(commslint string) string {
	name := strings.TrimSuffix(filepath.Base(commslint), ".exe")
	if name != "commslint" {
		return commslint // a test binary, or renamed
	}
	path := filepath.Join(filepath.Dir(commslint), name+"-vet"+strings.TrimPrefix(filepath.Base(commslint), name))
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return commslint
	}
	ours, err := buildinfo.ReadFile(commslint)
	if err != nil {
		return commslint
	}
	theirs, err := buildinfo.ReadFile(path)
	if err != nil || !sameSource(ours, theirs) {
		return commslint
	}
	return path
}

// sameSource reports whether two binaries were certainly built from the same source
// by the same compiler.
func sameSource(x, y *debug.BuildInfo) bool {
	return x.GoVersion == y.GoVersion && x.Main.Path == y.Main.Path &&
		x.Main.Version == y.Main.Version && isExact(x.Main.Version)
}

// isExact reports whether a version of a main module names one state of its source:
// builds from a changed work tree are "(devel)" or end with "+dirty".
func isExact(version string) bool {
	return strings.HasPrefix(version, "v") && !strings.HasSuffix(version, "+dirty")
}
